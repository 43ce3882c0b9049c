# shellcheck shell=bash
# The variables belong to the script that sources this file.
# shellcheck disable=SC2154
# suites: runs pytest's suites, and the few tests that failed once more, by themselves.

# suites_pytest NAME ARGUMENT…: runs suites against the build NAME.  Each test may take five minutes, after which it
# fails and reports where it was.  The run ends after many failures, since each may have waited for its deadlines.  The
# whole run may take 40 minutes, so that a hang is reported before the caller gives up.  PATH has only programs of the
# packages that this script installs, and a gcc before them that has most of Mesher's objects (compile-once).  Compiled and
# downloaded files for the tests are kept in $dir.
suites_pytest()
{
    local name=$1
    shift
    # Real events from other sources, and programs that use SDKs, are in directories next to the checkout, if they exist.
    (cd "$dir/src" && PATH=$dir/once:$dir/path MESHER_GCC=$dir/once/gcc MESHER_BUILD=$dir/$name \
        MESHER_EVENTS=${MESHER_EVENTS:-$top/../shared/corpus/events} \
        MESHER_DRIVERS=${MESHER_DRIVERS:-$top/../shared/corpus/drivers} \
        MESHER_CACHE=$dir/cache MESHER_BUNDLE_DIR=$dir/bundle PYTHONDONTWRITEBYTECODE=1 \
        FAULT_SECONDS=$fault_seconds timeout --signal=INT --kill-after=120 2400 \
        /usr/bin/python3 -m pytest -o cache_dir="$dir/pytest/$name" -v -rfEs --tb=short --timeout=300 --maxfail=12 \
        --durations=30 "$@")
}

# run_pytest NAME ARGUMENT…: runs suites in $workers parallel processes, which share no server; tests spend much of
# their time waiting, so there are more processes than processors.
#
# Ten thousand tests with deadlines, beside compilers on the same processors: one that fails in one run of many says
# nothing about a change.  Up to three that failed run again, by themselves and twice in a row; those that pass then
# are listed as unsteady at the end of the check, and do not fail it.  With --all there is no second chance.
run_pytest()
{
    local name=$1 status=0 failed_ids=$dir/pytest/$1/v/cache/lastfailed out=$log/pytest-$1.txt ids=()
    rm -rf "$dir/pytest/$name"
    suites_pytest "$name" -n "$workers" "${@:2}" 2>&1 | tee "$out" || status=$?
    [[ $all == no && $status == 1 && -s $failed_ids ]] || return "$status"
    mapfile -t ids < <(/usr/bin/python3 -c 'import json, sys; print(*json.load(open(sys.argv[1])), sep="\n")' "$failed_ids")
    ((${#ids[@]} <= 3)) || return "$status"
    say "again, by themselves: ${ids[*]}"
    if ! suites_pytest "$name" -n 0 "${ids[@]}" || ! suites_pytest "$name" -n 0 "${ids[@]}"; then
        tail -n 1 "$out"
        return "$status"
    fi
    printf '%s\n' "${ids[@]/#/$name: }" >>"$log/unsteady"
    printf '%d passed, %d skipped; %d of them unsteady\n' $(($(tail -n 1 "$out" | number_before passed) + ${#ids[@]})) \
        "$(tail -n 1 "$out" | number_before skipped)" "${#ids[@]}"
}
