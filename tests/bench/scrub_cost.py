"""scrub_cost: what scrubbing costs, on three sizes of events.

First in the processor's time of making a submission, in one process without anything around it (scrub_cost.c); then of
the whole event: the processor's time of lighttpd, responders, writer and PostgreSQL together, for events that eight
clients send, the project's scrubbing on and off in turns; the best turn of each counts.  The ratio is the share of it
all, and drowns in noise on a machine that has something else to do: then the first table's difference, divided by the
time of the whole event, is the better figure."""

import http.client
import os
import pathlib
import subprocess
import threading
import time

from harness.stack import BUILD

SETTLE_S = 3  # a responder remembers what a project wants for two seconds
CLIENTS, EACH = 8, 250
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_s(pids):
    total = 0
    for pid in pids:
        try:
            fields = (pathlib.Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(int(x) for x in fields[11:15])  # its own and that of children who are gone
    return total * TICK_S


def processes(bench):
    """Of the whole stack; PostgreSQL's are the children of its first."""
    first = bench.postgres.process.pid
    pids = [p.pid for p in bench.stack.processes()] + [first]
    for p in pathlib.Path("/proc").iterdir():
        if p.name.isdigit():
            try:
                parent = int((p / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if parent == first:
                pids.append(int(p.name))
    return pids


def send(bench, body):
    connection = http.client.HTTPConnection("127.0.0.1", bench.fronts["c"].port, timeout=60)
    for _ in range(EACH):
        connection.request("POST", "/api/v1/events", body,
                           {"X-Sentry-Auth": bench.stack.key, "Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 202, answer.status
    connection.close()


def turn(bench, body):
    """Milliseconds of all processes together for an event."""
    bench.sql("CHECKPOINT")
    pids = processes(bench)
    before = cpu_s(pids)
    threads = [threading.Thread(target=send, args=(bench, body)) for _ in range(CLIENTS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    spent = (cpu_s(pids) - before) * 1000 / CLIENTS / EACH
    bench.sql("TRUNCATE events, event_ids, issues, issue_hours, issue_users, issue_facets, issue_texts, releases, outcomes")
    return spent


def run(bench, events):
    for name, body in events.items():
        (bench.top / name).write_bytes(body)
    print("\nscrub: the making of a submission, time of one processor", flush=True)
    subprocess.run([BUILD / "tests/bench/scrub_cost", *(bench.top / name for name in events)], check=True)
    print(f"\nscrub: the whole event, time of all processes\n{'':14}{'off, ms':>12}{'on, ms':>12}{'on to off':>12}")
    for name, body in events.items():
        spent = {"off": [], "on": []}
        turn(bench, body)  # warm
        for _ in range(bench.options.rounds):
            for switch, got in spent.items():
                bench.stack.ctl("project", "set", 42, f"scrub={switch}")
                time.sleep(SETTLE_S)
                got.append(turn(bench, body))
        off, on = (min(spent[s]) for s in ("off", "on"))
        print(f"{name:14}{off:12.3f}{on:12.3f}{on / off:12.3f}", flush=True)
    return []
