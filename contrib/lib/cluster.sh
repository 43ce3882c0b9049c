# shellcheck shell=bash
# The variables are the script's that reads this file.
# shellcheck disable=SC2034,SC2154
# cluster: the unprivileged user, the way to DIR for him, and the private PostgreSQL.

# user_choose: as root, $run_user is "mesher", made if it is not there; else whoever runs this.
# $as_user is what to put before a command so that it runs as him.
user_choose()
{
    run_user=$(id -un)
    as_user=(env "HOME=$dir")
    ((EUID == 0)) || return 0
    run_user=mesher
    if ! id -u "$run_user" >/dev/null 2>&1; then
        say "making the system user $run_user"
        useradd --system --user-group --no-create-home --home-dir /nonexistent \
            --shell /usr/sbin/nologin "$run_user" || die "useradd failed"
    fi
    as_user+=(setpriv "--reuid=$run_user" "--regid=$(id -g "$run_user")" --init-groups)
}

# path_open: lets $run_user walk through the directories above DIR that would keep him out, such as
# root's home: by an access control entry for him alone, to walk, not to read.  They are noted in
# DIR/opened; path_close takes them back.
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
        say "letting $run_user walk through $part (until --stop)"
        setfacl -m "u:$run_user:x" "$part" ||
            die "$run_user cannot reach $dir: choose another --dir"
        echo "$how $part" >>"$dir/opened"
    done < <(tr / '\n' <<<"${dir#/}")
}

# user_busy: is any process of $run_user running?
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
    # Another quickstart may be on the same way: whoever stops last closes the door.
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

# sockets_choose: $sockets is DIR/run, or, where that is too long for a socket's path (107 bytes), a
# short directory that DIR/run/sockets names.
sockets_choose()
{
    sockets=$dir/run
    local longest=$sockets/.s.PGSQL.5432
    if ((${#longest} <= 107)); then
        return 0
    fi
    if [[ -r $dir/run/sockets ]]; then
        sockets=$(<"$dir/run/sockets")
        [[ -d $sockets && ! -L $sockets && $(stat -c %U "$sockets") == "$run_user" ]] && return 0
    fi
    sockets=$(mktemp -d /tmp/mesher-XXXXXXXX) || die "no directory for the sockets"
    own "$sockets"
    chmod 0700 "$sockets"
    echo "$sockets" >"$dir/run/sockets"
}

# After everything has stopped: what a crash left of them.
sockets_remove()
{
    local short
    rm -f "$dir/run"/*.sock "$dir/run"/.s.PGSQL.*
    [[ -r $dir/run/sockets ]] || return 0
    short=$(<"$dir/run/sockets")
    if [[ $short == /tmp/mesher-* && -d $short && ! -L $short ]]; then
        rm -f "$short"/*.sock "$short"/.s.PGSQL.*
        rmdir "$short" 2>/dev/null || :
    fi
    rm -f "$dir/run/sockets"
}

# own FILE…: gives them to $run_user.
own()
{
    ((EUID != 0)) || chown "$run_user:$(id -g "$run_user")" "$@"
}

# cluster_find: sets $pg_bin, the programs of the version that made DIR/pg, or of the newest one.
cluster_find()
{
    local version
    if [[ -r $dir/pg/PG_VERSION ]]; then
        version=$(<"$dir/pg/PG_VERSION")
    else
        version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1)
    fi
    pg_bin=/usr/lib/postgresql/$version/bin
    [[ -x $pg_bin/postgres ]] || die "no PostgreSQL server in $pg_bin"
}

# cluster_make: makes DIR/pg if it is not there; a half-made one is made again.
cluster_make()
{
    if [[ ! -e $dir/pg/PG_VERSION ]]; then
        say "making a PostgreSQL cluster in $dir/pg"
        rm -rf "$dir/pg.new"
        mkdir "$dir/pg.new"
        own "$dir/pg.new"
        "${as_user[@]}" "$pg_bin/initdb" -D "$dir/pg.new" -U postgres --auth=trust \
            --encoding=UTF8 --locale=C.UTF-8 >"$dir/log/initdb.log" 2>&1 ||
            { tail -n 20 "$dir/log/initdb.log" >&2 && die "initdb failed"; }
        mv "$dir/pg.new" "$dir/pg"
    fi
    cat >"$dir/pg/postgresql.conf" <<EOF
# Written by quickstart at each start.
listen_addresses = ''
unix_socket_directories = '$sockets'
unix_socket_permissions = 0777
max_connections = 100
shared_buffers = 128MB
synchronous_commit = on
wal_compression = off
max_wal_size = 2GB
checkpoint_timeout = 15min
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
EOF
    # Whoever can open the socket is let in: its directory lets in $run_user and root alone.
    echo 'local all all trust' >"$dir/pg/pg_hba.conf"
    own "$dir/pg/postgresql.conf" "$dir/pg/pg_hba.conf"
}

# cluster_idle: has every process that worked in DIR/pg ended?  (Backends outlive a killed server for
# a moment.)
cluster_idle()
{
    local cwd
    for cwd in /proc/[0-9]*/cwd; do
        [[ $(readlink "$cwd" 2>/dev/null) != "$dir/pg" ]] || return 1
    done
}

# cluster_unlock: takes away what a killed server left.  Its number may be somebody else's now, and
# PostgreSQL would not start.
cluster_unlock()
{
    [[ -e $dir/pg/postmaster.pid ]] || return 0
    wait_until 20 cluster_idle || die "a PostgreSQL still runs in $dir/pg"
    rm -f "$dir/pg/postmaster.pid" "$sockets"/.s.PGSQL.*
}
