# shellcheck shell=bash
# common: functions that the scripts in contrib/ share.

# say TEXT…: prints one line for the user, on stderr.
say()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die()
{
    say "$*"
    exit 1
}

# wait_until SECONDS COMMAND…: repeats COMMAND until it succeeds; fails after SECONDS.
wait_until()
{
    local deadline=$((SECONDS + $1 + 1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.05
    done
}

# port_open PORT: succeeds if the port accepts connections.
port_open()
{
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# copy_source FROM TO: creates or updates TO as a copy of the tree FROM, without build output.  Keeps the times of
# files, so that make sees which have changed.
copy_source()
{
    mkdir -p "$2"
    tar -C "$1" --exclude-vcs --exclude=./var --exclude=./build --exclude=./autom4te.cache \
        --exclude=./configure --exclude=./configure~ --exclude=./config.h --exclude=./config.h.in \
        --exclude='./config.h.in~' --exclude=./config.log --exclude=./config.status \
        --exclude=./stamp-h1 --exclude=./Makefile --exclude=./Makefile.in --exclude=./aclocal.m4 \
        --exclude='./build-aux/*' --exclude='*.o' --exclude='*.a' --exclude=.deps \
        --exclude=.dirstamp --exclude=__pycache__ --exclude=.pytest_cache \
        --exclude="./${2#"$1"/}" -cf - . | tar -C "$2" --no-same-owner -xf -
}

# port_free AFTER: prints the first port after AFTER on which nothing listens.
port_free()
{
    local port
    for ((port = $1 + 1; port < 65536; port++)); do
        if ! port_open "$port"; then
            echo "$port"
            return 0
        fi
    done
    return 1
}

# lighttpd_conf SAMPLE PORT RUN CACHE LOG WS_PORT WEBSOCKETD_PORT: prints the sample with its first block filled
# in.
lighttpd_conf()
{
    sed -e "s|^var.port .*|var.port = $2|" -e "s|^var.run_dir .*|var.run_dir = \"$3\"|" \
        -e "s|^var.cache_dir .*|var.cache_dir = \"$4\"|" \
        -e "s|^var.log_dir .*|var.log_dir = \"$5\"|" \
        -e "s|^var.ws_listen .*|var.ws_listen = \"127.0.0.1:$6\"|" \
        -e "s|^var.websocketd_port .*|var.websocketd_port = $7|" "$1"
}

# json_field NAME: prints the first string NAME in the JSON on stdin.
json_field()
{
    grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4
}
