"""Goal: a responder ends on SIGTERM without losing a request, and stays small whatever it is sent."""

import os
import pathlib
import re
import signal
import subprocess
import threading

import pytest
from harness import bodies
from harness.client import Load
from harness.process import private_kib, proc_status
from harness.stack import FCGI
from harness.wait import wait_until


def test_sigterm_idle(fresh):
    stack = fresh(responders=3)
    stack.good()
    for r in stack.front.responders:
        assert r.terminate(2) == 0


def test_sigterm_never_used(fresh):
    """Also one that has served nothing yet, as soon as it has come to its loop."""
    stack = fresh(responders=3)
    for r in stack.front.responders:
        wait_until(lambda: blocks(r.pid, signal.SIGTERM), 10, "it serves")  # pylint: disable=W0640
        assert r.terminate(2) == 0


def blocks(pid, number):
    """Does the process block or handle the signal?"""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    masks = [int(re.search(f"^{field}:\\s*([0-9a-f]+)", status, re.M)[1], 16) for field in ("SigBlk", "SigCgt")]
    return any(mask >> (number - 1) & 1 for mask in masks)


@pytest.mark.parametrize("mode", ["writer", "direct"])
def test_sigterm_in_a_request(fresh, mode):
    """The request in hand is finished, then it exits with 0."""
    stack = fresh(mode, responders=1)
    stack.good()
    with stack.postgres.connect(stack.database) as c, c.cursor() as cursor:
        c.autocommit = False
        cursor.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        got = []
        t = threading.Thread(target=lambda: got.append(stack.post({"message": "in hand"})))
        t.start()
        wait_until(lambda: stack.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                     "AND datname = %s", stack.database), 10, "it waits")
        stack.front.responders[0].send(signal.SIGTERM)
        c.rollback()
        t.join(20)
    assert got[0].status == 202
    assert stack.front.responders[0].wait(5) == 0
    stack.row(got[0].json()["id"], "id")


def test_restarts_under_load_lose_nothing(fresh):
    stack = fresh(responders=6)
    with Load(stack.port, stack.key, threads=8) as load:
        for n in range(1, 25):
            wait_until(lambda: len(load.accepted) >= 25 * n, 30, "events flow")
            old = stack.front.responders.pop(0)
            stack.front.start_responder()
            assert old.terminate(5) == 0
    assert not load.failed and not load.other, (load.failed + load.other)[:3]
    assert set(load.accepted) <= stack.ids()


def test_sigkill_costs_one_request(fresh):
    stack = fresh(responders=4)
    with Load(stack.port, stack.key, threads=8) as load:
        for n in range(1, 6):
            wait_until(lambda: len(load.accepted) >= 100 * n, 30, "events flow")
            stack.front.responders.pop(0).kill()
            stack.front.start_responder()
    assert set(load.accepted) <= stack.ids()
    assert len(load.failed) <= 5


def test_it_does_not_link_libpq():
    out = subprocess.run(["readelf", "-d", FCGI], capture_output=True, text=True, check=True).stdout
    assert "libpq" not in out and "libfcgi" in out


@pytest.mark.plain
@pytest.mark.parametrize("mode", ["writer", "direct"])
def test_idle_memory(fresh, mode):
    stack = fresh(mode, responders=1)
    for _ in range(20):
        stack.good()
    assert private_kib(stack.front.responders[0].pid) < 8192
    if mode == "writer":
        assert private_kib(stack.writer.pid) < 8192


@pytest.mark.plain
def test_memory_with_a_writer_has_no_libpq(fresh):
    stack = fresh(responders=1)
    for _ in range(5):
        stack.good()
    maps = open(f"/proc/{stack.front.responders[0].pid}/maps", encoding="ascii").read()
    assert "libpq" not in maps


@pytest.mark.plain
def test_memory_stays(fresh):
    """Large ones, bombs and bad ones: what one request took is given back."""
    stack = fresh(responders=1)
    pid = stack.front.responders[0].pid
    gzip, zstd = bodies.zeros_gzip(100 << 20), bodies.zeros_zstd(1 << 30)
    deep, many = bodies.nested(100000), b'{"message":"m","extra":{"x":[' + b"1," * 500000 + b"1]}}"

    def one_round():
        for body, coding in ((bodies.event_of(1048576), None), (gzip, "gzip"), (zstd, "zstd"), (deep, None),
                             (many, None), (b"[" * 1000000, None)):
            stack.post(body, headers={"Content-Encoding": coding} if coding else {})
        stack.bulk([{"message": "x" * 50000}] * 100)

    for _ in range(5):
        one_round()
    peak, at_first = proc_status(pid, "VmHWM"), private_kib(pid)
    for _ in range(10):
        one_round()
    assert peak < 64 * 1024
    assert proc_status(pid, "VmHWM") < peak * 1.3 + 4096
    assert private_kib(pid) < at_first * 1.3 + 4096
    stack.good()


def test_cannot_be_led_to_spin(fresh):
    """libfcgi spins when a signal comes between accept and the first byte: connect, say nothing."""
    import socket
    stack = fresh(responders=1)
    stack.good()
    responder = stack.front.responders[0]
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(stack.front.socket_path))
        responder.send(signal.SIGTERM)
        assert responder.wait(10) == 0
    assert not os.path.exists(f"/proc/{responder.pid}/exe")


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.0\r\n\r\n", b"\0" * 100, b"\xff" * 100, b"\x01\x09" + b"\0" * 100,
    b"\x01\x01\x00\x01\x00\x08\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00"], ids=range(5))
def test_garbage_on_the_socket(fresh, data):
    import socket
    stack = fresh(responders=1)
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(str(stack.front.socket_path))
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        try:
            while s.recv(4096):
                pass
        except ConnectionResetError:
            pass
    stack.good()


def test_under_spawn_fcgi(fresh):
    """As the documents say: spawn-fcgi -F with a file of pids."""
    stack = fresh(responders=1)
    front = stack.front
    sock, pids = front.top / "spawned.sock", front.top / "spawned.pids"
    subprocess.run(["spawn-fcgi", "-s", sock, "-M", "0660", "-b", "1024", "-F", "3", "-P", pids, "--", FCGI],
                   env=front.env(), check=True, capture_output=True, timeout=20)
    found = [int(p) for p in pids.read_text().split()]
    try:
        assert len(found) == 3
        from harness.fastcgi import environment, fastcgi
        body = b'{"message":"spawned"}'
        for _ in range(6):
            got = fastcgi(sock, environment(key=stack.key, CONTENT_LENGTH=str(len(body))), body)
            assert got.status == 202
    finally:
        for p in found:
            os.kill(p, signal.SIGTERM)

    def gone(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as f:
                return f.read().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            return True
    wait_until(lambda: all(gone(p) for p in found), 5, "all end on SIGTERM")
