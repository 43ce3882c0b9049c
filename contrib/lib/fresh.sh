# shellcheck shell=bash
# The variables belong to the script that sources this file.
# shellcheck disable=SC2154
# fresh: runs the two commands in a bare Debian that has only the base system installed.
#
# Everything runs in separate process and mount namespaces: when the last command there ends, all processes that it
# left end too, and no mount is left behind.

# fresh_run DIR SUITE: creates DIR/SUITE if it is missing or incomplete, and runs both commands in a copy of it.
fresh_run()
{
    local fresh=$1 suite=$2 base=$1/$2 root=$1/run mirror=${MIRROR:-http://deb.debian.org/debian} proxy
    ((EUID == 0)) || die "--fresh needs root"
    packages_need "${packages_fresh[@]}"
    mkdir -p "$fresh"
    if [[ ! -e $base/.whole ]]; then
        say "debootstrap into $base"
        rm -rf "$base"
        debootstrap --variant=minbase "$suite" "$base" "$mirror" >"$fresh/debootstrap.log" 2>&1 ||
            die "debootstrap failed (see $fresh/debootstrap.log)"
        touch "$base/.whole"
    fi
    rm -rf "$root"
    cp -a "$base" "$root"
    # Uses the machine's package sources and proxy, and the certificates that it trusts for them.
    cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || :
    proxy=$(apt-config shell value Acquire::http::Proxy)
    if [[ $proxy =~ ^value=\'(.*)\'$ ]]; then
        printf 'Acquire::http::Proxy "%s";\n' "${BASH_REMATCH[1]}" >"$root/etc/apt/apt.conf.d/90proxy"
    fi
    if [[ -e /etc/ssl/certs/ca-certificates.crt ]]; then
        mkdir -p "$root/etc/ssl"
        cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/machine.crt"
        echo 'cafile=/etc/ssl/machine.crt' >"$root/etc/npmrc"
    fi
    # Like any Debian, it has the security updates: rustc-web is newer there.
    echo "deb ${mirror%/debian}/debian-security $suite-security main" >"$root/etc/apt/sources.list.d/security.list"
    copy_source "$top" "$root/root/mesher"
    cat >"$root/root/both" <<'EOF'
#!/bin/bash
# The commands that a new user types.
set -eux
export HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb
cd /root/mesher
# The network is the machine's: a free port.
for ((port = 18480; port < 18580; port++)); do
    (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
done
contrib/quickstart --detach --http-port "$port"
. var/quickstart/quickstart.env
curl -sS --fail-with-body "$MESHER_URL/api/v1/events" -H "X-Sentry-Auth: $MESHER_KEY" \
    -d '{"message":"fresh","level":"error"}'
test "$(psql -XAt -c 'SELECT count(*) FROM events' "$MESHER_DATABASE")" = 1
contrib/quickstart --stop
contrib/check
EOF
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child --mount-proc bash -c '
        set -e
        # Some tests create machines in there, which requires / to be a mount.
        mount --bind "$1" "$1"
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        mount --rbind /sys "$1/sys"
        exec chroot "$1" bash /root/both' sh "$root"
}
