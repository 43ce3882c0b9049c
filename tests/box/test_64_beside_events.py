"""Goal: what SDKs send besides events is stored beside them, once, and shown by mesherctl: attachments,
what users wrote, sessions of releases, what was not sent, what is only counted."""

import datetime
import os
import subprocess

import pytest
from harness.sentry import Sdk, auth, envelope, event, item, new_id
from harness.stack import CTL, clean_environment

CHUNK = 256 << 10


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param)


def get(stack, *words):
    out = subprocess.run([CTL, "--conf", stack.conf, "attachment", "get", *words], env=clean_environment(),
                         capture_output=True, timeout=60, check=False)
    assert out.returncode == 0, out.stderr
    return out.stdout


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 7, (20 << 20) - 4096])
def test_attachments_come_back(sdk, stack, size):
    data, ev = os.urandom(size), event()
    answer = sdk.envelope(item("event", ev), item("attachment", data, filename="räw.bin",
                          content_type="application/x-raw", attachment_type="event.view_hierarchy"))
    assert answer.status == 200
    listed = stack.ctl_json("attachment", "list", ev["event_id"])
    assert len(listed) == 1
    one = listed[0]
    assert (one["filename"], one["content_type"], one["type"], one["size"], one["project"]) == (
        "räw.bin", "application/x-raw", "event.view_hierarchy", size, 42)
    assert one["event"].replace("-", "") == ev["event_id"]
    assert get(stack, one["id"]) == data == get(stack, ev["event_id"], "räw.bin")
    assert stack.ctl_json("event", "show", ev["event_id"])["attachments"] == listed


def test_an_attachment_too_large_is_left_out(sdk, stack):
    ev = event()
    big = item("attachment", b"x" * ((20 << 20) + 1), filename="big")
    answer = sdk.envelope(raw=__import__("zlib").compress(envelope(item("event", ev), big, item("attachment", b"s"))),
                          headers={**auth(), "Content-Encoding": "deflate"})
    assert answer.status == 200
    assert [a["filename"] for a in stack.ctl_json("attachment", "list", ev["event_id"])] == ["unnamed attachment"]


def test_attachments_before_and_after_their_event(sdk, stack):
    ev = event()
    before = sdk.envelope(item("attachment", b"before", filename="b"), event_id=ev["event_id"])
    assert (before.status, before.json()) == (200, {"id": ev["event_id"]})
    sdk.envelope(item("event", ev))
    sdk.envelope(item("attachment", b"after", filename="a"), event_id=ev["event_id"])
    shown = stack.ctl_json("event", "show", ev["event_id"])["attachments"]
    assert {(a["filename"], a["size"]) for a in shown} == {("b", 6), ("a", 5)}


def test_attachments_without_an_id_belong_to_nobody(sdk, stack):
    before = stack.sql("SELECT count(*) FROM attachments")
    assert sdk.envelope(item("attachment", b"x")).status == 200
    assert stack.sql("SELECT count(*) FROM attachments") == before


def test_the_same_attachment_again_is_one(sdk, stack):
    ev = event()
    body = envelope(item("event", ev), item("attachment", b"x" * (CHUNK + 1), filename="f"),
                    item("attachment", b"y", filename="f"))
    for _ in range(3):
        assert sdk.envelope(raw=body).status == 200
    assert sorted(a["size"] for a in stack.ctl_json("attachment", "list", ev["event_id"])) == [1, CHUNK + 1]


def test_an_attachment_of_which_a_chunk_is_missing_is_none(sdk, stack):
    """... and is removed by maintenance after a day."""
    ev = event()
    sdk.envelope(item("event", ev), item("attachment", b"x" * (2 * CHUNK), filename="f"))
    stack.sql("DELETE FROM attachments WHERE event_id = %s AND chunk = 1 RETURNING 1", ev["event_id"])
    assert stack.ctl_json("attachment", "list", ev["event_id"]) == []
    stack.ctl("maintenance")
    count = "SELECT count(*) FROM attachments WHERE event_id = %s"
    assert stack.sql(count, ev["event_id"]) == [(1,)]
    stack.sql("UPDATE attachments SET received_at = received_at - interval '26 hours' WHERE event_id = %s RETURNING 1",
              ev["event_id"])
    stack.ctl("maintenance")
    assert stack.sql(count, ev["event_id"]) == [(0,)]


def test_attachment_list_of_a_project_and_what_is_not_there(sdk, stack):
    sdk.envelope(item("attachment", b"x", filename="newest"), event_id=new_id())
    assert stack.ctl_json("attachment", "list", 42, "--limit", 1)[0]["filename"] == "newest"
    assert stack.ctl_run("attachment", "list", "nobody").returncode == 3
    assert stack.ctl_run("attachment", "get", new_id()).returncode == 3
    assert stack.ctl_run("attachment", "get", "x").returncode == 2
    assert "newest" in stack.ctl("attachment", "list", 42)


def test_no_room_for_attachments(fresh):
    """An attachment that cannot be held is a 503: it may be sent again; small ones need no file."""
    stack = fresh("writer", conf={"temp_dir": "/nonexistent"})
    sdk = Sdk(stack)
    assert sdk.envelope(item("event", event()), item("attachment", b"x" * 1000)).status == 200
    answer = sdk.envelope(item("event", event()), item("attachment", b"x" * 100000))
    assert answer.status == 503 and answer.header("Retry-After") == "1"
    assert stack.rows() == 1


REPORT = {"name": "Jane", "email": "jane@example.org", "comments": "it broke\nagain"}


def test_user_report(sdk, stack):
    ev = event()
    sdk.envelope(item("event", ev))
    for _ in range(2):
        assert sdk.envelope(item("user_report", {**REPORT, "event_id": ev["event_id"]}),
                            event_id=ev["event_id"]).json() == {"id": ev["event_id"]}
    shown = stack.ctl_json("event", "show", ev["event_id"])["user_reports"]
    assert [{k: r[k] for k in REPORT} for r in shown] == [REPORT] and shown[0]["source"] == "user_report"
    assert "jane@example.org" in stack.ctl("event", "show", ev["event_id"])


def test_user_report_whose_event_is_in_the_header(sdk, stack):
    ev = event()
    sdk.envelope(item("user_report", REPORT), item("event", ev), event_id=ev["event_id"])
    assert len(stack.ctl_json("event", "show", ev["event_id"])["user_reports"]) == 1


def test_feedback(sdk, stack):
    ev, own = event(), new_id()
    sdk.envelope(item("event", ev))
    feedback = {"event_id": own, "type": "feedback", "contexts": {"feedback": {
        "message": "it is slow", "contact_email": "joe@example.org", "name": "Joe", "url": "https://shop.example/x",
        "associated_event_id": ev["event_id"]}}}
    rows = stack.rows()
    assert sdk.envelope(item("feedback", feedback), event_id=own).json() == {"id": own}
    assert stack.rows() == rows
    shown = stack.ctl_json("event", "show", ev["event_id"])["user_reports"][0]
    assert (shown["id"].replace("-", ""), shown["source"], shown["name"], shown["email"], shown["comments"],
            shown["url"]) == (own, "feedback", "Joe", "joe@example.org", "it is slow", "https://shop.example/x")


@pytest.mark.parametrize("payload", [b"", b"x", b"[]", b"{}", b'{"contexts":5}', b'{"name":""}'])
def test_reports_that_say_nothing(sdk, stack, payload):
    before = stack.sql("SELECT count(*) FROM user_reports")
    assert sdk.envelope(item("user_report", payload), item("feedback", payload), event_id=new_id()).status == 200
    assert stack.sql("SELECT count(*) FROM user_reports") == before


def release(stack, name):
    return stack.ctl_json("release", "show", 42, name)


def update(release_name, sid=None, **members):
    return item("session", {"sid": sid or new_id(), "init": True, "status": "ok",
                            "attrs": {"release": release_name, "environment": "prod"}, **members})


def numbers(r):
    return tuple(r[k] for k in ("sessions", "crashed", "errored", "abnormal"))


def test_a_session_that_tells_of_itself_several_times(sdk, stack):
    name, sid = "told@" + new_id(), new_id()
    for members in ({}, {"init": False, "errors": 1}, {"init": False, "errors": 2, "status": "exited"}):
        sdk.envelope(update(name, sid, **members))
    assert numbers(release(stack, name)) == (1, 0, 1, 0)
    sdk.envelope(update(name, status="crashed", errors=1), update(name, status="abnormal"), update(name, status="exited"))
    got = release(stack, name)
    assert numbers(got) == (4, 1, 1, 1) and got["crash_free_rate"] == 0.75


def test_the_same_envelope_again_counts_nothing_twice(sdk, stack):
    name = "again@" + new_id()
    body = envelope(update(name, status="crashed", did="u1"))
    for _ in range(3):
        assert sdk.envelope(raw=body).status == 200
    got = release(stack, name)
    assert numbers(got) == (1, 1, 0, 0) and (got["crash_free_rate"], got["users"]) == (0, 1)


def test_aggregates(sdk, stack):
    name = "sum@" + new_id()
    now = datetime.datetime.now(datetime.timezone.utc)
    buckets = [{"started": now.isoformat(), "exited": 80, "errored": 5},
               {"started": (now - datetime.timedelta(hours=3)).isoformat(), "exited": 10, "crashed": 4, "abnormal": 1}]
    sdk.envelope(item("sessions", {"aggregates": buckets, "attrs": {"release": name, "environment": "prod"}}))
    sdk.envelope(item("sessions", {"aggregates": buckets[:1], "attrs": {"release": name}}))
    got = release(stack, name)
    assert numbers(got) == (185, 4, 10, 1) and abs(got["crash_free_rate"] - 181 / 185) < 1e-6
    environments = {e["environment"]: numbers(e) for e in got["environments"]}
    assert environments == {"prod": (100, 4, 5, 1), None: (85, 0, 5, 0)}
    assert len(stack.sql("SELECT hour FROM sessions WHERE release = %s", name)) == 3
    listed = {r["release"]: r for r in stack.ctl_json("release", "list", 42)}
    assert numbers(listed[name]) == (185, 4, 10, 1)
    assert name in stack.ctl("release", "list", 42) and "prod" in stack.ctl("release", "show", 42, name)


@pytest.mark.parametrize("started", ["yesterday", None, "", "2999-13-01T00:00:00Z"])
def test_a_session_that_began_at_no_time_began_now(sdk, stack, started):
    name = "when@" + new_id()
    sdk.envelope(update(name, started=started))
    age = stack.sql("SELECT extract(epoch FROM now() - hour)::float FROM sessions WHERE release = %s", name)[0][0]
    assert 0 <= age < 3700


@pytest.mark.parametrize("payload", [{}, [], {"attrs": {}}, {"attrs": {"release": ""}}, {"attrs": 5},
                                     {"attrs": {"release": {}}, "aggregates": {}}])
def test_sessions_of_no_release(sdk, stack, payload):
    before = stack.sql("SELECT count(*) FROM sessions")
    assert sdk.envelope(item("session", payload), item("sessions", payload)).status == 200
    assert stack.sql("SELECT count(*) FROM sessions") == before


@pytest.mark.parametrize("n, status", [(99, 200), (100, 200), (101, 413)])
def test_buckets_in_one_item(sdk, n, status):
    assert sdk.envelope(item("sessions", {"aggregates": [{"exited": 1}] * n, "attrs": {"release": "b@1"}})).status == status


def test_users_are_counted_within_the_error_that_is_stated(sdk, stack):
    """3 % of 5000."""
    name = "users@" + new_id()
    for n in range(0, 5000, 1000):
        items = [item("sessions", {"attrs": {"release": name}, "aggregates": [
            {"exited": 1, "did": f"user-{i}"} for i in range(n + m, n + m + 100)]}) for m in range(0, 1000, 100)]
        assert sdk.envelope(*items).status == 200
    got = release(stack, name)
    assert got["sessions"] == 5000 and abs(got["users"] - 5000) <= 150


def test_names_of_releases_do_not_fill_the_table(fresh):
    """Beyond the thousandth in an hour they are one."""
    stack = fresh("writer")
    sdk = Sdk(stack)
    for n in range(15):
        assert sdk.envelope(*[update(f"r{n}-{i}") for i in range(80)]).status == 200
    assert len(stack.sql("SELECT DISTINCT release FROM sessions")) <= 1100
    assert stack.sql("SELECT sum(total) FROM sessions")[0][0] == 1200
    assert stack.sql("SELECT sum(total) FROM sessions WHERE release = ''")[0][0] >= 100


def test_client_reports_are_summed_up(sdk, stack):
    report = {"timestamp": "2024-01-01T00:00:00Z", "discarded_events": [
        {"reason": "queue_overflow", "category": "transaction", "quantity": 23},
        {"reason": "made up", "category": "nonsense", "quantity": 1}, {"reason": "x", "quantity": -5}, 7, {}],
        "rate_limited_events": [{"reason": "ratelimit_backoff", "category": "log_item", "quantity": 2}]}
    before = reports(stack)
    for _ in range(2):
        sdk.envelope(item("client_report", report))
    after = reports(stack)
    assert {k: after[k] - before.get(k, 0) for k in after if after[k] != before.get(k)} == {
        ("queue_overflow", "transaction"): 46, ("other", "other"): 2, ("ratelimit_backoff", "log_item"): 4}
    assert "queue_overflow" in stack.ctl("project", "show", 42)


def reports(stack):
    return {(r["reason"], r["category"]): r["quantity"] for r in stack.ctl_json("project", "show", 42)["client_reports"]}


def test_a_removed_project_leaves_nothing_behind(fresh):
    stack = fresh("writer")
    sdk = Sdk(stack)
    sdk.envelope(item("event", e := event()), item("attachment", b"x"), update("r@1"), item("foo", b""),
                 item("user_report", {**REPORT, "event_id": e["event_id"]}),
                 item("client_report", {"discarded_events": [{"reason": "ignored", "category": "error", "quantity": 1}]}))
    tables = ("events", "attachments", "sessions", "user_reports", "client_reports", "item_counts", "record_ids",
              "rate_windows")
    assert all(stack.sql(f"SELECT count(*) FROM {t}")[0][0] > 0 for t in tables)
    stack.ctl("project", "remove", 42, "--yes")
    assert [t for t in tables if stack.sql(f"SELECT count(*) FROM {t}")[0][0] > 0] == []


def test_a_writer_that_dies_counts_nothing_twice(fresh):
    """Killed in the middle of traffic; every envelope is sent until it is answered."""
    stack = fresh("writer", responders=4)
    sdk, name = Sdk(stack), "dies@" + new_id()
    for n in range(30):
        if n in (10, 20):
            stack.writer.kill()
            stack.start_writer()
        body = envelope(update(name, status="crashed"), item("event", event()))
        while sdk.envelope(raw=body).status != 200:
            pass
    assert numbers(release(stack, name))[:2] == (30, 30) and stack.rows() == 30


def test_every_comment_is_there(stack):
    """Tables and columns of this part of the schema say what they are."""
    for table in ("record_ids", "attachments", "user_reports", "sessions", "client_reports", "item_counts"):
        assert stack.sql("SELECT obj_description(%s::regclass)", table)[0][0], table


def test_times_of_sessions_follow_the_senders_clock(sdk, stack):
    name = "drift@" + new_id()
    sent = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=30)
    sdk.envelope(update(name, started=(sent - datetime.timedelta(minutes=1)).isoformat()), sent_at=sent.isoformat())
    age = stack.sql("SELECT extract(epoch FROM now() - hour)::float FROM sessions WHERE release = %s", name)[0][0]
    assert 0 <= age < 3800
