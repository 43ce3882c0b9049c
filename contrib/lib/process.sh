# shellcheck shell=bash
# The variables are the script's that reads this file.
# shellcheck disable=SC2154
# process: starting and stopping by pid, never by name.
#
# A pid file may be older than the process that has its number now, so a process is ours only when
# its command line names a path below $dir (every program is started by such a path, or with one)
# and its name is the one expected.

# process_alive PID COMM: is PID a process COMM of this quickstart?  A zombie is gone.
process_alive()
{
    local comm state
    [[ $1 =~ ^[0-9]+$ && -r /proc/$1/stat ]] || return 1
    comm=$(sed -n 's/^Name:\t//p' "/proc/$1/status" 2>/dev/null) || return 1
    state=$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) || return 1
    [[ $comm == "$2" && $state != Z ]] || return 1
    tr '\0' '\n' <"/proc/$1/cmdline" 2>/dev/null | grep -qF -- "$dir/"
}

# processes: the pids of all that are, one a line; mesher-ws and the like among them.
processes()
{
    local file pid name
    while read -r file; do
        pid=${file#/proc/} pid=${pid%/cmdline}
        for name in mesherd postgres mesher-writer mesher.fcgi websocketd mesher-ws mesherctl lighttpd; do
            if process_alive "$pid" "$name"; then echo "$pid"; fi
        done
    done < <(grep -alsF -- "$dir/" /proc/[0-9]*/cmdline)
}

processes_none()
{
    [[ -z $(processes) ]]
}

# mesherd_pid: prints its number when it runs.
mesherd_pid()
{
    local pid
    read -r pid 2>/dev/null <"$dir/run/mesherd.pid" && process_alive "$pid" mesherd && echo "$pid"
}

mesherd_gone()
{
    ! mesherd_pid >/dev/null
}

# mesherd_start: mesherd as $run_user, in a session of its own, holding nothing of ours (9 is the
# lock); returns when all its children are ready, or it has ended.
mesherd_start()
{
    rm -f run/ready
    mkfifo -m 0600 run/ready
    exec 8<>run/ready
    # Both setsid and setpriv exec: the pid stays.
    setsid "${as_user[@]}" "$prefix/sbin/mesherd" --conf "$conf" --ready-fd 8 \
        </dev/null >>log/mesherd.log 2>&1 9>&- &
    process_pid=$!
    until read -r -t 0.2 -u 8; do
        kill -0 "$process_pid" 2>/dev/null || die_with_logs "mesherd ended"
    done
    exec 8>&-
    rm -f run/ready
}

# die_with_logs TEXT: what mesherd logged last, and the child that it blames, then TEXT.
die_with_logs()
{
    local child
    tail -n 20 "$dir/log/mesherd.log" >&2 || :
    child=$(sed -n 's/.* event=gave_up child="\([^"]*\)".*/\1/p' "$dir/log/mesherd.log" | tail -n 1)
    child=${child%-[0-9]*}
    [[ -z $child ]] || tail -n 20 "$dir/log/$child.log" >&2 || :
    die "$1 (see $dir/log)"
}

# Harmless when nothing runs.  mesherd stops its children in order, each within its time; those of one
# that was killed end by themselves.
stop_all()
{
    local pids
    if pids=$(mesherd_pid); then
        kill -TERM "$pids" 2>/dev/null || :
        wait_until 90 mesherd_gone || say "mesherd does not stop"
    fi
    if ! wait_until 20 processes_none; then
        mapfile -t pids < <(processes)
        say "killing what does not stop: ${pids[*]}"
        kill -KILL "${pids[@]}" 2>/dev/null || :
        wait_until 5 processes_none || die "it cannot be killed"
    fi
    rm -f "$dir/run/ready" "$dir"/run/*.pid
    sockets_remove
    path_close
}

# start_time PID: when it started, in ticks since boot; nothing when it is not there.
start_time()
{
    sed -n 's/^.*) //p' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# DIR/run/quickstart.pid: pid and start time of the quickstart that is in the foreground.
foreground_gone()
{
    local pid ticks
    read -r pid ticks 2>/dev/null <"$dir/run/quickstart.pid" || return 0
    [[ $(start_time "$pid") != "$ticks" ]]
}

# healthy: does GET /api/v1/health say 200?
healthy()
{
    local status
    status=$(exec 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$http_port" &&
        printf 'GET /api/v1/health HTTP/1.0\r\n\r\n' >&3 && head -n 1 <&3) || return 1
    [[ $status == *' 200 '* ]]
}

healthy_or_gone()
{
    ! kill -0 "$process_pid" 2>/dev/null || healthy
}
