"""Goal: a process that dies at any labelled step of storing, spooling and replaying: whoever resends what had no
answer finds each event stored once, and every 202 is kept."""

import threading
import uuid

import pytest
from harness import client
from harness.wait import wait_until

pytestmark = pytest.mark.crash_points

STORE = ["batch-admitted", "store-sent", "batch-committed"]
SPOOL = ["spool-written", "spool-flushed", "spool-renamed", "spool-kept"]
REPLAY = ["replay-committed", "replay-removed"]


class Supervised:
    """A stack whose dead processes are started again, and a client that resends."""

    def __init__(self, fresh, server, mode, label, trigger):
        self.stack = fresh(mode, server=server, responders=2, env={"MESHER_CRASH": f"{label}:{trigger}"})
        self.trigger, self.crashes = trigger, 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        for _ in range(4):
            self.stack.good()
        self.thread.start()

    def watch(self):
        stack = self.stack
        while not self.stopping.wait(0.02):
            if stack.writer and not stack.writer.alive():
                stack.writer.any_end = True
                self.crashes += 1
                stack.start_writer()
            for dead in [p for p in stack.front.responders if not p.alive()]:
                dead.any_end = True
                self.crashes += 1
                stack.front.responders.remove(dead)
                stack.front.start_responder()

    def send(self, event):
        """Until there is a 202, as a client that keeps its promise does."""
        def accepted():
            try:
                return self.stack.post(event, timeout=20).status == 202
            except (client.Closed, OSError):
                return False
        wait_until(accepted, 30, "the event is accepted")

    def crash(self):
        self.trigger.write_text("")

    def crashed(self):
        wait_until(lambda: not self.trigger.exists() and self.crashes > 0, 30, "the process died at the point")

    def stop(self):
        self.stopping.set()
        self.thread.join()


@pytest.fixture
def supervised(fresh, own_postgres, tmp_path):
    made = []

    def make(mode, label):
        made.append(Supervised(fresh, own_postgres, mode, label, tmp_path / "crash"))
        return made[-1]
    yield make
    for s in made:
        s.stop()
    if own_postgres.process is None:
        own_postgres.start()


def events(n):
    return [{"message": f"e {i}", "event_id": str(uuid.uuid4()), "fingerprint": "one"} for i in range(n)]


def check(s, sent):
    wait_until(lambda: not s.stack.spooled(), 30) if s.stack.mode == "writer" else s.stack.drain()
    ids = [str(r[0]) for r in s.stack.sql("SELECT id FROM events WHERE message LIKE 'e %%'")]
    assert sorted(ids) == sorted(e["event_id"] for e in sent)
    assert s.stack.sql("SELECT i.id FROM issues i WHERE event_count <> (SELECT count(*) FROM events e "
                       "WHERE (e.project_id, e.issue_id) = (i.project_id, i.id))") == []
    assert not s.stack.spooled("bad")
    wait_until(lambda: s.stack.mode != "writer" or not s.stack.spooled("tmp"), 15, "nothing is left in tmp/")


@pytest.mark.parametrize("mode, label", [*(("writer", x) for x in (*STORE, "before-verdicts")),
                                         *(("direct", x) for x in STORE)])
def test_who_stores_while_it_stores(supervised, mode, label):
    s = supervised(mode, label)
    sent = events(3)
    s.send(sent[0])
    s.crash()
    s.send(sent[1])
    s.crashed()
    s.send(sent[2])
    check(s, sent)


@pytest.mark.parametrize("label", SPOOL)
@pytest.mark.parametrize("mode", ["writer", "direct"])
def test_while_it_spools(supervised, own_postgres, mode, label):
    s = supervised(mode, label)
    sent = events(4)
    own_postgres.stop()
    s.send(sent[0])
    s.crash()
    s.send(sent[1])
    s.crashed()
    s.send(sent[2])
    own_postgres.start()
    wait_until(lambda: s.stack.post(sent[3]).status == 202, 15)
    check(s, sent)


@pytest.mark.parametrize("label", REPLAY)
def test_while_it_replays(supervised, own_postgres, label):
    s = supervised("writer", label)
    sent = events(6)
    own_postgres.stop()
    for e in sent:
        s.send(e)
    s.crash()
    own_postgres.start()
    s.crashed()
    check(s, sent)


def test_mesherctl_while_it_replays(fresh, own_postgres, tmp_path):
    stack = fresh("direct", server=own_postgres, responders=1)
    stack.good()
    sent = events(5)
    own_postgres.stop()
    try:
        for e in sent:
            assert stack.post(e).status == 202
    finally:
        own_postgres.start()
    for label in REPLAY:
        (tmp_path / "crash").write_text("")
        done = stack.ctl_run("spool", "flush", env={"MESHER_CRASH": f"{label}:{tmp_path / 'crash'}"})
        assert done.returncode < 0, label
    assert stack.ctl_json("spool", "flush")["left"] == 0
    ids = [str(r[0]) for r in stack.sql("SELECT id FROM events WHERE message LIKE 'e %%'")]
    assert sorted(ids) == sorted(e["event_id"] for e in sent)
