"""CGI processes write events to the spool, and one of them drains it after its answer."""

import pathlib
import time


def has_drainer(spool):
    """Returns whether a drainer holds its lock.  Trying the lock would keep a drainer out."""
    lock = pathlib.Path(spool) / "replay.lock"
    number = lock.stat().st_ino if lock.exists() else 0
    return any(f":{number} " in line for line in pathlib.Path("/proc/locks").read_text(encoding="ascii").splitlines())


def await_drainer(spool, seconds=3):
    """Waits until the spool is drained or (as in an outage) not drained."""
    spool = pathlib.Path(spool)
    if not (spool / "shared").exists():
        return
    deadline = time.monotonic() + seconds
    while (list((spool / "new").iterdir()) or has_drainer(spool)) and time.monotonic() < deadline:
        time.sleep(0.005)
