"""Goal: what storing an event does to its issue: exact counts and hours, users, releases, levels, and what wakes an
issue that was resolved or ignored; merged and discarded fingerprints."""

import datetime
import math
import threading
import uuid

import pytest
from harness import client
from harness.wait import wait_until

ISSUE = "SELECT i.{} FROM issues i WHERE i.project_id = 42 AND i.id = %s"
REGISTERS = 1024


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param)


def word():
    return uuid.uuid4().hex


class Issue:
    """An issue of its own: all events sent through it have its fingerprint."""

    def __init__(self, stack, name=None, **more):
        self.stack, self.name = stack, name or word()
        self.send(**more)
        self.id = stack.sql("SELECT issue_id FROM events WHERE message = %s LIMIT 1", self.name)[0][0]

    def send(self, **more):
        answer = self.stack.post({"message": self.name, "fingerprint": self.name, **more})
        assert answer.status == 202, answer
        return answer.json()["id"]

    def get(self, columns):
        row = self.stack.sql("SELECT " + columns + " FROM issues WHERE project_id = 42 AND id = %s", self.id)[0]
        return row[0] if len(row) == 1 else row

    def set(self, what, *args):
        self.stack.sql(f"UPDATE issues SET {what} WHERE project_id = 42 AND id = %s", *args, self.id)

    def resolve(self, release=None, at="now()"):
        self.set(f"status = 'resolved', resolved_at = {at}, resolved_in = %s", release)

    def activity(self):
        return self.stack.sql("SELECT kind, detail FROM issue_activity WHERE project_id = 42 AND issue_id = %s "
                              "ORDER BY id", self.id)

    def fingerprint(self):
        return bytes(self.get("fingerprint"))


def agree(stack):
    """Every counter equals what it counts."""
    assert stack.sql("SELECT i.id, i.event_count, e.n, h.n FROM issues i LEFT JOIN LATERAL (SELECT count(*) AS n FROM "
                     "events e WHERE (e.project_id, e.issue_id) = (i.project_id, i.id)) e ON true LEFT JOIN LATERAL "
                     "(SELECT sum(events) AS n FROM issue_hours h WHERE (h.project_id, h.issue_id) = "
                     "(i.project_id, i.id)) h ON true WHERE i.event_count <> e.n OR e.n <> h.n") == []
    assert stack.sql("SELECT sum(quantity), sum(bytes) FROM outcomes WHERE outcome = 'accepted'") == \
        stack.sql("SELECT count(*), sum(length(payload)) FROM events")


def estimate(stack, issue):
    """What a reader makes of the registers."""
    ranks = [r[0] for r in stack.sql("SELECT rank FROM issue_users WHERE project_id = 42 AND issue_id = %s", issue)]
    zeros = REGISTERS - len(ranks)
    raw = 0.7213 / (1 + 1.079 / REGISTERS) * REGISTERS ** 2 / (zeros + sum(2.0 ** -r for r in ranks))
    return raw, REGISTERS * math.log(REGISTERS / zeros) if raw <= 2.5 * REGISTERS and zeros else raw


# ---- counts

def test_counts_and_hours(stack):
    issue = Issue(stack)
    event = str(uuid.uuid4())
    for _ in range(3):
        issue.send(event_id=event)
    issue.send()
    assert issue.get("event_count, level, status") == (3, "error", "unresolved")
    hours = stack.sql("SELECT hour, events FROM issue_hours WHERE project_id = 42 AND issue_id = %s", issue.id)
    assert sum(h[1] for h in hours) == 3
    assert all((h[0].minute, h[0].second, h[0].microsecond) == (0, 0, 0) for h in hours)
    agree(stack)


def test_own_fingerprint_is_kept(stack):
    issue = Issue(stack)
    assert bytes(stack.sql("SELECT fingerprint FROM events WHERE message = %s", issue.name)[0][0]) == issue.fingerprint()


def test_the_highest_level_of_a_batch_counts(stack):
    name = word()
    assert stack.bulk([{"message": name, "fingerprint": name, "level": x}
                       for x in ("info", "fatal", "debug")]).status == 202
    assert stack.sql("SELECT level, event_count FROM issues WHERE title = %s", name) == [("fatal", 3)]
    assert stack.bulk([{"message": name, "fingerprint": name, "level": "error"}]).status == 202
    assert stack.sql("SELECT level, event_count FROM issues WHERE title = %s", name) == [("fatal", 4)]


def test_many_at_once(fresh):
    """A writer and responders without one at the same time, the same few issues, duplicates among them."""
    stack = fresh("writer")
    direct = stack.add_front({"writer_socket": ""}, responders=8)
    ids = [str(uuid.uuid4()) for _ in range(300)]
    requests = [stack.front.post_bytes({"message": f"m {n % 5}", "event_id": i, "fingerprint": f"f{n % 5}",
                                        "release": f"r{n % 3}", "user": {"id": f"u{n}"}})
                for n, i in enumerate(ids)]
    answers = []
    threads = [threading.Thread(target=lambda p=p, r=r: answers.extend(client.at_once(p, r)))
               for p in (stack.port, direct.port) for r in (requests, requests[::-1])]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {a.status for a in answers} == {202} and len(answers) == 1200
    assert stack.rows() == 300
    assert [r[0] for r in stack.sql("SELECT event_count FROM issues ORDER BY id")] == [60] * 5
    assert stack.sql("SELECT count(*) FROM releases")[0][0] == 3
    assert stack.sql("SELECT count(*) FROM releases r WHERE first_seen <> (SELECT min(received_at) FROM events e "
                     "WHERE e.release = r.release)")[0][0] == 0
    agree(stack)
    assert "deadlock" not in stack.log()


@pytest.mark.plain
def test_kills_and_replays(fresh):
    """The writer is killed again and again, and what went to the spool comes back."""
    stack = fresh("writer")
    with client.Load(stack.port, stack.key) as load:
        for n in range(4):
            wait_until(lambda want=50 * (n + 1): len(load.accepted) > want, 30, "events are accepted")
            stack.writer.kill()
            stack.start_writer()
    wait_until(lambda: not stack.spooled(), 30, "the spool is drained")
    stored = stack.ids()
    assert set(load.accepted) <= stored
    agree(stack)


# ---- users

@pytest.mark.parametrize("users", [10, 100, 1000, 5000])
def test_users(stack, users):
    name = word()
    events = [{"message": name, "fingerprint": name, "user": {"id": f"{name}-{n % users}"}}
              for n in range(max(users, 200))]
    for at in range(0, len(events), 100):
        assert stack.bulk(events[at:at + 100]).status == 202
    issue = stack.sql("SELECT id FROM issues WHERE title = %s", name)[0][0]
    raw, got = estimate(stack, issue)
    before = stack.sql("SELECT register, rank, xmin::text, xmax::text FROM issue_users WHERE issue_id = %s ORDER BY 1", issue)
    assert abs(got - users) <= max(1, 3 * 0.033 * users), (users, got)
    assert users < 5000 or raw == got, "the ranks say it, not the empty registers"
    assert stack.bulk(events[:100]).status == 202
    assert stack.sql("SELECT register, rank, xmin::text, xmax::text FROM issue_users WHERE issue_id = %s ORDER BY 1",
                     issue) == before, "users that are known write nothing"


def test_no_user_no_register(stack):
    issue = Issue(stack)
    assert stack.sql("SELECT count(*) FROM issue_users WHERE issue_id = %s", issue.id)[0][0] == 0


# ---- releases

def test_releases(stack):
    old, new = "a" + word(), "b" + word()
    issue = Issue(stack)
    assert issue.get("first_release, last_release") == (None, None)
    for release in (old, new, old, None):
        issue.send(**({"release": release} if release else {}))
    assert issue.get("first_release, last_release") == (old, old)
    seen = dict(stack.sql("SELECT release, first_seen FROM releases WHERE release IN (%s, %s)", old, new))
    assert seen[old] < seen[new]
    assert seen[old] == stack.sql("SELECT min(received_at) FROM events WHERE release = %s", old)[0][0]


def test_releases_of_one_batch(stack):
    name = word()
    assert stack.bulk([{"message": name, "fingerprint": name, **({"release": r + name} if r else {})}
                       for r in ("", "x", "y", "")]).status == 202
    first, last = stack.sql("SELECT first_release, last_release FROM issues WHERE title = %s", name)[0]
    assert {first, last} <= {"x" + name, "y" + name}


# ---- what wakes an issue

def test_regression(stack):
    release = word()
    issue = Issue(stack)
    issue.resolve()
    issue.send(release=release)
    assert issue.get("status, resolved_at, resolved_in") == ("unresolved", None, None)
    assert issue.get("woken_at") == issue.get("last_seen")
    assert issue.activity() == [("regression", release)]
    issue.send(release=release)
    assert len(issue.activity()) == 1


def test_regression_without_a_release(stack):
    issue = Issue(stack)
    issue.resolve()
    issue.send()
    assert issue.get("status") == "unresolved" and issue.activity() == [("regression", None)]


def test_old_releases_do_not_reopen(stack):
    old, fixed, new = (x + word() for x in "abc")
    issue = Issue(stack, release=old)
    issue.send(release=fixed)
    issue.resolve(fixed)
    issue.send(release=old)
    assert issue.get("status, resolved_in, event_count") == ("resolved", fixed, 3) and issue.activity() == []
    issue.send(release=new)
    assert issue.get("status") == "unresolved" and issue.activity() == [("regression", new)]


def test_the_release_of_the_fix_reopens(stack):
    old, fixed = word(), word()
    issue = Issue(stack, release=old)
    issue.send(release=fixed)
    issue.resolve(fixed)
    issue.send(release=fixed)
    assert issue.get("status") == "unresolved" and issue.activity() == [("regression", fixed)]


def test_resolved_in_a_release_that_was_not_seen(stack):
    """All that were seen before are older; the first new one is not."""
    old, later = word(), word()
    issue = Issue(stack, release=old)
    issue.resolve("never-" + word())
    issue.send(release=old)
    assert issue.get("status") == "resolved"
    issue.send(release=later)
    assert issue.get("status") == "unresolved" and issue.activity() == [("regression", later)]


def test_an_old_and_a_new_release_in_one_batch(stack):
    old, fixed, new = word(), word(), word()
    issue = Issue(stack, release=old)
    issue.send(release=fixed)
    issue.resolve(fixed)
    event = {"message": issue.name, "fingerprint": issue.name}
    assert stack.bulk([{**event, "release": old}] * 2).status == 202
    assert issue.get("status") == "resolved"
    assert stack.bulk([{**event, "release": r} for r in (old, new, old)]).status == 202
    assert issue.get("status") == "unresolved" and issue.activity() == [("regression", new)]


def test_an_event_of_before_does_not_reopen(stack):
    """A replay out of the spool: it was received before the issue was resolved."""
    issue = Issue(stack)
    issue.resolve(at="now() + interval '1 hour'")
    issue.send()
    assert issue.get("status, event_count") == ("resolved", 2) and issue.activity() == []


def test_a_duplicate_does_not_reopen(stack):
    issue, event = Issue(stack), str(uuid.uuid4())
    issue.send(event_id=event)
    issue.resolve()
    issue.send(event_id=event)
    assert issue.get("status, event_count") == ("resolved", 2) and issue.activity() == []


def test_one_regression_for_many_at_once(fresh):
    stack = fresh("direct", responders=8)
    issue = Issue(stack)
    for _ in range(5):
        issue.resolve()
        event = stack.front.post_bytes({"message": issue.name, "fingerprint": issue.name})
        assert {a.status for a in client.at_once(stack.port, [event] * 40)} == {202}
    assert issue.activity() == [("regression", None)] * 5


def test_ignored(stack):
    issue = Issue(stack)
    issue.set("status = 'ignored'")
    issue.send()
    assert issue.get("status, event_count") == ("ignored", 2) and issue.activity() == []


def test_ignored_until_a_time(stack):
    issue = Issue(stack)
    issue.set("status = 'ignored', ignored_until = now() + interval '1 hour'")
    issue.send()
    assert issue.get("status") == "ignored"
    issue.set("ignored_until = now() - interval '1 second'")
    issue.send()
    assert issue.get("status, ignored_until, ignored_until_count") == ("unresolved", None, None)
    assert issue.activity() == [("unignored", None)]


def test_ignored_until_a_count(stack):
    issue = Issue(stack)
    issue.set("status = 'ignored', ignored_until_count = 4")
    for n in (2, 3):
        issue.send()
        assert issue.get("status, event_count") == ("ignored", n)
    issue.send()
    assert issue.get("status, event_count, ignored_until_count") == ("unresolved", 4, None)
    assert issue.activity() == [("unignored", None)]


# ---- merged and discarded

def merge(stack, source, target):
    stack.sql("INSERT INTO issue_merges VALUES (42, %s, %s, now())", source, target)


def test_merged(stack):
    into, other = Issue(stack), Issue(stack)
    own = other.fingerprint()
    merge(stack, own, into.fingerprint())
    event = other.send(user={"id": "merged"})
    assert stack.row(event, "issue_id, fingerprint::text") == (into.id, "\\x" + own.hex())
    assert (into.get("event_count"), other.get("event_count")) == (2, 1)
    assert stack.sql("SELECT count(*) FROM issue_users WHERE issue_id = %s", into.id)[0][0] == 1
    agree(stack)


def test_merged_in_one_batch(stack):
    into, other, third = Issue(stack), Issue(stack), Issue(stack)
    merge(stack, other.fingerprint(), into.fingerprint())
    events = [{"message": i.name, "fingerprint": i.name} for i in (other, into, third, other, into)]
    assert stack.bulk(events).status == 202
    assert [i.get("event_count") for i in (into, other, third)] == [5, 1, 2]
    agree(stack)


def test_merged_into_one_that_is_not_there(stack):
    into, other = Issue(stack), Issue(stack)
    merge(stack, other.fingerprint(), into.fingerprint())
    stack.sql("DELETE FROM events WHERE issue_id = %s", into.id)
    stack.sql("DELETE FROM issue_hours WHERE issue_id = %s", into.id)
    stack.sql("DELETE FROM outcomes")
    stack.sql("DELETE FROM issues WHERE id = %s RETURNING fingerprint", into.id)
    event = other.send()
    made = stack.row(event, "issue_id")[0]
    assert made not in (other.id, into.id)
    assert stack.sql("SELECT event_count FROM issues WHERE id = %s", made) == [(1,)]
    stack.sql("TRUNCATE events, issue_hours, issues, outcomes")


def discarded(stack):
    return int(stack.sql("SELECT coalesce(sum(quantity), 0) FROM outcomes WHERE outcome = 'discarded'")[0][0])


def test_discarded(stack):
    issue = Issue(stack)
    fingerprint = issue.fingerprint()
    stack.sql("INSERT INTO issue_discards VALUES (42, %s, 'gone', now())", fingerprint)
    stack.sql("DELETE FROM issues WHERE id = %s", issue.id)
    stack.sql("TRUNCATE events, issue_hours, outcomes")
    before, event, rows = discarded(stack), str(uuid.uuid4()), stack.rows()
    for _ in range(2):
        answer = stack.post({"message": issue.name, "fingerprint": issue.name, "event_id": event})
        assert (answer.status, answer.json()) == (202, {"status": "accepted", "id": event})
    assert stack.bulk([{"message": issue.name, "fingerprint": issue.name}, {"message": "kept " + issue.name}]
                      ).json()["accepted"] == 2
    assert stack.rows() == rows + 1
    assert stack.sql("SELECT count(*) FROM issues WHERE fingerprint = %s", fingerprint)[0][0] == 0
    assert discarded(stack) == before + 2
    stack.sql("TRUNCATE events, issue_hours, issues, outcomes")


def test_what_is_merged_into_a_discarded_one_is_discarded(stack):
    into, other = Issue(stack), Issue(stack)
    merge(stack, other.fingerprint(), into.fingerprint())
    stack.sql("INSERT INTO issue_discards VALUES (42, %s, 'gone', now())", into.fingerprint())
    before, rows = discarded(stack), stack.rows()
    other.send()
    assert (stack.rows(), discarded(stack)) == (rows, before + 1)


def test_a_merge_of_another_project_is_not_ours(stack):
    issue = Issue(stack)
    stack.sql("INSERT INTO issue_merges VALUES (43, %s, %s, now())", issue.fingerprint(), b"x" * 16)
    stack.sql("INSERT INTO issue_discards VALUES (43, %s, 'gone', now())", issue.fingerprint())
    issue.send()
    assert issue.get("event_count") == 2


def test_an_hour_for_an_event_that_came_later(stack):
    """The hour is that of receipt, in UTC, whatever the session's zone."""
    issue = Issue(stack)
    row = stack.sql("SELECT e.received_at, h.hour FROM events e JOIN issue_hours h ON h.issue_id = e.issue_id "
                    "WHERE e.issue_id = %s", issue.id)[0]
    utc = row[0].astimezone(datetime.timezone.utc)
    assert row[1].astimezone(datetime.timezone.utc) == utc.replace(minute=0, second=0, microsecond=0)
