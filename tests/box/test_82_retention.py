"""Goal: each project keeps what it has for as many days as it says, and nobody who sends notices that the rest goes."""

import datetime
import pathlib
import subprocess
import threading
import time

import pytest
from harness import client
from harness.process import Process, proc_status
from harness.stack import CTL, clean_environment
from harness.wait import wait_until

FAKETIME = next((str(p) for p in pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
DAY = datetime.timedelta(days=1)


def today():
    return datetime.datetime.now(datetime.timezone.utc).replace(hour=12, minute=0, second=0, microsecond=0)


def partition(day):
    return f"events_{day:%Y%m%d}"


def partitions(stack):
    return {r[0] for r in stack.sql("SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
                                    "WHERE i.inhparent = 'events'::regclass AND NOT i.inhdetachpending")}


def tables(stack):
    return {r[0] for r in stack.sql("SELECT relname FROM pg_class WHERE relname ~ '^events_[0-9]+$'")}


def add_old(stack, project, days, rows=10):
    """Events that were received so many days ago, and what lies beside them."""
    at = today() - days * DAY
    name = partition(at)
    if name not in tables(stack):
        stack.sql(f"CREATE TABLE {name} PARTITION OF events FOR VALUES FROM ('{at:%Y-%m-%d} 00:00+00') "
                  f"TO ('{at + DAY:%Y-%m-%d} 00:00+00')")
    stack.sql("INSERT INTO events (project_id, id, received_at, \"timestamp\", issue_id, level, title, payload) "
              "SELECT %s, gen_random_uuid(), %s, %s, 1, 'error', 'old', 'x' FROM generate_series(1, %s)",
              project, at, at, rows)
    stack.sql("INSERT INTO attachments SELECT project_id, id, gen_random_uuid(), 0, 1, received_at, 'a', NULL, "
              "'event.attachment', 1, 'x' FROM events WHERE project_id = %s AND received_at = %s LIMIT 1", project, at)
    stack.sql("INSERT INTO user_reports VALUES (%s, gen_random_uuid(), gen_random_uuid(), %s, 'feedback')", project, at)
    stack.sql("INSERT INTO sessions SELECT %s, %s, '', '', 1, 0, 0, 0, B'0'::bit(16384) ON CONFLICT DO NOTHING",
              project, at)
    stack.sql("INSERT INTO item_counts VALUES (%s, 'profile', %s, 1) ON CONFLICT DO NOTHING", project, at)
    stack.sql("INSERT INTO outcomes VALUES (%s, %s, 'accepted', 3, 1) ON CONFLICT DO NOTHING", project, at)
    stack.sql("INSERT INTO issue_hours VALUES (%s, 1, %s, 1) ON CONFLICT DO NOTHING", project, at)


def ages(stack, table, column, project):
    """How many days ago, of all rows."""
    return sorted({(today().date() - r[0].astimezone(datetime.timezone.utc).date()).days for r in stack.sql(
        f"SELECT {column} FROM {table} WHERE project_id = %s", project)})


def project(stack, name, days):
    made = stack.ctl_json("project", "add", name)
    stack.ctl("project", "set", name, f"retention_days={days}", "rate_limit=1000000000")
    return made["id"], made["key"]


def test_the_setting(fresh):
    stack = fresh("direct")
    assert stack.ctl_json("project", "show", 42)["retention_days"] == 90
    for days, good in ((0, False), (1, True), (3650, True), (3651, False), ("x", False)):
        done = stack.ctl_run("project", "set", 42, f"retention_days={days}")
        assert (done.returncode == 0) == good, done
        assert good or "retention_days must be 1 to 3650" in done.stderr
    assert stack.ctl_json("project", "set", 42, "retention_days=7")["retention_days"] == 7


def test_partitions_go_when_all_projects_are_past_them(fresh):
    stack = fresh("direct")
    stack.ctl("project", "set", 42, "retention_days=3")
    long, _ = project(stack, "long", 10)
    for days in (2, 3, 4, 9, 10, 11, 40):
        add_old(stack, 42, days, 3)
        add_old(stack, long, days, 3)
    stack.sql("INSERT INTO issues VALUES (42, 1, 'f', 't', NULL, 'error', 'unresolved', 21, now(), now())")
    stack.ctl("maintenance")
    left = partitions(stack)
    assert not {partition(today() - n * DAY) for n in (40,)} & (left | tables(stack))
    assert {partition(today() - n * DAY) for n in (2, 3, 4, 9, 10)} <= left
    noon_has_passed = 3 if datetime.datetime.now(datetime.timezone.utc).hour < 12 else 2
    mine = [2, 3][:noon_has_passed - 1]
    theirs = [2, 3, 4, 9, 10][:5 if noon_has_passed == 3 else 4]
    for table, column in (("events", "received_at"), ("attachments", "received_at"), ("user_reports", "received_at"),
                          ("sessions", "hour"), ("item_counts", "hour"), ("outcomes", "minute")):
        assert (ages(stack, table, column, 42), ages(stack, table, column, long)) == (mine, theirs), table
    assert ages(stack, "issue_hours", "hour", 42) == [2, 3, 4, 9, 10, 11]
    assert stack.sql("SELECT event_count FROM issues WHERE project_id = 42") == [(21,)], "counters outlive events"
    stack.good()


def test_more_than_one_batch(fresh):
    stack = fresh("direct")
    project(stack, "long", 20)
    stack.ctl("project", "set", 42, "retention_days=3")
    for days, rows in ((2, 50), (5, 1000), (6, 2501), (7, 999)):
        add_old(stack, 42, days, rows)
    stack.ctl("maintenance")
    assert ages(stack, "events", "received_at", 42) == [2] and stack.rows() == 50
    stack.ctl("maintenance")
    assert stack.rows() == 50


def test_minutes_become_hours(fresh):
    stack = fresh("direct")
    old, new = today() - 5 * DAY, today() - DAY
    for at, part, n in ((old, 0, 1), (old, 3, 10), (old.replace(minute=59), 0, 100), (new, 0, 7), (new, 1, 7)):
        stack.sql("INSERT INTO outcomes VALUES (42, %s, 'accepted', %s, %s, %s)", at, part, n, 2 * n)
    rows = "SELECT minute, part, quantity, bytes FROM outcomes ORDER BY minute, part"
    for _ in range(2):
        stack.ctl("maintenance")
        assert stack.sql(rows) == [(old, 16, 111, 222), (new, 0, 7, 14), (new, 1, 7, 14)]
    stack.sql("INSERT INTO outcomes VALUES (42, %s, 'accepted', 2, 5, 5)", old)  # a late replay
    stack.ctl("maintenance")
    assert stack.sql(rows)[0] == (old, 16, 116, 227)


def test_nothing_goes_without_projects(fresh):
    stack = fresh("direct", start=False)
    add_old(stack, 7, 400)
    stack.ctl("maintenance")
    assert partition(today() - 400 * DAY) in partitions(stack)


def test_a_partition_that_is_in_use_is_left_to_the_next_run(fresh):
    """And meanwhile events are stored."""
    stack = fresh("direct")
    add_old(stack, 42, 200)
    name = partition(today() - 200 * DAY)
    import psycopg2
    reader = psycopg2.connect(stack.postgres.conninfo(stack.database, "postgres"))
    cursor = reader.cursor()
    cursor.execute("SELECT count(*) FROM events")  # the transaction stays open
    done = []
    run = threading.Thread(target=lambda: done.append(stack.ctl_run("maintenance")))
    run.start()
    while run.is_alive():
        began = time.monotonic()
        stack.good()
        assert time.monotonic() - began < 12, "storing does not wait for the reader"
    run.join()
    assert done[0].returncode == 0, done
    assert name in partitions(stack), "somebody reads it"
    reader.close()
    stack.ctl("maintenance")
    assert name not in tables(stack)
    stack.good()


@pytest.mark.parametrize("how", ["", "CONCURRENTLY"], ids=["detached", "half-detached"])
def test_what_an_earlier_version_left(fresh, how):
    """It detached first, and may have been killed before or during that."""
    stack = fresh("direct")
    add_old(stack, 42, 200)
    name = partition(today() - 200 * DAY)
    if how:
        import psycopg2
        reader = psycopg2.connect(stack.postgres.conninfo(stack.database, "postgres"))
        reader.cursor().execute("SELECT count(*) FROM events")
        with stack.postgres.connect(stack.database) as c, c.cursor() as cursor, pytest.raises(psycopg2.Error):
            cursor.execute("SET lock_timeout = 200")
            cursor.execute(f"ALTER TABLE events DETACH PARTITION {name} CONCURRENTLY")
        reader.close()
    else:
        stack.sql(f"ALTER TABLE events DETACH PARTITION {name}")
    assert name not in partitions(stack) and name in tables(stack)
    stack.ctl("maintenance")
    assert name not in tables(stack)


@pytest.mark.plain  # libfaketime cannot be loaded before the sanitizers' library
@pytest.mark.parametrize("mode", ["writer", "direct"])
@pytest.mark.parametrize("days", [-3650, -2, 3650])
def test_a_host_whose_clock_is_off(fresh, mode, days):
    """What it accepts is kept its whole retention, and the log says so."""
    stack = fresh(mode, env={"LD_PRELOAD": FAKETIME, "FAKETIME": f"{days:+}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
    stack.ctl("project", "set", 42, "retention_days=1")
    for _ in range(3):
        event = stack.accepted()
        stack.row(event, "id")
    for _ in range(2):
        stack.ctl("maintenance")
    assert stack.rows() == 3
    assert stack.sql("SELECT count(*) FROM events WHERE received_at BETWEEN now() - interval '2 minutes' AND now()") == [(3,)]
    wait_until(lambda: "event=clock_differs" in stack.log(), 10, "it is named")
    ahead = {int(line.split("database_ahead_s=")[1].split()[0]) for line in stack.log().splitlines() if "clock_differs" in line}
    assert all(abs(n + days * 86400) < 60 for n in ahead), ahead


def test_two_at_once(fresh):
    stack = fresh("direct")
    project(stack, "long", 150)
    for days in (200, 201, 202):
        add_old(stack, 42, days)
    for days in (100, 101):
        add_old(stack, 42, days, 3000)
    command = [CTL, "--conf", str(stack.conf), "maintenance"]
    runs = [subprocess.Popen(command, env=clean_environment(), stderr=subprocess.PIPE) for _ in range(4)]
    errors = [r.communicate(timeout=60)[1] for r in runs]
    assert [r.returncode for r in runs] == [0] * 4, errors
    stack.ctl("maintenance")
    assert stack.rows() == 0
    assert not {partition(today() - n * DAY) for n in (200, 201, 202)} & tables(stack)


def latencies(stack, key, seconds, threads=4):
    """Sends from several threads; sorted latencies, and the answers that were not 202."""
    times, bad, stop = [], [], time.monotonic() + seconds

    def send(n):
        i = 0
        while time.monotonic() < stop:
            i += 1
            began = time.monotonic()
            try:
                answer = stack.post({"message": f"{n}-{i}", "fingerprint": f"f{i % 9}"}, key=key)
            except (client.Closed, OSError) as e:
                bad.append(repr(e))
                continue
            times.append(time.monotonic() - began)
            if answer.status != 202:
                bad.append(answer)
    running = [threading.Thread(target=send, args=(n,)) for n in range(threads)]
    for t in running:
        t.start()
    for t in running:
        t.join()
    return sorted(times), bad


def test_three_projects_under_load(fresh, capsys):
    stack = fresh("writer")
    stack.ctl("project", "set", 42, "retention_days=5")
    keys = [stack.key]
    ids = [42]
    for name, days in (("middle", 10), ("long", 30)):
        made = project(stack, name, days)
        ids.append(made[0])
        keys.append(made[1])
    for n in ids:
        for days in (3, 7, 20, 40, 41, 42):
            add_old(stack, n, days, 8000)
    without, bad = latencies(stack, keys[0], 4)
    assert bad == []
    rounds, stop = [], threading.Event()

    def maintain():
        while not stop.is_set():
            rounds.append(stack.ctl_run("maintenance").returncode)
    worker = threading.Thread(target=maintain)
    worker.start()
    answered, bad = latencies(stack, keys[1], 6)
    stop.set()
    worker.join()
    assert bad == [] and set(rounds) == {0} and rounds
    stack.ctl("maintenance")
    for project_id, left in zip(ids, ([3], [3, 7], [3, 7, 20])):
        assert [a for a in ages(stack, "events", "received_at", project_id) if a] == left
    assert not {partition(today() - n * DAY) for n in (40, 41, 42)} & tables(stack)
    p99 = [t[int(len(t) * 0.99)] * 1000 for t in (without, answered)]
    with capsys.disabled():
        print(f"\np99 of an event: {p99[0]:.1f} ms without, {p99[1]:.1f} ms with retention "
              f"({len(without)} and {len(answered)} answers, {len(rounds)} rounds)")


@pytest.mark.plain  # the sanitizers keep what is freed
def test_the_ticker_stays_small(fresh, top):
    """What a round takes for the spool is given back after it, also when the heap has seen such blocks before."""
    stack = fresh(responders=1)
    conf = top / "ticker.conf"
    conf.write_text(stack.conf.read_text() + "maintenance_interval = 1\n")
    conf.chmod(0o644)
    done = pathlib.Path(stack.spool_dir) / "maintained"
    ticker = Process("ticker", [CTL, "--conf", conf, "maintenance", "--loop"], top / "ticker.log")
    try:
        for n in range(5):
            before = done.stat().st_mtime_ns if done.exists() else 0
            wait_until(lambda b=before: done.exists() and done.stat().st_mtime_ns > b, 20, f"round {n}")
        wait_until(lambda: proc_status(ticker.pid, "RssAnon") < 3000, 5, "memory is given back")
    finally:
        ticker.stop(good=(-15, 0))
