"""Goal: a CGI request is answered without asking the database wherever that is sound, and what it took is in the
database right after it, once, within the limits, whoever dies."""

import collections
import os
import re
import subprocess
import threading
import time
import uuid

import pytest
from harness import client
from harness.drainer import has_drainer
from harness.fastcgi import cgi, environment
from harness.stack import FCGI, KEY, clean_environment
from harness.wait import wait_until

EVENT = {"message": "cgi"}


@pytest.fixture
def make(fresh, own_postgres):
    yield lambda mode="cgi", **kwargs: fresh(mode, server=own_postgres, **kwargs)
    if own_postgres.process is None:
        own_postgres.start()


def warm(stack):
    """Its key and its windows are known to all who come."""
    stack.good()
    stack.good()
    return stack


def events(n):
    return [{"message": f"e {i}", "event_id": str(uuid.uuid4())} for i in range(n)]


def once(stack, sent):
    ids = [str(r[0]) for r in stack.sql("SELECT id FROM events WHERE message LIKE 'e %%'")]
    assert sorted(ids) == sorted(e["event_id"] for e in sent)


def run(stack, event, **env):
    """The program itself."""
    body = client.encode(event)
    _, answer, err = cgi(FCGI, environment(key=KEY, CONTENT_LENGTH=str(len(body))), body,
                         {**clean_environment(), "MESHER_CONF": str(stack.front.conf), **env})
    return answer, err


def refused(stack):
    return stack.sql("SELECT sum(quantity) FROM outcomes WHERE project_id = 42 AND outcome = 'rate_limited'")[0][0]


# ---- without the database, and right after it with it

def test_nobody_is_asked_and_the_event_is_there_at_once(make, own_postgres):
    stack = warm(make())
    sent = events(3)
    with own_postgres.frozen():
        before = time.monotonic()
        for e in sent:
            assert stack.post(e).status == 202
        assert time.monotonic() - before < 4, "the key is believed so long"
        assert len(stack.spooled()) == 3
    wait_until(lambda: not stack.spooled(), 10, "drained by who had answered, without another request")
    once(stack, sent)


def test_a_database_that_hangs_longer_than_who_drains_may_stay(make, own_postgres):
    """Who spools in that time finds the lock taken, and no other request follows."""
    stack = warm(make())
    sent = events(3)
    with own_postgres.frozen():
        began = time.monotonic()
        for e in sent:
            assert stack.post(e).status == 202
        wait_until(lambda: time.monotonic() - began > 2.5, 5, "the 2 s for which a process drains are over")
    wait_until(lambda: not stack.spooled(), 10, "drained without another request")
    once(stack, sent)


@pytest.mark.plain
def test_no_libpq_before_the_answer(cgi_trace):
    """The other half of what a request cost."""
    before, after = cgi_trace
    assert "libpq.so.5" not in before
    assert "libpq.so.5" in after


@pytest.fixture
def cgi_trace(make, tmp_path):
    """What the program opens until its answer, and afterwards."""
    stack = warm(make())
    log = tmp_path / "trace"
    body = client.encode(EVENT)
    subprocess.run(["strace", "-f", "-o", log, "-e", "trace=openat,write", FCGI], input=body, check=True, timeout=60,
                   env={**clean_environment(), "MESHER_CONF": str(stack.front.conf),
                        **environment(key=KEY, CONTENT_LENGTH=str(len(body)))}, capture_output=True)
    before, after = log.read_text().split("Status: 202", 1)
    return before, after


def test_the_same_is_stored_as_by_a_responder(make):
    stack = warm(make())
    direct = stack.add_front(cgi=False)
    rows = []
    for front in (stack.front, direct):
        made = front.post({"message": "same", "level": "warning", "tags": {"a": "ä"}, "user": {"id": 5}}).json()["id"]
        rows.append(stack.row(made, "project_id, issue_id, level, title, message, user_id, tags"))
    assert rows[0] == rows[1]


def test_a_bulk_and_what_stands_beside_events(make):
    stack = warm(make())
    answer = stack.bulk([EVENT, {}, EVENT])
    assert answer.status == 202 and answer.json()["accepted"] == 2
    envelope = b'{}\n{"type":"event"}\n{"message":"e"}\n{"type":"attachment","filename":"a","length":3}\nabc\n' \
               b'{"type":"sessions"}\n{"aggregates":[{"started":"2026-01-01T00:00:00Z","exited":3}],' \
               b'"attrs":{"release":"r"}}\n'
    assert stack.post(envelope, "/api/42/envelope/").status == 200
    assert stack.sql("SELECT count(*) FROM attachments")[0][0] == 1
    assert stack.sql("SELECT count(*) FROM events")[0][0] == 5


def test_many_at_once_over_few_connections(make):
    """One drains for all: not a connection for each request."""
    stack = warm(make())
    most, stopping = [0], threading.Event()

    def look():
        while not stopping.wait(0.002):
            most.append(stack.postgres.sql(stack.database, "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND "
                                           "usename = 'mesher'", stack.database)[0][0])
    thread = threading.Thread(target=look)
    thread.start()
    sent = events(200)
    for at in range(0, 200, 20):
        answers = client.at_once(stack.port, [stack.front.post_bytes(e) for e in sent[at:at + 20]])
        assert {a.status for a in answers} == {202}
    stopping.set()
    thread.join()
    once(stack, sent)
    assert 1 <= max(most) <= 3, "who drains, and one that takes over"


def test_nothing_stays(make):
    stack = warm(make())
    name = str(stack.front.top / "cgi-bin/mesher.cgi").encode()

    def running():
        return [p for p in os.listdir("/proc") if p.isdigit() and name in read(f"/proc/{p}/cmdline")]
    wait_until(lambda: not running(), 5, "who drained has gone")


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


# ---- keys

@pytest.mark.alone
def test_a_revoked_key_is_noticed_in_five_seconds(make):
    """Also where nobody renews the file of keys, and while requests keep coming."""
    stack = warm(make())
    stack.sql("UPDATE api_keys SET revoked_at = now() WHERE key_value = %s", stack.key)
    since = time.monotonic()
    wait_until(lambda: stack.post(EVENT).status == 401, 5.5, "the key is refused")
    assert time.monotonic() - since < 5.5
    assert stack.post(EVENT, key=KEY).status == 202


def test_old_keys_are_asked_for(make):
    """limit - 1, limit and limit + 1 of SUBMIT_KEYS_MS, by the file's time: a key that the file has and the database
    has not."""
    stack = warm(make())
    stack.sql("UPDATE api_keys SET revoked_at = now() WHERE key_value = %s", stack.key)
    with lock(stack):
        for age, status in ((3.0, 202), (4.0, 401), (5.0, 401), (0.0, 202)):
            os.utime(stack.spool_dir / "keys", (time.time() - age,) * 2)
            assert stack.post(EVENT).status == status, age


class lock:
    """Nobody drains, and so nobody renews the keys."""

    def __init__(self, stack):
        self.path = stack.spool_dir / "replay.lock"

    def __enter__(self):
        import fcntl
        self.file = self.path.open("r+")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


def test_an_outage(make, own_postgres):
    """Old keys are good then, and nobody waits for the database again and again."""
    stack = warm(make())
    sent = events(8)
    own_postgres.stop()
    os.utime(stack.spool_dir / "keys", (0, 0))
    for e in sent:
        assert stack.post(e).status == 202
    unknown = stack.post(EVENT, key="mshr_" + "7" * 48)
    assert unknown.status == 503 and unknown.header("Retry-After")
    own_postgres.start()
    wait_until(lambda: stack.post(EVENT).status == 202 and not stack.spooled(), 15, "it is drained when it is back")
    once(stack, sent)


def test_one_finds_out_for_all_that_the_database_is_away(make, own_postgres):
    """PostgreSQL's log has each that tried."""
    stack = warm(make())
    log = own_postgres.top / "postgres.log"
    own_postgres.sql("postgres", f"ALTER DATABASE {stack.database} ALLOW_CONNECTIONS false")
    before = log.read_text().count("not currently accepting connections")
    for _ in range(10):
        os.utime(stack.spool_dir / "keys", (0, 0))
        assert stack.post(EVENT).status == 202
    tried = log.read_text().count("not currently accepting connections") - before
    own_postgres.sql("postgres", f"ALTER DATABASE {stack.database} ALLOW_CONNECTIONS true")
    assert 1 <= tried <= 3


def test_origins_are_remembered(make, own_postgres):
    stack = warm(make())
    stack.ctl("project", "set", 42, "origins=https://good.example")
    for origin, status in (("https://good.example", 202), ("https://bad.example", 403)):
        assert stack.post(EVENT, headers={"Origin": origin}).status == status
    with own_postgres.frozen():
        assert stack.post(EVENT, headers={"Origin": "https://bad.example"}).status == 403


# ---- limits

@pytest.mark.parametrize("limit", [0, 1, 2, 9, 10])
def test_the_limit_is_exact(make, limit):
    stack = make(rate_limit=limit)
    assert [stack.post(EVENT).status for _ in range(limit + 2)] == [202] * limit + [429] * 2
    assert stack.rows() == limit
    assert stack.used() == limit


@pytest.mark.parametrize("limit", [1, 4, 10, 30])
def test_the_limit_is_exact_for_many_at_once(make, limit):
    """Also where nobody knows of anything yet, and while it is told what was taken."""
    stack = make(rate_limit=limit)
    requests = [stack.front.post_bytes(EVENT) for _ in range(20)]
    count = collections.Counter(a.status for _ in range(3) for a in client.at_once(stack.port, requests))
    assert count == {202: limit, 429: 60 - limit}
    assert stack.rows() == stack.used() == limit


def test_the_limit_is_exact_for_many_at_once_and_beside_responders(make):
    stack = make(rate_limit=60)
    direct = stack.add_front(cgi=False)
    requests = [f.post_bytes(EVENT) for f in (stack.front, direct) for _ in range(20)]
    both = [r for pair in zip(requests[:20], requests[20:]) for r in pair]
    count = collections.Counter()
    for at in range(0, 40, 8):  # so that each side is told of the other's now and then
        for port, mine in ((stack.port, both[at:at + 8:2]), (direct.port, both[at + 1:at + 9:2])):
            count.update(a.status for a in client.at_once(port, mine))
    assert count == {202: 40}
    assert stack.used() == 40
    count.update(a.status for a in client.at_once(stack.port, requests[:20]))
    count.update(a.status for a in client.at_once(direct.port, requests[20:]))
    assert count == {202: 60, 429: 20}
    assert stack.rows() == stack.used() == 60


def test_a_raised_limit_and_a_lowered_one(make):
    stack = warm(make(rate_limit=10))
    assert [stack.post(EVENT).status for _ in range(9)] == [202] * 8 + [429]
    stack.ctl("project", "set", 42, "rate_limit=12")
    wait_until(lambda: stack.post(EVENT).status == 202, 5, "the new limit counts")
    stack.ctl("project", "set", 42, "rate_limit=3")
    wait_until(lambda: stack.post(EVENT).status == 429, 5, "and the next")


def test_a_flood_of_refusals_asks_nobody(make, own_postgres):
    """The refusal of the database is remembered, for two seconds."""
    stack = warm(make(rate_limit=4))
    assert [stack.post(EVENT).status for _ in range(3)] == [202, 202, 429]
    with own_postgres.frozen():
        for _ in range(3):
            answer = stack.post(EVENT)
            assert answer.status == 429 and 1 <= int(answer.header("Retry-After")) <= 60
    wait_until(lambda: refused(stack) == 4, 10, "each is counted")


def test_what_is_refused_costs_units_and_is_counted(make):
    stack = warm(make(rate_limit=100))
    for body, status in ((b"{", 400), (b"{}", 400), (b'{"message":"%s"}' % (b"x" * 1048576), 413)):
        assert stack.post(body).status == status
    assert stack.used() == 5
    assert dict(stack.sql("SELECT outcome, sum(quantity)::int FROM outcomes GROUP BY 1")) == \
        {"accepted": 2, "malformed": 2, "too_large": 1}


def test_what_is_sent_twice_is_counted_as_that(make):
    stack = warm(make())
    event = events(1)[0]
    assert [stack.post(event).status for _ in range(3)] == [202] * 3
    once(stack, [event])
    assert dict(stack.sql("SELECT outcome, sum(quantity)::int FROM outcomes GROUP BY 1")) == \
        {"accepted": 3, "duplicate": 2}


# ---- what is in the way

@pytest.mark.parametrize("how", ["empty", "cut", "random", "directory", "gone"])
def test_a_spoilt_file_is_in_nobodys_way(make, how):
    stack = warm(make())
    path = stack.spool_dir / "shared"
    size = path.stat().st_size
    path.unlink()
    if how == "directory":
        path.mkdir()
    elif how != "gone":
        path.write_bytes({"empty": b"", "cut": bytes(100), "random": os.urandom(size)}[how])
    sent = events(3)
    for e in sent:
        assert stack.post(e).status == 202
    once(stack, sent)
    assert how == "directory" or path.stat().st_size == size


def test_a_full_spool_leaves_the_database(make):
    stack = warm(make(conf={"spool_max_files": 1}))
    with lock(stack):
        sent = events(3)
        for e in sent:
            assert stack.post(e).status == 202
        assert len(stack.spooled()) == 1
        assert len([r for r in stack.sql("SELECT id FROM events WHERE message LIKE 'e %%'")]) == 2
    stack.drain()
    once(stack, sent)


def test_without_a_spool_all_goes_to_the_database(make):
    stack = make(conf={"spool_dir": ""})
    sent = events(2)
    for e in sent:
        assert stack.post(e).status == 202
    once(stack, sent)


def test_poison_is_put_aside_afterwards(make):
    """It was taken, so nobody can be told; it does not keep the others."""
    stack = warm(make())
    stack.sql("ALTER TABLE events ADD CONSTRAINT no_poison CHECK (title NOT LIKE 'poison%') NOT VALID")
    assert stack.post({"message": "poison"}).status == 202
    stack.good()
    assert len([p for p in stack.poison_dir.rglob("*") if p.is_file()]) == 1


def test_maintenance_tells_what_nobody_else_could(make):
    """The line of cron drains, settles and counts as well."""
    stack = warm(make(rate_limit=100))
    with lock(stack):
        assert stack.post(EVENT).status == 202
        assert stack.post(b"{").status == 400
        assert stack.postgres.sql(stack.database, "SELECT used FROM rate_windows WHERE project_id = 42") == [(2,)]
    stack.ctl("maintenance")
    assert (stack.rows(), stack.used()) == (3, 4)
    assert stack.sql("SELECT sum(quantity)::int FROM outcomes WHERE outcome = 'malformed'") == [(1,)]


# ---- who dies

@pytest.mark.crash_points
@pytest.mark.parametrize("label", ["spool-written", "spool-flushed", "spool-renamed", "spool-kept", "replay-committed",
                                   "replay-removed", "batch-committed"])
def test_whoever_dies_at_any_step(make, tmp_path, label):
    """A client that sends again what had no answer finds each event once, and counted once."""
    stack = warm(make())
    trigger = tmp_path / "crash"
    sent = events(3)
    answers = []
    for i, e in enumerate(sent):
        if i == 1:
            trigger.write_text("")
        answer, _ = run(stack, e, MESHER_CRASH=f"{label}:{trigger}")
        if answer is None or answer.status != 202:
            answer, _ = run(stack, e)
        answers.append(answer.status)
        wait_until(lambda: not has_drainer(stack.spool_dir), 10, "who drains has gone")
    assert answers == [202] * 3 and not trigger.exists()
    stack.good()
    once(stack, sent)
    counted = dict(stack.sql("SELECT outcome, sum(quantity)::int FROM outcomes GROUP BY 1"))
    assert counted["accepted"] == 6
    assert counted.get("duplicate", 0) == (label in ("spool-renamed", "spool-kept")), "sent twice by the client"


def test_load_while_postgresql_is_restarted(make, own_postgres):
    stack = warm(make())
    with client.Load(stack.port, stack.key, threads=3, path=stack.front.path("/api/v1/events")) as load:
        wait_until(lambda: len(load.accepted) > 50, 30)
        own_postgres.stop()
        wait_until(lambda n=len(load.accepted): len(load.accepted) > n + 50, 30)
        own_postgres.start()
        wait_until(lambda n=len(load.accepted): len(load.accepted) > n + 100, 30)
    assert not load.failed and not load.other
    wait_until(lambda: stack.post(EVENT).status == 202 and not stack.spooled(), 20, "all is drained")
    ids = [str(r[0]) for r in stack.sql("SELECT id FROM events")]
    assert len(ids) == len(set(ids)) and set(load.accepted) <= set(ids)


def test_the_log_tells_no_secret_and_no_noise(make):
    stack = warm(make())
    for _ in range(5):
        assert stack.post(EVENT).status == 202
    stack.rows()
    log = (stack.front.top / "lighttpd-stderr.log").read_text() + (stack.front.top / "lighttpd.log").read_text()
    assert not re.search(r'"level":"(warning|error)"', log), log
    assert stack.key not in log
