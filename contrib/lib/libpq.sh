# shellcheck shell=bash
# The functions run within `logged`, where set -e has no effect: each step checks its own result.
# libpq: builds PostgreSQL's client library as an archive without Kerberos and LDAP, from Debian's source package.

# libpq_source DIR: puts the source in DIR/source and its version in DIR/version.  Uses security updates if the
# mirror has them.  Status 3: the source is not available.
libpq_source()
{
    local work=$1 mirror=${MIRROR:-http://deb.debian.org/debian} suites
    local key=/usr/share/keyrings/debian-archive-keyring.gpg
    [[ ! -e $work/version ]] || return 0
    for suites in both main; do
        rm -rf "$work"
        mkdir -p "$work"/{lists/partial,cache/archives/partial} || return
        {
            echo "deb-src [signed-by=$key] $mirror bookworm main"
            [[ $suites == main ]] || echo "deb-src [signed-by=$key] ${mirror%/debian}/debian-security bookworm-security main"
        } >"$work/sources.list"
        cat >"$work/apt.conf" <<EOF
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$work/lists";
Dir::Cache "$work/cache";
APT::Sandbox::User "$(id -un)";
EOF
        if (cd "$work" && export APT_CONFIG=$work/apt.conf && apt-get -qq update &&
            apt-get -qq source --download-only postgresql-15); then
            # apt-get has verified it with the archive's signature.
            dpkg-source --no-check -x "$work"/postgresql-15_*.dsc "$work/source" || return
            rm -rf "$work/lists" "$work/cache"
            basename "$work"/postgresql-15_*.dsc .dsc | sed 's/.*_//' >"$work/version"
            return
        fi
    done
    return 3
}

# libpq_static DIR: builds DIR/build/src/interfaces/libpq/libpq.a, and the other archives that it needs.
libpq_static()
{
    local work=$1
    [[ ! -e $work/build/done ]] || return 0
    libpq_source "$work" || return
    rm -rf "$work/build"
    mkdir -p "$work/build" || return
    local flags='-O2 -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection=full'
    (cd "$work/build" && ../source/configure --with-openssl --without-readline --without-zlib --without-gssapi \
        --without-ldap --without-icu --disable-nls CPPFLAGS=-D_FORTIFY_SOURCE=2 \
        CFLAGS="$flags -ffunction-sections -fdata-sections") || return
    make -s -C "$work/build/src/backend" generated-headers || return
    local part
    for part in src/port src/common src/interfaces/libpq; do
        make -s -C "$work/build/$part" -j "$(nproc)" || return
    done
    touch "$work/build/done"
}
