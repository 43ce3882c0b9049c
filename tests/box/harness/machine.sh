#!/bin/bash
# machine.sh TOP LOWER SOURCE: a machine of its own, with systemd as its first process.
#
# Its file system is an overlay on LOWER (directories, the first on top), so that it has what is installed
# here and leaves nothing behind but in TOP/upper; network, processes, users' messages and control groups are
# its own.  SOURCE is its /usr/src/mesher.  It ends with this script.  To be run as root, TOP on a tmpfs.
set -euo pipefail

if [[ ${4:-} != inside ]]; then
    exec unshare --mount --net --pid --uts --ipc --cgroup --fork --kill-child "$0" "$1" "$2" "$3" inside
fi

top=$1 lower=$2 source=$3 root=$1/root
mount --make-rprivate /
mkdir -p "$top"/{upper,work,root,source.upper,source.work}
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$top/upper,workdir=$top/work" "$root"
mkdir -p "$root/usr/src/mesher" "$root/old"
mount -t overlay overlay -o "lowerdir=$source,upperdir=$top/source.upper,workdir=$top/source.work" \
    "$root/usr/src/mesher"

mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"

# What runs at its start: the base system and nothing that this machine has enabled.
mkdir -p "$root/etc/systemd/system"
printf '[Unit]\nDescription=A machine for tests\nRequires=basic.target\nAfter=basic.target\n' \
    >"$root/etc/systemd/system/tests.target"
# It has a name, and knows it: sudo asks.
echo tests >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 tests\n::1 localhost\n' >"$root/etc/hosts"
# It has no network: packages that are there are not to be looked for anew.
echo 'APT::Get::Upgrade "false";' >"$root/etc/apt/apt.conf.d/99tests"
# A machine that was installed with PostgreSQL has a cluster.
if [[ ! -e $root/etc/postgresql/15/main ]]; then
    chroot "$root" env LC_ALL=C.UTF-8 pg_createcluster 15 main >/dev/null
fi

cd "$root"
pivot_root . old
umount -l /old
exec env -i container=tests PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LANG=C.UTF-8 \
    /lib/systemd/systemd --system --unit=tests.target --log-target=null --show-status=no
