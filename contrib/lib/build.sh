# shellcheck shell=bash
# The variables belong to the script that sources this file.
# shellcheck disable=SC2154
# build: builds a copy of the checkout and installs it below DIR; the checkout itself does not change.

build()
{
    copy_source "$top" "$dir/src" &&
        build_configure "$dir/src" "$dir/build" --prefix="$prefix" &&
        make -C "$dir/build" -j "$(nproc)" &&
        make -C "$dir/build" install
}

# build_configure SOURCE BUILD OPTION…: runs autoreconf and configure when necessary.
build_configure()
{
    local source=$1 build=$2
    shift 2
    if [[ ! -x $source/configure || $source/configure -ot $source/configure.ac ]]; then
        (cd "$source" && autoreconf -i) || return 1
    fi
    mkdir -p "$build" || return 1
    [[ -f $build/Makefile && $build/Makefile -nt $source/configure ]] ||
        (cd "$build" && "$source/configure" "$@")
}
