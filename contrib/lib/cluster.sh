# shellcheck shell=bash
# The variables belong to the script that sources this file.
# shellcheck disable=SC2034,SC2154
# cluster: the unprivileged user, that user's access to DIR, and the private PostgreSQL.

# Files in directories of $run_user are opened and changed as that user, not as root: $run_user may have put a
# link there.

# user_choose: as root, sets $run_user to "mesher" and creates that user if necessary; otherwise to the caller.
# Sets $as_user to the words before a command that make it run as that user.
user_choose()
{
    run_user=$(id -un)
    as_user=(env "HOME=$dir")
    ((EUID == 0)) || return 0
    run_user=mesher
    if ! id -u "$run_user" >/dev/null 2>&1; then
        say "creating the system user $run_user"
        useradd --system --user-group --no-create-home --home-dir /nonexistent \
            --shell /usr/sbin/nologin "$run_user" || die "useradd failed"
    fi
    as_user+=(setpriv "--reuid=$run_user" "--regid=$(id -g "$run_user")" --init-groups)
}

# path_open: lets $run_user pass through the directories above DIR that would otherwise be closed, such as root's
# home: with an access control entry for $run_user alone, which allows passing through but not reading.  They
# are recorded in DIR/opened; path_close removes the entries.
path_open()
{
    local part='' name how
    ((EUID == 0)) || return 0
    while IFS= read -r name; do
        part=$part/$name
        "${as_user[@]}" test -x "$part" && continue
        packages_need acl
        how=b
        [[ -z $(getfacl -ps "$part") ]] || how=x
        say "letting $run_user pass through $part (until --stop)"
        setfacl -m "u:$run_user:x" "$part" ||
            die "$run_user cannot reach $dir: choose another --dir"
        echo "$how $part" >>"$dir/opened"
    done < <(tr / '\n' <<<"${dir#/}")
}

# user_busy: succeeds if any process of $run_user is running.
user_busy()
{
    local uid
    uid=$(id -u "$run_user") || return 1
    cat /proc/[0-9]*/status 2>/dev/null | grep -qE "^Uid:[[:space:]]+${uid}[[:space:]]"
}

path_close()
{
    local how part
    [[ -s $dir/opened ]] && ((EUID == 0)) || return 0
    # Another quickstart may use the same path: the last one to stop removes the entries.
    if user_busy; then return 0; fi
    while read -r how part; do
        if [[ $how == b ]]; then
            setfacl -b "$part" 2>/dev/null || :
        else
            setfacl -x "u:$run_user" "$part" 2>/dev/null || :
        fi
    done <"$dir/opened"
    rm -f "$dir/opened"
}

# sockets_choose: sets $sockets to DIR/run or, if that is too long for a socket's path (107 bytes), to a short
# directory, which DIR/run/sockets names.
sockets_choose()
{
    sockets=$dir/run
    local longest=$sockets/.s.PGSQL.5432
    if ((${#longest} <= 107)); then
        return 0
    fi
    if sockets=$(sockets_noted); then
        [[ -d $sockets && ! -L $sockets && $(stat -c %U "$sockets") == "$run_user" ]] && return 0
    fi
    sockets=$(mktemp -d /tmp/mesher-XXXXXXXX) || die "no directory for the sockets"
    own "$sockets"
    as_user_write "$dir/run/sockets" <<<"$sockets"
}

# sockets_noted: prints the short directory in use, if any.
sockets_noted()
{
    local short
    short=$("${as_user[@]}" timeout 5 cat "$dir/run/sockets" 2>/dev/null) || return 1
    [[ $short =~ ^/tmp/mesher-[A-Za-z0-9]+$ ]] && echo "$short"
}

# as_user_write FILE: writes stdin to FILE, as $run_user.
as_user_write()
{
    # shellcheck disable=SC2016
    "${as_user[@]}" sh -c 'cat >"$1"' sh "$1" || die "$run_user cannot write $1"
}

# After all processes have stopped: removes files left by a crash.
sockets_remove()
{
    local short
    rm -f "$dir/run"/*.sock "$dir/run"/.s.PGSQL.*
    if short=$(sockets_noted); then
        # shellcheck disable=SC2016
        "${as_user[@]}" sh -c 'rm -f "$1"/*.sock "$1"/.s.PGSQL.*; rmdir "$1"' sh "$short" 2>/dev/null || :
    fi
    rm -f "$dir/run/sockets"
}

# own FILE…: gives the files to $run_user.
own()
{
    ((EUID != 0)) || chown "$run_user:$(id -g "$run_user")" "$@"
}

# cluster_find: sets $pg_bin to the programs of the version that created DIR/pg, or of the newest one.
cluster_find()
{
    local version
    if [[ -e $dir/pg/PG_VERSION ]]; then
        version=$("${as_user[@]}" timeout 5 cat "$dir/pg/PG_VERSION")
        [[ $version =~ ^[0-9]+$ ]] || die "$dir/pg/PG_VERSION is damaged"
    else
        version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1)
    fi
    pg_bin=/usr/lib/postgresql/$version/bin
    [[ -x $pg_bin/postgres ]] || die "no PostgreSQL server in $pg_bin"
}

# cluster_make: creates DIR/pg if it does not exist; recreates it if it is incomplete.
cluster_make()
{
    if [[ ! -e $dir/pg/PG_VERSION ]]; then
        say "creating a PostgreSQL cluster in $dir/pg"
        rm -rf "$dir/pg.new"
        mkdir "$dir/pg.new"
        own "$dir/pg.new"
        # shellcheck disable=SC2016
        "${as_user[@]}" bash -c 'exec "$@" >log/initdb.log 2>&1' bash "$pg_bin/initdb" -D "$dir/pg.new" \
            -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 ||
            { "${as_user[@]}" tail -n 20 "$dir/log/initdb.log" >&2 && die "initdb failed"; }
        mv "$dir/pg.new" "$dir/pg"
    fi
    as_user_write "$dir/pg/postgresql.conf" <<EOF
# Written by quickstart at each start.
listen_addresses = ''
unix_socket_directories = '$sockets'
unix_socket_permissions = 0777
max_connections = 100
shared_buffers = 128MB
synchronous_commit = on
wal_compression = off
max_wal_size = 256MB
checkpoint_timeout = 15min
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
EOF
    # Anybody who can open the socket may connect: only $run_user and root can enter its directory.
    as_user_write "$dir/pg/pg_hba.conf" <<<'local all all trust'
}

# cluster_idle: succeeds if all processes that worked in DIR/pg have ended.  (Backends outlive a killed server for a
# moment.)
cluster_idle()
{
    local cwd
    for cwd in /proc/[0-9]*/cwd; do
        [[ $(readlink "$cwd" 2>/dev/null) != "$dir/pg" ]] || return 1
    done
}

# cluster_unlock: removes the files of a killed server.  Its pid may now belong to another process, and PostgreSQL
# would then refuse to start.
cluster_unlock()
{
    [[ -e $dir/pg/postmaster.pid ]] || return 0
    wait_until 20 cluster_idle || die "a PostgreSQL still runs in $dir/pg"
    # shellcheck disable=SC2016
    "${as_user[@]}" sh -c 'rm -f "$1/postmaster.pid" "$2"/.s.PGSQL.*' sh "$dir/pg" "$sockets"
}
