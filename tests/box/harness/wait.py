"""The only way to wait: for a condition, with a deadline."""

import time

# Deadlines are what an idle machine needs, with room to spare; a loaded one may stall a process for seconds, and a
# deadline is there to end a test that would wait for ever, not to measure.
PATIENCE = 4


def wait_until(condition, seconds, what="condition"):
    """Calls condition() until it returns a true value, and returns that."""
    deadline = time.monotonic() + PATIENCE * seconds
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what}: not within {PATIENCE * seconds} s")
        time.sleep(0.02)
