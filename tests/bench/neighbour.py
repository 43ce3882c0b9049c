"""neighbour: what an honest project notices while another one is attacked with its public key.

One client of a project sends a small event after the other; for SECONDS alone, then for as long beside each attack, in one
run: median and 99th percentile of its answers, and the ratio of the medians.  Run by hand:

    MESHER_BUILD=build /usr/bin/python3 tests/bench/neighbour.py [SECONDS]"""

import gzip
import json
import multiprocessing
import os
import pathlib
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "box"))

from harness import client  # noqa: E402
from harness.postgres import Postgres  # noqa: E402
from harness.sentry import auth, envelope, item, new_id  # noqa: E402
from harness.stack import RICH_TOO, Stack, run_ctl  # noqa: E402

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20
SENDERS = 16


def big(size=900000):
    """As good as random, so that it stays large."""
    return json.dumps({"message": "big", "extra": {"x": os.urandom(size // 2).hex()}}).encode()


def requests(project, key):
    """Name of each attack on a project: how many seconds a client pauses, and what it sends."""
    conversions = gzip.compress(json.dumps({"logentry": {"message": "x" + "%s" * 170000, "params": [""] * 170000}}).encode())
    variables = gzip.compress(json.dumps({"message": "m 1 " * 210000, "fingerprint": ["{{message}}"] * 120}).encode())
    fields = b"".join(b'--B\r\nContent-Disposition: form-data; name="sentry[%x]"\r\n\r\nv\r\n' % i for i in range(20000))
    head = {"X-Sentry-Auth": key, "Content-Type": "application/json"}
    zipped = {**head, "Content-Encoding": "gzip"}
    base, large = f"/api/{project}", big()

    def attachment():
        return f"{base}/envelope/", auth(key), envelope(item("attachment", os.urandom(900000), filename="a"), event_id=new_id())
    return {
        "1000 events a minute": (SENDERS * 60 / 1000, lambda: ("/api/v1/events", head, b'{"message":"small"}')),
        "256 MiB a minute": (SENDERS * 60 / 290, lambda: ("/api/v1/events", head, large)),
        "C1: conversions": (0, lambda: ("/api/v1/events", zipped, conversions)),
        "C2: fields of a form": (0, lambda: (f"{base}/minidump/?sentry_key={key}",
                                             {"Content-Type": "multipart/form-data; boundary=B"}, fields + b"--B--\r\n")),
        "H2: variables": (0, lambda: ("/api/v1/events", zipped, variables)),
        "H3: events of 0.9 MB": (0, lambda: ("/api/v1/events", head, large)),
        "H3: attachments for nobody": (0, attachment),
        "H1: no key, a byte a second": (0, None),
    }


def attack(port, make, stop, counts, pause=0.0):
    while not stop.wait(pause):
        path, headers, body = make()
        try:
            status = client.request(port, "POST", path, headers, body, timeout=30).status
        except OSError as e:
            status = type(e).__name__
        counts[status] = counts.get(status, 0) + 1


def slow(port, make, stop, counts, pause):
    """H1: clients without a key, a byte a second."""
    del make, pause
    data = client.request_bytes("POST", "/api/42/envelope/", {}, b"{" * 100000)[:-90000]
    while not stop.is_set():
        with socket.create_connection(("127.0.0.1", port), 10) as s:
            try:
                s.sendall(data)
                while not stop.wait(1):
                    s.sendall(b"{")
            except OSError:
                counts["closed"] = counts.get("closed", 0) + 1


def crowd(port, make, pause, pipe):
    """All clients of one attack, in a process that gives way to what it attacks, as others' machines would."""
    os.nice(19)
    stop, counts = threading.Event(), {}
    threads = [threading.Thread(target=slow if make is None else attack, args=(port, make, stop, counts, pause))
               for _ in range(SENDERS)]
    for t in threads:
        t.start()
    pipe.send("begun")
    pipe.recv()
    stop.set()
    for t in threads:
        t.join()
    pipe.send(counts)


def measure(port, key):
    took, end = [], time.monotonic() + SECONDS
    while time.monotonic() < end:
        begun = time.monotonic()
        answer = client.request(port, "POST", "/api/v1/events", {"X-Sentry-Auth": key, "Content-Type": "application/json"},
                                b'{"message":"neighbour"}', timeout=60)
        assert answer.status == 202, answer
        took.append(time.monotonic() - begun)
    took.sort()
    return took[len(took) // 2] * 1000, took[len(took) * 99 // 100] * 1000, len(took)


def main():
    with tempfile.TemporaryDirectory(prefix="mneighbour-", dir="/tmp") as name:
        top = pathlib.Path(name)
        top.chmod(0o755)
        postgres = Postgres(top / "pg")
        postgres.start()
        postgres.make_template(run_ctl)
        stack = Stack(postgres, top / "s", responders=16)
        stack.start()
        other = stack.ctl_json("project", "add", "neighbour")["key"]
        stack.ctl("project", "set", "neighbour", "rate_limit=1000000000", *RICH_TOO)
        try:
            measure_all(stack, other)
        finally:
            stack.stop()
            postgres.stop()


def measure_all(stack, other):
    measure(stack.port, other)
    alone, p99, n = measure(stack.port, other)
    print(f"{'alone':30} median {alone:6.1f} ms   p99 {p99:6.1f} ms   {n} events")
    for name in requests(0, ""):
        made = stack.ctl_json("project", "add", name.split(":")[0] + " " + str(len(name)))
        pause, make = requests(made["id"], made["key"])[name]
        ours, theirs = multiprocessing.Pipe()
        attacker = multiprocessing.Process(target=crowd, args=(stack.port, make, pause, theirs))
        attacker.start()
        assert ours.recv() == "begun"
        median, p99, n = measure(stack.port, other)
        ours.send("stop")
        counts = ours.recv()
        attacker.join()
        print(f"{name:30} median {median:6.1f} ms   p99 {p99:6.1f} ms   {n} events, ratio {median / alone:.2f}   {counts}",
              flush=True)


if __name__ == "__main__":
    main()
