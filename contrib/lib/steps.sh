# shellcheck shell=bash
# The variables belong to the script that sources this file; a subshell writes its own to a file.
# shellcheck disable=SC2154,SC2030,SC2031
# steps: runs steps one after the other, and counts the tests that passed, failed and were skipped.

passed=0 failed=0 skipped=0
failures=()

# number_before WORD: prints the last number before WORD in stdin, or 0.
number_before()
{
    grep -oE "[0-9]+ $1" | tail -n 1 | cut -d ' ' -f 1 | grep . || echo 0
}

# step KIND NAME COMMAND…: runs COMMAND with its output in a log.  KIND tells how to count: plain (one test, by
# exit status), or by the last line: unit ("N passed, N failed"), lint and fuzz (the same after a word), box
# (pytest's).  A command that fails without a count counts as one failure.
step()
{
    local kind=$1 name=$2 file good=0 bad=0 left=0 status=0 begun=$SECONDS last
    shift 2
    file=$log/${name//[^a-z]/-}.log
    "$@" >"$file" 2>&1 </dev/null || status=$?
    last=$(tail -n 1 "$file")
    case $kind in
    plain) if ((status == 0)); then good=1; fi ;;
    unit | lint | fuzz)
        last=$(grep -E '[0-9]+ passed, [0-9]+ failed$' "$file" | tail -n 1) || :
        good=$(number_before passed <<<"$last")
        bad=$(number_before failed <<<"$last")
        ;;
    box)
        good=$(number_before passed <<<"$last")
        bad=$(($(number_before failed <<<"$last") + $(number_before 'errors?' <<<"$last")))
        left=$(number_before skipped <<<"$last")
        ;;
    esac
    # A step that fails has at least one failure, and an empty result is not a success.
    if ((bad == 0 && (status != 0 || good == 0))); then bad=1; fi
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
    printf '%-24s %5d passed %3d failed %3d skipped  %4d s\n' "$name" "$good" "$bad" "$left" \
        $((SECONDS - begun))
    if ((bad > 0)); then
        failures+=("$name")
        printf -- '---- %s: the end of %s\n' "$name" "$file"
        tail -n 60 "$file"
        printf -- '----\n'
    fi
}

aside_pid=''

# aside FUNCTION: runs its steps in parallel with the following ones, on processor time that these leave free (a
# suite spends most of its time waiting).  aside_end shows the results.
aside()
{
    set -m # a process group, so that all of it can be ended together
    {
        renice -n 19 -p "$BASHPID" >/dev/null
        passed=0 failed=0 skipped=0 failures=()
        "$1"
        printf '%s ' "$passed" "$failed" "$skipped" "${failures[@]@Q}" >"$log/aside.counts"
    } >"$log/aside.txt" 2>&1 </dev/null &
    aside_pid=$!
    set +m
    trap 'kill -- "-$aside_pid" 2>/dev/null || :' EXIT
}

aside_has_ended()
{
    ! kill -0 "$aside_pid" 2>/dev/null
}

aside_end()
{
    local counts=(0 1 0 "'the steps aside'")

    [[ -n $aside_pid ]] || return 0
    wait "$aside_pid" || :
    trap - EXIT
    aside_pid=''
    cat "$log/aside.txt"
    if [[ -s $log/aside.counts ]]; then eval "counts=($(cat "$log/aside.counts"))"; fi
    passed=$((passed + counts[0])) failed=$((failed + counts[1])) skipped=$((skipped + counts[2]))
    failures+=("${counts[@]:3}")
}

# steps_slowest: prints the times of the slowest tests of all suites, and whether the test or its servers took
# them.
steps_slowest()
{
    local file
    for file in "$log"/*.log; do
        sed -nE "s|^([0-9.]+)s (call    \|setup   \|teardown) +(.{1,120}).*|\1 s  \2  $(basename "$file" .log)  \3|p" "$file"
    done | sort -rn | sed -n -e '1i the slowest tests:' -e '1,20p'
}

# steps_end: prints the last line and sets the exit status.
steps_end()
{
    [[ ! -e $log/unsteady ]] || sed -e '1i unsteady (failed once, passed twice by themselves):' -e 's/^/  /' "$log/unsteady"
    ((${#failures[@]} == 0)) || printf 'failed: %s (logs in %s)\n' "${failures[*]}" "$log"
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    if ((failed > 0)) || { [[ -n ${CI:-} ]] && ((skipped > 0)); }; then
        exit 1
    fi
    exit 0
}
