"""Goal: check-ins of periodic jobs are kept, once, however they arrive, and a job that does not check in, fails or
takes too long becomes one issue for each failure: an event."""

import concurrent.futures
import contextlib
import json
import pathlib
import uuid

import pytest
from harness.client import raw
from harness.process import Process
from harness.sentry import Sdk, auth, event, item, new_id
from harness.stack import CTL, KEY, clean_environment
from harness.wait import wait_until

FAULTS = pathlib.Path(__file__).parents[1] / "corpus/faults"
MODES = ["writer", "direct", "cgi"]
DAILY = {"schedule": {"type": "crontab", "value": "0 3 * * *"}}
HOURLY = {"schedule": {"type": "interval", "value": 1, "unit": "hour"}, "checkin_margin": 5}


@pytest.fixture(scope="module", params=MODES)
def every(request, stacks):
    return stacks(request.param)


def slug():
    return f"job-{uuid.uuid4().hex[:12]}"


def cron(stack, name, query="", body=b"", method="POST", key=True, headers=None, **kwargs):
    """A check-in; key: in the path."""
    path = f"/api/42/cron/{name}/" + (f"{KEY}/" if key else "")
    return stack.request(method, path + query, headers or {}, body, **kwargs)


def checked_in(stack, name, **members):
    answer = cron(stack, name, body=json.dumps({"status": "ok", **members}).encode())
    assert (answer.status, answer.body) == (202, b""), answer
    if stack.mode == "cgi":
        stack.drain()


def checkins(stack, name, columns="status"):
    return stack.sql(f"SELECT {columns} FROM monitor_checkins WHERE slug = %s ORDER BY started_at, updated_at", name)


def outcome(stack, name):
    return stack.sql("SELECT coalesce(sum(quantity), 0)::bigint FROM outcomes WHERE outcome = %s", name)[0][0]


def age(stack, name, hours):
    """Lets so much time pass for a monitor."""
    stack.sql("UPDATE monitors SET created_at = created_at - %s * interval '1 hour',"
              " configured_at = configured_at - %s * interval '1 hour' WHERE slug = %s", hours, hours, name)
    stack.sql("UPDATE monitor_environments SET last_checkin_at = last_checkin_at - %s * interval '1 hour',"
              " expected_at = expected_at - %s * interval '1 hour', expected_from = expected_from - %s * interval '1 hour',"
              " configured_at = configured_at - %s * interval '1 hour',"
              " evaluate_at = evaluate_at - %s * interval '1 hour' WHERE slug = %s", hours, hours, hours, hours, hours, name)
    stack.sql("UPDATE monitor_checkins SET started_at = started_at - %s * interval '1 hour',"
              " updated_at = updated_at - %s * interval '1 hour' WHERE slug = %s", hours, hours, name)


def tick(stack):
    stack.ctl("maintenance")


def titles(stack, name):
    return [r[0] for r in stack.sql("SELECT title FROM events WHERE tags ->> 'monitor.slug' = %s ORDER BY title", name)]


# ---- the endpoint


def test_the_recorded_requests(every):
    post = (FAULTS / "46-cron-post-json.req").read_bytes()
    get = (FAULTS / "47-cron-get.req").read_bytes()
    before = len(checkins(every, "nightly-backup"))
    for request in (post, get):
        request = request.replace(b"PROJECT", b"42").replace(b"KEY", KEY.encode())
        assert raw(every.port, request.replace(b"/api/", every.front.path("/api/").encode())).status == 202
    every.drain()
    assert len(checkins(every, "nightly-backup")) == before + 2


def test_start_and_end(every):
    name = slug()
    checked_in(every, name, status="in_progress", environment="dev")
    answer = cron(every, name, "?status=ok&environment=dev&duration=2.5", method="GET")
    assert (answer.status, answer.body) == (202, b""), answer
    every.drain()
    assert checkins(every, name, "status, environment, duration_ms") == [("ok", "dev", 2500)]
    tick(every)
    shown = every.ctl_json("monitor", "show", 42, name)
    assert [e["state"] for e in shown["environments"]] == ["ok"]


FORMS = {
    "path": (True, {}, "?"), "no slash": (True, {}, None), "query": (False, {}, f"?sentry_key={KEY}&"),
    "header": (False, auth(), "?"), "everywhere": (True, auth(), f"?sentry_key={KEY}&")}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_where_the_key_may_be(stack, form, method):
    in_path, headers, query = FORMS[form]
    name = slug()
    if query is None:
        answer = stack.request(method, f"/api/42/cron/{name}/{KEY}?status=ok", headers)
    else:
        answer = cron(stack, name, query + "status=ok", method=method, key=in_path, headers=headers)
    assert (answer.status, answer.body) == (202, b""), answer
    assert checkins(stack, name) == [("ok",)]


OTHER = "f" * 32


@pytest.mark.parametrize("path,headers,status", [
    (f"/api/42/cron/a/{OTHER}/?status=ok", {}, 401), ("/api/42/cron/a/?status=ok", {}, 401),
    ("/api/42/cron/a/nonsense/?status=ok", {}, 401), (f"/api/42/cron/a/{KEY}/?status=ok&sentry_key={OTHER}", {}, 401),
    (f"/api/42/cron/a/{OTHER}/?status=ok", auth(), 401), (f"/api/43/cron/a/{KEY}/?status=ok", {}, 403),
    (f"/api/x/cron/a/{KEY}/?status=ok", {}, 400), (f"/api/42/cron/a/{KEY}/x/?status=ok", {}, 404),
    ("/api/42/cron/?status=ok", auth(), 404),
    (f"/api/cron/a/{KEY}/?status=ok", {}, 404)])
def test_who_is_refused(stack, path, headers, status):
    assert stack.request("GET", path, headers).status == status


def test_methods(stack):
    assert stack.request("PUT", f"/api/42/cron/a/{KEY}/?status=ok").status == 405
    options = stack.request("OPTIONS", f"/api/42/cron/a/{KEY}/")
    assert (options.status, options.header("Allow")) == (204, "GET, POST, OPTIONS")


WRONG = [
    ("", b"", "status of a check-in must be ok, in_progress or error"),
    ("?status=missed", b"", "status of a check-in must be ok, in_progress or error"),
    ("?status=ok&check_in_id=7", b"", "check_in_id must be a UUID"),
    ("?status=ok&duration=-1", b"", "duration must be a number of seconds from 0 to 2419200"),
    ("?status=ok&environment=a%2Fb", b"", "environment must not have a slash or a line break, or be none"),
    ("?status=ok&environment=" + "e" * 65, b"", "environment is too long: limit is 64 characters"),
    ("?status=ok&duration=" + "1" * 1100, b"", "duration is too long, or not UTF-8"),
    ("", b"[]", "a check-in must be a JSON object"),
    ("", b"{", "invalid JSON at byte 1: unexpected end"),
    ("", b'{"status":"ok","monitor_config":{"schedule":{"type":"crontab","value":"0 0 30 2 *"}}}',
     "crontab: no date ever matches"),
    ("", b'{"status":"ok","monitor_config":{"schedule":{"type":"crontab","value":"60 * * * *"}}}',
     "crontab: the minute is not valid: numbers are from 0 to 59"),
    ("", b'{"status":"ok","monitor_config":{"schedule":{"type":"interval","value":0,"unit":"day"}}}',
     "schedule.value must be a number of days from 1 to 3650")]


@pytest.mark.parametrize("query,body,text", WRONG, ids=[t for _, _, t in WRONG])
def test_wrong_values(stack, query, body, text):
    name = slug()
    answer = cron(stack, name, query, body)
    assert (answer.status, answer.json()["detail"]) == (400, text)
    assert checkins(stack, name) == []


@pytest.mark.parametrize("n,status", [(127, 202), (128, 202), (129, 400)])
def test_the_length_of_a_slug(stack, n, status):
    assert cron(stack, "s" * n, "?status=ok").status == status


@pytest.mark.parametrize("d,status", [(-1, 202), (0, 202), (1, 413)])
def test_the_size_of_a_body(stack, d, status):
    body = b'{"status":"ok"}'
    answer = cron(stack, slug(), body=body + b" " * ((100 << 10) - len(body) + d))
    assert answer.status == status, answer


def test_names_of_tasks_become_slugs(stack):
    name = slug()
    assert cron(stack, f"{name.upper()}%20%C3%84.x", "?status=ok").status == 202
    assert checkins(stack, name + "-x") == [("ok",)]


# ---- items of envelopes


def check_in(name, status="ok", **members):
    return item("check_in", {"monitor_slug": name, "status": status, "check_in_id": new_id(), **members})


def test_items(every):
    sdk, name, ev = Sdk(every), slug(), event()
    run = new_id()
    answer = sdk.envelope(item("event", ev), check_in(name, "in_progress", check_in_id=run, monitor_config=DAILY),
                          check_in(name, "ok", check_in_id=run, duration=1), check_in(name, "error", environment="dev"))
    assert answer.status == 200
    every.drain()
    assert sorted(checkins(every, name, "environment, status, duration_ms")) == [
        ("dev", "error", None), ("production", "ok", 1000)]
    assert every.row(ev["event_id"], "title") == ("hi",)
    assert every.sql("SELECT config ->> 'value' FROM monitors WHERE slug = %s", name) == [("0 3 * * *",)]


def test_an_item_that_is_not_valid_is_left_out(stack, sdk):
    name, ev, before = slug(), event(), outcome(stack, "check_in_invalid")
    answer = sdk.envelope(item("event", ev), check_in(name, "no"), item("check_in", b"{"),
                          check_in(name, "ok", monitor_config={"schedule": 1}), check_in(name, "ok"))
    assert answer.status == 200
    assert checkins(stack, name) == [("ok",)] and stack.row(ev["event_id"], "title")
    wait_until(lambda: outcome(stack, "check_in_invalid") == before + 3, 20, "they are counted")
    assert sdk.envelope(check_in(name, "no")).status == 200, "an SDK could do nothing about it"


@pytest.mark.parametrize("d,status", [(-1, 200), (0, 200), (1, 413)])
def test_the_size_of_an_item(stack, sdk, d, status):
    name = slug()
    body = json.dumps({"monitor_slug": name, "status": "ok"}).encode()
    assert sdk.envelope(item("check_in", body + b" " * ((100 << 10) - len(body) + d))).status == status
    assert len(checkins(stack, name)) == (status == 200)


# ---- once, and in any order


def test_the_same_check_in_again_is_one(stack):
    name, run = slug(), str(uuid.uuid4())
    for status in ("in_progress", "error", "error", "in_progress", "ok"):
        checked_in(stack, name, status=status, check_in_id=run)
    assert checkins(stack, name, "id::text, status") == [(run, "error")], "the first end counts"
    tick(stack)
    assert titles(stack, name) == [f"Monitor failed: {name}"]


def test_an_end_without_an_id_ends_the_newest_in_progress(stack):
    name = slug()
    for status in ("in_progress", "in_progress", "ok", "error", "ok"):
        checked_in(stack, name, status=status)
    assert checkins(stack, name) == [("error",), ("ok",), ("ok",)]


def test_start_and_end_in_one_batch(stack, sdk):
    """As a spool has them after an outage."""
    name, nil = slug(), "0" * 32
    assert sdk.envelope(*(check_in(name, s, check_in_id=nil) for s in ("in_progress", "ok", "in_progress", "error", "ok"))
                        ).status == 200
    assert sorted(checkins(stack, name)) == [("error",), ("ok",), ("ok",)]


def test_an_outage_loses_none(fresh):
    """The database does not answer: check-ins are on disk, and are stored once."""
    stack = fresh(responders=1, conf={"store_timeout": 300})
    name = slug()
    with stack.postgres.connect(stack.database) as c, c.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE record_ids")
        for status in ("in_progress", "ok", "in_progress"):
            assert cron(stack, name, f"?status={status}").status == 202
        assert stack.spooled()
        cursor.execute("ROLLBACK")
    stack.drain()
    wait_until(lambda: checkins(stack, name) == [("ok",), ("in_progress",)], 20, "all are stored")


def test_over_the_limit(fresh):
    stack = fresh(rate_limit=0)
    answer = cron(stack, "job", "?status=ok")
    assert answer.status == 429 and int(answer.header("Retry-After")) > 0
    assert Sdk(stack).envelope(check_in("job")).status == 429
    assert "monitor" in Sdk(stack).envelope(check_in("job")).header("X-Sentry-Rate-Limits")
    assert checkins(stack, "job") == []
    wait_until(lambda: outcome(stack, "check_in_rate_limited") == 3, 20, "they are counted")


def test_events_over_their_limit_do_not_stop_check_ins(fresh):
    stack = fresh("direct", rate_limit=1)
    assert [stack.post({"message": "m"}).status for _ in range(3)] == [202, 429, 429]
    assert cron(stack, "job", "?status=ok").status == 202
    assert cron(stack, "job", "?status=no").status == 400


# ---- how many there may be


def test_monitors_of_a_project(fresh):
    stack = fresh("direct")
    stack.sql("INSERT INTO monitors SELECT 42, 'a' || i, now() FROM generate_series(1, 998) i")
    body = [check_in(f"new{i}") for i in range(3)]
    assert Sdk(stack).envelope(*body).status == 200
    assert stack.sql("SELECT count(*) FROM monitors") == [(1000,)]
    assert outcome(stack, "check_in_dropped") == 1
    assert cron(stack, "one-more", "?status=ok").status == 202
    assert outcome(stack, "check_in_dropped") == 2 and checkins(stack, "one-more") == []
    checked_in(stack, "a7")
    assert checkins(stack, "a7") == [("ok",)], "those that are there go on"
    stack.ctl("monitor", "delete", 42, "a1", "--yes")
    checked_in(stack, "one-more")
    assert checkins(stack, "one-more") == [("ok",)]


def test_environments_of_a_monitor(stack, sdk):
    name, before = slug(), outcome(stack, "check_in_dropped")
    checked_in(stack, name)
    stack.sql("INSERT INTO monitor_environments (project_id, slug, environment, state, last_checkin_at, last_status)"
              " SELECT 42, %s, 'e' || i, 'waiting', now(), 'ok' FROM generate_series(1, 48) i", name)
    assert sdk.envelope(*(check_in(name, environment=e) for e in ("x", "y", "e7"))).status == 200
    assert stack.sql("SELECT count(*) FROM monitor_environments WHERE slug = %s", name) == [(50,)]
    assert outcome(stack, "check_in_dropped") == before + 1 and len(checkins(stack, name)) == 3


@pytest.mark.parametrize("n", [98, 99, 100, 150])
def test_check_ins_kept(stack, sdk, n):
    name = slug()
    assert sdk.envelope(*(check_in(name) for _ in range(n))).status == 200
    run = new_id()
    for status in ("in_progress", "ok"):
        checked_in(stack, name, status=status, check_in_id=run)
    assert len(checkins(stack, name)) == min(n + 1, 100)
    assert checkins(stack, name, "id::text")[-1][0].replace("-", "") == run


# ---- what is expected


def test_failures(every):
    name = slug()
    checked_in(every, name, monitor_config=HOURLY)
    tick(every)
    assert every.ctl_json("monitor", "show", 42, name)["environments"][0]["expected_at"]
    age(every, name, 2)
    tick(every)
    tick(every)
    assert titles(every, name) == [f"Monitor missed: {name}"]
    checked_in(every, name, status="error")
    tick(every)
    assert titles(every, name) == [f"Monitor failed: {name}", f"Monitor missed: {name}"]
    checked_in(every, name, status="in_progress")
    age(every, name, 0.51)
    tick(every)
    assert f"Monitor failed: {name} (timeout)" in titles(every, name)
    issues = every.sql("SELECT DISTINCT issue_id FROM events WHERE tags ->> 'monitor.slug' = %s", name)
    assert len(issues) == 1


def test_the_event(stack):
    name = slug()
    checked_in(stack, name, environment="dev", monitor_config=HOURLY)
    tick(stack)
    age(stack, name, 1.5)
    tick(stack)
    made, = stack.sql("SELECT id::text, title, culprit, level, environment, tags, issue_id FROM events"
                      " WHERE tags ->> 'monitor.slug' = %s", name)
    assert made[1:6] == (f"Monitor missed: {name}", name, "error", "dev", {"monitor.slug": name, "environment": "dev"})
    payload = json.loads(stack.payload(made[0]))
    context = payload["contexts"]["monitor"]
    assert (context["slug"], context["status"], context["config"]["unit"]) == (name, "missed", "hour")
    assert context["expected_at"] == payload["timestamp"] and payload["fingerprint"] == ["monitor", name, "dev"]
    shown = stack.ctl_json("monitor", "show", 42, name)
    assert shown["checkins"][0]["event"] == made[0] and shown["checkins"][0]["status"] == "missed"
    assert shown["environments"] == [{"environment": "dev", "state": "missed", "failing": True, "problem": None,
                                      **{k: shown["environments"][0][k] for k in ("last_checkin_at", "expected_at")}}]
    assert stack.ctl_json("issue", "show", f"web-{made[6]}")["events"] == 1


def test_each_environment_is_an_issue(stack):
    name = slug()
    for environment in ("dev", "production"):
        checked_in(stack, name, status="error", environment=environment)
    tick(stack)
    assert len(stack.sql("SELECT DISTINCT issue_id FROM events WHERE tags ->> 'monitor.slug' = %s", name)) == 2


def test_several_tickers_tell_once(stack):
    names = [slug() for _ in range(8)]
    for name in names:
        checked_in(stack, name, monitor_config=HOURLY)
    tick(stack)
    for name in names:
        age(stack, name, 1.5)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(tick, [stack] * 4))
    tick(stack)
    assert [titles(stack, n) for n in names] == [[f"Monitor missed: {n}"] for n in names]


def test_a_ticker_that_died_before_it_took_note(stack):
    """The event is stored; the next ticker tries again: at once, or so late that ids of events are forgotten."""
    name = slug()
    checked_in(stack, name, status="error")
    tick(stack)
    for late in (False, True):
        if late:
            stack.sql("DELETE FROM event_ids WHERE id IN (SELECT event_id FROM monitor_checkins WHERE slug = %s)", name)
        stack.sql("UPDATE monitor_checkins SET event_due_at = now() WHERE slug = %s", name)
        tick(stack)
        assert titles(stack, name) == [f"Monitor failed: {name}"]
        assert checkins(stack, name, "event_due_at") == [(None,)]


def test_a_ticker_that_died_before_the_event(stack):
    name = slug()
    checked_in(stack, name, status="error")
    tick(stack)
    stack.sql("DELETE FROM events WHERE tags ->> 'monitor.slug' = %s", name)
    stack.sql("DELETE FROM event_ids WHERE id IN (SELECT event_id FROM monitor_checkins WHERE slug = %s)", name)
    stack.sql("UPDATE monitor_checkins SET event_due_at = now() + interval '1 minute' WHERE slug = %s", name)
    tick(stack)
    assert titles(stack, name) == [], "somebody else may be at it"
    stack.sql("UPDATE monitor_checkins SET event_due_at = now() WHERE slug = %s", name)
    tick(stack)
    assert titles(stack, name) == [f"Monitor failed: {name}"]


def test_a_long_outage_is_one_missed_check_in(stack):
    name = slug()
    checked_in(stack, name, monitor_config=HOURLY)
    tick(stack)
    age(stack, name, 100.5)
    tick(stack)
    tick(stack)
    assert titles(stack, name) == [f"Monitor missed: {name}"]
    assert stack.sql("SELECT expected_at > now() FROM monitor_environments WHERE slug = %s", name) == [(True,)]
    age(stack, name, 1.2)
    tick(stack)
    assert len(titles(stack, name)) == 2, "the next one, too"


def test_a_margin(stack):
    name = slug()
    checked_in(stack, name, monitor_config={**HOURLY, "checkin_margin": 30})
    tick(stack)
    age(stack, name, 1.49)
    tick(stack)
    assert titles(stack, name) == []
    age(stack, name, 0.02)
    tick(stack)
    assert titles(stack, name) == [f"Monitor missed: {name}"]


@pytest.mark.parametrize("config,minutes", [({}, 30), ({"max_runtime": 5}, 5)])
def test_a_run_that_takes_too_long(stack, config, minutes):
    name = slug()
    members = {"monitor_config": {**DAILY, **config}} if config else {}
    checked_in(stack, name, status="in_progress", **members)
    tick(stack)
    age(stack, name, (minutes - 0.5) / 60)
    tick(stack)
    assert titles(stack, name) == []
    age(stack, name, 1 / 60)
    tick(stack)
    tick(stack)
    assert titles(stack, name) == [f"Monitor failed: {name} (timeout)"]
    checked_in(stack, name, status="ok")  # another one: that of the timeout is over
    assert checkins(stack, name) == [("timeout",), ("ok",)]


def test_thresholds(stack):
    name = slug()
    config = {**DAILY, "failure_issue_threshold": 3, "recovery_threshold": 2}
    for status, events in (("error", 0), ("error", 0), ("ok", 0), ("error", 0), ("error", 0), ("error", 1),
                           ("ok", 1), ("error", 2), ("ok", 2), ("ok", 2), ("error", 2)):
        checked_in(stack, name, status=status, monitor_config=config)
        tick(stack)
        assert len(titles(stack, name)) == events, status


def test_without_a_schedule_nothing_is_expected(stack):
    name = slug()
    checked_in(stack, name)
    tick(stack)
    age(stack, name, 1000)
    tick(stack)
    assert titles(stack, name) == []
    assert stack.sql("SELECT evaluate_at FROM monitor_environments WHERE slug = %s", name) == [(None,)]


def test_a_changed_schedule(stack):
    name = slug()
    checked_in(stack, name, monitor_config=DAILY)
    tick(stack)
    daily = stack.sql("SELECT expected_at FROM monitor_environments WHERE slug = %s", name)[0][0]
    checked_in(stack, name, monitor_config=HOURLY)
    tick(stack)
    hourly = stack.sql("SELECT expected_at FROM monitor_environments WHERE slug = %s", name)[0][0]
    assert (daily.hour, daily.minute) == (3, 0) and (hourly.hour, hourly.minute) != (3, 0)
    assert stack.ctl_json("monitor", "show", 42, name)["schedule_type"] == "interval"


def test_local_time_and_a_zone_that_there_is_not(stack):
    name = slug()
    for zone, problem in (("America/New_York", None), ("Mars/Phobos", "the time zone is not known on this host: UTC is used")):
        checked_in(stack, name, monitor_config={**DAILY, "timezone": zone})
        tick(stack)
        local = "UTC" if problem else zone
        assert stack.sql("SELECT extract(hour FROM expected_at AT TIME ZONE %s)::int, problem FROM monitor_environments"
                         " WHERE slug = %s", local, name) == [(3, problem)]


def test_an_event_over_the_limit_comes_later(fresh):
    stack = fresh("direct", rate_limit=1)
    checked_in(stack, "job", status="error")
    stack.accepted()
    tick(stack)
    assert titles(stack, "job") == []
    stack.sql("DELETE FROM rate_windows")
    stack.sql("UPDATE monitor_checkins SET event_due_at = now()")
    tick(stack)
    assert titles(stack, "job") == ["Monitor failed: job"]


@contextlib.contextmanager
def ticker(stack, interval):
    """Runs a ticker, with seconds between its rounds."""
    p = Process("ticker", [CTL, "--conf", stack.conf, "maintenance", "--loop"], stack.top / "ticker.log",
                env={**clean_environment(), "MESHER_MAINTENANCE_INTERVAL": str(interval)})
    try:
        yield
    finally:
        p.kill()


def test_the_ticker_looks_by_itself(stack):
    name = slug()
    checked_in(stack, name, status="error")
    with ticker(stack, 1):
        wait_until(lambda: titles(stack, name), 30, "the event is there")


def test_a_check_in_that_waits_in_the_spool_is_not_missed(fresh):
    """The database did not store a check-in that came in time: until it does, nobody knows who has not checked in.
    Events about other failures go on, and show that the ticker has looked."""
    stack = fresh(responders=1, conf={"store_timeout": 300})
    name, silent, failed = slug(), slug(), slug()
    for monitor in (name, silent):
        checked_in(stack, monitor, monitor_config=HOURLY)
    checked_in(stack, failed, status="error")
    with ticker(stack, 600):
        wait_until(lambda: len(titles(stack, failed)) == 1, 30, "the ticker has looked")
        with stack.postgres.connect(stack.database) as c, c.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE record_ids")
            assert cron(stack, name, "?status=ok").status == 202
            assert stack.spooled()
            for monitor in (name, silent):
                age(stack, monitor, 1.5)
            stack.sql("UPDATE monitor_checkins SET event_id = gen_random_uuid(), event_due_at = now() WHERE slug = %s", failed)
            wait_until(lambda: len(titles(stack, failed)) == 2, 30, "the ticker has looked again")
            assert [checkins(stack, m) for m in (name, silent)] == [[("ok",)]] * 2
            assert stack.spooled()
            cursor.execute("ROLLBACK")
        stack.drain()
    wait_until(lambda: len(checkins(stack, name)) == 2, 20, "the check-in is stored")
    tick(stack)
    assert checkins(stack, name) == [("ok",), ("ok",)] and titles(stack, name) == []
    assert titles(stack, silent) == [f"Monitor missed: {silent}"]


# ---- for people


def test_commands(stack):
    name = slug()
    checked_in(stack, name, monitor_config=DAILY, duration=1.25)
    tick(stack)
    mine = [m for m in stack.ctl_json("monitor", "list", "web") if m["monitor"] == name]
    assert [(m["environment"], m["state"], m["schedule"]) for m in mine] == [("production", "ok", "0 3 * * * UTC")]
    assert name in stack.ctl("monitor", "list", "web") and "0 3 * * *" in stack.ctl("monitor", "show", 42, name)
    shown = stack.ctl_json("monitor", "show", 42, name)
    for text, rows in ((stack.ctl("monitor", "list", "web"), mine),
                       (stack.ctl("monitor", "show", 42, name), [shown, *shown["environments"], *shown["checkins"]])):
        times = [v for row in rows for k, v in row.items() if k.endswith("_at") and v]
        assert times and all(f"{t[:10]} {t[11:19]} UTC" in text and t not in text for t in times), (text, times)
    assert [(c["status"], c["duration"], c["event"]) for c in shown["checkins"]] == [("ok", 1.25, None)]
    assert (shown["checkin_margin"], shown["max_runtime"], shown["timezone"]) == (1, 30, "UTC")
    for words, code in ((("show", 42, "none"), 3), (("list", "none"), 3), (("delete", 42, name), 2),
                        (("delete", 42, "none", "--yes"), 3)):
        assert stack.ctl_run("monitor", *words).returncode == code, words
    stack.ctl("monitor", "delete", 42, name, "--yes")
    assert stack.ctl_run("monitor", "show", 42, name).returncode == 3
    assert checkins(stack, name) == []


def test_a_removed_project_leaves_nothing_behind(fresh):
    stack = fresh("direct")
    checked_in(stack, "job", monitor_config=DAILY)
    stack.ctl("project", "remove", 42, "--yes")
    for table in ("monitors", "monitor_environments", "monitor_checkins"):
        assert stack.sql(f"SELECT count(*) FROM {table}") == [(0,)]


def test_retention(fresh):
    stack = fresh("direct")
    stack.ctl("project", "set", 42, "retention_days=3")
    for name in ("gone", "stays"):
        checked_in(stack, name)
        age(stack, name, 80)
    checked_in(stack, "stays")
    tick(stack)
    assert stack.sql("SELECT slug FROM monitors") == stack.sql("SELECT slug FROM monitor_environments") == [("stays",)]
    assert stack.sql("SELECT slug FROM monitor_checkins") == [("stays",)], "the old one is gone"


def test_every_comment_is_there(stack):
    for table in ("monitors", "monitor_environments", "monitor_checkins"):
        assert stack.sql("SELECT obj_description(%s::regclass)", table)[0][0], table
