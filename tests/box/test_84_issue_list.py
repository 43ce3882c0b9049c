"""Goal: issue list and issue show tell people what they need: filters, orders, pages that stay stable while events
come in, at any width, in a pipe and on a terminal, whatever the text is that somebody sent."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import time
import unicodedata

import pytest
from harness.issues import fill, make_issue, make_partitions
from harness.stack import CTL, clean_environment
from harness.wait import wait_until

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
HOSTILE = ["\x1b[2J\x1b]0;owned\x07", "a\r\nb\tc", "\u202ereversed\u202c", "\u2066x\u2069", "中文字符" * 30,
           "e" + "\u0301" * 50, "👩‍👩‍👧‍👦 family", "\x9b31m", "ﷺ" * 20, "\u0301starts with a mark", "x" * 500, "שלום",
           "\u2028line\u2029paragraph", "\x00".replace("\x00", "�"), "tab\there"]


def columns_of(line):
    """What a terminal needs for it, at least."""
    return sum(0 if unicodedata.category(c) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in line)


def ids(stack, *arguments):
    return [i["id"] for i in stack.ctl_json("issue", "list", *arguments)]


def at_width(stack, columns, *arguments):
    return subprocess.run([CTL, "--conf", stack.conf, *map(str, arguments)], capture_output=True, text=True, check=True,
                          env={**clean_environment(), "COLUMNS": str(columns)}, timeout=60).stdout


def on_terminal(stack, columns, *arguments, env=None):
    """What is written to a terminal of that width."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    child = subprocess.Popen([CTL, "--conf", stack.conf, *map(str, arguments)], stdin=follower, stdout=follower,
                             stderr=follower, env={**clean_environment(), **(env or {})})
    os.close(follower)
    got = b""
    while True:
        try:
            some = os.read(leader, 65536)
        except OSError:
            break
        if not some:
            break
        got += some
    assert child.wait(30) == 0, got
    os.close(leader)
    return got.decode()


@pytest.fixture(scope="module")
def listed(stacks):
    """Issues A to E: A is the newest, E has the most events, C the most users.  Bars are hours: none may end before the
    tests that compare them."""
    wait_until(lambda: time.gmtime().tm_min < 59, 70, "the next hour")
    stack = stacks()
    made = {}
    for n, name in enumerate("ABCDE"):
        made[name] = make_issue(stack, f"{name} broke the Shop", culprit=f"'shop.{name.lower()}'",
                                level=["'error'", "'fatal'", "'warning'", "'info'", "'debug'"][n],
                                last_seen=f"now() - interval '{n} hours 10 minutes'",
                                first_seen=f"now() - interval '{n % 3 + 2} days' - interval '{n} minutes'",
                                event_count=str(n * 10 + 1),
                                status=["'unresolved'", "'resolved'", "'ignored'", "'unresolved'", "'unresolved'"][n])
        number = int(made[name].split("-")[1])
        stack.sql("INSERT INTO issue_users SELECT 42, %s, r, 1 FROM generate_series(1, %s) r", number,
                  {"C": 90}.get(name, n))
        stack.sql("INSERT INTO issue_hours SELECT 42, %s, date_trunc('hour', now(), 'UTC') - h * interval '1 hour',"
                  " 1 + h FROM generate_series(0, %s) h", number, n * 5)
    stack.made = made
    return stack


# ---- filters and orders

def test_orders(listed):
    made = listed.made
    for sort, order in (("last_seen", "ABCDE"), ("count", "EDCBA"), ("users", "CEDBA"), ("first_seen", "ADBEC")):
        assert ids(listed, 42, "--sort", sort) == [made[n] for n in order], sort
    assert ids(listed, "web") == [made[n] for n in "ABCDE"], "by last_seen unless said"
    assert ids(listed) == ids(listed, 42), "of all projects"


@pytest.mark.parametrize("arguments, names", [
    (["--status", "unresolved"], "ADE"), (["--status", "resolved"], "B"), (["--status", "ignored"], "C"),
    (["--level", "fatal"], "B"), (["--query", "shop"], "ABCDE"),
    (["--query", "SHOP d"], "D"), (["--query", "shop z"], ""), (["--query", "%"], ""), (["--query", ""], "ABCDE"),
    (["--since", "150m"], "ABC"), (["--since", "2020-01-01"], "ABCDE"), (["--since", "2040-01-01T00:00:00Z"], ""),
    (["--limit", "2"], "AB"), (["--level", "info", "--status", "unresolved"], "D")], ids=str)
def test_filters(listed, arguments, names):
    assert ids(listed, 42, *arguments) == [listed.made[n] for n in names]


def test_filter_on_the_assignee(fresh):
    stack = fresh(responders=1)
    a, _ = make_issue(stack, "a"), make_issue(stack, "b")
    stack.ctl("issue", "assign", a, "Ann")
    assert ids(stack, 42, "--assignee", "Ann") == [a]


@pytest.mark.parametrize("arguments", [
    ["--sort", "title"], ["--status", "open"], ["--level", "nothing"], ["--since", "yesterday"], ["--limit", "0"], ["--limit", "100001"],
    ["--after", "x"], ["--after", "l1"], ["--after", "l1.0"], ["--after", "c1.1"], ["--after", "lx.1"], ["42", "43"],
    ["--after", "l99999999999999999999.1"]], ids=" ".join)
def test_wrong_usage(listed, arguments):
    done = listed.ctl_run("issue", "list", *arguments)
    assert done.returncode == 2 and done.stdout == "" and done.stderr, done


def test_no_such_project(listed):
    assert listed.ctl_run("issue", "list", "nobody").returncode == 3


# ---- pages

@pytest.mark.parametrize("sort", ["last_seen", "first_seen", "count", "users"])
def test_pages_are_stable_under_inserts(fresh, sort):
    """What does not change is on exactly one page, whatever comes in between two of them."""
    stack = fresh(responders=1)
    stack.sql("""INSERT INTO issues (project_id, id, fingerprint, title, level, event_count, first_seen, last_seen)
        SELECT 42, n, decode(md5(n::text), 'hex'), 'issue ' || n, 'error', n / 5,
          now() - n / 3 * interval '1 minute', now() - n / 7 * interval '1 minute' FROM generate_series(1, 100) n""")
    stack.sql("""INSERT INTO issue_users SELECT 42, id, r, 1 FROM issues, generate_series(1, id % 9) r""")
    want = ids(stack, 42, "--sort", sort, "--limit", 1000)
    assert len(want) == 100
    got, after = [], []
    for n in range(20):
        page = stack.ctl_json("issue", "list", 42, "--sort", sort, "--limit", 9, *after)
        if not page:
            break
        got += [i["id"] for i in page if i["id"] in want]  # what is new may have few users
        after = ["--after", page[-1]["after"]]
        make_issue(stack, f"new {n}", event_count="1000000")
    assert got == want


def test_the_token_stands_at_the_end(listed):
    out = listed.ctl("issue", "list", 42, "--limit", 2)
    token = re.search(r"^more: --after (\S+)$", out, re.M)[1]
    assert ids(listed, 42, "--limit", 2, "--after", token) == [listed.made["C"], listed.made["D"]]
    assert "more:" not in listed.ctl("issue", "list", 42, "--limit", 6)


# ---- what is shown

def test_json(listed):
    first = listed.ctl_json("issue", "list", 42)[0]
    assert first["title"] == "A broke the Shop" and first["culprit"] == "shop.a" and first["project"] == 42
    assert (first["events"], first["users"], first["level"], first["status"]) == (1, 0, "error", "unresolved")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", first["first_seen"])
    assert first["hours"][-1] == 1 and len(first["hours"]) == 24 and sum(first["hours"]) == 1
    last = listed.ctl_json("issue", "list", 42)[-1]
    assert last["hours"][-21:] == list(range(21, 0, -1)) and last["hours"][:3] == [0, 0, 0]


@pytest.mark.golden
def test_list_at_80_columns(listed, golden):
    text = at_width(listed, 80, "issue", "list", 42)
    assert max(map(columns_of, text.splitlines())) <= 80
    golden("issue-list-80", text)


@pytest.mark.parametrize("columns", [20, 40, 79, 80, 81, 119, 120, 200])
def test_no_line_is_too_wide(listed, columns):
    lines = at_width(listed, columns, "issue", "list", 42).splitlines()
    assert len(lines) == 6 and max(map(columns_of, lines)) <= max(columns, 60)
    if columns >= 200:
        assert "CULPRIT" in lines[0] and "shop.a" in lines[1] and max(map(columns_of, lines)) <= columns


def test_terminal_and_pipe(listed):
    shown = on_terminal(listed, 80, "issue", "list", 42)
    assert "\x1b[31m" in shown and "▁" in shown
    plain = re.sub("\x1b\\[[0-9]*m", "", shown).replace("\r", "")
    assert plain == at_width(listed, 80, "issue", "list", 42), "colour is all that is different"
    assert "\x1b" not in on_terminal(listed, 80, "issue", "list", 42, env={"NO_COLOR": "1"})
    assert "\x1b" not in listed.ctl("issue", "list", 42), "in a pipe"
    assert all(len(line) <= 100 for line in on_terminal(listed, 100, "issue", "list", 42,
                                                        env={"NO_COLOR": "1"}).splitlines())


def test_hostile_text(fresh):
    stack = fresh(responders=1)
    for n, text in enumerate(HOSTILE):
        make_issue(stack, str(n), text)
        answer = stack.post({"message": text, "culprit": text, "tags": {"t": text[:90]}, "user": {"id": text},
                             "extra": {text: text}, "fingerprint": [str(n)], "release": text,
                             "exception": [{"type": text, "value": text, "stacktrace": {"frames": [
                                 {"function": text, "filename": text, "context_line": text, "in_app": True}]}}],
                             "breadcrumbs": [{"message": text, "category": text, "timestamp": text}],
                             "contexts": {text: {text: text}}, "request": {"url": text}})
        assert answer.status == 202, answer
    issues = ids(stack, 42, "--limit", 100)
    assert len(issues) == 2 * len(HOSTILE)
    for columns in (80, 200):
        out = at_width(stack, columns, "issue", "list", 42, "--limit", 100)
        assert not CONTROLS.search(out) and len(out.splitlines()) == len(issues) + 1
        assert max(map(columns_of, out.splitlines())) <= columns
        for issue in issues:
            out = at_width(stack, columns, "issue", "show", issue)
            assert not CONTROLS.search(out), repr(out)
            assert max(map(columns_of, out.splitlines())) <= columns, out
    for issue in issues:
        json.loads(stack.ctl("--json", "issue", "show", issue))
        out = on_terminal(stack, 80, "issue", "show", issue)
        assert not CONTROLS.search(re.sub("\x1b\\[[01]m|\r\n", "", out)), repr(out)


# ---- one issue

EVENT = {
    "event_id": "0199f3a2b8e97c5d8f1e2a3b4c5d6e7f", "timestamp": "2026-05-01T10:00:00Z", "platform": "python",
    "release": "shop@1.4.2", "environment": "production", "server_name": "web-3", "transaction": "POST /cart/pay",
    "tags": {"browser": "Firefox", "region": "north"}, "fingerprint": ["golden"],
    "user": {"id": "4711", "email": "ann@example.org"},
    "request": {"method": "POST", "url": "https://shop.example/cart/pay", "query_string": "step=2"},
    "contexts": {"os": {"type": "os", "name": "Linux", "version": "6.1"}, "runtime": {"name": "CPython", "version": "3.11"}},
    "extra": {"cart": {"items": 3, "total": "17.50"}},
    "breadcrumbs": {"values": [
        {"timestamp": "2026-05-01T09:59:58Z", "category": "http", "level": "info", "message": "GET /cart"},
        {"timestamp": "2026-05-01T09:59:59Z", "category": "query", "message": "SELECT price FROM items WHERE cart = 9"}]},
    "exception": {"values": [
        {"type": "ZeroDivisionError", "value": "division by zero", "stacktrace": {"frames": [
            {"function": "handle", "filename": "framework/wsgi.py", "lineno": 210, "in_app": False},
            {"function": "average", "filename": "shop/prices.py", "lineno": 42, "in_app": True,
             "pre_context": ["def average(prices):", "    total = sum(prices)"],
             "context_line": "    return total / len(prices)", "post_context": ["", "def rebate(price):"]}]}},
        {"type": "PaymentError", "value": "cannot price the cart of a customer whose basket was emptied meanwhile",
         "stacktrace": {"frames": [
             {"function": "pay", "filename": "shop/views.py", "lineno": 17, "in_app": True,
              "context_line": "    raise PaymentError(cart) from error"}]}}]}}


@pytest.mark.golden
def test_show_at_80_columns(fresh, golden):
    stack = fresh(responders=1)
    for n in range(3):
        event = {**EVENT, "tags": {**EVENT["tags"], "browser": "Firefox" if n else "Chrome"}}
        event["event_id"] = f"{n:08x}" + EVENT["event_id"][8:]
        assert stack.post(event).status == 202
    issue = ids(stack, 42)[0]
    # Whoever stores them counts these; here they are given.
    stack.sql("UPDATE issues SET first_release = 'shop@1.4.2', last_release = 'shop@1.4.2'")
    stack.sql("DELETE FROM issue_users")
    stack.sql("INSERT INTO issue_users SELECT project_id, id, 1, 1 FROM issues")
    stack.ctl("issue", "note", issue, "The basket is emptied by the nightly job.", "--by", "ann")
    stack.ctl("issue", "assign", issue, "Grace Ho", "--by", "ann")
    shown = stack.ctl_json("issue", "show", issue)
    assert shown["latest_event"]["payload"]["release"] == "shop@1.4.2"
    assert {(t["tag"], t["value"]): t["events"] for t in shown["tags"]} == {
        ("browser", "Firefox"): 2, ("browser", "Chrome"): 1, ("region", "north"): 3}
    text = at_width(stack, 80, "issue", "show", issue)
    assert max(map(columns_of, text.splitlines())) <= 80
    golden("issue-show-80", re.sub(r"20(?!26-05-01)\d\d-\d\d-\d\d \d\d:\d\d:\d\d", "YYYY-MM-DD hh:mm:ss", text))


def test_show_without_events(listed):
    assert "latest event" not in listed.ctl("issue", "show", listed.made["A"])
    assert listed.ctl_json("issue", "show", listed.made["A"])["latest_event"] is None


def test_no_query_reads_all_events(fresh):
    """With 20,000 events of whole days and statistics no plan of what people ask for has a sequential scan of events."""
    stack = fresh(responders=1)
    make_partitions(stack, 3)
    stack.sql("""INSERT INTO issues (project_id, id, fingerprint, title, level, event_count, first_seen, last_seen)
        SELECT 42, n, decode(md5(n::text), 'hex'), 'issue ' || n, 'error', 100, now(), now() FROM generate_series(1, 200) n""")
    stack.sql("""INSERT INTO events (project_id, id, received_at, "timestamp", issue_id, level, title, payload, tags, release)
        SELECT 42, gen_random_uuid(), date_trunc('day', now(), 'UTC') - n * interval '10 seconds', now(), n % 200 + (SELECT min(id) FROM issues),
          'error', 't', 'x', '{"a":"b"}', 'r' || n % 7 FROM generate_series(1, 20000) n""")
    stack.postgres.sql(stack.database, "ALTER ROLE mesher SET session_preload_libraries = 'auto_explain'")
    stack.postgres.sql(stack.database, "ALTER ROLE mesher SET auto_explain.log_min_duration = 0")
    log = stack.postgres.top / "postgres.log"
    try:
        stack.sql("ANALYZE events")
        stack.sql("ANALYZE issues")
        begin = log.stat().st_size
        issue = ids(stack, 42)[0]
        for arguments in (["issue", "list", 42], ["issue", "list"], ["issue", "list", 42, "--release", "r3"],
                          ["issue", "list", "--environment", "e"], ["issue", "list", 42, "--query", "issue 19"],
                          ["issue", "list", 42, "--sort", "users"], ["event", "list", 42],
                          ["event", "list", 42, "--issue", issue]):
            stack.ctl(*arguments)
        stack.ctl_run("issue", "show", issue)  # its payloads are none
    finally:
        stack.postgres.sql(stack.database, "ALTER ROLE mesher RESET session_preload_libraries")
        stack.postgres.sql(stack.database, "ALTER ROLE mesher RESET auto_explain.log_min_duration")
    with open(log, encoding="utf-8", errors="replace") as f:
        f.seek(begin)
        plans = f.read()
    assert plans.count("Index") > 5, "there are plans"
    # Of a partition without a row it costs nothing, and is what is done.
    assert not re.search(r"Seq Scan on events_\d+ .*\(cost=[0-9.]+\.\.(?!0\.00)", plans)
