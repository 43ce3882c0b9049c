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

# process_pids FILE COMM: those of the pids in FILE that are alive, one a line.
process_pids()
{
    local pid
    [[ -r $1 ]] || return 0
    while read -r pid || [[ -n $pid ]]; do
        if process_alive "$pid" "$2"; then echo "$pid"; fi
    done <"$1"
}

process_none()
{
    [[ -z $(process_pids "$1" "$2") ]]
}

# process_start NAME COMMAND…: COMMAND in the background as $run_user, in a session of its own,
# holding nothing of ours (9 is the lock); its output goes to DIR/log/NAME.log, its pid to DIR/run/NAME.pid.
process_start()
{
    local name=$1
    shift
    : >>"$dir/log/$name.log"
    own "$dir/log/$name.log"
    # Both setsid and setpriv exec: the pid stays.
    setsid "${as_user[@]}" "$@" </dev/null >>"$dir/log/$name.log" 2>&1 9>&- &
    process_pid=$!
    echo "$process_pid" >"$dir/run/$name.pid"
}

# process_stop NAME COMM SIGNAL: ends what DIR/run/NAME.pid names, by force after 15 s.
process_stop()
{
    local file=$dir/run/$1.pid pids
    mapfile -t pids < <(process_pids "$file" "$2")
    if ((${#pids[@]})); then
        kill "-$3" "${pids[@]}" 2>/dev/null || :
        if ! wait_until 15 process_none "$file" "$2"; then
            mapfile -t pids < <(process_pids "$file" "$2")
            say "$1 does not stop, killing it"
            kill -KILL "${pids[@]}" 2>/dev/null || :
            wait_until 5 process_none "$file" "$2" || die "$1 cannot be killed"
        fi
    fi
    rm -f "$file"
}

# die_with_log NAME TEXT: what NAME logged last, then TEXT.
die_with_log()
{
    tail -n 20 "$dir/log/$1.log" >&2 || :
    die "$2 (see $dir/log/$1.log)"
}

# Handlers outlive websocketd for as long as they finish what they have read.
handlers()
{
    local cmdline pid
    for cmdline in /proc/[0-9]*/cmdline; do
        pid=${cmdline#/proc/}
        if process_alive "${pid%/cmdline}" mesher-ws; then echo "${pid%/cmdline}"; fi
    done
}

handlers_none()
{
    [[ -z $(handlers) ]]
}

handlers_stop()
{
    local pids
    wait_until 10 handlers_none && return 0
    mapfile -t pids < <(handlers)
    kill -KILL "${pids[@]}" 2>/dev/null || :
}

# In reverse order of starting.  Harmless when nothing runs.
stop_all()
{
    process_stop lighttpd lighttpd INT
    process_stop websocketd websocketd TERM
    handlers_stop
    process_stop responders mesher.fcgi TERM
    process_stop mesher-writer mesher-writer TERM
    process_stop postgres postgres INT
    sockets_remove
    path_close
    rm -f "$dir/run/ready"
}

running()
{
    local name
    for name in lighttpd:lighttpd websocketd:websocketd mesher-writer:mesher-writer responders:mesher.fcgi postgres:postgres; do
        process_none "$dir/run/${name%%:*}.pid" "${name##*:}" || return 0
    done
    return 1
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

ws_ready_or_gone()
{
    ! kill -0 "$process_pid" 2>/dev/null || port_open "$websocketd_port"
}

healthy_or_gone()
{
    ! kill -0 "$process_pid" 2>/dev/null || healthy
}
