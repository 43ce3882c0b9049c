"""The only way to wait: for a condition, with a deadline."""

import time


def wait_until(condition, seconds, what="condition"):
    """Calls condition() until it returns a true value, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)
