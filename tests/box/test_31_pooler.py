"""Goal: behind Debian's PgBouncer in transaction mode nothing relies on a session: with several writers, restarts, CGI
processes and outages every accepted event is stored once and soon, every command works, nothing is left in a session that
another client gets next, and nothing that others leave there is believed."""

import os
import signal
import subprocess
import threading

import pytest
from harness.client import Load
from harness.pooler import Pooler
from harness.stack import CTL, KEY, clean_environment
from harness.wait import wait_until

EVENTS = 10000 if os.environ.get("MESHER_ALL") else 1500
STATE = ("statement_timeout", "lock_timeout", "timezone", "datestyle", "jit", "plan_cache_mode", "enable_nestloop",
         "bytea_output", "work_mem", "synchronous_commit", "client_min_messages", "default_transaction_isolation")


@pytest.fixture
def poolers(top, own_postgres, stack_numbers):
    """Makes PgBouncers in front of the module's own server."""
    made = []

    def make(**kwargs):
        made.append(Pooler(top / f"p{next(stack_numbers)}", own_postgres, **kwargs).start())
        return made[-1]
    yield make
    for pooler in made:
        pooler.stop()


@pytest.fixture
def behind(fresh, own_postgres):
    """Makes stacks whose connection string leads to a pooler; more than one share the first one's database."""
    def make(pooler, mode="writer", beside=None, **kwargs):
        stack = fresh(mode, server=own_postgres, start=False, **kwargs)
        if beside:
            own_postgres.drop_database(stack.database)
            stack.database, stack.conninfo = beside.database, beside.conninfo
        stack.settings["database"] = pooler.conninfo(stack.database)
        stack.conf = stack.write_conf(stack.top / "mesher.conf", {})
        if beside:
            stack.project, stack.key = beside.project, beside.key
            if mode == "writer":
                stack.start_writer()
            stack.add_front()
            return stack
        return stack.start()
    return make


def sessions(stack):
    """Returns what stands in each session of the server that belongs to this database."""
    return stack.sql("SELECT pid FROM pg_stat_activity WHERE datname = %s AND usename = 'mesher'", stack.database)


def locks(stack):
    return stack.sql("SELECT * FROM pg_locks WHERE locktype = 'advisory' AND database = "
                     "(SELECT oid FROM pg_database WHERE datname = current_database())")


def shown(postgres, conninfo):
    """Returns the settings that a client gets there."""
    import psycopg2
    c = psycopg2.connect(conninfo)
    try:
        with c, c.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in STATE))
            settings = cursor.fetchone()
            cursor.execute("SELECT count(*) FROM pg_prepared_statements")
            return settings, cursor.fetchone()[0]
    finally:
        c.close()


def check(stacks, loads):
    """Every accepted event is stored once, and soon: nothing waits in a spool."""
    accepted = [i for load in loads for i in load.accepted]
    for stack in stacks:
        stack.drain()
        assert not stack.spooled("tmp") and not stack.spooled("bad") and not list(stack.poison_dir.iterdir())
    stored = [str(r[0]) for r in stacks[0].sql("SELECT id FROM events")]
    assert len(stored) == len(set(stored)), "stored twice"
    assert not set(accepted) - set(stored), f"{len(set(accepted) - set(stored))} of {len(accepted)} are missing"
    for load in loads:
        assert not load.other and not load.failed, (load.other[:3], load.failed[:3])


def test_after_a_restart_nothing_waits(poolers, behind):
    stack = behind(poolers())
    for _ in range(3):
        stack.good()
        stack.writer.stop()
        stack.start_writer()
    stack.good()
    assert not stack.spooled()


@pytest.mark.parametrize("mode", ["direct", "cgi"])
def test_without_a_writer(poolers, behind, mode):
    """More processes than sessions: each transaction runs in another one."""
    stack = behind(poolers(size=2), mode, responders=4)
    with Load(stack.port, stack.key, path=stack.front.path("/api/v1/events")) as load:
        wait_until(lambda: len(load.accepted) >= 200, 60, "events flow")
    check([stack], [load])


def test_three_writers_restarts_and_an_outage(poolers, behind, own_postgres):
    """Three hosts with a writer, one without, and fewer sessions than they have connections."""
    pooler = poolers(size=3)
    first = behind(pooler)
    stacks = [first, behind(pooler, beside=first), behind(pooler, beside=first), behind(pooler, "direct", beside=first)]
    loads = [Load(s.port, s.key, threads=3) for s in stacks]

    def sent():
        return sum(len(load.accepted) for load in loads)
    for load in loads:
        load.__enter__()
    try:
        for n, stack in enumerate(stacks[:3]):
            wait_until(lambda n=n: sent() >= EVENTS * (n + 1) // 6, 120, "events flow")
            stack.writer.stop()
            stack.start_writer()
        wait_until(lambda: sent() >= EVENTS * 4 // 6, 120, "events flow")
        own_postgres.stop(signal.SIGINT)
        seen = sent()
        wait_until(lambda: sent() >= seen + 100, 30, "events flow on, into the spool")
        own_postgres.start()
        wait_until(lambda: sent() >= EVENTS, 120, "events flow again")
    finally:
        for load in loads:
            load.stop()
    for stack in stacks:
        stack.good_again(seconds=30)
    check(stacks, loads)
    assert locks(first) == []


def test_an_empty_database(poolers, fresh, own_postgres):
    """`migrate` makes all of it, four at once do it once, and no lock stays behind."""
    pooler = poolers()
    stack = fresh(server=own_postgres, start=False, migrated=False)
    stack.settings["database"] = pooler.conninfo(stack.database)
    stack.conf = stack.write_conf(stack.top / "mesher.conf", {})
    command = [CTL, "--conf", str(stack.conf), "migrate"]
    runs = [subprocess.Popen(command, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(4)]
    done = [r.communicate(timeout=120) for r in runs]
    assert [r.returncode for r in runs] == [0] * 4, done
    assert locks(stack) == []
    stack.start()
    stack.good()


def test_a_lock_that_somebody_left(poolers, behind):
    """Earlier versions left a session's lock in the pooler: `migrate` says so, and waits no longer than that."""
    stack = behind(poolers())
    with stack.postgres.connect(stack.database) as c, c.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7239421802)")
        with stack.postgres.connect("postgres", "postgres") as other, other.cursor() as role:
            role.execute(f"ALTER DATABASE {stack.database} SET lock_timeout = '1ms'")  # not what decides
        child = subprocess.Popen([CTL, "--conf", str(stack.conf), "migrate"], env=clean_environment(),
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        wait_until(lambda: stack.sql(waiting), 10, "it waits")
        cursor.execute("SELECT pg_advisory_unlock(7239421802)")
        assert child.communicate(timeout=30)[1] == "" and child.returncode == 0


def test_commands(poolers, behind, own_postgres):
    """All that mesherctl changes, through the pooler."""
    pooler = poolers(size=4)
    stack = behind(pooler)
    day = "(now() AT TIME ZONE 'UTC')::date - 400"
    for n in (1, 2):
        assert stack.post({"message": f"bug {n}", "fingerprint": f"f{n}"}).status == 202
    one, two = "WEB-1", "WEB-2"
    stack.ctl("issue", "merge", one, two)
    assert stack.sql("SELECT event_count FROM issues") == [(2,)]
    stack.ctl("issue", "unmerge", two)
    stack.ctl("issue", "resolve", two)
    stack.sql(f"""DO $$ BEGIN EXECUTE format('CREATE TABLE events_%s PARTITION OF events FOR VALUES FROM (%L) TO (%L)',
        to_char({day}, 'YYYYMMDD'), {day}, {day} + 1); END $$""")
    old = stack.sql(f"SELECT to_char({day}, 'YYYYMMDD')")[0][0]
    runs = [threading.Thread(target=stack.ctl, args=("maintenance",)) for _ in range(3)]
    for r in runs:
        r.start()
    for r in runs:
        r.join()
    assert stack.sql("SELECT to_regclass(%s)", f"events_{old}") == [(None,)]
    stack.ctl("migrate")
    for command in (["project", "list"], ["issue", "list"], ["event", "list", 42], ["spool", "list"],
                    ["project", "remove", 42, "--yes"]):
        stack.ctl(*command)
    assert locks(stack) == []


def test_nothing_is_left_in_a_session(poolers, behind, own_postgres):
    pooler = poolers(size=1)
    stack = behind(pooler)
    before = shown(own_postgres, stack.conninfo)
    for _ in range(5):
        stack.good()
    stack.ctl("maintenance")
    stack.ctl("issue", "list")
    assert len(sessions(stack)) == 1, "the one that all have used"
    assert shown(own_postgres, pooler.conninfo(stack.database)) == before


def test_what_others_leave_in_a_session(poolers, behind):
    """Another client of the same pool has changed all that it could."""
    import psycopg2
    pooler = poolers(size=1)
    stack = behind(pooler)
    c = psycopg2.connect(pooler.conninfo(stack.database))
    c.autocommit = True
    with c.cursor() as cursor:
        for text in ("bytea_output = escape", "datestyle = 'SQL, DMY'", "timezone = 'Asia/Kathmandu'",
                     "intervalstyle = sql_standard", "default_transaction_isolation = serializable",
                     "enable_indexscan = off", "lock_timeout = 1", "statement_timeout = 5000",
                     "extra_float_digits = -15", "quote_all_identifiers = on"):
            cursor.execute("SET " + text)
        cursor.execute("PREPARE store AS SELECT 1")
        cursor.execute("PREPARE key AS SELECT 1")
    event = stack.post({"message": "made here"}).json()["id"]
    assert b"made here" in stack.payload(event)
    assert stack.ctl_json("event", "show", event)["received_at"].endswith("Z")
    stack.writer.stop()
    stack.start_writer()
    stack.good()
    c.close()


def test_tail_needs_a_session(poolers, behind):
    stack = behind(poolers())
    done = stack.ctl_run("event", "tail")
    assert done.returncode != 0 and "pooler" in done.stderr and "session" in done.stderr, done
    session = behind(poolers(mode="session"))
    child = subprocess.Popen([CTL, "--conf", str(session.conf), "--json", "event", "tail"], env=clean_environment(),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: locks(session), 10, "it follows")
    session.post({"message": "told"})
    assert '"told"' in child.stdout.readline()
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=10)


def test_a_pooler_in_session_mode(poolers, behind):
    stack = behind(poolers(mode="session"))
    stack.good()
    stack.writer.stop()
    stack.start_writer()
    stack.good()
    assert not stack.spooled() and KEY in stack.ctl("key", "list", 42)
