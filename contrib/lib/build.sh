# shellcheck shell=bash
# The variables are the script's that reads this file.
# shellcheck disable=SC2154
# build: a copy of the checkout, built and installed below DIR; the checkout stays as it is.

build()
{
    copy_source "$top" "$dir/src" &&
        build_configure "$dir/src" "$dir/build" --prefix="$prefix" &&
        make -C "$dir/build" -j "$(nproc)" &&
        make -C "$dir/build" install
}

# build_configure SOURCE BUILD OPTION…: runs autoreconf and configure where they are due.
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
