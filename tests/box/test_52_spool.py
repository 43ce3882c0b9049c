"""Goal: while PostgreSQL is away, frozen or slow, known keys get 202 and their events are in the database once
afterwards; what the spool cannot take is refused, and nothing that it has taken is touched."""

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
import time
import uuid

import pytest
from harness import client
from harness.client import Load
from harness.stack import CTL, WRITER, clean_environment
from harness.wait import wait_until
from harness.ws import Websocketd, ask, run

MODES = ["writer", "direct"]


@pytest.fixture
def make(fresh, own_postgres):
    """A stack on a server that is running again when the test ends."""
    yield lambda mode="writer", **kwargs: fresh(mode, server=own_postgres, **kwargs)


@contextlib.contextmanager
def away(server, how=signal.SIGINT):
    server.stop(how)
    try:
        yield
    finally:
        if server.process is None:
            server.start()


def events(n, word="e"):
    return [{"message": f"{word} {i}", "event_id": str(uuid.uuid4())} for i in range(n)]


def once(stack, sent):
    """Every event stands in the database once, and every issue has counted its own."""
    stack.drain()
    ids = [str(r[0]) for r in stack.sql("SELECT id FROM events")]
    assert len(ids) == len(set(ids)), "stored twice"
    assert {e["event_id"] for e in sent} <= set(ids), "lost"
    assert stack.sql("SELECT i.id FROM issues i WHERE event_count <> (SELECT count(*) FROM events e "
                     "WHERE (e.project_id, e.issue_id) = (i.project_id, i.id))") == []
    assert not stack.spooled("tmp") and not stack.spooled("bad")


# ---- away

@pytest.mark.parametrize("mode", [*MODES, "cgi"])
def test_known_keys_are_taken_unknown_ones_wait(make, own_postgres, mode):
    stack = make(mode, responders=2)
    for _ in range(4):
        stack.good()
    single, bulk = events(8), events(20, "bulk")
    with away(own_postgres):
        for e in single:
            answer = stack.post(e)
            assert answer.status == 202 and answer.json() == {"status": "accepted", "id": e["event_id"]}
        answer = stack.bulk(bulk)
        assert answer.status == 202 and answer.json()["accepted"] == 20
        unknown = stack.post({"message": "x"}, key="mshr_" + "7" * 48)
        assert unknown.status == 503 and 1 <= int(unknown.header("Retry-After")) <= 5, unknown
        bad = stack.post({"level": "error"})
        assert bad.status == 400 and "message" in bad.json()["error"]
        health = stack.request("GET", "/api/v1/health")
        assert health.status == 200
        assert (health.json()["status"], health.json()["database"], health.json()["spool"]) == \
            ("degraded", "down", "ok")
        assert stack.spooled()
    once(stack, single + bulk)
    stack.good_again()
    wait_until(lambda: stack.request("GET", "/api/v1/health").json()["status"] == "ok", 5)


def test_a_revoked_key_is_not_good_during_an_outage(make, own_postgres):
    """The file of keys is made anew, and lacks it."""
    stack = make(responders=1)
    key = stack.ctl_json("key", "add", 42)["key"]
    wait_until(lambda: stack.post({"message": "x"}, key=key).status == 202, 10)
    stack.ctl("key", "revoke", key)
    stack.ctl("maintenance")
    with away(own_postgres):
        wait_until(lambda: stack.post({"message": "x"}, key=key).status == 503, 10, "its time in the caches is over")
        assert stack.post({"message": "x"}).status == 202


@pytest.mark.parametrize("mode", MODES)
def test_who_starts_during_an_outage_knows_the_keys(make, own_postgres, mode):
    stack = make(mode, responders=1)
    stack.good()
    sent = events(6)
    with away(own_postgres):
        if mode == "writer":
            stack.writer.kill()
            stack.start_writer()
        front = stack.add_front(responders=1)
        for e in sent[:3]:
            assert front.post(e).status == 202
        cgi = stack.add_front(cgi=True)
        for e in sent[3:]:
            assert cgi.post(e).status == 202
    once(stack, sent)


@pytest.mark.parametrize("mode", MODES)
def test_a_websocket_goes_on(make, own_postgres, mode, tmp_path):
    stack = make(mode, responders=2, conf={"slot_dir": str(tmp_path)})
    stack.good()
    server = Websocketd(stack.front)
    sent = events(30)
    try:
        with away(own_postgres):
            async def one(some):
                async with server.connect() as c:
                    return await ask(c, *some)
            answers = run(one(sent[:10]))

            async def through():
                async with server.connect() as c:
                    got = await ask(c, *sent[10:20])
                    await asyncio.get_running_loop().run_in_executor(None, own_postgres.start)
                    return got + await ask(c, *sent[20:])
            answers += run(through())
        assert [a["status"] for a in answers] == ["accepted"] * 30, answers
    finally:
        server.stop()
    once(stack, sent)


def test_draining_begins_within_two_seconds(make, own_postgres):
    stack = make(responders=2)
    stack.good()
    sent = events(10)
    with away(own_postgres):
        for e in sent:
            assert stack.post(e).status == 202
    began = time.monotonic()
    wait_until(lambda: stack.sql("SELECT 1 FROM events WHERE id = %s", sent[0]["event_id"]), 10)
    assert time.monotonic() - began < 8
    once(stack, sent)


def test_oldest_first_beside_new_traffic(make, own_postgres):
    stack = make(responders=4)
    stack.good()
    sent = events(140)
    with away(own_postgres):
        for e in sent:
            assert stack.post(e).status == 202
        assert len(stack.spooled()) == 140, "one at a time: a file each"
        names = [r["name"] for r in stack.ctl_json("spool", "list")]
        assert names == sorted(names)
        load = Load(stack.port, stack.key, threads=4)
        load.__enter__()
    try:
        stack.drain()
        seen = len(load.accepted)
        wait_until(lambda: len(load.accepted) > seen + 100, 30)
    finally:
        load.stop()
    assert not load.failed and not load.other
    once(stack, sent)
    when = dict(stack.sql("SELECT id::text, xmin::text::bigint FROM events WHERE id = ANY(%s::uuid[])",
                          [e["event_id"] for e in sent]))
    order = [when[e["event_id"]] for e in sent]
    assert order == sorted(order)
    assert 140 / 64 <= len(set(order)) < 140, "small files together, 64 at most"
    stack.drain()
    assert set(load.accepted) <= stack.ids()


# ---- frozen, slow

@pytest.mark.parametrize("mode", MODES)
def test_frozen_postgres_holds_nobody_for_long(make, own_postgres, mode):
    stack = make(mode, responders=4)
    for _ in range(8):
        stack.good()
    sent = events(60)
    with own_postgres.frozen():
        began = time.monotonic()
        threads, statuses = [], []
        for e in sent[:8]:
            threads.append(threading.Thread(target=lambda e=e: statuses.append(stack.post(e, timeout=30).status)))
            threads[-1].start()
        for t in threads:
            t.join()
        took = time.monotonic() - began
        assert statuses == [202] * 8
        assert took < 20, f"{took} s: the deadline is 3 s, in direct mode once for the key and once for the event"
        if mode == "writer":
            assert took < 10
            began = time.monotonic()
            for e in sent[8:]:
                assert stack.post(e, timeout=30).status == 202
            assert time.monotonic() - began < 8, "once it is known, nobody waits"
    once(stack, sent if mode == "writer" else sent[:8])
    stack.good_again()


@pytest.mark.parametrize("limit", [200, 1000])
def test_the_deadline_is_the_configured_one(make, limit):
    stack = make(responders=1, conf={"store_timeout": limit})
    stack.good()
    with stack.postgres.connect(stack.database) as c, c.cursor() as cursor:
        c.autocommit = False
        cursor.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        assert stack.post({"message": "slow"}).status == 202
        took = time.monotonic() - began
        c.rollback()
    assert limit / 1000 <= took < limit / 1000 + 4
    stack.drain()


def test_what_waits_behind_a_slow_replay_does_not_wait_long(make, own_postgres):
    """A lock that only the replay meets: live events go to the spool after the deadline."""
    stack = make(responders=2, conf={"statement_timeout": 60000, "store_timeout": 500})
    stack.good()
    sent = events(5)
    with away(own_postgres):
        assert stack.post(sent[0]).status == 202
    # The file is met again and again while the lock is held, and each try takes long.
    with stack.postgres.connect(stack.database) as c, c.cursor() as cursor:
        c.autocommit = False
        cursor.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        for e in sent[1:]:
            began = time.monotonic()
            assert stack.post(e, timeout=30).status == 202
            assert time.monotonic() - began < 8
        c.rollback()
    once(stack, sent)


def test_statements_that_came_through_after_all(make, own_postgres):
    """PostgreSQL thaws and commits what had been given up: the replay meets its own rows."""
    stack = make(responders=4, conf={"store_timeout": 300})
    for _ in range(4):
        stack.good()
    for _ in range(3):
        sent = events(30)
        with own_postgres.frozen():
            answers = client.at_once(stack.port, [stack.front.post_bytes(e) for e in sent])
            assert {a.status for a in answers} == {202}
        once(stack, sent)


# ---- limits

def test_the_limit_holds_across_an_outage(make, own_postgres):
    """The writer goes on counting where the database stopped, and tells it afterwards."""
    stack = make(responders=2, rate_limit=None)
    stack.ctl("project", "set", 42, "rate_limit=30", "rate_window=600")
    wait_until(lambda: stack.ctl_json("project", "show", 42)["rate_limit"] == 30, 5)
    for n in range(10):
        assert stack.post({"message": f"before {n}"}).status == 202
    stack.ctl("maintenance")
    with away(own_postgres):
        statuses = [stack.post({"message": f"during {n}"}).status for n in range(15)]
        assert statuses == [202] * 15
        charged = [stack.post({"level": "x"}).status for n in range(2)]
        assert charged == [400, 400]
    stack.drain()
    wait_until(lambda: stack.used() == 27, 5, "the database knows of the units")
    statuses = [stack.post({"message": f"after {n}"}).status for n in range(4)]
    assert statuses == [202, 202, 202, 429]
    assert stack.rows() == 28


def test_the_limit_is_reached_during_an_outage(make, own_postgres):
    stack = make(responders=2, rate_limit=None)
    stack.ctl("project", "set", 42, "rate_limit=12", "rate_window=600")
    wait_until(lambda: stack.ctl_json("project", "show", 42)["rate_limit"] == 12, 5)
    assert stack.post({"message": "before"}).status == 202
    stack.ctl("maintenance")
    with away(own_postgres):
        first = stack.bulk([{"message": f"b {n}"} for n in range(9)])
        assert first.status == 202 and first.json()["accepted"] == 9
        second = stack.bulk([{"message": f"c {n}"} for n in range(5)])
        assert second.status == 202 and (second.json()["accepted"], second.json()["rejected"]) == (2, 3)
        third = stack.post({"message": "too many"})
        assert third.status == 429 and 500 < int(third.header("Retry-After")) <= 600
    stack.drain()
    assert stack.post({"message": "still too many"}).status == 429
    assert stack.rows() == 12


# ---- full

@pytest.mark.parametrize("mode", MODES)
def test_so_many_files_and_no_more(make, own_postgres, mode):
    stack = make(mode, responders=1, conf={"spool_max_files": 3})
    stack.good()
    sent = events(3)
    with away(own_postgres):
        for e in sent:
            assert stack.post(e).status == 202
        refused = stack.post({"message": "one too many"})
        assert refused.status == 503 and 1 <= int(refused.header("Retry-After")) <= 10
        assert set(refused.json()) == {"error"}
        wait_until(lambda: stack.request("GET", "/api/v1/health").status == 503, 5)
        assert stack.request("GET", "/api/v1/health").json()["spool"] == "full"
        assert stack.ctl_json("status")["spool"]["state"] == "full"
    once(stack, sent)
    assert stack.sql("SELECT 1 FROM events WHERE message = 'one too many'") == []
    stack.good_again()


def test_so_many_bytes_and_no_more(make, own_postgres):
    stack = make(responders=1, conf={"spool_max_bytes": 65536})
    stack.good()
    text = "".join(str(uuid.uuid4()) for _ in range(700))  # about 15 KB when compressed
    accepted = []
    with away(own_postgres):
        for n in range(8):
            e = {"message": f"m {n}", "extra": {"x": text}, "event_id": str(uuid.uuid4())}
            status = stack.post(e).status
            assert status in (202, 429, 503)  # half of it is for other projects
            if status == 202:
                accepted.append(e)
        assert 2 <= len(accepted) < 8
        assert sum(p.stat().st_size for p in stack.spooled()) <= 65536
    once(stack, accepted)
    assert len([r for r in stack.sql("SELECT 1 FROM events WHERE message LIKE 'm %%'")]) == len(accepted)


@pytest.fixture
def small_disk(top):
    """A directory with 128 KiB."""
    assert os.geteuid() == 0, "needs root for a tmpfs"
    path = top / "small"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", path], check=True)
    yield path
    subprocess.run(["umount", "--lazy", path], check=True)  # the stack goes after this
    path.rmdir()


@pytest.mark.plain
def test_disk_full(make, own_postgres, small_disk):
    stack = make(responders=1, conf={"spool_dir": str(small_disk / "spool")})
    stack.spool_dir = small_disk / "spool"
    stack.good()
    text = "".join(str(uuid.uuid4()) for _ in range(700))
    accepted, refused = [], 0
    with away(own_postgres):
        for n in range(12):
            e = {"message": f"m {n}", "extra": {"x": text}, "event_id": str(uuid.uuid4())}
            answer = stack.post(e)
            if answer.status == 202:
                accepted.append(e)
            else:
                assert answer.status == 503 and int(answer.header("Retry-After")) >= 1
                refused += 1
        assert accepted and refused
        assert not stack.spooled("tmp"), "what did not fit is gone"
    once(stack, accepted)


def test_without_a_spool_an_outage_is_503(make, own_postgres):
    stack = make(responders=1, conf={"spool_dir": ""})
    stack.good()
    with away(own_postgres):
        answer = stack.post({"message": "x"})
        assert answer.status == 503 and int(answer.header("Retry-After")) >= 1
        health = stack.request("GET", "/api/v1/health")
        assert health.status == 503 and health.json()["spool"] == "none"
    wait_until(lambda: stack.post({"message": "x"}).status == 202, 15)


def test_a_spool_that_cannot_be_made_stops_the_writer(fresh, top):
    stack = fresh(start=False, conf={"spool_dir": "/proc/nowhere/spool"})
    done = subprocess.run([WRITER, "--conf", stack.conf], env=clean_environment(), capture_output=True,
                          text=True, timeout=20, check=False)
    assert done.returncode == 100 and "spool_dir" in done.stderr


# ---- damage

def test_a_damaged_file_stops_nothing(make, own_postgres):
    stack = make(responders=1)
    stack.good()
    sent = events(5)
    with away(own_postgres):
        for e in sent:
            assert stack.post(e).status == 202
        files = stack.spooled()
        data = bytearray(files[1].read_bytes())
        data[-3] ^= 1
        files[1].write_bytes(data)
        files[3].write_bytes(files[3].read_bytes()[:-10])
        listed = stack.ctl_json("spool", "list")
        assert [r["error"] is None for r in listed] == [True, False, True, False, True]
        assert all(r["state"] == "new" for r in listed)
    stack.drain()
    wait_until(lambda: len(stack.spooled("bad")) == 2, 10)
    good = [sent[0], sent[2], sent[4]]
    assert {e["event_id"] for e in good} <= stack.ids()
    assert stack.log().count("event=spool_damaged") >= 1
    bad = stack.ctl_json("spool", "list")
    assert [r["state"] for r in bad] == ["bad", "bad"]
    assert stack.ctl_run("spool", "show", bad[0]["name"]).returncode == 1
    # Mended by hand, it gets another try.
    data[-3] ^= 1
    stack.spooled("bad")[0].write_bytes(data)
    assert stack.ctl_json("spool", "show", bad[0]["name"])[0]["id"] == sent[1]["event_id"]
    assert stack.ctl_json("spool", "retry", "all")["moved"] == 2
    wait_until(lambda: sent[1]["event_id"] in stack.ids(), 10)
    wait_until(lambda: len(stack.spooled("bad")) == 1, 10, "the other is damaged still")
    stack.good()


def test_commands(make, own_postgres):
    stack = make(responders=1)
    stack.good()
    assert stack.ctl_json("spool", "list") == []
    assert stack.ctl_json("spool", "flush") == {"events": 0, "left": 0}
    sent = events(3)
    with away(own_postgres):
        assert stack.bulk(sent).status == 202
        listed = stack.ctl_json("spool", "list")
        assert len(listed) == 1 and listed[0]["events"] == 3 and listed[0]["submitted_at"].endswith("Z")
        shown = stack.ctl_json("spool", "show", listed[0]["name"])
        assert [r["id"] for r in shown] == [e["event_id"] for e in sent]
        assert {r["project"] for r in shown} == {42} and shown[0]["title"] == "e 0"
        assert listed[0]["name"] in stack.ctl("spool", "list") and "e 1" in stack.ctl("spool", "show", listed[0]["name"])
        status = stack.ctl_json("status")["spool"]
        assert (status["state"], status["files"], status["bad"]) == ("ok", 1, 0)
        assert status["bytes"] == stack.spooled()[0].stat().st_size and status["oldest_s"] >= 0
        assert stack.ctl_run("spool", "show", "nothing").returncode == 3
        assert stack.ctl_run("spool", "retry", "nothing").returncode == 3
        assert stack.ctl_run("spool", "show").returncode == 2
    assert stack.ctl_json("spool", "flush")["left"] == 0
    once(stack, sent)


def test_flush_without_a_writer(make, own_postgres):
    stack = make("direct", responders=2)
    stack.good()
    sent = events(7)
    with away(own_postgres):
        for e in sent:
            assert stack.post(e).status == 202
        assert stack.ctl_run("spool", "flush").returncode == 1
        assert len(stack.spooled()) == 7
    assert stack.ctl_json("spool", "flush") == {"events": 7, "left": 0}
    once(stack, sent)
    with away(own_postgres):
        wait_until(lambda: stack.post(sent[0]).status == 202, 10)
    assert stack.ctl_json("maintenance")["replayed"] == 1
    once(stack, sent)


def test_a_removed_project_does_not_come_back(make, own_postgres):
    stack = make("direct", responders=1)
    other = stack.ctl_json("project", "add", "gone")
    assert stack.post({"message": "x"}, key=other["key"]).status == 202
    with away(own_postgres):
        assert stack.post({"message": "orphan"}, key=other["key"]).status == 202
    stack.ctl("project", "remove", "gone", "--yes")
    assert stack.ctl_json("spool", "flush")["left"] == 0
    assert stack.sql("SELECT 1 FROM events WHERE project_id = %s", other["id"]) == []
    assert not stack.spooled()


# ---- replay

@pytest.mark.plain
def test_replay_at_any_age(make, own_postgres):
    """Committed, but the file is still there, and the ids of that day are forgotten."""
    stack = make(responders=1)
    stack.good()
    sent = events(4)
    with away(own_postgres):
        assert stack.bulk(sent).status == 202
        kept = {p: p.read_bytes() for p in stack.spooled()}
    once(stack, sent)
    stack.writer.terminate()
    for path, data in kept.items():
        path.write_bytes(data)
    stack.sql("UPDATE event_ids SET received_at = received_at - interval '2 days'")
    env = {**clean_environment(), "LD_PRELOAD": "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "FAKETIME": "+2d"}
    done = subprocess.run([CTL, "--conf", stack.conf, "spool", "flush"], env=env,
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert not stack.spooled()
    stack.start_writer()
    once(stack, sent)
    assert stack.sql("SELECT sum(event_count) FROM issues")[0][0] == stack.rows()




def test_one_project_leaves_half_of_the_spool_to_others(make, own_postgres):
    """Who sends much in an outage is told to wait; others are taken, and all of it is stored."""
    stack = make(responders=1, conf={"spool_max_bytes": 400000})
    other = stack.ctl_json("project", "add", "other")
    stack.good()
    stack.good(key=other["key"])
    sent = []
    with away(own_postgres):
        for _ in range(60):
            event = {"message": "much", "event_id": str(uuid.uuid4()), "extra": {"x": os.urandom(5000).hex()}}
            answer = stack.post(event)
            if answer.status != 202:
                break
            sent.append(event)
        assert answer.status == 429 and int(answer.header("Retry-After")) == 60, answer
        assert 10 <= len(sent) <= 40
        for event in events(20, "little"):
            assert stack.post(event, key=other["key"]).status == 202
            sent.append(event)
    once(stack, sent)
    with away(own_postgres):  # the spool was empty: it has its share again
        again = {"message": "again", "extra": {"x": os.urandom(5000).hex()}}
        wait_until(lambda: stack.post(again).status == 202, 10, "a refusal is forgotten")
