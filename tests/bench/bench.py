"""bench: null responder, naive responder, Mesher with its writer and Mesher direct, in one run.

Each side is a pool of the same size behind a lighttpd with the same configuration; PostgreSQL has
the settings of contrib/quickstart, with fsync.  The sides take turns (a, b, c, d, a, b, …), since
machines are noisy, and the medians are compared: look at the ratios, not at the figures.
Afterwards the rows must be as many as the 202s (and what wrk cut off at its end, at most one
request for each connection).

The load "envelope" compares an event in an envelope of Sentry's with the same event sent to the native
endpoint, of 15 KB and of 150 KB, plain and in each encoding, before Mesher with its writer.

The load "issues" compares one error that is repeated with a thousand different ones, before Mesher with its
writer and direct.

The load "ws" compares WebSockets with HTTP before Mesher with its writer: connections that send
the small event without waiting (ws_load.c), past lighttpd and through it, against single requests
and bulk of 100.  Here rows and accepted answers must be equal.

The load "browse" fills a database with two million events and 20,000 issues (generate.py) and asks it what
people ask for with mesherctl: below 50 ms, and no plan with a scan of the events (browse.py).

The load "scrub" turns scrubbing on and off (scrub_cost.py).

The load "disk" stores events and prints what each costs on disk (disk.py).

The load "rehearse" groups 100,000 stored events again (rehearse.py).

The load "cgi" has Mesher as a CGI program beside one that does nothing (cgi_cost.py).
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import zlib

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/box"))

import browse  # noqa: E402
import cgi_cost  # noqa: E402
import disk  # noqa: E402
import rehearse  # noqa: E402
import scrub_cost  # noqa: E402
from harness import postgres as pg  # noqa: E402
from harness.process import Process, private_kib  # noqa: E402
from harness.stack import BUILD, Front, Stack, clean_environment, run_ctl  # noqa: E402
from harness.wait import wait_until  # noqa: E402

SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{run}'
max_connections = 100
shared_buffers = 128MB
synchronous_commit = on
wal_compression = off
max_wal_size = 2GB
checkpoint_timeout = 15min
timezone = 'UTC'
"""

NAIVE_TABLES = """
CREATE TABLE naive_rate (project_id bigint PRIMARY KEY, used bigint, cap bigint);
CREATE TABLE naive_events (id uuid PRIMARY KEY, received_at timestamptz, level text, message text, payload jsonb);
INSERT INTO naive_rate VALUES (1, 0, 1000000000);
"""

# Turns of the load "ws": connections, window, events for each connection (None: all), and whether past lighttpd.
WS_TURNS = {
    **{f"ws {n:2}, {way}": (n, 256, None, way == "direct") for way in ("direct", "lighttpd") for n in (1, 8, 64)},
    "handshakes, direct": (8, 1, 1, True), "handshakes, lighttpd": (8, 1, 1, False)}
WS_WINDOWS = 4  # that each connection sends at least

# Turns of the load "issues": side, different events.
ISSUE_TURNS = {f"{what}, {way}": (side, n) for way, side in (("writer", "c"), ("direct", "d"))
               for what, n in (("repeated", 1), ("different", 1000))}

SIDES = {"a": "null responder", "b": "naive responder", "c": "Mesher, writer", "d": "Mesher, direct"}


# Turns of the load "envelope": what is sent, how large, in which encoding.
ENVELOPE_TURNS = {f"{what} {size // 1024} KB, {encoding}": (what, size, encoding) for size in (15 << 10, 150 << 10)
                  for what, encoding in [("native", "plain"), ("envelope", "plain"), ("native", "gzip"),
                                         ("envelope", "gzip"), ("envelope", "deflate"), ("envelope", "br"),
                                         ("envelope", "zstd")]}
PACKERS = {"gzip": ["gzip", "-c"], "br": ["brotli", "-c", "-q", "4"], "zstd": ["zstd", "-c", "-q"]}


def pack(body, encoding):
    """The body in that encoding, as SDKs pack it."""
    if encoding == "deflate":
        return zlib.compress(body)
    return subprocess.run(PACKERS[encoding], input=body, capture_output=True, check=True).stdout


def can_pack(encoding):
    return encoding not in PACKERS or shutil.which(PACKERS[encoding][0])


def small_event():
    """97 bytes."""
    event = b'{"message":"Connection to db-3 refused","level":"error","fingerprint":"db","release":"web@1.2.3"}'
    assert len(event) == 97, len(event)
    return event


def numbered_event():
    """97 bytes, with a place for a number."""
    event = b'{"message":"Connection to db-3 refused","level":"error","fingerprint":"0000","release":"web@1.2"}'
    assert len(event) == 97, len(event)
    return event


def large_event(size=15 * 1024):
    """What an SDK sends for an exception with a stack: about 15 KB, always the same."""
    def frame(n):
        return {"filename": f"app/services/module_{n}.py", "function": f"handle_step_{n}", "lineno": 17 * n + 3,
                "module": f"app.services.module_{n}", "in_app": n % 3 == 0,
                "pre_context": [f"    value_{k} = compute({k}, offset={n})" for k in range(3)],
                "context_line": f"        return self.client.fetch(order_id={n}, retries=3)",
                "post_context": ["    except TimeoutError as error:", "        log.warning('again', exc_info=error)"],
                "vars": {"order_id": str(1000 + n), "self": f"<OrderService object at 0x7f{n:010x}>"}}
    event = {"event_id": None, "platform": "python", "level": "error", "release": "shop@2.4.1",
             "environment": "production", "server_name": "web-3", "transaction": "POST /orders/{id}/pay",
             "tags": {"region": "eu-1", "runtime": "CPython 3.11.2", "customer": "large"},
             "user": {"id": "u-48213", "username": "someone", "ip_address": "192.0.2.17"},
             "contexts": {"os": {"name": "Linux", "version": "6.1"}, "runtime": {"name": "CPython"}},
             "exception": {"values": [{"type": "TimeoutError", "value": "the payment service did not answer in 3 s",
                                       "stacktrace": {"frames": []}}]},
             "breadcrumbs": {"values": []}, "message": "payment failed",
             "sdk": {"name": "sentry.python", "version": "2.19.0"}}
    del event["event_id"]
    frames, crumbs = event["exception"]["values"][0]["stacktrace"]["frames"], event["breadcrumbs"]["values"]
    n = 0
    while len(json.dumps(event)) < size:
        n += 1
        frames.append(frame(n))
        crumbs.append({"timestamp": f"2024-05-01T10:{n % 60:02}:00Z", "category": "http", "type": "http",
                       "data": {"url": f"https://internal.example/api/{n}", "status_code": 200, "method": "GET"}})
    return json.dumps(event).encode()


class Plain(Front):
    """A pool of one of our own programs."""

    def __init__(self, stack, name, responders, program, env):
        super().__init__(stack, name, responders, {})
        self.program, self.more = program, env

    def start_responder(self):
        self.responders.append(Process(self.program.name, [self.program], self.top / "responders.log",
                                       env={**clean_environment(), **self.more}, stdin=self.listening))
        self.responders[-1].any_end = True
        return self.responders[-1]


class Postgres(pg.Postgres):
    def __init__(self, top):
        pg.SETTINGS = SETTINGS
        super().__init__(top)


class Bench:
    def __init__(self, top, options):
        self.options, self.top = options, top
        self.postgres = Postgres(top / "pg")
        self.postgres.start()
        self.postgres.make_template(run_ctl)
        self.stack = Stack(self.postgres, top / "mesher", responders=options.responders,
                           conf={"writer_users": "www-data"})  # for Apache's CGI programs
        self.stack.start()
        self.postgres.sql(self.stack.database, NAIVE_TABLES)
        self.postgres.sql(self.stack.database, "GRANT ALL ON naive_rate, naive_events TO mesher")
        flood = self.stack.ctl_json("project", "add", "flood", "--id", 43)
        self.stack.ctl("project", "set", 43, "rate_limit=1", "rate_window=86400")
        self.keys = {"flood": flood["key"]}
        direct = self.stack.add_front({"writer_socket": ""})
        self.fronts = {"c": self.stack.front, "d": direct}
        for side, program, env in (("a", "null_responder", {}),
                                   ("b", "naive_responder", {"NAIVE_DATABASE": self.stack.conninfo})):
            front = Plain(self.stack, side, options.responders, BUILD / "tests/bench" / program, env)
            self.stack.fronts.append(front)
            front.start()
            self.fronts[side] = front
        self.bodies = {"small": small_event(), "large": large_event(),
                       "bulk": b"[" + b",".join([small_event()] * 100) + b"]", "flood": small_event(),
                       **dict.fromkeys(ISSUE_TURNS, numbered_event())}
        for name, (what, size, encoding) in ENVELOPE_TURNS.items():
            if not can_pack(encoding):
                continue
            event = large_event(size)
            body = event if what == "native" else b'{"sent_at":null}\n{"type":"event","length":%d}\n%s\n' % (
                len(event), event)
            self.bodies[name] = body if encoding == "plain" else pack(body, encoding)
        for name, body in self.bodies.items():
            (top / name).write_bytes(body)
        self.wrong, self.errors = [], []
        self.websocketd = None

    def stop(self):
        """What was logged as an error is kept: the directory goes."""
        lines = (self.stack.log() + self.postgres.process.text()).splitlines()
        self.errors = [x for x in lines if " level=error " in x or "ERROR:" in x][-10:]
        if self.websocketd:
            self.websocketd.stop()
        self.stack.stop()
        self.postgres.stop()

    def sql(self, query):
        return self.stack.sql(query)

    def wrk(self, side, load, seconds):
        what, _, encoding = ENVELOPE_TURNS.get(load, (load, 0, "plain"))
        path = {"bulk": "/api/v1/events/bulk", "envelope": "/api/42/envelope/"}.get(what, "/api/v1/events")
        more = {} if encoding == "plain" else {"BENCH_ENCODING": encoding}
        if load in ISSUE_TURNS:
            more["BENCH_VARIANTS"] = str(ISSUE_TURNS[load][1])
        env = {**os.environ, **more, "BENCH_BODY": str(self.top / load), "BENCH_PATH": path,
               "BENCH_KEY": self.keys.get(load, self.stack.key)}
        out = subprocess.run(
            ["wrk", "-t2", f"-c{self.options.connections}", f"-d{seconds}s", "--timeout", "20s", "-s",
             pathlib.Path(__file__).parent / "post.lua", f"http://127.0.0.1:{self.fronts[side].port}"],
            env=env, capture_output=True, text=True, check=True, timeout=seconds + 120).stdout
        return json.loads(out.split("RESULT ", 1)[1])

    def measure(self, side, load, seconds):
        """One turn: requests/s and latencies; afterwards the rows are counted and taken away."""
        self.sql("UPDATE naive_rate SET used = 0, cap = " + ("1" if load == "flood" else "1000000000"))
        self.sql("CHECKPOINT")
        got = self.wrk(side, load, seconds)
        self.check(side, load, got)
        self.sql("TRUNCATE events, event_ids, issues, issue_hours, issue_users, issue_facets, issue_texts, releases, outcomes, naive_events")
        return got["requests"] / got["us"] * 1e6, got["p50"] / 1000, got["p99"] / 1000

    def check(self, side, load, got):
        each = 100 if load == "bulk" else 1
        good = got["requests"] - got["bad"]
        if got["broken"] or (load != "flood" and got["bad"]):
            self.wrong.append(f"{SIDES[side]}, {load}: {got['bad']} refused, {got['broken']} broken")
        if side == "a":
            return
        rows = self.settled_rows(side)
        most = (good + self.options.connections) * each
        if load == "flood":
            good, most = 0, 1 if side == "b" else 2
        if not good * each <= rows <= most:
            self.wrong.append(f"{SIDES[side]}, {load}: {rows} rows for {good * each} accepted")

    def settled_rows(self, side):
        """Requests that wrk cut off may still be on their way: the count, when it stays."""
        seen = []

        def stays():
            seen.append(self.rows(side))
            return seen[-3:] == [seen[-1]] * 3
        wait_until(stays, 30, "the rows are counted")
        return seen[-1]

    def rows(self, side):
        return self.sql(f"SELECT count(*) FROM {'naive_events' if side == 'b' else 'events'}")[0][0]

    # ---- one issue and many

    def run_issues(self):
        turns = {n: [] for n in ISSUE_TURNS}
        for n, (side, _) in ISSUE_TURNS.items():
            self.measure(side, n, 1)  # warm
        for _ in range(self.options.rounds):
            for n, (side, _) in ISSUE_TURNS.items():
                turns[n].append(self.measure(side, n, self.options.seconds)[0])
        return {n: statistics.median(turns[n]) for n in ISSUE_TURNS}

    def issues_table(self, rates):
        print(f"\nissues ({len(numbered_event())} bytes)\n{'':26}{'requests/s':>12}{'to different':>14}")
        for name, rate in rates.items():
            different = rates["different, " + name.split(", ")[1]]
            print(f"{name:26}{rate:12.0f}{rate / different:14.3f}", flush=True)

    # ---- envelopes

    def run_envelopes(self):
        names = [n for n in ENVELOPE_TURNS if n in self.bodies]
        for n in names:
            self.measure("c", n, 1)  # warm
        turns = {n: [] for n in names}
        for _ in range(self.options.rounds):
            for n in names:
                turns[n].append(self.measure("c", n, self.options.seconds)[0])
        return {n: statistics.median(turns[n]) for n in names}

    def envelope_table(self, rates):
        print(f"\nenvelope (Mesher with its writer)\n{'':26}{'bytes sent':>12}{'requests/s':>12}{'to native, plain':>18}")
        for name, rate in rates.items():
            native = rates[f"native {ENVELOPE_TURNS[name][1] // 1024} KB, plain"]
            print(f"{name:26}{len(self.bodies[name]):12}{rate:12.0f}{rate / native:18.3f}", flush=True)

    # ---- WebSockets

    def ws_load(self, name, total):
        """Sends events; accepted answers/s."""
        connections, window, each, direct = WS_TURNS[name]
        front = self.fronts["c"]
        out = subprocess.run(
            [BUILD / "tests/bench/ws_load", "127.0.0.1", str(front.websocketd_port if direct else front.ws_port),
             self.stack.key, str(connections), str(total), str(window), *([str(each)] if each else [])],
            env={**os.environ, "BENCH_BODY": str(self.top / "small")}, capture_output=True, text=True, check=True,
            timeout=300)
        got = json.loads(out.stdout.split("RESULT ", 1)[1])
        rows = self.settled_rows("c")
        if got["other"] or got["lost"] or rows != got["accepted"]:
            self.wrong.append(f"{name}: {rows} rows for {got['accepted']} accepted, {got['other']} refused, "
                              f"{got['lost']} lost {out.stderr[:200]}")
        return got["rate"]

    def ws_turn(self, name, seconds, before):
        """One turn; before: the rate by which the number of events is chosen."""
        if name.startswith("http"):
            bulk = name.endswith("100")
            return self.measure("c", "bulk" if bulk else "small", seconds)[0] * (100 if bulk else 1)
        connections, window, each, _ = WS_TURNS[name]
        self.sql("CHECKPOINT")
        least = connections * window * (1 if each else WS_WINDOWS)
        rate = self.ws_load(name, max(least, int(before * seconds)))
        wait_until(lambda: not self.websocketd.handlers(), 30, "the connections end")
        self.sql("TRUNCATE events, event_ids, issues, issue_hours, issue_users, issue_facets, issue_texts, releases, outcomes")
        return rate

    def run_ws(self):
        from harness import ws  # needs python3-websockets
        self.websocketd = ws.Websocketd(self.fronts["c"])
        names = ["http single", "http bulk of 100", *WS_TURNS]
        before = {n: self.ws_turn(n, 1, 0) for n in names}  # warm
        turns = {n: [] for n in names}
        for _ in range(self.options.rounds):
            for n in names:
                turns[n].append(self.ws_turn(n, self.options.seconds, before[n]))
        rates = {n: statistics.median(turns[n]) for n in names}
        memory = ws.run(self.ws_memory(ws))
        self.sql("TRUNCATE events, event_ids, issues, issue_hours, issue_users, issue_facets, issue_texts, releases, outcomes")
        self.websocketd.stop()
        return {"rates": rates, "memory": memory}

    async def ws_memory(self, ws, connections=8):
        """Private KiB of an idle connection: before it sent anything, and after 1000 events."""
        async def open_one():
            return await self.websocketd.connect(direct=True)
        opened = [await open_one() for _ in range(connections)]
        memory = [self.idle_kib(connections)]
        for w in opened:
            for _ in range(10):
                await ws.ask(w, *[self.bodies["small"].decode()] * 100)
        memory.append(self.idle_kib(connections))
        for w in opened:
            await w.close()
        return memory

    def idle_kib(self, connections):
        """The median over the connections, when it stays."""
        seen = []

        def stays():
            found = self.websocketd.handlers()
            seen.append(statistics.median(private_kib(p) for p in found) if len(found) == connections else None)
            return seen[-1] is not None and seen[-5:] == [seen[-1]] * 5
        wait_until(stays, 30, "the connections are idle")
        return seen[-1]

    def ws_table(self, result):
        rates = result["rates"]
        print(f"\nws ({len(self.bodies['small'])} bytes, Mesher with its writer)\n"
              f"{'':22}{'events/s':>12}{'to single':>11}{'to bulk':>9}")
        for name, rate in rates.items():
            print(f"{name:22}{rate:12.0f}{rate / rates['http single']:11.2f}{rate / rates['http bulk of 100']:9.3f}",
                  flush=True)

    def spool_with_keys(self):
        """The directory of a spool whose file of keys knows this one."""
        wait_until(lambda: (self.stack.spool_dir / "keys").exists(), 30, "the keys are known")
        return self.stack.spool_dir

    # ---- all of it

    def run(self):
        results = {}
        print(f"{self.options.rounds} rounds of {self.options.seconds} s, {self.options.responders} responders, "
              f"{self.options.connections} connections")
        for load in self.options.loads:
            if load == "envelope":
                results[load] = self.run_envelopes()
                self.envelope_table(results[load])
                continue
            if load == "issues":
                results[load] = self.run_issues()
                self.issues_table(results[load])
            if load == "browse":
                self.wrong += browse.run(self.postgres)
                continue
            if load == "disk":
                self.wrong += disk.run(self)
                continue
            if load == "rehearse":
                self.wrong += rehearse.run(self)
                continue
            if load == "cgi":
                self.wrong += cgi_cost.run(self)
                continue
            if load == "scrub":
                self.wrong += scrub_cost.run(self, {"97 bytes": small_event(), "3 KB": large_event(3 * 1024),
                                                    "15 KB": large_event()})
                continue
            if load == "ws":
                results[load] = self.run_ws()
                self.ws_table(results[load])
                continue
            sides = [s for s in SIDES if not (s == "b" and load == "bulk")]
            for side in sides:
                self.measure(side, load, 1)  # warm
            turns = {s: [] for s in sides}
            for _ in range(self.options.rounds):
                for side in sides:
                    turns[side].append(self.measure(side, load, self.options.seconds))
            results[load] = {s: [statistics.median(t[i] for t in turns[s]) for i in range(3)] for s in sides}
            self.table(load, results[load])
        self.targets(results)
        return results

    def table(self, load, sides):
        print(f"\n{load} ({len(self.bodies[load])} bytes)\n"
              f"{'':18}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'to (a)':>9}{'to (b)':>9}")
        for side, (rate, p50, p99) in sides.items():
            to_b = f"{rate / sides['b'][0]:9.2f}" if "b" in sides else f"{'-':>9}"
            print(f"({side}) {SIDES[side]:14}{rate:12.0f}{p50:9.2f}{p99:9.2f}{rate / sides['a'][0]:9.3f}{to_b}",
                  flush=True)

    def targets(self, results):
        print("\ntargets")
        for load, to, least in (("small", "a", 0.40), ("large", "a", 0.20), ("bulk", "a", 0.015),
                                ("small", "b", 2.5), ("large", "b", 2.5), ("flood", "a", 0.85)):
            if load in results:
                ratio = results[load]["c"][0] / results[load][to][0]
                print(f"  {load:6} (c) to ({to}) {ratio:7.3f}, at least {least:5.3f}  "
                      f"{'reached' if ratio >= least else 'MISSED'}")
        for size in (15, 150) if "envelope" in results else ():
            rates = results["envelope"]
            ratio = rates[f"envelope {size} KB, plain"] / rates[f"native {size} KB, plain"]
            print(f"  envelope to native, {size} KB, plain {ratio:7.3f}, at least 0.850  "
                  f"{'reached' if ratio >= 0.85 else 'MISSED'}")
        if "issues" in results:
            ratio = results["issues"]["repeated, writer"] / results["issues"]["different, writer"]
            print(f"  one error repeated to different ones {ratio:7.3f}, at least 0.950  "
                  f"{'reached' if ratio >= 0.95 else 'MISSED'}")
        if "ws" in results:
            self.ws_targets(results["ws"])
        stack = self.stack
        sizes = (("responder", private_kib(stack.front.responders[0].pid)), ("writer", private_kib(stack.writer.pid)),
                 ("responder, direct", private_kib(self.fronts["d"].responders[0].pid)))
        for name, kib in sizes:
            limit = "" if "direct" in name else f", below 8.00  {'reached' if kib < 8192 else 'MISSED'}"
            print(f"  private memory, idle: {name} {kib / 1024:.2f} MiB{limit}")

    def ws_targets(self, result):
        rates = result["rates"]
        for way in ("direct", "lighttpd"):
            ratio = rates[f"ws 64, {way}"] / rates["http single"]
            print(f"  ws 64, {way} to http single {ratio:7.3f}, at least 1.500  "
                  f"{'reached' if ratio >= 1.5 else 'MISSED'}")
        for kib, when in zip(result["memory"], ("fresh", "after 1000 events")):
            print(f"  private memory, idle: mesher-ws, {when}, {kib / 1024:.2f} MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--responders", type=int, default=16)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--dir", help="where the database is kept (default: below /var/tmp; not a tmpfs)")
    parser.add_argument("loads", nargs="*", default=["small", "large", "bulk", "flood", "issues", "envelope", "ws", "browse", "cgi", "scrub", "disk", "rehearse"])
    options = parser.parse_args()
    if set(options.loads) - {"browse", "cgi", "scrub", "disk", "rehearse"} and not shutil.which("wrk"):
        sys.exit("bench: wrk is missing (Debian: wrk)")
    if "ws" in options.loads and not shutil.which("websocketd"):
        sys.exit("bench: websocketd is missing (Debian: websocketd)")
    top = pathlib.Path(tempfile.mkdtemp(prefix="mbench-", dir=options.dir or "/var/tmp"))
    top.chmod(0o755)
    bench = None
    try:
        bench = Bench(top, options)
        bench.run()
    finally:
        if bench:
            bench.stop()
        shutil.rmtree(top, ignore_errors=True)
    for line in bench.wrong:
        print(f"WRONG: {line}")
    for line in bench.errors:
        print(f"  {line}")
    if bench.wrong:
        sys.exit(1)
    print("\nrows and answers agree")


if __name__ == "__main__":
    main()
