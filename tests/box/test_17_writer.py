"""Goal: whatever happens to the writer, no 202 is missing from the database and nothing is stored twice;
what is nonsense to it harms only whoever sent it."""

import ctypes
import os
import pathlib
import signal
import socket
import struct
import time

import pytest
from harness import client
from harness.client import Load
from harness.process import cpu_ticks
from harness.wait import wait_until


def check(stack, load):
    """Every 202 is there once, and every issue has counted its events."""
    stack.drain()
    stored = [str(r[0]) for r in stack.sql("SELECT id FROM events")]
    assert len(stored) == len(set(stored)), "stored twice"
    assert len(load.accepted) == len(set(load.accepted))
    missing = set(load.accepted) - set(stored)
    assert not missing, f"{len(missing)} of {len(load.accepted)} are missing"
    assert stack.sql("SELECT i.id FROM issues i WHERE event_count <> (SELECT count(*) FROM events e "
                     "WHERE (e.project_id, e.issue_id) = (i.project_id, i.id))") == []
    assert not load.other, load.other[:3]


def test_sigkill_under_load(fresh):
    stack = fresh(responders=8)
    with Load(stack.port, stack.key) as load:
        for n in range(1, 6):
            wait_until(lambda: len(load.accepted) >= 150 * n, 30, "events flow")
            stack.writer.kill()
            stack.start_writer()
        wait_until(lambda: len(load.accepted) >= 1200, 30, "events flow again")
    check(stack, load)
    assert not load.failed, "the responder submits again, so that no client sees it"


def test_sigkill_and_nobody_comes(fresh):
    """Without a writer the responders store for themselves."""
    stack = fresh(responders=8)
    with Load(stack.port, stack.key) as load:
        wait_until(lambda: len(load.accepted) >= 200, 30, "events flow")
        stack.writer.kill()
        before = len(load.accepted)
        wait_until(lambda: len(load.accepted) >= before + 300, 30, "events flow on")
    check(stack, load)
    assert not load.failed, load.failed[:3]


def test_sigterm_under_load(fresh):
    stack = fresh(responders=8)
    with Load(stack.port, stack.key) as load:
        for n in range(1, 4):
            wait_until(lambda: len(load.accepted) >= 200 * n, 30, "events flow")
            assert stack.writer.terminate(10) == 0
            stack.start_writer()
    check(stack, load)
    assert not load.failed, load.failed[:3]


def test_sigstop_does_not_hold_clients_for_ever(fresh):
    """A writer that hangs is as good as none, after a while."""
    stack = fresh(responders=2, conf={"submit_timeout": 1})
    stack.good()
    stack.writer.send(signal.SIGSTOP)
    try:
        began = time.monotonic()
        for n in range(10):
            assert stack.post({"message": "while it hangs"}, timeout=20).status == 202
        assert time.monotonic() - began < 9, "one time-out for each responder, not one for each request"
        assert len(stack.spooled()) == 10
    finally:
        stack.writer.send(signal.SIGCONT)
    stack.drain()
    wait_until(lambda: len(stack.sql("SELECT 1 FROM events WHERE message = 'while it hangs'")) == 10, 10)
    stack.good_again()


def test_writer_that_comes_later_is_used(fresh):
    stack = fresh(responders=2)
    stack.writer.kill()
    stack.good()
    writer = stack.start_writer()
    wait_until(lambda: stack.post({"message": "x"}).status == 202 and clients(writer.pid) > 0, 10,
               "a responder connects to the new writer")


def clients(pid):
    """Descriptors of the process that are sockets."""
    n = 0
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            n += os.readlink(fd).startswith("socket:")
        except OSError:
            pass
    return n


@pytest.mark.parametrize("data", [
    b"\0" * 64, b"\xff" * 64, b"GET / HTTP/1.0\r\n\r\n", os.urandom(4096), struct.pack("!I", 0xFFFFFFFF),
    struct.pack("!I", 0) * 10, struct.pack("!I", 5) + b"\x7fabcd", struct.pack("!I", 16) + b"\x01" * 16,
    struct.pack("<I", 5) + b"\x01abcd"], ids=range(9))
def test_garbage_is_disconnected(stack, data):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(str(stack.writer_socket))
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            while s.recv(4096):
                pass
        except (ConnectionResetError, BrokenPipeError):
            pass
    assert stack.writer.alive()
    stack.good()


def frame(kind, body):
    return struct.pack("!IBBI", 6 + len(body), 2, kind, 1) + body


def field(value):
    return struct.pack("!I", 0xFFFFFFFF) if value is None else struct.pack("!I", len(value)) + value


def submit(project, item):
    return frame(2, struct.pack("!qBH", project, 0, 1) + field(item))


def row(received=0, happened=0, tags=None, title=b"title", level=b"error"):
    """An event's row; times in microseconds since 2000."""
    fields = [os.urandom(16), struct.pack("!q", received), struct.pack("!q", happened), b"0123456789abcdef",
              level, title, *[None] * 8, tags, b"payload"]
    return b"".join(map(field, fields))


def client_report(quantity, received=0, reason=b"queue_overflow"):
    return b"\4" + b"".join(map(field, (os.urandom(16), struct.pack("!q", received), reason, b"error",
                                        struct.pack("!q", quantity))))


LARGEST, SMALLEST = 2 ** 63 - 1, -2 ** 63
OUT_OF_RANGE = {
    "a project of -2^63": submit(SMALLEST, b""),
    "a project below 1": submit(-1, b""),
    "no project": submit(0, b""),
    "a row of it": submit(SMALLEST, row()),
    "received at the end of time": submit(42, row(received=LARGEST)),
    "received before it": submit(42, row(received=SMALLEST)),
    "received in the year 294000": submit(42, row(received=292000 * 31556952 * 10 ** 6)),
    "happened before time": submit(42, row(happened=SMALLEST + 1)),
    "jsonb without a version": submit(42, row(tags=b"")),
    "jsonb of another version": submit(42, row(tags=b"\7{}")),
    "a title with a zero byte": submit(42, row(title=b"a\0b")),
    "a level that is no UTF-8": submit(42, row(level=b"\xff")),
    "a quantity of 2^63 - 1": submit(42, client_report(LARGEST)),
    "a quantity below 0": submit(42, client_report(-1)),
    "a report at the end of time": submit(42, client_report(1, received=LARGEST)),
    "a reason that is no UTF-8": submit(42, client_report(1, reason=b"\xc3")),
    "a key that is no UTF-8": frame(1, b"\xff" * 64),
    "pages of no project": frame(5, struct.pack("!q", SMALLEST)),
    "a connection of no project": frame(4, struct.pack("!qB", SMALLEST, 0)),
    "an outcome below 0": frame(6, struct.pack("!qqBq", 42, 0, 2, -1)),
    "an outcome of no project": frame(6, struct.pack("!qqBq", SMALLEST, 0, 2, 1)),
}


@pytest.mark.parametrize("name", OUT_OF_RANGE)
def test_out_of_range_harms_nobody_else(stack, name):
    """What PostgreSQL would refuse is refused before anything else sees it, and no outage for the others."""
    before = len(stack.writer.text())
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(str(stack.writer_socket))
        s.sendall(OUT_OF_RANGE[name])
        assert s.recv(1) == b"", "the connection is closed"
    stack.good()
    log = stack.writer.text()[before:]
    assert "event=spooled" not in log and "event=poison" not in log and not stack.spooled()


class Hash128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def spool_file(frames, events=1):
    """A whole file of the spool, as src/spool/spool.h has it."""
    library = ctypes.CDLL("libxxhash.so.0")
    library.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    library.XXH3_64bits.restype = ctypes.c_uint64
    library.XXH3_128bits_withSeed.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]
    library.XXH3_128bits_withSeed.restype = Hash128
    head = b"mshspool" + struct.pack("!IIqQ", 1, events, 0, len(frames))
    sum128 = library.XXH3_128bits_withSeed(frames, len(frames), library.XXH3_64bits(head, len(head)))
    return head + struct.pack("!QQ", sum128.high, sum128.low) + frames


@pytest.mark.parametrize("name", ["a row of it", "received at the end of time", "jsonb without a version",
                                  "a quantity of 2^63 - 1", "a level that is no UTF-8"])
def test_out_of_range_in_the_spool_goes_to_bad(fresh, name):
    stack = fresh(responders=2)
    new = stack.spool_dir / "new"
    (stack.spool_dir / "tmp/0").write_bytes(spool_file(OUT_OF_RANGE[name]))
    (stack.spool_dir / "tmp/0").rename(new / f"{1:016x}-{1:016x}")
    wait_until(lambda: stack.spooled("bad"), 10, "it lies in bad/")
    assert not stack.spooled()
    stack.good()
    assert "event=spooled" not in stack.log()


def test_data_that_is_refused_is_no_outage(fresh):
    """SQLSTATE 22003 where nobody expects it: the others are counted and stored at once all the same."""
    stack = fresh(responders=2)
    other = stack.ctl_json("project", "add", "other", "--id", 43)["key"]
    stack.sql("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.project_id = 43 THEN "
              "RAISE numeric_value_out_of_range; END IF; RETURN NEW; END $$")
    stack.sql("CREATE TRIGGER refuse BEFORE INSERT ON rate_windows FOR EACH ROW EXECUTE FUNCTION refuse()")
    stack.sql("CREATE TRIGGER refuse BEFORE INSERT ON outcomes FOR EACH ROW EXECUTE FUNCTION refuse()")
    answers = client.at_once(stack.port, [stack.front.post_bytes({"message": f"event {n}"}, key=key)
                                          for n in range(10) for key in (stack.key, other)])
    assert [a.status for a in answers] == [202, 500] * 10
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(stack.writer_socket))
        s.sendall(frame(6, struct.pack("!qqBq", 43, 0, 2, 7) + struct.pack("!qqBq", 42, 0, 2, 7)))
        wait_until(lambda: stack.sql("SELECT 1 FROM outcomes WHERE quantity = 7 AND project_id = 42"), 10, "told")
    assert stack.rows() == 10 and not stack.spooled()
    assert "event=spooled" not in stack.log() and "event=poison" in stack.writer.text()


def test_silent_and_half_clients_do_no_harm(stack):
    held = []
    for n in range(50):
        s = socket.socket(socket.AF_UNIX)
        s.connect(str(stack.writer_socket))
        if n % 2:
            s.sendall(struct.pack("!I", 1000)[: 1 + n % 4])
        held.append(s)
    for _ in range(10):
        stack.good()
    for s in held:
        s.close()
    stack.good()


def test_poison_row(fresh):
    """PostgreSQL refuses one row of a batch: that one alone gets 500, and is kept on disk."""
    stack = fresh(responders=4)
    stack.sql("ALTER TABLE events ADD CONSTRAINT no_poison CHECK (title NOT LIKE 'poison%') NOT VALID")
    results = stack.bulk([{"message": f"fine {n}"} for n in range(40)] + [{"message": "poison 1"}]
                         + [{"message": f"fine {n}"} for n in range(40)] + [{"message": "poison 2"}])
    assert results.status == 202, results
    body = results.json()
    assert (body["accepted"], body["rejected"]) == (80, 2)
    assert [i for i, r in enumerate(body["results"]) if r.get("status") == 500] == [40, 81]
    assert stack.rows() == 80
    files = [p for p in stack.poison_dir.rglob("*") if p.is_file()]
    assert len(files) == 2, files
    assert all(p.stat().st_mode & 0o077 == 0 for p in files), "what a client sent is nobody else's"
    single = stack.post({"message": "poison 3"})
    assert single.status == 500
    assert set(single.json()) == {"error"}
    assert "CHECK" not in single.body.decode() and "no_poison" not in single.body.decode()
    stack.good()


def test_poison_by_trigger_under_load(fresh):
    """An error of another class (22), with neighbours from many clients."""
    stack = fresh(responders=8)
    stack.sql("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
              "IF NEW.title LIKE '%%poison%%' THEN PERFORM 1 / 0; END IF; RETURN NEW; END $$")
    stack.sql("CREATE TRIGGER refuse BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse()")

    def make(thread, n):
        return {"message": "poison" if n % 20 == 0 else f"load {thread}-{n}"}

    with Load(stack.port, stack.key, make=make) as load:
        wait_until(lambda: len(load.accepted) >= 500, 60, "events flow")
    check(stack, load)
    assert load.failed and {a.status for a in load.failed} == {500}
    assert stack.rows() == len(load.accepted)
    assert sum(p.is_file() for p in stack.poison_dir.rglob("*")) == len(load.failed)


def test_client_gone_before_the_commit_is_stored(fresh):
    """What the writer has taken it stores, whoever still waits for the answer."""
    stack = fresh(responders=1)
    with stack.postgres.connect(stack.database) as c, c.cursor() as cursor:
        c.autocommit = False
        cursor.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        import threading
        got = []

        def send():
            try:
                got.append(stack.post({"message": "orphan"}, timeout=20))
            except Exception as e:  # the responder that had it was killed
                got.append(e)
        t = threading.Thread(target=send)
        t.start()
        wait_until(lambda: stack.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                     "AND datname = %s", stack.database), 10, "the writer waits")
        stack.front.responders[0].kill()
        c.rollback()
        t.join(30)
    wait_until(lambda: stack.sql("SELECT 1 FROM events WHERE message = 'orphan'"), 10, "stored")
    assert getattr(got[0], "status", 0) != 202
    stack.front.responders.clear()


@pytest.mark.plain
def test_idle_it_uses_no_cpu(fresh):
    stack = fresh()
    stack.good()
    before = [cpu_ticks(p.pid) for p in (stack.writer, *stack.front.responders)]
    until = time.monotonic() + 3
    wait_until(lambda: time.monotonic() > until, 5)
    after = [cpu_ticks(p.pid) for p in (stack.writer, *stack.front.responders)]
    assert sum(after) - sum(before) <= 1, (before, after)


def test_one_writer_only(stack):
    """A second one on the same socket does not take it away from the first."""
    import subprocess
    from harness.stack import WRITER, clean_environment
    done = subprocess.run([WRITER, "--conf", stack.conf], env=clean_environment(), timeout=20,
                          capture_output=True, text=True, check=False)
    assert done.returncode in (100, 111), done.stderr
    stack.good()
    assert stack.writer.alive()


def test_stale_socket_file_is_replaced(fresh):
    stack = fresh()
    stack.writer.kill()
    assert stack.writer_socket.exists()
    stack.start_writer()
    stack.good()
    assert stack.writer.terminate() == 0
    assert not stack.writer_socket.exists(), "taken away at the end"


def test_socket_mode(stack):
    assert stack.writer_socket.stat().st_mode & 0o777 == 0o660


def test_many_responders(fresh):
    """More responders than the writer takes: nothing is lost, and nobody waits for ever."""
    stack = fresh(responders=12, conf={"writer_clients": 4})
    with Load(stack.port, stack.key, threads=24) as load:
        wait_until(lambda: len(load.accepted) >= 500, 60, "events flow")
    check(stack, load)
    assert {a.status for a in load.failed} <= {503}
