"""CGI processes put events into the spool, and one of them drains it after its answer."""

import pathlib
import time


def has_drainer(spool):
    """Is the lock of who drains held?  Trying it would keep a drainer away."""
    lock = pathlib.Path(spool) / "replay.lock"
    number = lock.stat().st_ino if lock.exists() else 0
    return any(f":{number} " in line for line in pathlib.Path("/proc/locks").read_text(encoding="ascii").splitlines())


def await_drainer(spool, seconds=3):
    """Until that is done, or (as in an outage) is not done."""
    spool = pathlib.Path(spool)
    if not (spool / "shared").exists():
        return
    deadline = time.monotonic() + seconds
    while (list((spool / "new").iterdir()) or has_drainer(spool)) and time.monotonic() < deadline:
        time.sleep(0.005)
