# shellcheck shell=bash
# The variables belong to the script that sources this file.
# shellcheck disable=SC2154
# process: starts and stops processes by pid, never by name.
#
# A pid file may be older than the process that now has its pid.  So a process is ours only if its command line
# names a path below $dir (every program is started by such a path, or with one) and it has the expected name.

# process_alive PID COMM: succeeds if PID is a process COMM of this quickstart.  A zombie does not count.
process_alive()
{
    local comm state
    [[ $1 =~ ^[0-9]+$ && -r /proc/$1/stat ]] || return 1
    comm=$(sed -n 's/^Name:\t//p' "/proc/$1/status" 2>/dev/null) || return 1
    state=$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) || return 1
    [[ $comm == "$2" && $state != Z ]] || return 1
    tr '\0' '\n' <"/proc/$1/cmdline" 2>/dev/null | grep -qF -- "$dir/"
}

# processes: prints the pids of all such processes, including mesher-ws and the like, one per line.
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

# mesherd_pid: prints mesherd's pid if it is running.
mesherd_pid()
{
    local pid
    read -r pid 2>/dev/null <"$dir/run/mesherd.pid" && process_alive "$pid" mesherd && echo "$pid"
}

mesherd_gone()
{
    ! mesherd_pid >/dev/null
}

# mesherd_start: starts mesherd as $run_user, in a separate session, without our open files (9 is the lock);
# returns when all its children are ready, or fails after $ready_seconds.
#
# mesherd reports readiness as a byte in the file run/ready, a state that can be checked repeatedly.  It used to be
# a byte in a pipe, but bash's `read -t` checks the clock after it has read the byte: if the time runs out in
# between, on a busy machine, it takes the byte and reports that none came.
mesherd_start()
{
    local deadline=$((SECONDS + ready_seconds))
    rm -f run/ready
    # setsid, setpriv and bash exec, so the pid stays the same.  log/ and run/ belong to $run_user, who may have put
    # a link there: $run_user opens the files in them.
    # shellcheck disable=SC2016
    setsid "${as_user[@]}" bash -c 'exec "$@" >>log/mesherd.log 2>&1 8>>run/ready' bash \
        "$prefix/sbin/mesherd" --conf "$conf" --ready-fd 8 </dev/null 9>&- &
    process_pid=$!
    until [[ -s run/ready ]]; do
        kill -0 "$process_pid" 2>/dev/null || die_with_logs "mesherd ended"
        if ((SECONDS >= deadline)); then
            timeout 10 "$prefix/bin/mesherctl" --conf "$conf" status >&2 || :
            die_with_logs "not all of mesherd's children were ready within $ready_seconds s"
        fi
        sleep 0.05
    done
    rm -f run/ready
}

# die_with_logs TEXT: prints the last lines that mesherd logged, and those of the child that it blames, then TEXT.
die_with_logs()
{
    local child
    "${as_user[@]}" tail -n 20 "$dir/log/mesherd.log" >&2 || :
    child=$("${as_user[@]}" sed -n 's/.* event=gave_up child="\([^"]*\)".*/\1/p' "$dir/log/mesherd.log" |
        tail -n 1)
    child=${child%-[0-9]*}
    [[ -z $child ]] || "${as_user[@]}" tail -n 20 "$dir/log/$child.log" >&2 || :
    die "$1 (see $dir/log)"
}

# Does nothing if nothing runs.  mesherd stops its children in order, each within its time limit; children of a
# killed mesherd end by themselves.
stop_all()
{
    local pids
    if pids=$(mesherd_pid); then
        kill -TERM "$pids" 2>/dev/null || :
        wait_until 90 mesherd_gone || say "mesherd does not stop"
    fi
    if ! wait_until 20 processes_none; then
        mapfile -t pids < <(processes)
        say "killing processes that do not stop: ${pids[*]}"
        kill -KILL "${pids[@]}" 2>/dev/null || :
        wait_until 5 processes_none || die "they cannot be killed"
    fi
    rm -f "$dir/run/ready" "$dir"/run/*.pid
    sockets_remove
    path_close
}

# start_time PID: prints its start time, in ticks since boot, or nothing if the process does not exist.
start_time()
{
    sed -n 's/^.*) //p' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# DIR/quickstart.pid: pid and start time of the quickstart in the foreground.
foreground_gone()
{
    local pid ticks
    read -r pid ticks 2>/dev/null <"$dir/quickstart.pid" || return 0
    [[ $(start_time "$pid") != "$ticks" ]]
}

# healthy: succeeds if GET /api/v1/health answers 200.
healthy()
{
    [[ $(curl -q -s --noproxy '*' -m 5 -o /dev/null -w '%{http_code}' \
        "http://127.0.0.1:$http_port/api/v1/health") == 200 ]]
}

healthy_or_gone()
{
    ! kill -0 "$process_pid" 2>/dev/null || healthy
}
