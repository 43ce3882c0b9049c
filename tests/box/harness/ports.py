"""Ports that no other process uses, whatever the number of concurrent runs of the suites.
Each port is below those that the kernel assigns to outgoing connections.  It is locked in a file that all runs share,
before the caller learns its number and until the process that asked for it has asked for HELD more, or ends."""

import collections
import fcntl
import os
import random
import socket

FIRST, END = 10240, 20000  # contrib/quickstart chooses its own from 20001 on; the kernel from 32768 on
HELD = 1000
LOCKS = "/tmp/mesher-ports"  # one byte per port


class Ports:
    def __init__(self, path=LOCKS):
        try:
            self.file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            self.file = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_CREAT, 0o666)
            os.fchmod(self.file, 0o666)  # a run of another user shares it
        self.next = random.Random(os.getpid()).randrange(FIRST, END)
        self.held = collections.deque()

    def take(self):
        if len(self.held) >= HELD:
            fcntl.lockf(self.file, fcntl.LOCK_UN, 1, self.held.popleft())
        for _ in range(FIRST, END):
            port, self.next = self.next, FIRST + (self.next + 1 - FIRST) % (END - FIRST)
            if port not in self.held and self.lock(port):
                if is_free(port):
                    self.held.append(port)
                    return port
                fcntl.lockf(self.file, fcntl.LOCK_UN, 1, port)
        raise AssertionError("no port is free")

    def lock(self, port):
        try:
            fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            return True
        except OSError:
            return False


def is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: old connections may linger
        try:
            s.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


PORTS = []  # of this process; a child made by fork has none of its parent's locks


def free_port():
    if not PORTS or PORTS[0] != os.getpid():
        PORTS[:] = os.getpid(), Ports()
    return PORTS[1].take()
