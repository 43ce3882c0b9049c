"""Goal: behind every web server 200 slow clients (headers, bodies with a key and without, answers that nobody reads)
keep nobody else from sending."""

import socket
import time

import pytest
from harness.client import Connection, request_bytes
from harness.servers import KINDS, Server

pytestmark = pytest.mark.repeats

EACH, GOOD = 50, 200


def header(server, mount):
    return b"POST %s/api/v1/events HTTP/1.1\r\nHost: x\r\nX-Sentry-Au" % mount.encode()


def request(server, mount, body, path="/api/v1/events", key=True):
    head = {"Content-Type": "application/json", **({"X-Sentry-Auth": server.stack.key} if key else {})}
    return request_bytes("POST", mount + path, head, body)


def body(server, mount):
    return request(server, mount, b'{"message":"%s"}' % (b"s" * 200000))[:-150000]


def keyless(server, mount):
    line = b'{"dsn":"http://%s@x/42"}\n' % server.stack.key.encode()
    return request(server, mount, line * 10000, "/api/42/envelope/", key=False)[:-200000]


def deaf(server, mount):
    return request(server, mount, b'{"message":"deaf"}')


def crowd(server, mount, kind):
    held = []
    for _ in range(EACH):
        c = Connection(server.port)
        if kind is deaf:
            c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        c.socket.settimeout(20)
        c.send(kind(server, mount))
        held.append(c)
    return held


def trickle(held):
    """A byte more of each; who was refused meanwhile is left alone."""
    for c in held:
        try:
            c.send(b"s")
        except OSError:
            pass


@pytest.mark.parametrize("kind", KINDS)
def test_slow_clients_keep_nobody_from_sending(fresh, kind):
    stack = fresh("direct" if "cgi" in KINDS[kind][1] else "writer", responders=1)
    stack.ctl("maintenance")
    for p in [*stack.spool_dir.rglob("*"), stack.spool_dir, stack.poison_dir]:
        p.chmod(0o777)
    if stack.writer:
        stack.writer_socket.chmod(0o777)
    server = Server(stack, kind, responders=4, conf={"slow_requests": 1}).start()
    mount = server.mounts[0]
    held = []
    try:
        for each in (header, body, keyless, deaf):
            held += crowd(server, mount, each)
        took = []
        for _ in range(GOOD):
            begun = time.monotonic()
            assert server.post(mount, {"message": "good"}, timeout=20).status == 202
            took.append(time.monotonic() - begun)
            trickle(held[:2 * EACH])
        took.sort()
        print(f"{kind}: median {took[GOOD // 2] * 1000:.0f} ms, p99 {took[GOOD * 99 // 100] * 1000:.0f} ms, "
              f"the slowest {took[-1] * 1000:.0f} ms")
    finally:
        for c in held:
            c.close()
        server.stop()
