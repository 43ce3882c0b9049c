"""Goal: a new version of grouping is right for hard pairs of real errors, tears no issue apart, and can be rehearsed: an
issue of before takes the new fingerprint over, an old issue of several bugs sheds the others, and says so."""

import gzip
import json
import shutil
import subprocess
import sys
import uuid

import pytest
from harness.stack import BUILD, KEY, SOURCE, clean_environment
from harness.wait import wait_until

GROUP = BUILD / "tests/grouping/group"
PAIRS = json.loads((SOURCE / "tests/corpus/grouping/pairs.json").read_text())
AUTH = {"X-Sentry-Auth": f"Sentry sentry_key={KEY}, sentry_version=7"}


def group(events):
    """(fingerprint, that of version 2, title, culprit) of each."""
    text = "".join(json.dumps(event) + "\n" for event in events)
    done = subprocess.run([GROUP], input=text.encode(), env=clean_environment(), capture_output=True, timeout=60,
                          check=True)
    found = [line.split("\t") for line in done.stdout.decode().splitlines()]
    assert len(found) == len(events)
    return [(line[0], line[1], line[3], line[4]) for line in found]


# ---- pairs: are two errors one bug?

@pytest.mark.plain
@pytest.mark.parametrize("pair", PAIRS, ids=[pair["name"].replace(" ", "-") for pair in PAIRS])
def test_pair(pair):
    prints = {line[0] for line in group(pair["events"])}
    assert len(prints) == (1 if pair["one_issue"] else len(pair["events"])), pair["events"]


@pytest.mark.plain
def test_version_2_stays_as_it_was():
    """It is what issues of before are found by: right for as many pairs as the day it was left."""
    for pair in PAIRS:
        prints = {line[1] for line in group(pair["events"])}
        right = len(prints) == (1 if pair["one_issue"] else len(pair["events"]))
        assert right == pair["right_today"], pair["name"]


@pytest.mark.plain
def test_no_culprit_is_a_librarys():
    foreign = ("site-packages", "sentry", "node_modules", "panicking", "java.lang", "org.springframework", "net/http",
               "gin-gonic", "std::", "core::", "tracing_", "hyper::", "django")
    with gzip.open(SOURCE / "tests/corpus/grouping/recorded.jsonl.gz", "rt", encoding="utf-8") as file:
        names, events = zip(*map(json.loads, file))
    for name, event, line in zip(names, events, group(list(events))):
        if not event.get("culprit") and not event.get("transaction") and "sentry-02" not in line[3]:
            assert not any(word in line[3] for word in foreign), (name, line)


def recursion(period, frames, begin=0):
    """A stack that went round through so many functions."""
    return {"platform": "python", "exception": {"values": [{"type": "RecursionError", "stacktrace": {"frames": [
        {"module": "app", "function": f"f{(begin + i) % period}", "in_app": True} for i in range(frames)]}}]}}


@pytest.mark.plain
@pytest.mark.parametrize("period", [1, 2, 7, 8, 9])
def test_a_round_of_recursion_counts_once(period):
    """However often it went round, and wherever it began and ended; of up to 8 functions."""
    events = [recursion(period, 4 * period + more, begin) for more in range(3) for begin in range(period)]
    assert (len({line[0] for line in group(events)}) == 1) == (period <= 8)


@pytest.mark.plain
@pytest.mark.parametrize("frames, is_round", [(4, False), (5, False), (6, True)])
def test_three_rounds_are_recursion(frames, is_round):
    """A function that is called twice in the same way is not."""
    prints = {line[0] for line in group([recursion(2, frames), recursion(2, 10)])}
    assert (len(prints) == 1) == is_round


def crash(platform, kind, *frames, **more):
    return {"platform": platform, "exception": {"values": [{"type": kind, "value": "v", "stacktrace": {"frames": [
        {"function": name, **more} for name in frames]}}]}}


@pytest.mark.plain
def test_a_recovery_is_not_where_it_panicked():
    """A panic of Go's runtime, seen by the deferred closure of another function: that closure does not count."""
    def panic(*names, kind="runtime.boundsError"):
        return crash("go", kind, "run", *names, module="main", in_app=True)
    bare, seen, other, shown, caught = group([
        panic("withRecovery", "work"), panic("withRecovery", "work", "withRecovery.func1"),
        panic("withRecovery", "work", "withOther.func1"), panic("withPanic", "work", "withPanic.func2.1", "report"),
        panic("withRecovery", "work", "withRecovery.func1", kind="*store.Error")])
    assert seen[0] == bare[0] and seen[3] == "main.work"
    assert other[0] != bare[0] and other[3] == "main.withOther.func1"  # nobody named so is below it
    assert shown[3] == "main.report"  # withPanic.func2 is not, either
    assert caught[3] == "main.withRecovery.func1"  # it may have made the error


@pytest.mark.plain
def test_main_is_the_programs_where_nothing_else_is():
    begin = ["_start", "__libc_start_main", "main"]
    alone, called, library = group([
        crash("native", "SIGABRT", *begin, "abort"), crash("native", "SIGABRT", *begin, "work", "abort"),
        crash("native", "SIGABRT", *begin, "g_main_loop_run", package="/usr/lib/libglib-2.0.so.0")])
    assert (alone[3], called[3], library[3]) == ("main", "work", "")
    assert len({alone[0], called[0], library[0]}) == 3


@pytest.mark.plain
@pytest.mark.golden
def test_recordings(golden):
    """What recordings of 26 SDKs are called, and which events of one are one issue: read line by line by people."""
    sys.path.insert(0, str(SOURCE / "tests/grouping"))
    import table  # pylint: disable=import-outside-toplevel

    rows, issues = [], {}
    events = [(name.removeprefix("tests/corpus/sdk/"), event) for name, event in table.corpus() if "/" in name and ".req" in name]
    for (name, event), line in zip(events, group([event for _, event in events])):
        recording = name.split("/")[0]
        known = issues.setdefault(recording, [])
        if line[0] not in known:
            known.append(line[0])
        tags = event.get("tags") or {}
        scenario = dict(tags).get("scenario", "-") if isinstance(tags, (dict, list)) else "-"
        rows.append(f"{recording}  {scenario}  issue {known.index(line[0]) + 1}  |  {line[2][:100]}  |  {line[3][:100]}")
    golden("recordings", "\n".join(dict.fromkeys(rows)) + "\n")


# ---- an upgrade

def error(function, value, **more):
    """Two bugs of one handler to version 3, one to version 2: Go's error says nothing."""
    return {"platform": "go", "exception": {"values": [{"type": "*errors.errorString", "value": value, "stacktrace": {
        "frames": [{"module": "main", "function": function, "in_app": True}]}}]}, **more}


ALPHA, BETA = error("handle", "cart is empty"), error("handle", "no such user")
OTHER, MERGED = error("worker", "queue is full"), error("drain", "queue is gone")
DISCARDED = error("noise", "nobody reads this")


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """The migrations up to version 9, as they landed."""
    folder = tmp_path_factory.mktemp("old") / "sql"
    folder.mkdir()
    for path in sorted((SOURCE / "sql").glob("*.sql")):
        if int(path.name[:4]) <= 9:
            shutil.copy(path, folder)
    return folder


def insert_issue(stack, number, event, title):
    stack.sql("INSERT INTO issues (project_id, id, fingerprint, title, level, event_count, first_seen, last_seen) "
              "VALUES (42, %s, decode(%s, 'hex'), %s, 'error', 5, now() - interval '1 hour', now() - interval '1 hour')",
              number, group([event])[0][1], title)


@pytest.fixture(scope="module", params=["writer", "direct"])
def upgraded(request, stacks, old):
    stack = stacks(request.param, start=False, migrated=False)
    stack.ctl_run("migrate", env={"MESHER_SQL_DIR": str(old)})
    assert stack.sql("SELECT max(version) FROM schema_migrations") == [(9,)]
    stack.project, stack.key = 42, KEY
    stack.sql("INSERT INTO projects (id, name, slug, rate_limit, rate_window) VALUES (42, 'web', 'WEB', 100000, 60)")
    stack.sql("INSERT INTO api_keys (project_id, key_value) VALUES (42, %s)", KEY)
    insert_issue(stack, 1, ALPHA, "the old handler")
    insert_issue(stack, 2, OTHER, "the old worker")
    stack.sql("INSERT INTO issue_merges (project_id, fingerprint, into_fingerprint, merged_at) "
              "VALUES (42, decode(%s, 'hex'), decode(%s, 'hex'), now())", group([MERGED])[0][1], group([OTHER])[0][1])
    stack.sql("INSERT INTO issue_discards (project_id, fingerprint, title, discarded_at) "
              "VALUES (42, decode(%s, 'hex'), 'x', now())", group([DISCARDED])[0][1])
    stack.ctl("migrate")
    assert stack.sql("SELECT old_issues FROM projects") == [(True,)]
    if request.param == "writer":
        stack.start_writer()
    stack.add_front()
    return stack


def send(stack, event):
    event_id = uuid.uuid4().hex
    answer = stack.request("POST", "/api/42/store/", AUTH, json.dumps({**event, "event_id": event_id}).encode())
    assert answer.status == 200, answer
    return event_id


def issue_of(stack, event):
    event_id = send(stack, event)
    wait_until(lambda: stack.sql("SELECT true FROM events WHERE id = %s", event_id), 10, "stored")
    return stack.row(event_id, "issue_id")[0]


def fingerprint(stack, issue):
    return stack.sql("SELECT encode(fingerprint, 'hex') FROM issues WHERE id = %s", issue)[0][0]


def test_an_update_tears_no_issue_apart(upgraded):
    stack = upgraded
    assert issue_of(stack, ALPHA) == 1
    assert fingerprint(stack, 1) == group([ALPHA])[0][0]
    assert issue_of(stack, ALPHA) == 1
    assert stack.sql("SELECT event_count FROM issues WHERE id = 1") == [(7,)]
    # It was two bugs: the other one begins an issue, which says where it was until then.
    split = issue_of(stack, BETA)
    assert split not in (1, 2) and issue_of(stack, BETA) == split
    assert stack.sql("SELECT kind, detail FROM issue_activity WHERE issue_id = %s", split) == [
        ("split", "WEB-1: *errors.errorString: cart is empty")]
    assert "split" in stack.ctl("issue", "show", f"WEB-{split}")
    # What was merged stays merged, in either order.
    assert issue_of(stack, MERGED) == 2
    assert issue_of(stack, OTHER) == 2
    assert issue_of(stack, MERGED) == 2
    # What was discarded stays discarded.
    event_id = send(stack, DISCARDED)
    assert issue_of(stack, ALPHA) == 1
    assert stack.sql("SELECT true FROM events WHERE id = %s", event_id) == []
    # Nobody merged anything: the old fingerprints are not shown as merges.
    assert stack.ctl_json("issue", "show", "WEB-1")["merged"] == []


def test_a_row_of_before_finds_its_issue(upgraded):
    """As it comes out of a spool that was written before the update: with the old fingerprint alone."""
    stack = upgraded
    assert issue_of(stack, ALPHA) == 1
    goal = stack.sql("SELECT encode(into_fingerprint, 'hex') FROM issue_merges WHERE of_update "
                     "AND fingerprint = decode(%s, 'hex')", group([ALPHA])[0][1])
    assert goal == [(fingerprint(stack, 1),)]


def test_new_projects_pay_nothing(stack):
    """Without old issues, events have one fingerprint."""
    assert stack.sql("SELECT old_issues FROM projects") == [(False,)]
    event_id = send(stack, ALPHA)
    assert stack.row(event_id, "encode(fingerprint, 'hex')") == (group([ALPHA])[0][0],)
    assert stack.sql("SELECT count(*) FROM issue_merges") == [(0,)]


def test_the_flag_goes_with_the_last_old_issue(upgraded):
    stack = upgraded
    assert issue_of(stack, ALPHA) == 1 and issue_of(stack, OTHER) == 2
    stack.ctl("maintenance")
    assert stack.sql("SELECT old_issues FROM projects") == [(False,)]


# ---- a rehearsal

def test_rehearsal(fresh, tmp_path):
    stack = fresh("direct")
    for value in ("first", "second", "third"):
        send(stack, error("handle", value))
    send(stack, error("worker", "first"))
    send(stack, {"message": "fine"})
    before = stack.sql("SELECT count(*), max(last_seen) FROM issues")
    calm = stack.ctl_json("grouping", "rehearse", "42")
    assert (calm["events"], calm["unread"], calm["issues"], calm["splits"], calm["joins"]) == (5, 0, 5, [], [])
    assert "0 issues would split, 0 times several would be one." in stack.ctl("grouping", "rehearse", "42")

    rules = tmp_path / "one.rules"
    rules.write_text("function:handle -> handler\n")
    other = stack.ctl_json("grouping", "rehearse", "42", "--rules", rules)
    assert [len(join) for join in other["joins"]] == [3] and other["splits"] == []
    text = stack.ctl("grouping", "rehearse", "42", "--rules", rules)
    assert "5 events of 5 issues" in text and "Nothing was changed." in text and "Issues that would be one:" in text
    assert stack.ctl_json("grouping", "rehearse", "42", "--sample", "2")["events"] == 2
    assert stack.ctl_json("grouping", "rehearse", "42", "--since", "1h")["events"] == 5
    assert stack.sql("SELECT count(*), max(last_seen) FROM issues") == before

    # Events that another version put into one issue.
    stack.sql("UPDATE events SET issue_id = 1, fingerprint = '\\x02000000000000000000000000000000'")
    parted = stack.ctl_json("grouping", "rehearse", "42")
    assert [len(split) for split in parted["splits"]] == [5] and parted["joins"] == []
    assert "would split:" in stack.ctl("grouping", "rehearse", "42")


@pytest.mark.parametrize("arguments, why", [
    (["--sample", "0"], "--sample must be 1 to 10000000"), (["--sample", "10000001"], "--sample must be 1 to 10000000"),
    (["--sample", "x"], "--sample must be 1 to 10000000"), (["--since", "x"], "since"), (["--rules", "/no"], "/no")])
def test_rehearsal_of_mistakes(stack, arguments, why):
    done = stack.ctl_run("grouping", "rehearse", "42", *arguments)
    assert done.returncode != 0 and why in done.stderr + done.stdout, done


def test_rehearsal_of_no_project(stack):
    assert stack.ctl_run("grouping", "rehearse", "4711").returncode == 3
