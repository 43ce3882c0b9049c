# shellcheck shell=bash
# The variables belong to the script that sources this file.
# shellcheck disable=SC2034,SC2154
# packages: lists the Debian packages that are needed, and installs those that are missing.

# To build the programs.
packages_build=(
    autoconf autoconf-archive automake gcc libbrotli-dev libc6-dev libconfuse-dev libcurl4-openssl-dev libfcgi-dev
    libjson-c-dev libmd-dev libpq-dev libxxhash-dev libzstd-dev make pkg-config zlib1g-dev
)
# To run them; the lines that quickstart prints use curl and python3-websockets.
packages_run=(curl libcurl4 lighttpd libpq5 postgresql python3 python3-websockets websocketd)
# To test them.
packages_test=(
    acl apache2 apache2-bin binutils brotli cargo-web chromium clang clang-format clang-tidy cmark-gfm cppcheck
    default-jdk-headless faketime golang-github-getsentry-sentry-go-dev golang-go libapache2-mod-fcgid
    libclang-rt-dev libcunit1-dev lighttpd-mod-openssl mandoc maven nginx-light node-ws nodejs openssl pgbouncer procps
    python3 python3-pip python3-psycopg2 python3-pytest python3-pytest-timeout python3-pytest-xdist python3-sentry-sdk
    ruby ruby-sentry-ruby-core rustc-web shellcheck spawn-fcgi strace sudo systemd xz-utils
)
# A nodejs from another source includes its npm.
command -v npm >/dev/null || packages_test+=(npm)
# To run the programs of the corpus of SDKs, and the crate with its default transport (--all).
packages_all=(libssl-dev ruby-sentry-raven)
# To build the files that are copied to shared hosts.
packages_bundle=(binutils bzip2 debian-archive-keyring dpkg-dev libssl-dev perl xz-utils)
# For contrib/check --fresh and for the benchmark.
packages_fresh=(debootstrap)
packages_bench=(wrk)

# packages_missing PACKAGE…: prints the packages that are not installed, one per line.  A package is there if an
# installed one provides it (libcurl4t64 of Debian 13 and Ubuntu 24.04 provides libcurl4).
packages_missing()
{
    printf '%s\n' "$@" | awk '
        BEGIN {
            query = "dpkg-query -W -f \047${db:Status-Status}\\t${Package}\\t${Provides}\\n\047 2>/dev/null"
            while ((query | getline line) > 0) {
                split(line, field, "\t")
                if (field[1] != "installed") continue
                there[field[2]]
                gsub(/ *\([^)]*\)/, "", field[3])
                n = split(field[3], provided, /, */)
                for (i = 1; i <= n; i++) there[provided[i]]
            }
        }
        !($0 in there)'
}

# packages_path DIR PACKAGE…: fills DIR with links to the programs of these packages, of all that they depend on, and
# of the base system (with apt), so that a PATH of DIR alone has nothing that this machine happens to have.  npm is the one that
# nodejs came with.  Java's and Maven's programs are in directories of their own.
packages_path()
{
    local to=$1 file
    shift
    rm -rf "$to"
    mkdir -p "$to"
    {
        apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks \
            --no-replaces --no-enhances apt "$@" 2>/dev/null | grep -E '^[a-z0-9]'
        dpkg-query -W -f='${Essential} ${Priority} ${Package}\n' | sed -nE 's/^(yes|no) required //p; s/^yes [a-z]+ //p'
    } | sort -u | { xargs dpkg-query -L 2>/dev/null || :; } |
        grep -E '^(/usr)?/s?bin/|^/usr/lib/jvm/[^/]*/bin/javac?$|^/usr/share/maven/bin/mvn$' | sort -u |
        while read -r file; do
            [[ ! -x $file || -e $to/${file##*/} ]] || ln -s "$file" "$to/"
        done
    # Names that point to one of several packages' programs.
    for file in /etc/alternatives/*; do
        [[ ! -x $file || -d $file || ! -e $to/$(basename "$(readlink -f "$file")") || -e $to/${file##*/} ]] ||
            ln -s "$(readlink -f "$file")" "$to/${file##*/}"
    done
    for file in npm npx; do
        [[ -e $to/$file ]] || ln -s "$(command -v "$file")" "$to/$file"
    done
}

# packages_need PACKAGE…: installs missing packages, as root or with sudo.  If neither is possible, prints the
# command for an administrator and exits 2.  The output of apt-get goes to stderr.
packages_need()
{
    local missing
    mapfile -t missing < <(packages_missing "$@")
    ((${#missing[@]})) || return 0
    if ((EUID == 0)); then
        say "installing Debian packages: ${missing[*]}"
        "$lib/install-packages" "${missing[@]}" >&2 </dev/null ||
            die "the packages could not be installed"
    elif sudo -n true 2>/dev/null; then
        say "installing Debian packages, by sudo: ${missing[*]}"
        sudo -n "$lib/install-packages" "${missing[@]}" >&2 </dev/null ||
            die "the packages could not be installed"
    else
        say "Debian packages are missing.  As root:"
        printf 'apt-get install --no-install-recommends %s\n' "${missing[*]}"
        exit 2
    fi
}
