"""A proxy between Mesher and PostgreSQL that can lose the connection at the worst moments."""

import os
import selectors
import socket
import threading

# What happens to the next connection that is in the middle of it.
PASS = "pass"
DROP_REQUEST = "drop_request"      # a statement reaches us, and not PostgreSQL
DROP_ANSWER = "drop_answer"        # PostgreSQL has committed, and Mesher does not hear of it
DROP_HALF_ANSWER = "drop_half_answer"
HANG = "hang"                      # nothing goes through until release()

STORE = b"store"  # the name of the prepared statement that stores a batch


class Proxy(threading.Thread):
    """Listens on TOP/.s.PGSQL.5432 and passes everything on to the same name in `server`."""

    def __init__(self, top, server):
        super().__init__(daemon=True)
        self.server = f"{server}/.s.PGSQL.5432"
        self.path = f"{top}/.s.PGSQL.5432"
        self.selector = selectors.DefaultSelector()
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(self.path)
        os.chmod(self.path, 0o777)
        self.listening.listen(128)
        self.listening.setblocking(False)
        self.selector.register(self.listening, selectors.EVENT_READ, None)
        self.mode, self.hit, self.stopping = PASS, threading.Event(), False
        self.pairs = {}

    # ---- for the injector

    def arm(self, mode):
        """The next statement that stores meets `mode`, once."""
        self.hit.clear()
        self.mode = mode

    def release(self):
        self.mode = PASS

    def stop(self):
        self.stopping = True
        self.join(5)
        self.listening.close()
        os.unlink(self.path)

    # ---- the loop

    def run(self):
        while not self.stopping:
            if self.mode == HANG:
                self.hit.wait(0.02)
                continue
            for key, _ in self.selector.select(0.05):
                if key.data is None:
                    self.accept()
                else:
                    self.move(key.fileobj)
        for s in list(self.pairs):
            self.close(s)

    def accept(self):
        try:
            client, _ = self.listening.accept()
        except OSError:
            return
        upstream = socket.socket(socket.AF_UNIX)
        try:
            upstream.connect(self.server)
        except OSError:
            upstream.close()
            client.close()
            return
        self.pairs[client] = [upstream, True, False]   # other side, is it Mesher's, is a store under way
        self.pairs[upstream] = [client, False, False]
        for s in (client, upstream):
            self.selector.register(s, selectors.EVENT_READ, True)

    def close(self, s):
        if s not in self.pairs:
            return
        other = self.pairs.pop(s)[0]
        self.pairs.pop(other, None)
        for one in (s, other):
            self.selector.unregister(one)
            one.close()

    def move(self, s):
        if s not in self.pairs:
            return
        other, from_mesher, _ = self.pairs[s]
        try:
            data = s.recv(262144)
        except OSError:
            data = b""
        if not data:
            self.close(s)
            return
        if from_mesher and STORE + b"\0" in data[:200] and self.mode != PASS:
            self.pairs[other][2] = True
            if self.mode == DROP_REQUEST:
                self.fire(s)
                return
        elif not from_mesher and self.pairs[s][2] and self.mode in (DROP_ANSWER, DROP_HALF_ANSWER) and b"C" in data:
            # CommandComplete: it is committed (each statement is a transaction).
            if self.mode == DROP_HALF_ANSWER:
                self.send(other, data[: len(data) // 2])
            self.fire(s)
            return
        self.send(other, data)

    def send(self, other, data):
        try:
            other.settimeout(5)
            other.sendall(data)
        except OSError:
            self.close(other)

    def fire(self, s):
        self.mode = PASS
        self.close(s)
        self.hit.set()
