# shellcheck shell=bash
# The variables are the script's that reads this file.
# shellcheck disable=SC2034,SC2154
# packages: which Debian packages are needed, and getting those that are missing.

# To build the programs.
packages_build=(
    autoconf autoconf-archive automake gcc libbrotli-dev libc6-dev libconfuse-dev libcurl4-openssl-dev libfcgi-dev
    libjson-c-dev libmd-dev libpq-dev libxxhash-dev libzstd-dev make pkg-config zlib1g-dev
)
# To run them; curl and python3-websockets are for the lines that quickstart prints.
packages_run=(curl libcurl4 lighttpd libpq5 postgresql python3 python3-websockets websocketd)
# To test them.
packages_test=(
    acl apache2 apache2-bin binutils brotli chromium clang clang-format clang-tidy cmark-gfm cppcheck faketime
    golang-github-getsentry-sentry-go-dev golang-go libapache2-mod-fcgid libclang-rt-dev libcunit1-dev
    lighttpd-mod-openssl mandoc nginx-light node-ws nodejs openssl procps
    python3 python3-psycopg2 python3-pytest python3-pytest-timeout python3-sentry-sdk ruby ruby-sentry-ruby-core
    shellcheck spawn-fcgi sudo systemd xz-utils
)
# A nodejs from elsewhere brings its npm along.
command -v npm >/dev/null || packages_test+=(npm)
# To make what is copied to shared hosts.
packages_bundle=(binutils bzip2 debian-archive-keyring dpkg-dev libssl-dev perl xz-utils)
# For contrib/check --fresh and for the benchmark.
packages_fresh=(debootstrap)
packages_bench=(wrk)

# packages_missing PACKAGE…: prints those that are not installed, one a line.
packages_missing()
{
    local package
    for package; do
        [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
            printf '%s\n' "$package"
    done
}

# packages_need PACKAGE…: installs what is missing, as root or by sudo.  When neither can be, prints
# the line to ask an administrator for and exits 2.  What apt-get says goes to stderr.
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
