"""Decides which tests may run now, when several processes run tests: many in parallel, or one alone on the machine.
Two locks on files.  A test holds `running` in shared mode; a test that is marked alone holds it exclusively.  A test
that wants it first takes `door`, and releases it once inside: a test that waits to be alone holds the door, so that
no others enter before it."""

import contextlib
import fcntl
import os

FOLDER = "/tmp"


def opened(name):
    path = os.path.join(FOLDER, f"mesher-{name}")
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        made = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_CREAT, 0o666)
        os.fchmod(made, 0o666)
        return made


@contextlib.contextmanager
def turn(alone):
    if os.environ.get("MESHER_TURN"):  # of a test that runs suites: it has the turn
        yield
        return
    door, running = opened("door"), opened("running")
    try:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(running, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        yield
    finally:
        fcntl.flock(running, fcntl.LOCK_UN)  # even if a process forked meanwhile has it open
        os.close(running)
        os.close(door)
