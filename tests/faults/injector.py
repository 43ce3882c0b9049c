"""Faults, one after the other, as a seed says."""

import contextlib
import os
import pathlib
import random
import resource
import signal
import time

import proxy
from harness.wait import wait_until

CHILDREN = ["mesher-writer", "websocketd", "ticker", "lighttpd"]


class Injector:
    def __init__(self, tree, ledger, seed):
        self.tree, self.ledger, self.random = tree, ledger, random.Random(seed)
        self.done, self.forgiven, self.planted = {}, [], 0
        self.slowest, self.slowest_what = 0.0, ""
        pool = [f"mesher.fcgi-{n}" for n in range(1, tree.responders + 1)]
        self.faults = []
        for weight, name, function, *arguments in [
                (10, "writer killed", self.kill, ["mesher-writer"], signal.SIGKILL),
                (12, "responder killed", self.kill, pool, signal.SIGKILL),
                (3, "websocketd killed", self.kill, ["websocketd"], signal.SIGKILL),
                (3, "ticker killed", self.kill, ["ticker"], signal.SIGKILL),
                (3, "lighttpd killed", self.kill, ["lighttpd"], signal.SIGKILL),
                (6, "child asked to end", self.kill, [*CHILDREN, *pool], signal.SIGTERM),
                (3, "web server restarted", self.kill, ["lighttpd"], signal.SIGINT),
                (8, "handler killed", self.kill_handler),
                (6, "writer stopped", self.stop_for_a_while, ["mesher-writer"]),
                (6, "responder stopped", self.stop_for_a_while, pool),
                (2, "other child stopped", self.stop_for_a_while, ["websocketd", "lighttpd", "ticker"]),
                (1, "mesherd killed", self.mesherd_killed),
                (1, "mesherd asked to end", self.mesherd_ended),
                (2, "reload", self.control, "reload"),
                (1, "rolling restart", self.control, "restart"),
                (2, "PostgreSQL stopped at once", self.postgres_ended, signal.SIGQUIT),
                (1, "PostgreSQL killed", self.postgres_ended, signal.SIGKILL),
                (2, "PostgreSQL restarted", self.postgres_ended, signal.SIGINT),
                (8, "connections terminated", self.terminate),
                (2, "backend killed", self.kill_backend),
                (4, "PostgreSQL frozen", self.freeze),
                (10, "connection lost in a statement", self.drop, proxy.DROP_REQUEST),
                (14, "connection lost after COMMIT", self.drop, proxy.DROP_ANSWER),
                (6, "connection lost in the answer", self.drop, proxy.DROP_HALF_ANSWER),
                (3, "connection hangs", self.hang),
                (3, "no space for the spool", self.bad_disk, b"n"),
                (3, "I/O errors in the spool", self.bad_disk, b"i"),
                (2, "slow disk", self.bad_disk, b"s"),
                (4, "damaged spool file", self.plant),
                (3, "descriptors exhausted", self.exhaust, ["mesher-writer", *pool]),
                (5, "clock jump", self.jump)]:
            self.faults += [(name, function, arguments)] * weight

    def one(self):
        """Chooses a fault and does it."""
        name, function, arguments = self.random.choice(self.faults)
        if function(*arguments) is not False:
            self.done[name] = self.done.get(name, 0) + 1

    def total(self):
        return sum(self.done.values())

    def pause(self, least, most):
        """A fault lasts; nothing is waited for."""
        until = time.monotonic() + self.random.uniform(least, most)
        wait_until(lambda: time.monotonic() >= until, most + 5)

    def forgive(self):
        """Windows may have been forgotten at this moment."""
        self.forgiven.append(time.monotonic())

    # ---- processes

    def kill(self, names, number):
        tree, name = self.tree, self.random.choice(names)
        old = tree.mesherd.pid(name)
        before = self.ledger.last_answer
        began = time.monotonic()
        if name == "mesher-writer":
            self.forgive()  # it may have been counting, while the database was away
        if not tree.signal(old, number):
            return False
        with contextlib.suppress(AssertionError):
            wait_until(lambda: self.ledger.last_answer > max(before, began), 20)
            took = self.ledger.last_answer - began
            if number == signal.SIGKILL and took > self.slowest:
                self.slowest, self.slowest_what = took, name
        return True

    def kill_handler(self):
        parent = self.tree.mesherd.pid("websocketd")
        handlers = self.tree.family(parent)[1:] if parent else []
        return bool(handlers) and self.tree.signal(self.random.choice(handlers), signal.SIGKILL)

    def stop_for_a_while(self, names):
        pid = self.tree.mesherd.pid(self.random.choice(names))
        if not self.tree.signal(pid, signal.SIGSTOP):
            return False
        self.pause(0.05, 1.5)
        self.tree.signal(pid, signal.SIGCONT)
        return True

    def begin_again(self):
        tree = self.tree
        wait_until(lambda: not tree.mesherd.left(), 60, "nothing is left of the old tree")
        tree.mesherd.start(120)

    def mesherd_killed(self):
        self.forgive()
        self.tree.mesherd.process.kill()
        self.begin_again()

    def mesherd_ended(self):
        self.forgive()
        status = self.tree.mesherd.process.terminate(60)
        if status != 0:
            self.ledger.complain(f"mesherd ended with {status}")
        self.begin_again()

    def control(self, command):
        """A child may just be down: then it says so, and nothing is harmed."""
        self.tree.mesherd.ctl(command, timeout=180)

    # ---- PostgreSQL

    def postgres_ended(self, number):
        self.forgive()
        old = self.tree.postmaster()
        if not self.tree.signal(old, number):
            return False
        wait_until(lambda: self.tree.postmaster() not in (None, old) and self.tree.answers(), 60, "PostgreSQL is back")
        self.forgive()
        return True

    def terminate(self):
        with contextlib.suppress(Exception):
            self.tree.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'mesher'")
            return True
        return False

    def kill_backend(self):
        """As a crash of one: PostgreSQL starts all of them again."""
        self.forgive()
        try:
            pid = self.random.choice(self.tree.sql("SELECT pid FROM pg_stat_activity WHERE usename = 'mesher'"))[0]
        except Exception:
            return False
        killed = self.tree.signal(pid, signal.SIGKILL)
        wait_until(self.tree.answers, 60, "PostgreSQL has recovered")
        self.forgive()
        return killed

    def freeze(self):
        pid = self.tree.postmaster()
        if pid is None:
            return False
        family = self.tree.family(pid)
        for one in family:
            self.tree.signal(one, signal.SIGSTOP)
        self.pause(0.2, 5)
        for one in family:
            self.tree.signal(one, signal.SIGCONT)
        return True

    # ---- the way to it

    def drop(self, mode):
        self.tree.proxy.arm(mode)
        with contextlib.suppress(AssertionError):
            wait_until(self.tree.proxy.hit.is_set, 3)
        self.tree.proxy.release()
        return self.tree.proxy.hit.is_set()

    def hang(self):
        self.tree.proxy.mode = proxy.HANG
        self.pause(0.5, 5)
        self.tree.proxy.release()

    # ---- disk, descriptors, clock

    def bad_disk(self, letter):
        """While the database is away, so that the spool is used."""
        self.tree.disk(letter)
        self.tree.proxy.mode = proxy.HANG
        self.pause(0.5, 5)
        self.tree.disk(b"")
        self.pause(0.1, 1)
        self.tree.proxy.release()

    def plant(self):
        """What a broken disk makes of a file: half of one, or nonsense."""
        folder = self.tree.spool_dir / "new"
        if not folder.exists():
            return False
        data = os.urandom(self.random.randrange(200))
        for path in sorted(folder.iterdir())[:1]:
            with contextlib.suppress(OSError):
                data = path.read_bytes()[: -self.random.randrange(1, 40)]
        name = f"{self.random.randrange(1 << 50):016x}-{self.random.randrange(1 << 62):016x}"
        (self.tree.top / name).write_bytes(data)
        (self.tree.top / name).rename(folder / name)
        self.planted += 1
        return True

    def exhaust(self, names):
        pid = self.tree.mesherd.pid(self.random.choice(names))
        try:
            used = len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))
            old = resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]))
            self.pause(0.1, 1)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, old)
        except (OSError, TypeError, ValueError):
            return False
        return True

    def jump(self):
        """An hour forth, or back; PostgreSQL's clock, Mesher's, or both."""
        self.forgive()
        for who in self.random.choice([["pg"], ["mesher"], ["pg", "mesher"]]):
            now = self.tree.jumped(who)
            self.tree.jump(who, 0 if now else self.random.choice([-3600, 3600]))
        self.pause(0, 0.2)
        self.forgive()
