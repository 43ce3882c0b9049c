"""Goal: PostgreSQL restarted, killed, slow, without a partition: events go to the spool and into the database
afterwards, no 202 is a lie, and all is well again by itself."""

import signal

import pytest
from harness import client
from harness.client import Load
from harness.wait import wait_until

MODES = ["writer", "direct"]


@pytest.fixture
def make(fresh, own_postgres):
    return lambda mode="writer", **kwargs: fresh(mode, server=own_postgres, **kwargs)


def check(stack, load):
    stack.drain()
    stored = [str(r[0]) for r in stack.sql("SELECT id FROM events")]
    assert len(stored) == len(set(stored)), "stored twice"
    missing = set(load.accepted) - set(stored)
    assert not missing, f"{len(missing)} of {len(load.accepted)} are missing"
    assert not load.other, load.other[:3]
    assert not load.failed, load.failed[:3]
    assert not stack.spooled("tmp") and not stack.spooled("bad")
    assert stack.sql("SELECT i.id FROM issues i WHERE event_count <> (SELECT count(*) FROM events e "
                     "WHERE (e.project_id, e.issue_id) = (i.project_id, i.id))") == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "crash"])
def test_restart_under_load(make, own_postgres, mode, how):
    stack = make(mode, responders=6)
    with Load(stack.port, stack.key) as load:
        for n in range(1, 3):
            wait_until(lambda: len(load.accepted) >= 150 * n, 60, "events flow")
            own_postgres.stop(how)
            seen = len(load.accepted)
            wait_until(lambda: len(load.accepted) >= seen + 100, 30, "events flow on, into the spool")
            assert stack.spooled()
            own_postgres.start()
        before = len(load.accepted)
        wait_until(lambda: len(load.accepted) >= before + 150, 30, "events flow again")
    check(stack, load)
    stack.good_again()


@pytest.mark.parametrize("mode", MODES)
def test_connection_killed_under_load(make, mode):
    stack = make(mode, responders=6)
    with Load(stack.port, stack.key) as load:
        for n in range(1, 11):
            wait_until(lambda: len(load.accepted) >= 60 * n, 60, "events flow")
            stack.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                      "WHERE datname = %s AND usename = 'mesher'", stack.database)
    check(stack, load)
    stack.good_again()


@pytest.mark.parametrize("mode", MODES)
def test_connection_killed_while_idle(make, mode):
    """The next event meets a dead connection: nobody notices."""
    stack = make(mode, responders=2)
    for _ in range(6):
        stack.good()
    stack.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
              "WHERE datname = %s AND usename = 'mesher'", stack.database)
    for _ in range(6):
        stack.good()


@pytest.mark.parametrize("mode", MODES)
def test_statement_that_times_out(make, mode):
    stack = make(mode, responders=2, conf={"statement_timeout": 500})
    stack.good()
    with stack.postgres.connect(stack.database) as c, c.cursor() as cursor:
        c.autocommit = False
        cursor.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        answer = stack.post({"message": "locked out"}, timeout=30)
        assert answer.status == 202, answer
        assert len(stack.spooled()) == 1
        c.rollback()
    stack.drain()
    stack.good()
    assert len(stack.sql("SELECT 1 FROM events WHERE message = 'locked out'")) == 1


@pytest.mark.parametrize("mode", MODES)
def test_admission_that_times_out(make, mode):
    stack = make(mode, responders=2, conf={"statement_timeout": 500})
    stack.good()
    with stack.postgres.connect(stack.database) as c, c.cursor() as cursor:
        c.autocommit = False
        cursor.execute("LOCK TABLE rate_windows IN ACCESS EXCLUSIVE MODE")
        assert stack.post({"message": "locked out"}, timeout=30).status == 202
        assert len(stack.spooled()) == 1
        c.rollback()
    stack.drain()
    stack.good()
    assert len(stack.sql("SELECT 1 FROM events WHERE message = 'locked out'")) == 1


@pytest.mark.parametrize("mode", MODES)
def test_missing_partition(make, mode):
    """All partitions are gone: the first event makes the one that it needs."""
    stack = make(mode)
    for _ in range(8):
        stack.good()
    for (name,) in stack.sql("SELECT inhrelid::regclass::text FROM pg_inherits "
                             "WHERE inhparent = 'events'::regclass"):
        stack.sql(f"DROP TABLE {name}")
    answer = stack.post({"message": "no partition"})
    assert answer.status == 202, answer
    stack.row(answer.json()["id"], "message")
    assert stack.bulk([{"message": str(n)} for n in range(50)]).json()["accepted"] == 50


def test_missing_partition_under_load(make):
    stack = make(responders=6)
    with Load(stack.port, stack.key) as load:
        for n in range(1, 4):
            wait_until(lambda: len(load.accepted) >= 100 * n, 30, "events flow")
            if n < 3:
                for (name,) in stack.sql("SELECT inhrelid::regclass::text FROM pg_inherits "
                                         "WHERE inhparent = 'events'::regclass"):
                    stack.sql(f"ALTER TABLE events DETACH PARTITION {name}")
                    stack.sql(f"ALTER TABLE {name} RENAME TO kept_{n}_{name}")
    stack.drain()
    kept = [r[0] for r in stack.sql("SELECT oid::regclass::text FROM pg_class WHERE relname LIKE 'kept\\_%%' "
                                    "AND relkind = 'r'")]
    stored = stack.ids()
    for table in kept:
        stored |= {str(r[0]) for r in stack.sql(f"SELECT id FROM {table}")}
    assert set(load.accepted) <= stored
    assert not load.failed


def test_missing_partition_met_by_many_at_once(make):
    """Each of them makes it or waits for who does; none takes it for a broken event."""
    stack = make("direct", responders=12)
    requests = [stack.front.post_bytes({"message": f"first {n}"}) for n in range(60)]
    for _ in range(15):
        for (name,) in stack.sql("SELECT inhrelid::regclass::text FROM pg_inherits "
                                 "WHERE inhparent = 'events'::regclass"):
            stack.sql(f"DROP TABLE {name}")
        assert {a.status for a in client.at_once(stack.port, requests)} == {202}


@pytest.mark.parametrize("mode", MODES)
def test_one_hot_issue(make, mode):
    """One error, repeated by everybody at once, from direct responders and from a writer beside them."""
    stack = make(mode, responders=12)
    other = stack.add_front({"writer_socket": ""}, responders=4)
    event = {"message": "the same everywhere", "fingerprint": "hot"}
    for _ in range(6):
        stack.sql("DELETE FROM issues")
        for port in (stack.port, other.port):
            answers = client.at_once(port, [stack.front.post_bytes(event)] * 400)
            assert {a.status for a in answers} == {202}


def test_partitions_are_made_ahead(make):
    stack = make()
    days = stack.sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass")[0][0]
    assert days >= 8, "today and 7 days"


@pytest.mark.parametrize("mode", MODES)
def test_away_from_the_start(make, own_postgres, mode):
    """Started while PostgreSQL is away, all serve as soon as it is there; no key was ever seen."""
    stack = make(mode, responders=2, start=False)
    stack.project = 42
    stack.key = stack.ctl_json("project", "add", "web", "--id", 42)["key"]
    own_postgres.stop()
    try:
        if mode == "writer":
            stack.start_writer()
        stack.add_front()
        answer = stack.post({"message": "too early"}, timeout=30)
        assert answer.status == 503 and int(answer.header("Retry-After")) >= 1, answer
        health = stack.request("GET", "/api/v1/health")
        assert health.status == 200, "there is a spool"
        assert health.json()["status"] == "degraded" and health.json()["database"] == "down"
    finally:
        own_postgres.start()
    wait_until(lambda: {stack.post({"message": "now"}).status for _ in range(20)} == {202}, 15, "all serve")
    stack.good_again()


@pytest.mark.parametrize("mode", MODES)
def test_not_migrated(make, mode):
    """An empty database: 503, and the log says what to do."""
    stack = make(mode, responders=1, start=False, migrated=False)
    stack.project, stack.key = 42, "mshr_" + "0" * 48
    if mode == "writer":
        stack.start_writer()
    stack.add_front()
    assert stack.post({"message": "x"}).status == 503
    stack.ctl("migrate")
    stack.key = stack.ctl_json("project", "add", "web", "--id", 42)["key"]
    wait_until(lambda: stack.post({"message": "x"}).status == 202, 15, "serves after mesherctl migrate")


def test_deadlock_free_with_two_writers(make):
    """Two writers on one database, and responders without one: issues are locked in key order."""
    stack = make(responders=4)
    second = make_second(stack)
    direct = stack.add_front({"writer_socket": ""}, responders=4)

    def many(thread, n):
        return {"message": f"m{(thread * 7 + n) % 20}", "fingerprint": f"f{(thread * 7 + n) % 20}"}

    with Load(stack.port, stack.key, make=many) as a, Load(second.port, stack.key, make=many) as b, \
            Load(direct.port, stack.key, make=many) as c:
        for load in (a, b, c):
            wait_until(lambda: len(load.accepted) >= 300, 60, "events flow")  # pylint: disable=W0640
    for load in (a, b, c):
        assert not load.failed and not load.other, (load.failed + load.other)[:3]
    assert len(a.accepted) + len(b.accepted) + len(c.accepted) == stack.rows()
    assert "deadlock" not in stack.postgres.process.text()


def make_second(stack):
    """A second writer with a pool of its own."""
    from harness.process import Process
    from harness.stack import WRITER, clean_environment
    conf = stack.write_conf(stack.top / "second.conf", {"writer_socket": str(stack.top / "second.sock")})
    writer = Process("mesher-writer", [WRITER, "--conf", conf], stack.top / "writer.log",
                     env=clean_environment())
    stack.fronts.append(writer)
    wait_until((stack.top / "second.sock").exists, 10)
    stack.fronts.remove(writer)
    front = stack.add_front({"writer_socket": str(stack.top / "second.sock")}, responders=4)
    stack.fronts.append(Part(writer))
    return front


class Part:
    """A process that a stack stops like a front."""

    def __init__(self, process):
        self.process, self.responders, self.lighttpd = process, [], None

    def stop(self):
        self.process.stop()

    def logs(self):
        return ()
