"""HTTP by hand: sends exactly the given bytes."""

import json
import selectors
import socket
import time


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        """Returns the value, or None; raises an error if the header occurs twice."""
        found = [v for k, v in self.headers if k.lower() == name.lower()]
        assert len(found) < 2, f"{name} came {len(found)} times"
        return found[0] if found else None

    def json(self):
        assert self.header("Content-Type") == "application/json", (self.headers, self.body[:300])
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Closed(Exception):
    """The server closed the connection before it had sent a complete answer."""


class Connection:
    """One connection, for a series of requests."""

    def __init__(self, port, timeout=60):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_tolerant(self, data):
        """Sends until the server stops reading: it may answer before the whole body is sent."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def end(self):
        """Ends sending; the answer can still arrive."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _more(self):
        try:
            got = self.socket.recv(65536)
        except ConnectionResetError:
            got = b""
        if not got:
            raise Closed(self.data[:200])
        self.data += got

    def answer(self, method="POST"):
        while True:
            while b"\r\n\r\n" not in self.data:
                self._more()
            head, self.data = self.data.split(b"\r\n\r\n", 1)
            lines = head.decode("latin-1").split("\r\n")
            status = int(lines[0].split(" ")[1])
            if status >= 200:
                break
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        answer = Answer(status, headers, b"")
        length = answer.header("Content-Length")
        if method == "HEAD" or status in (204, 304):
            return answer
        if answer.header("Transfer-Encoding") == "chunked":
            answer.body = self._chunks()
        elif length is not None:
            while len(self.data) < int(length):
                self._more()
            answer.body, self.data = self.data[:int(length)], self.data[int(length):]
        else:
            try:
                while True:
                    self._more()
            except Closed:
                answer.body, self.data = self.data, b""
        return answer

    def _chunks(self):
        body = b""
        while True:
            while b"\r\n" not in self.data:
                self._more()
            size, rest = self.data.split(b"\r\n", 1)
            n = int(size.split(b";")[0], 16)
            while len(rest) < n + 2:
                self._more()
                size, rest = self.data.split(b"\r\n", 1)
            body, self.data = body + rest[:n], rest[n + 2:]
            if n == 0:
                return body

    def closed(self):
        """Waits until the server closes; fails if it sends more data."""
        assert self.data == b""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


def encode(body):
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    return json.dumps(body).encode()


def request_bytes(method, path, headers=None, body=b"", length=None, close=True):
    """Builds a request; length replaces the Content-Length, False omits it."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{k}: {v}" for k, v in (headers or {}).items()]
    if length is None and (body or method in ("POST", "PUT")):
        length = len(body)
    if length is not None and length is not False:
        lines.append(f"Content-Length: {length}")
    if close:
        lines.append("Connection: close")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def request(port, method, path, headers=None, body=b"", timeout=60, **kwargs):
    with Connection(port, timeout) as c:
        c.send_tolerant(request_bytes(method, path, headers, encode(body), **kwargs))
        return c.answer(method)


def raw(port, data, timeout=60):
    """Sends data and closes the sending side; returns the Answer, or None if there is none."""
    with Connection(port, timeout) as c:
        c.send_tolerant(data)
        c.end()
        try:
            return c.answer()
        except Closed:
            return None


def at_once(port, requests, timeout=60):
    """Opens a connection for each of the requests (bytes, "Connection: close"), sends all of
    them, then collects the answers, in the order of the requests.  Returns None for each missing answer."""
    selector = selectors.DefaultSelector()
    got = [b""] * len(requests)
    connections = [Connection(port, timeout) for _ in requests]
    for i, c in enumerate(connections):
        selector.register(c.socket, selectors.EVENT_READ, i)
    for c, data in zip(connections, requests):
        c.send_tolerant(data)
    deadline, open_ones = time.monotonic() + timeout, len(requests)
    while open_ones and time.monotonic() < deadline:
        for key, _ in selector.select(1):
            try:
                data = key.fileobj.recv(65536)
            except ConnectionResetError:
                data = b""
            if data:
                got[key.data] += data
            else:
                selector.unregister(key.fileobj)
                open_ones -= 1
    selector.close()
    answers = []
    for c, data in zip(connections, got):
        c.data = data
        c.socket.settimeout(0.001)
        try:
            answers.append(c.answer())
        except (Closed, TimeoutError):
            answers.append(None)
        c.close()
    return answers


class Load:
    """Threads that send events until they are stopped; every answer is kept.
    Events without an answer, or with a 5xx, are in `failed`; the ids of the 202s are in `accepted`.
    """

    def __init__(self, port, key, threads=8, make=None, path="/api/v1/events"):
        import threading
        self.port, self.key, self.make, self.path = port, key, make or self.event, path
        self.accepted, self.failed, self.other = [], [], []
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._run, args=(n,)) for n in range(threads)]

    @staticmethod
    def event(thread, n):
        return {"message": f"load {thread}-{n}", "level": "error", "fingerprint": f"load-{n % 7}"}

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopping.set()
        for t in self.threads:
            t.join(60)

    def _run(self, thread):
        n = 0
        while not self.stopping.is_set():
            n += 1
            try:
                got = request(self.port, "POST", self.path,
                              {"X-Sentry-Auth": self.key, "Content-Type": "application/json"},
                              self.make(thread, n))
            except (Closed, OSError) as e:
                got = Answer(0, [], repr(e).encode())
            with self.lock:
                if got.status == 202:
                    self.accepted.append(got.json()["id"])
                elif got.status == 0 or got.status >= 500:
                    self.failed.append(got)
                else:
                    self.other.append(got)
