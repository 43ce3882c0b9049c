"""Goal: clients that are slow, leave or never read harm nobody else, whatever their number."""

import socket
import struct
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
