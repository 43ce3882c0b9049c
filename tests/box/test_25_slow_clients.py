"""Goal: clients that are slow, leave or never read harm nobody else, whatever their number."""

import os
import pathlib
import resource
import select
import socket
import struct
import sys
import threading
import time

import pytest
from harness.client import Connection, encode, request_bytes
from harness.fastcgi import BEGIN, PARAMS, STDIN, cgi_answer, environment, params, read_records, record, stream
from harness.stack import KEY
from harness.wait import wait_until

HEAD = {"X-Sentry-Auth": KEY, "Content-Type": "application/json"}


def test_one_byte_at_a_time(stack):
    """A byte, then other people's requests, then a byte."""
    data = request_bytes("POST", "/api/v1/events", HEAD, b'{"message":"slow"}')
    with Connection(stack.port) as c:
        for i in range(len(data)):
            c.send(data[i:i + 1])
            if i % 40 == 0:
                stack.good()
        assert c.answer().status == 202


def test_one_byte_a_second_many_of_them(stack):
    """More of them than there are responders; nobody waits for them."""
    body = b'{"message":"slow"}'
    data = request_bytes("POST", "/api/v1/events", HEAD, body)
    slow = [Connection(stack.port) for _ in range(100)]
    try:
        for c in slow:
            c.send(data[:-5])
        sent, begun = 0, time.monotonic()
        while sent < 5:
            stack.good()
            if time.monotonic() >= begun + sent:
                for c in slow:
                    c.send(data[len(data) - 5 + sent:len(data) - 4 + sent])
                sent += 1
        assert {c.answer().status for c in slow} == {202}
    finally:
        for c in slow:
            c.close()


def test_hang_up_in_mid_body(stack):
    before = stack.rows()
    data = request_bytes("POST", "/api/v1/events", HEAD, encode({"message": "x" * 200000}))
    for n in range(50):
        c = Connection(stack.port)
        c.send(data[:len(data) // 2 + n])
        if n % 2:  # a reset instead of an orderly close
            c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        c.close()
    stack.good()
    assert stack.rows() == before + 1


def test_never_reads_its_answer(stack):
    idle = []
    for _ in range(50):
        c = Connection(stack.port)
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        c.send(request_bytes("POST", "/api/v1/events", HEAD, b'{"message":"deaf"}'))
        idle.append(c)
    for _ in range(5):
        stack.good()
    wait_until(lambda: stack.sql("SELECT count(*) FROM events WHERE message = 'deaf'")[0][0] == 50, 20)
    for c in idle:
        c.close()


def test_never_reads_many_answers(stack):
    """Pipelined requests, nothing read."""
    with Connection(stack.port) as c:
        c.socket.settimeout(2)
        data = request_bytes("POST", "/api/v1/events/bulk", HEAD, encode([{}] * 100), close=False)
        try:
            for _ in range(200):
                c.send(data)
        except (TimeoutError, OSError):
            pass
        stack.good()


def test_half_a_header(stack):
    held = [Connection(stack.port) for _ in range(100)]
    for c in held:
        c.send(b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nX-Sentry-Au")
    stack.good()
    for c in held:
        c.close()


# ---- past the server: whoever streams bodies to the responder

def test_a_body_that_does_not_come_is_given_up(fresh):
    """body_timeout: a responder is not held for ever, and says so."""
    stack = fresh(responders=1, conf={"body_timeout": 1})
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(str(stack.front.socket_path))
        env = environment(key=stack.key, CONTENT_LENGTH="100")
        s.sendall(record(BEGIN, struct.pack("!HB5x", 1, 0)) + stream(PARAMS, params(env)) + record(STDIN, b"{"))
        begun = time.monotonic()
        answer = cgi_answer(read_records(s))
        assert time.monotonic() - begun < 10
        assert answer is None or answer.status in (400, 408), answer
    stack.good()


def test_half_a_record_is_given_up(fresh):
    stack = fresh(responders=1, conf={"body_timeout": 1})
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(stack.front.socket_path))
        s.sendall(record(BEGIN, struct.pack("!HB5x", 1, 0)) + b"\x01\x04\x00\x01\x00\xff")
        got = []
        t = threading.Thread(target=lambda: got.append(stack.post({"message": "behind it"}, timeout=20)))
        t.start()
        t.join(25)
    assert got and got[0].status == 202


@pytest.mark.parametrize("n", [20])
def test_more_clients_than_responders(fresh, n):
    stack = fresh(responders=1)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(stack.post({"message": "q"}).status))
               for _ in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert answers == [202] * n


class Peer:
    """A web server of our own: a request on the responders' socket, its body as slow as we like."""

    def __init__(self, stack, keep=False, at=None, **env):
        """at: an address to connect to, where it is not the stack's own socket."""
        self.socket = socket.socket(socket.AF_UNIX if at is None else socket.AF_INET)
        self.socket.settimeout(30)
        self.socket.connect(at or str(stack.front.socket_path))
        env.setdefault("key", stack.key)
        env.setdefault("CONTENT_LENGTH", "100")
        self.socket.sendall(record(BEGIN, struct.pack("!HB5x", 1, int(keep))) + stream(PARAMS, params(environment(**env))))

    def body(self, data, end=False):
        self.socket.sendall(stream(STDIN, data, end))

    def answer(self):
        return cgi_answer(read_records(self.socket))

    def answered(self):
        """Is there anything to read now?"""
        return bool(select.select([self.socket], [], [], 0)[0])

    def closed(self):
        try:
            return self.socket.recv(1000) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.socket.close()


ENVELOPE = {"path": "/api/42/envelope/", "CONTENT_TYPE": "application/x-sentry-envelope"}


@pytest.mark.parametrize("env", [{}, ENVELOPE, {"path": "/api/v1/events/bulk"}], ids=["event", "envelope", "bulk"])
def test_a_byte_at_a_time_is_given_up(fresh, env):
    """Each byte is a reason to wait on; the whole body has its time all the same."""
    stack = fresh(responders=1, conf={"body_timeout": 1})
    peer = Peer(stack, **env, CONTENT_LENGTH="100000")
    begun = time.monotonic()
    try:
        for _ in wait_for(20):
            if peer.answered():
                break
            peer.body(b"{")
    except BrokenPipeError:
        pass
    assert peer.answer().status == 408
    assert time.monotonic() - begun < 10
    stack.good()


def wait_for(seconds):
    """Turns of 20 ms until a deadline, which is a failure."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        select.select([], [], [], 0.02)
    raise AssertionError(f"nothing happened in {seconds} s")


def test_without_a_key_a_body_is_not_waited_for_long(fresh):
    """Two seconds of the thirty that a known sender has."""
    stack = fresh(responders=1)
    peer = Peer(stack, key=None, **ENVELOPE)
    peer.body(b"{")
    begun = time.monotonic()
    assert peer.answer().status == 408
    assert time.monotonic() - begun < 15
    stack.good()


@pytest.mark.parametrize("known", [True, False])
def test_only_so_many_may_be_slow(fresh, known):
    """One place, three slow requests: one goes on and is stored, the others give their responder back."""
    stack = fresh(responders=3, conf={"slow_requests": 1, "body_timeout": 20})
    body = b'{"dsn":"http://%s@x/42"}\n{"type":"event"}\n{"message":"slow"}\n' % stack.key.encode()
    peers = [Peer(stack, CONTENT_LENGTH=str(len(body)), **ENVELOPE, **({} if known else {"key": None}))
             for _ in range(3)]
    for p in peers:
        p.body(body[:10])
    wait_until(lambda: sum(p.answered() for p in peers) == 2, 10, "two are refused")
    last = next(p for p in peers if not p.answered())
    assert [p.answer().status for p in peers if p is not last] == [408, 408]
    stack.good()
    last.body(body[10:], end=True)
    assert last.answer().status == 200
    again = Peer(stack, CONTENT_LENGTH=str(len(body)), **ENVELOPE)  # the place is free again
    again.body(body[:10])
    for _ in range(20):
        stack.good()
    assert not again.answered()
    again.body(body[10:], end=True)
    assert again.answer().status == 200


def has_place(stack):
    """Has somebody taken one?  Its name has the number of the socket on which the responders listen."""
    name = b"mesher-slow-" + os.fstat(stack.front.listening.fileno()).st_ino.to_bytes(8, sys.byteorder)
    return name.replace(b"\0", b"@") in pathlib.Path("/proc/net/unix").read_bytes()


def test_a_place_is_free_when_its_holder_dies(fresh):
    stack = fresh(responders=1, conf={"slow_requests": 1})
    for _ in range(2):
        peer = Peer(stack)
        peer.body(b"{")
        wait_until(lambda: has_place(stack), 10, "a place is taken")
        stack.front.responders.pop().kill()
        stack.front.start_responder()
        wait_until(lambda: not has_place(stack), 10, "it is free")
    stack.good()


def descriptors(process):
    return len(list(pathlib.Path(f"/proc/{process.pid}/fd").iterdir()))


def test_who_keeps_the_connection_is_refused_and_nothing_leaks(fresh):
    """FCGI_KEEP_CONN: answered, then closed; a descriptor was lost for each."""
    stack = fresh(responders=1)
    stack.good()
    responder = stack.front.responders[0]
    wait_until(lambda: descriptors(responder) < 20, 10)
    before = descriptors(responder)
    for i in range(100):
        body = b'{"message":"kept"}'
        peer = Peer(stack, keep=True, CONTENT_LENGTH=str(len(body)))
        peer.body(body, end=True)
        assert peer.answer().status == 202
        assert peer.closed()
        peer.close()
    wait_until(lambda: descriptors(responder) <= before, 10, "all are closed")
    assert responder.alive()


def test_an_early_answer_is_read_by_who_still_sends(fresh):
    """401 with the body unread: the connection is closed when the peer has, and holds nobody up."""
    stack = fresh(responders=1)
    peers = [Peer(stack, key="wrong", CONTENT_LENGTH="1000000") for _ in range(5)]
    for _ in range(3):
        stack.good()
    for p in peers:
        p.body(b"x" * 1000)
        assert p.answer().status == 401


def test_out_of_descriptors(fresh):
    """A responder lives through it, and serves again."""
    stack = fresh(responders=1)
    assert stack.front.fastcgi(b'{"message":"good"}').status == 202  # it has closed this connection, and has no other
    responder = stack.front.responders[0]
    limits = resource.prlimit(responder.pid, resource.RLIMIT_NOFILE)

    def post_without_descriptors():
        """With the limit at what is open now.  A connection that was just closing leaves one: then it is answered."""
        taken = max(int(p.name) for p in pathlib.Path(f"/proc/{responder.pid}/fd").iterdir()) + 1
        resource.prlimit(responder.pid, resource.RLIMIT_NOFILE, (taken, limits[1]))
        answers = []
        t = threading.Thread(target=lambda: answers.append(stack.post({"message": "waits"}, timeout=30).status))
        t.start()
        wait_until(lambda: answers or "event=out_of_resources" in stack.log(), 20, "it is answered, or logged")
        return t, answers

    t, answers = post_without_descriptors()
    for _ in range(10):
        if "event=out_of_resources" in stack.log():
            break
        t.join(30)
        resource.prlimit(responder.pid, resource.RLIMIT_NOFILE, limits)
        t, answers = post_without_descriptors()
    assert "event=out_of_resources" in stack.log()
    resource.prlimit(responder.pid, resource.RLIMIT_NOFILE, limits)
    t.join(30)
    assert answers == [202] and responder.alive()
    stack.good()


def test_over_tcp(fresh):
    """A responder on a TCP socket, which libfcgi accepts itself: the same deadlines, and nothing leaks."""
    stack = fresh(responders=1)
    front = stack.front
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(100)
        at = listening.getsockname()
        front.listening, mine = listening, front.listening  # until it is started
        responder = front.start_responder()
        front.listening = mine
        peer = Peer(stack, at=at, key=None, **ENVELOPE)
        peer.body(b"{")
        assert peer.answer().status == 408
        body = b'{"message":"over TCP"}'
        for _ in range(20):
            peer = Peer(stack, at=at, keep=True, CONTENT_LENGTH=str(len(body)))
            peer.body(body, end=True)
            assert peer.answer().status == 202 and peer.closed()
            peer.close()
        wait_until(lambda: descriptors(responder) < 20, 10, "all are closed")
