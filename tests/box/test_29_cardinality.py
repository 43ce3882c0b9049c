"""Goal: what a stranger makes up (issues, releases) fills no table and no list, and nothing that clients wrote stays
for ever."""

import threading

import pytest
from harness.wait import wait_until

MODES = ["writer", "direct"]


def distinct(n):
    return {"message": f"number {n}", "fingerprint": f"made up {n}"}


def issues(stack):
    return dict(stack.sql("SELECT title, event_count FROM issues WHERE project_id = 42"))


TOO_MANY = "Too many new issues"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("n", [2, 3, 4])
def test_new_issues_in_an_hour(fresh, mode, n):
    """Up to the limit each is one; all beyond are one together, with its count and its events."""
    stack = fresh(mode)
    stack.ctl("project", "set", 42, "issue_limit=3")
    for i in range(n):
        assert stack.post(distinct(i)).status == 202
    found = issues(stack)
    assert len(found) == n and (TOO_MANY in found) == (n == 4)
    assert sum(found.values()) == n == stack.rows()


@pytest.mark.parametrize("mode", MODES)
def test_new_issues_of_one_batch(fresh, mode):
    stack = fresh(mode)
    stack.ctl("project", "set", 42, "issue_limit=3")
    assert stack.post(distinct(0)).status == 202
    assert stack.bulk([distinct(i) for i in range(10)]).json()["accepted"] == 10
    found = issues(stack)
    assert found.pop(TOO_MANY) == 7 and sorted(found.values()) == [1, 1, 2]
    # What there is goes on; so does the one for the rest, and its examples are listed.
    assert stack.bulk([distinct(i) for i in range(20)]).json()["accepted"] == 20
    assert issues(stack)[TOO_MANY] == 7 + 17
    made = next(i for i in stack.ctl_json("issue", "list", 42) if i["title"] == TOO_MANY)
    assert len(stack.ctl_json("event", "list", 42, "--issue", made["id"])) == 24
    assert {e["title"] for e in stack.ctl_json("event", "list", 42, "--issue", made["id"])} <= {f"number {i}" for i in range(20)}


def test_the_next_hour_has_its_own(fresh):
    stack = fresh()
    stack.ctl("project", "set", 42, "issue_limit=1")
    assert [stack.post(distinct(i)).status for i in range(3)] == [202] * 3
    stack.sql("UPDATE new_counts SET hour = hour - interval '1 hour'")
    assert [stack.post(distinct(i)).status for i in range(1, 4)] == [202] * 3
    assert issues(stack) == {"number 0": 1, TOO_MANY: 2 + 2, "number 1": 1}


def test_a_limit_of_none(fresh):
    """0: whatever is new is one issue; discarding it works as for any other."""
    stack = fresh()
    stack.ctl("project", "set", 42, "issue_limit=0")
    assert stack.post(distinct(1)).status == 202
    made = stack.ctl_json("issue", "list", 42)[0]
    assert made["title"] == TOO_MANY
    stack.ctl("issue", "discard", made["id"], "--yes")
    assert stack.post(distinct(2)).status == 202
    assert issues(stack) == {} and stack.rows() == 0


def test_other_projects_have_their_own(fresh):
    stack = fresh()
    stack.ctl("project", "set", 42, "issue_limit=0")
    other = stack.ctl_json("project", "add", "other")
    assert stack.post(distinct(1), key=other["key"]).status == 202
    assert stack.sql("SELECT title FROM issues WHERE project_id = %s", other["id"]) == [("number 1",)]


def test_new_releases_in_an_hour(fresh):
    """A thousand are remembered; events of the others are stored all the same."""
    stack = fresh()
    for at in range(0, 1010, 101):
        events = [{"message": "m", "release": f"r{n}"} for n in range(at, at + 101)][:100]
        events += [{"message": "m", "release": f"r{at + 100}"}]
        assert stack.bulk(events[:50]).status == 202 and stack.bulk(events[50:]).status == 202
    assert stack.sql("SELECT count(*) FROM releases") == [(1000,)]
    assert stack.sql("SELECT count(DISTINCT release) FROM events") == [(1010,)]


def test_limits_are_checked_by_mesherctl(fresh):
    stack = fresh()
    for bad in ("issue_limit=-1", "issue_limit=1000001", "issue_retention_days=-1", "issue_retention_days=3651",
                "byte_limit=-1", "byte_limit=1099511627777"):
        assert stack.ctl_run("project", "set", 42, bad).returncode == 2, bad
    shown = stack.ctl_json("project", "set", 42, "issue_limit=1000000", "issue_retention_days=3650", "byte_limit=1099511627776")
    assert (shown["issue_limit"], shown["issue_retention_days"], shown["byte_limit"]) == (1000000, 3650, 1099511627776)


# ---- issues go, too

def age(stack, days):
    """All that there is was received so many days ago."""
    stack.sql("DELETE FROM events")
    for table, column in (("issues", "first_seen"), ("issues", "last_seen"), ("releases", "first_seen"), ("issue_hours", "hour")):
        stack.sql(f"UPDATE {table} SET {column} = {column} - %s * interval '1 day'", days)


def left(stack):
    return {r[0] for r in stack.sql("SELECT title FROM issues")}


def test_issues_go_after_their_last_event(fresh):
    stack = fresh()
    assert stack.post({"message": "jane@example.org cannot pay", "release": "old@1", "user": {"id": 7}}).status == 202
    age(stack, 89)
    stack.ctl("maintenance")
    assert left(stack) == {"jane@example.org cannot pay"}
    age(stack, 2)
    stack.ctl("maintenance")
    for table in ("issues", "issue_users", "issue_hours", "releases"):
        assert stack.sql(f"SELECT count(*) FROM {table}") == [(0,)], table
    assert stack.post({"message": "jane@example.org cannot pay"}).status == 202
    assert left(stack) == {"jane@example.org cannot pay"}


@pytest.mark.parametrize("days,kept", [(0, False), (90, False), (91, False), (92, True), (200, True)])
def test_days_of_issues(fresh, days, kept):
    """Of their own, but never fewer than their events have."""
    stack = fresh()
    stack.ctl("project", "set", 42, f"issue_retention_days={days}")
    assert stack.post({"message": "m"}).status == 202
    age(stack, 91)
    stack.ctl("maintenance")
    assert left(stack) == ({"m"} if kept else set())


TOUCHES = {"resolved": ["issue", "resolve"], "ignored": ["issue", "ignore"], "assigned": ["issue", "assign"],
           "noted": ["issue", "note"]}


@pytest.mark.parametrize("how", [*TOUCHES, "merged", "reopened"])
def test_what_people_touched_keeps_its_number(fresh, how):
    stack = fresh()
    for n in (1, 2):
        assert stack.post(distinct(n)).status == 202
    first, second = sorted(i["id"] for i in stack.ctl_json("issue", "list", 42))
    if how == "merged":
        stack.ctl("issue", "merge", second, first)
    elif how == "reopened":
        stack.ctl("issue", "resolve", first)
        stack.ctl("issue", "reopen", first)
    else:
        stack.ctl(*TOUCHES[how], first, *{"assigned": ["ann"], "noted": ["seen"]}.get(how, []))
    age(stack, 1000)
    stack.ctl("maintenance")
    assert [i["id"] for i in stack.ctl_json("issue", "list", 42)] == [first]


@pytest.mark.parametrize("scrub", ["on", "off"])
def test_the_text_of_what_people_touched_goes_unless_it_was_scrubbed(fresh, scrub):
    stack = fresh()
    stack.ctl("project", "set", 42, f"scrub={scrub}")
    assert stack.post({"message": "jane@example.org", "transaction": "jane's cart"}).status == 202
    stack.ctl("issue", "resolve", stack.ctl_json("issue", "list", 42)[0]["id"])
    age(stack, 91)
    stack.ctl("maintenance")
    assert stack.sql("SELECT title, culprit FROM issues") == [
        ("jane@example.org", "jane's cart") if scrub == "on" else ("(its text was removed)", None)]


def test_who_sends_while_issues_go(fresh):
    """An event of an issue that is being removed is stored, with an issue."""
    stack = fresh()
    for n in range(20):
        assert stack.post(distinct(n)).status == 202
    age(stack, 100)
    with stack.postgres.connect(stack.database) as c, c.cursor() as cursor:
        c.autocommit = False
        cursor.execute("DELETE FROM issues WHERE title = 'number 3'")
        sent = []
        t = threading.Thread(target=lambda: sent.append(stack.post(distinct(3)).status))
        t.start()
        wait_until(lambda: stack.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s",
                                     stack.database), 10, "it waits")
        c.commit()
        t.join(20)
    assert sent == [202]
    assert stack.sql("SELECT event_count FROM issues WHERE title = 'number 3'") == [(1,)]
