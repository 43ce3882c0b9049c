"""Goal: what people decide about issues is so afterwards, is written down, and no event is lost or counted twice,
also while the writer stores: resolve, reopen, ignore, assign, note, merge, unmerge, delete, discard."""

import concurrent.futures
import json
import os
import pwd
import threading

import pytest
from harness.issues import count, counts_are_right, fill, fingerprint, hours_add_up, make_issue
from harness.wait import wait_until


def fails(stack, status, *arguments, mentions=None):
    done = stack.ctl_run(*arguments)
    assert done.returncode == status, done
    assert done.stdout == "" and done.stderr.strip(), done
    if mentions:
        assert mentions in done.stderr, done.stderr


def activity(stack, issue):
    return [(a["kind"], a["actor"], a["detail"]) for a in stack.ctl_json("issue", "show", issue)["activity"]]


def columns(stack, issue, names):
    return stack.sql(f"SELECT {names} FROM issues WHERE id = %s", int(issue.rsplit("-", 1)[1]))[0]


# ---- one issue

def test_resolve_and_reopen(stack):
    issue = make_issue(stack, "resolve")
    shown = stack.ctl_json("issue", "resolve", issue, "--by", "ann")
    assert (shown["id"], shown["status"], shown["resolved_in"]) == (issue, "resolved", None)
    assert columns(stack, issue, "status, resolved_at IS NOT NULL, resolved_in") == ("resolved", True, None)
    stack.ctl("issue", "resolve", issue, "--by", "ann")
    assert activity(stack, issue) == [("resolved", "ann", None)], "resolved is resolved"
    stack.ctl("issue", "resolve", issue, "--in", "web@1.2", "--by", "ann")
    assert columns(stack, issue, "resolved_in") == ("web@1.2",)
    stack.ctl("issue", "resolve", issue.lower(), "--in-next", "--by", "ann")
    assert columns(stack, issue, "resolved_in") == ("",)
    assert "the next release" in stack.ctl("issue", "show", issue)
    assert "unresolved" in stack.ctl("issue", "reopen", issue, "--by", "bob")
    stack.ctl("issue", "reopen", issue)
    assert columns(stack, issue, "status, resolved_at, resolved_in") == ("unresolved", None, None)
    assert activity(stack, issue) == [("resolved", "ann", None), ("resolved", "ann", "web@1.2"),
                                      ("resolved", "ann", ""), ("reopened", "bob", None)]


def test_ignore(stack):
    issue = make_issue(stack, "ignore", event_count="7")
    stack.ctl("issue", "ignore", issue)
    assert columns(stack, issue, "status, ignored_until, ignored_until_count") == ("ignored", None, None)
    stack.ctl("issue", "ignore", issue, "--count", 10)
    assert columns(stack, issue, "ignored_until_count") == (17,)
    stack.ctl("issue", "ignore", issue, "--until", "2h")
    assert columns(stack, issue, "ignored_until_count, ignored_until BETWEEN now() + interval '119 minutes'"
                                 " AND now() + interval '121 minutes'") == (None, True)
    shown = stack.ctl_json("issue", "ignore", issue, "--until", "2031-05-01", "--count", 1)
    assert (shown["ignored_until"], shown["ignored_until_count"]) == ("2031-05-01T00:00:00.000000Z", 8)
    assert activity(stack, issue)[-1][2] == "until 2031-05-01 00:00:00 UTC, 1 more events"
    stack.ctl("issue", "resolve", issue)
    assert columns(stack, issue, "status, ignored_until, ignored_until_count") == ("resolved", None, None)


def test_assign_and_note(stack):
    issue = make_issue(stack, "assign")
    assert stack.ctl_json("issue", "assign", issue, "Grace Ho")["assignee"] == "Grace Ho"
    stack.ctl("issue", "assign", issue, "Grace Ho")
    assert stack.ctl_json("issue", "assign", issue, "--nobody")["assignee"] is None
    stack.ctl("issue", "note", issue, "seen on the\nsecond floor", "--by", "ann")
    me = pwd.getpwuid(os.getuid()).pw_name
    assert activity(stack, issue) == [("assigned", me, "Grace Ho"), ("assigned", me, None),
                                      ("note", "ann", "seen on the\nsecond floor")]


@pytest.mark.parametrize("command, length, status", [
    ("note", 1, 0), ("note", 10000, 0), ("note", 10001, 2), ("note", 0, 2),
    ("assign", 1, 0), ("assign", 200, 0), ("assign", 201, 2), ("assign", 0, 2)])
def test_lengths_are_characters(stack, command, length, status):
    issue = make_issue(stack, f"{command} {length}")
    done = stack.ctl_run("issue", command, issue, "é" * length)
    assert done.returncode == status, done
    assert status == 0 or "to" in done.stderr


@pytest.mark.parametrize("arguments", [
    ["resolve"], ["resolve", "WEB-1", "x"], ["resolve", "WEB-1", "--in", "a", "--in-next"], ["note", "WEB-1"],
    ["resolve", "WEB-1", "--in", ""], ["assign", "WEB-1"], ["assign", "WEB-1", "x", "--nobody"], ["merge", "WEB-1"],
    ["ignore", "WEB-1", "--count", "0"], ["ignore", "WEB-1", "--count", "x"], ["ignore", "WEB-1", "--until", "soon"],
    ["ignore", "WEB-1", "--until", "0h"], ["delete", "WEB-1"], ["discard", "WEB-1"], ["unmerge"], ["nothing"]],
    ids=" ".join)
def test_wrong_usage(stack, arguments):
    fails(stack, 2, "issue", *arguments)


@pytest.mark.parametrize("name", ["WEB-999999", "NOBODY-1", "x", "-", "WEB-", "WEB-0", "WEB--1", "9" * 30, "A" * 70 + "-1"])
def test_not_found(stack, name):
    fails(stack, 3, "issue", "resolve", "--", name)
    fails(stack, 3, "issue", "unmerge", "--", name)


# ---- merge and back

def test_merge_and_unmerge(stack):
    left, right = make_issue(stack, "left", level="'fatal'"), make_issue(stack, "right", level="'warning'")
    fill(stack, left, 1203, users=40, release="'web@' || n / 1000")
    fill(stack, right, 77, minutes=3)
    stack.sql("INSERT INTO issue_users SELECT 42, %s, r, 3 FROM generate_series(0, 99) r", int(left.split("-")[1]))
    stack.sql("INSERT INTO issue_users SELECT 42, %s, r, r %% 5 + 1 FROM generate_series(50, 60) r",
              int(right.split("-")[1]))
    stack.ctl("issue", "note", left, "of the left one", "--by", "ann")
    first = columns(stack, left, "first_seen")
    got = stack.ctl_json("issue", "merge", left, right, "--by", "ann")
    assert got == {"id": right, "moved": 1203}
    assert stack.ctl_json("issue", "show", left)["id"] == right, "the old number leads to it"
    assert count(stack, right) == (1280, 1280) and counts_are_right(stack, "right") and hours_add_up(stack, "right")
    assert columns(stack, right, "level, first_seen") == ("fatal", *first)
    assert stack.sql("SELECT count(*), max(rank) FROM issue_users WHERE issue_id = %s",
                     int(right.split("-")[1])) == [(100, 5)], "the higher rank of each"
    assert stack.sql("SELECT encode(into_fingerprint, 'hex') FROM issue_merges WHERE fingerprint = %s",
                     fingerprint("left")) == [(fingerprint("right").hex(),)]
    told = activity(stack, right)
    assert told[0] == ("note", "ann", "of the left one") and told[1] == ("merged", "ann", f"{left}: left")
    assert stack.ctl_json("issue", "show", right)["merged"][0]["fingerprint"] == fingerprint("left").hex()

    got = stack.ctl_json("issue", "unmerge", right, "--by", "bob")
    again = got["id"]
    assert got["moved"] == 1203 and again == left, "it has its number again"
    assert count(stack, again) == (1203, 1203) and count(stack, right) == (77, 77)
    for title in ("left", "right"):
        assert counts_are_right(stack, title) and hours_add_up(stack, title)
    assert stack.sql("SELECT 1 FROM issue_merges WHERE fingerprint = %s", fingerprint("left")) == []
    assert columns(stack, again, "title, level, first_release, last_release, fingerprint") == (
        "left", "fatal", "web@1", "web@0", columns(stack, again, "fingerprint")[0])
    assert 38 <= stack.ctl_json("issue", "show", again)["users"] <= 42, "40 users"
    assert ("unmerged", "bob", right) in activity(stack, again) and ("unmerged", "bob", again) in activity(stack, right)
    fails(stack, 3, "issue", "unmerge", right)
    assert stack.ctl_json("issue", "unmerge", fingerprint("left").hex())["moved"] == 0, "done already"
    assert columns(stack, again, "first_seen") == stack.sql(
        "SELECT min(received_at) FROM events WHERE issue_id = %s", int(again.split("-")[1]))[0]


def test_numbers_of_merged_issues_stay_good(stack):
    """Through several merges, also in other commands; each comes back with its own."""
    a, b, c = (make_issue(stack, f"number {n}") for n in "abc")
    for issue in (a, b, c):
        fill(stack, issue, 3)
    stack.ctl("issue", "merge", a, b)
    stack.ctl("issue", "merge", b, c)
    assert {stack.ctl_json("issue", "show", n)["id"] for n in (a, b, c, a.lower(), a.split("-")[1])} == {c}
    stack.ctl("issue", "note", a, "by an old link")
    assert ("note", "by an old link") in [(kind, detail) for kind, _, detail in activity(stack, c)]
    assert len(stack.ctl_json("event", "list", 42, "--issue", a)) == 9
    # Taken out by its old number, alone.
    assert stack.ctl_json("issue", "unmerge", a) == {"id": a, "moved": 3}
    assert stack.ctl_json("issue", "show", b)["id"] == c and stack.ctl_json("issue", "show", a)["id"] == a
    assert stack.ctl_json("issue", "unmerge", c) == {"id": b, "moved": 3}
    stack.ctl("issue", "delete", c, "--yes")
    fails(stack, 3, "issue", "show", c)
    stack.ctl("issue", "merge", a, b)
    stack.ctl("issue", "delete", b, "--yes")
    fails(stack, 3, "issue", "show", a)


def test_numbers_are_counted_within_a_project(fresh):
    """From 1, without gaps, whatever others store; a number is never used again."""
    stack = fresh(responders=2)
    key = stack.ctl_json("project", "add", "other")["key"]
    for n in range(1, 5):
        assert stack.post({"message": "m", "fingerprint": f"here {n}"}).status == 202
        assert stack.post({"message": "m", "fingerprint": f"here {n}"}).status == 202
        assert stack.post({"message": "m", "fingerprint": f"there {n}"}, headers={"X-Sentry-Auth": key}).status == 202
    events = [{"message": "m", "fingerprint": f"bulk {n // 2}"} for n in range(60)]
    assert stack.bulk(events).json()["accepted"] == 60

    def numbers(slug):
        return sorted(int(i["id"].split("-")[1]) for i in stack.ctl_json("issue", "list", slug, "--limit", 100))
    assert numbers("web") == list(range(1, 35)) and numbers("other") == [1, 2, 3, 4]
    stack.ctl("issue", "delete", "WEB-34", "--yes")
    assert stack.post({"message": "m", "fingerprint": "after"}).status == 202
    assert numbers("web") == [*range(1, 34), 35]
    assert stack.ctl_run("issue", "show", "3").returncode == 1, "an issue of both"


def test_two_writers_give_different_numbers(fresh):
    """To issues that they create at the same time; a number is lost only where both created the same one."""
    stack = fresh("direct", responders=4)
    def send(who):
        return [stack.post({"message": "m", "fingerprint": f"{who} {n}"}).status for n in range(50)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert {s for answers in pool.map(send, range(4)) for s in answers} == {202}
    ids = [n for (n,) in stack.sql("SELECT id FROM issues ORDER BY id")]
    assert ids == list(range(1, 201))


def test_merges_are_never_a_chain(stack):
    a, b, c = (make_issue(stack, f"chain {n}") for n in "abc")
    for n, issue in enumerate((a, b, c)):
        fill(stack, issue, 10 + n)
    stack.ctl("issue", "merge", a, b)
    stack.ctl("issue", "merge", b, c)
    into = {bytes(f): bytes(i) for f, i in stack.sql("SELECT fingerprint, into_fingerprint FROM issue_merges")}
    assert into[fingerprint("chain a")] == into[fingerprint("chain b")] == fingerprint("chain c")
    assert count(stack, c) == (33, 33)
    # One of them comes out again, by its fingerprint; the other one stays.
    got = stack.ctl_json("issue", "unmerge", fingerprint("chain a").hex().upper())
    assert got["moved"] == 10 and count(stack, c) == (23, 23)
    assert counts_are_right(stack, "chain%")


def test_events_that_are_gone_stay_counted(stack):
    old, new = make_issue(stack, "old", event_count="5000"), make_issue(stack, "new")
    fill(stack, old, 10)
    fill(stack, new, 10)
    stack.ctl("issue", "merge", old, new)
    assert count(stack, new) == (5020, 20)
    made = stack.ctl_json("issue", "unmerge", new)["id"]
    assert count(stack, made) == (10, 10) and count(stack, new) == (5010, 10)


def test_a_merge_that_was_interrupted_goes_on(stack):
    a, b = make_issue(stack, "half a"), make_issue(stack, "half b")
    fill(stack, a, 30)
    stack.sql("INSERT INTO issue_merges VALUES (42, %s, %s, now())", fingerprint("half a"), fingerprint("half b"))
    fails(stack, 1, "issue", "merge", b, a, mentions="being merged")
    assert stack.ctl_json("issue", "merge", a, b)["moved"] == 30
    assert count(stack, b) == (30, 30)


def test_projects_are_never_mixed(stack):
    stack.ctl("project", "add", "other", "--id", 43)
    mine, other = make_issue(stack, "mixed"), make_issue(stack, "mixed", project=43)
    fill(stack, mine, 5)
    fill(stack, other, 6, project=43)
    fails(stack, 2, "issue", "merge", mine, other, mentions="different projects")
    fails(stack, 2, "issue", "merge", mine, mine, mentions="itself")
    into = make_issue(stack, "mixed into")
    stack.ctl("issue", "merge", mine, into)
    stack.ctl("issue", "delete", into, "--yes")
    assert count(stack, other) == (6, 6)
    assert stack.ctl_json("issue", "show", other)["events"] == 6


def send_until(stack, over, messages, sent):
    n = 0
    while not over.is_set():
        answer = stack.bulk([{"message": m, "fingerprint": [m], "user": {"id": n}} for m in messages for _ in range(5)])
        assert answer.status == 202, answer
        n += 1
        sent.append(len(messages) * 5)


def test_merge_and_unmerge_while_the_writer_stores(fresh):
    """No event is lost or counted twice, whichever issue it lands in, and no request fails."""
    stack = fresh()
    messages, sent, over = ["load a", "load b", "load c"], [], threading.Event()
    threads = [threading.Thread(target=send_until, args=(stack, over, messages, sent)) for _ in range(3)]
    for t in threads:
        t.start()

    def named(title):
        found = stack.ctl_json("issue", "list", 42, "--query", title)
        return found[0]["id"] if found else None

    try:
        wait_until(lambda: all(named(m) for m in messages) and sum(sent) > 600, 30, "events of all three")
        for _ in range(3):
            a, b = named("load a"), named("load b")
            stack.ctl("issue", "merge", a, b)
            assert counts_are_right(stack)
            stack.ctl("issue", "unmerge", b)
            before = sum(sent)
            wait_until(lambda: sum(sent) > before + 100 and named("load a"), 30, "more of it")
    finally:
        over.set()
        for t in threads:
            t.join()
    assert counts_are_right(stack)
    assert stack.rows() == sum(sent) and stack.sql("SELECT sum(event_count) FROM issues") == [(sum(sent),)]


# ---- gone

def test_delete(stack):
    issue = make_issue(stack, "delete")
    fill(stack, issue, 1100)
    number = int(issue.split("-")[1])
    event = stack.sql("SELECT id FROM events WHERE issue_id = %s LIMIT 1", number)[0][0]
    stack.sql("INSERT INTO user_reports VALUES (42, %s, gen_random_uuid(), now(), 'feedback')", event)
    stack.sql("INSERT INTO issue_users VALUES (42, %s, 1, 1)", number)
    stack.sql("INSERT INTO issue_facets VALUES (42, %s, 'release', 'r', now())", number)
    stack.sql("INSERT INTO issue_texts VALUES (42, %s, 'text')", number)
    stack.sql("INSERT INTO issue_merges VALUES (42, %s, %s, now())", fingerprint("gone into"), fingerprint("delete"))
    stack.ctl("issue", "note", issue, "soon gone")
    fails(stack, 2, "issue", "delete", issue, mentions="--yes")
    assert stack.ctl_json("issue", "delete", issue, "--yes") == {"id": issue, "removed": 1100}
    fails(stack, 3, "issue", "delete", issue, "--yes")
    for table in ("events", "issue_hours", "issue_users", "issue_facets", "issue_texts", "issue_activity"):
        assert stack.sql(f"SELECT count(*) FROM {table} WHERE issue_id = %s", number) == [(0,)], table
    assert stack.sql("SELECT 1 FROM user_reports WHERE event_id = %s", event) == []
    assert stack.sql("SELECT 1 FROM issue_merges WHERE into_fingerprint = %s", fingerprint("delete")) == []
    assert stack.sql("SELECT 1 FROM issue_discards WHERE fingerprint = %s", fingerprint("delete")) == []


def test_discard(stack):
    part, issue = make_issue(stack, "discard part"), make_issue(stack, "discard", "of no interest")
    fill(stack, part, 3)
    fill(stack, issue, 4)
    stack.ctl("issue", "merge", part, issue)
    assert stack.ctl_json("issue", "discard", issue, "--yes") == {"id": issue, "removed": 7}
    dropped = stack.sql("SELECT encode(fingerprint, 'hex'), title FROM issue_discards WHERE project_id = 42")
    assert sorted(dropped) == sorted((fingerprint(n).hex(), "of no interest") for n in ("discard", "discard part"))
    fails(stack, 3, "issue", "show", issue)


def test_delete_while_the_writer_stores(fresh):
    stack = fresh()
    sent, over = [], threading.Event()
    thread = threading.Thread(target=send_until, args=(stack, over, ["gone", "stays"], sent))
    thread.start()
    removed = 0
    try:
        for _ in range(5):
            issue = wait_until(lambda: stack.ctl_json("issue", "list", 42, "--query", "gone"), 20, "there again")[0]["id"]
            removed += json.loads(stack.ctl("--json", "issue", "delete", issue, "--yes"))["removed"]
    finally:
        over.set()
        thread.join()
    assert counts_are_right(stack)
    assert stack.rows() + removed == sum(sent)


def test_project_remove_takes_it_all(stack):
    stack.ctl("project", "add", "removable", "--id", 77)
    a, b = make_issue(stack, "pr a", project=77), make_issue(stack, "pr b", project=77)
    fill(stack, a, 3, project=77)
    fill(stack, b, 3, project=77)
    stack.ctl("issue", "merge", a, b)
    stack.ctl("issue", "note", b, "x")
    stack.sql("INSERT INTO issue_users VALUES (77, 1, 1, 1)")
    stack.sql("INSERT INTO issue_facets VALUES (77, 1, 'environment', 'e', now())")
    stack.sql("INSERT INTO issue_texts VALUES (77, 1, 'text')")
    stack.sql("INSERT INTO issue_discards VALUES (77, 'x', 't', now())")
    stack.sql("INSERT INTO releases VALUES (77, 'r', now())")
    stack.sql("INSERT INTO outcomes (project_id, minute, outcome, quantity) VALUES (77, now(), 'accepted', 1)")
    stack.ctl("project", "remove", "removable", "--yes")
    for table in ("events", "issues", "issue_hours", "issue_users", "issue_merges", "issue_discards", "issue_activity",
                  "issue_facets", "issue_texts", "releases", "outcomes"):
        assert stack.sql(f"SELECT count(*) FROM {table} WHERE project_id = 77") == [(0,)], table


def test_later_events_go_to_the_target(fresh):
    """Also those of batches that were under way: nothing makes the merged issue anew."""
    stack = fresh()
    messages, sent, over = ["load a", "load b"], [], threading.Event()
    threads = [threading.Thread(target=send_until, args=(stack, over, messages, sent)) for _ in range(3)]
    for t in threads:
        t.start()

    def named(title):
        return [i["id"] for i in stack.ctl_json("issue", "list", 42) if i["title"] == title]

    try:
        wait_until(lambda: named("load a") and named("load b") and sum(sent) > 300, 30, "events of both")
        a, b = named("load a")[0], named("load b")[0]
        stack.ctl("issue", "merge", a, b)
        before = sum(sent)
        wait_until(lambda: sum(sent) > before + 300, 30, "more of it")
        assert len(stack.ctl_json("issue", "list", 42)) == 1
        stack.ctl("issue", "discard", b, "--yes")
        before = sum(sent)
        wait_until(lambda: sum(sent) > before + 300, 30, "more of it")
        assert stack.ctl_json("issue", "list", 42) == []
    finally:
        over.set()
        for t in threads:
            t.join()
    assert stack.rows() == 0 and counts_are_right(stack)
