# shellcheck shell=bash
# The variables are the script's that reads this file.
# shellcheck disable=SC2154
# fresh: the two commands in a bare Debian 12, where nothing but the base system is installed.
#
# Everything runs in process and mount namespaces of its own: when the last command there has ended, so
# has every process that it left, and no mount is left behind.

# fresh_run DIR: makes DIR/root if it is not there (or not whole), and runs both commands in a copy of it.
fresh_run()
{
    local fresh=$1 root=$1/run mirror=${MIRROR:-http://deb.debian.org/debian} proxy
    ((EUID == 0)) || die "--fresh needs root"
    packages_need "${packages_fresh[@]}"
    mkdir -p "$fresh"
    if [[ ! -e $fresh/root/.whole ]]; then
        say "debootstrap into $fresh/root"
        rm -rf "$fresh/root"
        debootstrap --variant=minbase bookworm "$fresh/root" "$mirror" >"$fresh/debootstrap.log" 2>&1 ||
            die "debootstrap failed (see $fresh/debootstrap.log)"
        touch "$fresh/root/.whole"
    fi
    rm -rf "$root"
    cp -a "$fresh/root" "$root"
    # The way to the packages is the machine's, and so is whom it trusts on that way.
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
    copy_source "$top" "$root/root/mesher"
    cat >"$root/root/both" <<'EOF'
#!/bin/bash
# What a stranger types.
set -eux
export HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb
cd /root/mesher
port=18480
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
        # Some tests make machines in there, for which its / has to be a mount.
        mount --bind "$1" "$1"
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        mount --rbind /sys "$1/sys"
        exec chroot "$1" bash /root/both' sh "$root"
}
