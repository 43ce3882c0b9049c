# shellcheck shell=bash
# changed: the files that differ from the point where this branch left main, and the suites that they can affect.

# changed_files TOP: prints the files changed, created or removed since the branch left main (on main: since the
# last commit), one per line.
changed_files()
{
    local base
    base=$(git -C "$1" merge-base HEAD main 2>/dev/null || git -C "$1" rev-parse HEAD) || return
    {
        git -C "$1" diff --name-only "$base" --
        git -C "$1" ls-files --others --exclude-standard
    } | sort -u
}

# changed_box FILE: prints the numbers of the box suites that a change to it can affect, "all", or nothing.
# Files not listed below are "all": they are linked into every program, or every suite uses them.
changed_box()
{
    local name=${1##*/}
    case $1 in
    tests/box/test_*.py) name=${name#test_} && echo "${name%%_*}" ;;
    tests/corpus/bad/*) echo 14 ;;
    tests/corpus/grouping* | tests/grouping/*) echo 74 ;;
    tests/corpus/*) echo 10 14 65 ;;
    tests/golden/*) echo 21 68 84 ;;
    src/grouping_v2/* | src/store/takeover.* | sql/0010-grouping.sql) echo 74 ;;
    src/cmd/rehearsal.* | src/cmd/ctl_rehearse.c) echo 21 74 ;;
    tests/sdk/drivers/*) echo 72 ;;
    tests/sdk/*/*) echo 71 ;;
    tests/sdk/*) echo 70 92 ;;
    tests/unit/* | tests/fuzz/* | tests/bench/* | tests/lint/* | tests/faults/*) ;;
    src/doctor/* | src/cmd/ctl_doctor.c) echo 21 86 ;;
    src/install/*) echo 92 ;;
    src/super/* | src/cmd/mesherd.c) echo 21 30 50 51 54 55 86 95 ;;
    src/cmd/mesher_ws.c | src/ws/*) echo 40 41 51 57 90 95 ;;
    src/admin/sql/*) echo 21 26 30 31 58 59 73 74 80 81 83 84 85 86 87 92 95 ;;
    src/cmd/ctl* | src/admin/*) echo 10 21 22 26 31 32 52 58 64 67 68 73 74 80 81 82 83 84 85 86 87 92 95 ;;
    contrib/quickstart) echo 30 95 ;;
    contrib/make-bundle | contrib/lib/bundle.sh | contrib/lib/libpq.sh | conf/bundle/*) echo 92 ;;
    contrib/grants.sql) echo 58 95 ;;
    contrib/mesher-send) echo 41 95 ;;
    contrib/completion/*) echo 85 ;;
    contrib/check | contrib/compile-commands | contrib/lib/changed.sh | contrib/lib/steps.sh | contrib/lib/suites.sh | contrib/lib/fresh.sh | contrib/lib/sdk-table) ;;
    contrib/lib/*) echo 30 92 ;;
    conf/systemd/*) echo 55 95 ;;
    conf/apache* | conf/nginx.conf | conf/htaccess) echo 86 90 91 92 93 95 ;;
    conf/lighttpd-*) echo 19 26 90 91 95 ;;
    conf/grouping.rules) echo 67 68 74 ;;
    doc/* | man/* | *.md | LICENSE) echo 22 86 92 95 ;;
    .ci/* | .github/* | .clang-* | .editorconfig | .gitignore) ;;
    *) echo all ;;
    esac
}

# changed_suites TOP FILE…: prints the paths of the box suites that a change to these files can affect.
changed_suites()
{
    local top=$1 file numbers
    shift
    numbers=$(for file; do changed_box "$file"; done | tr ' ' '\n' | sort -u)
    if grep -qx all <<<"$numbers"; then
        echo tests/box
        return
    fi
    for file in $numbers; do
        (cd "$top" && find tests/box -name "test_${file}_*.py")
    done
}
