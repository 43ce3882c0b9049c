"""cgi_cost: what an event costs as a CGI request, behind each server that has CGI, beside a CGI program that does nothing.

One client at a time sends the small event.  "null" is a program that only answers, "libpq" one that loads libpq too,
"connect" one that connects with it and does nothing else; the difference of the last two is PostgreSQL's connection start, which
is not Mesher's to change.  Mesher hands the event to its writer; or puts it into the spool, and drains that at the same time
("spool"); the same with the database away ("away"); or stores it itself, where there is no spool ("direct"); it also
refuses (405: neither database nor body).  "rare" is the time to the answer of the spool when no drain is under way; "asked" the
same where each request finds that the file of keys is too old, and asks the database for its key first; null, libpq and
connect are timed once more beside them, by the same client.  Where MESHER_BUNDLE names a directory that contrib/make-bundle
made, "bundle" is the same with its program, which has libpq in it.  The ratio is (ms - connection start) / ms of null, the
connection start taken off where there is one before the answer."""

import http.client
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import time

from harness.drainer import has_drainer
from harness.servers import Server
from harness.sharedhost import BUNDLE
from harness.stack import BUILD
from harness.wait import wait_until

HERE = pathlib.Path(__file__).parent
TURNS = ("null", "libpq", "connect", "refused", "writer", "spool", "away", "direct")
CONNECTS = ("connect", "connect, rare", "direct", "asked", "bundle asked")
RARE = 60  # requests of each kind in a round
RARE_TURNS = {  # where, and the age of the keys in seconds
    "null, rare": ("null", 0), "libpq, rare": ("libpq", 0), "connect, rare": ("connect", 0), "rare": ("spool", 0),
    "asked": ("spool", 3600), "bundle rare": ("bundle", 0), "bundle asked": ("bundle", 3600)}
PROGRAMS = {"null": "null.cgi", "libpq": "null.libpq.cgi", "connect": "null.connect.cgi"}
if BUNDLE:
    TURNS += ("bundle",)
MOST = 3


class Place:
    """A server of conf/ for one turn, with its CGI program."""

    def __init__(self, bench, kind, turn):
        stack, away = bench.stack, f"host={bench.top}/nowhere dbname=mesher user=mesher"
        self.spool = bench.top / f"spool-{kind}-{turn}"
        conf = {"spool_dir": "" if turn == "direct" else str(self.spool)}
        if turn != "writer":
            conf["writer_socket"] = ""
        if turn == "away":
            conf["database"] = away
        if turn in ("away", "spool", "bundle"):
            self.spool.mkdir()
            shutil.copy(bench.spool_with_keys() / "keys", self.spool)
            if os.geteuid() == 0:  # Apache's programs are not root's
                subprocess.run(["chown", "-R", "www-data:", self.spool], check=True, timeout=20)
        self.server = Server(stack, kind, name=f"{kind}-{turn}", conf=conf)
        self.server.conf.with_suffix(".conf.null").write_text(stack.conninfo)
        self.server.start()
        folder, self.mount = ("cgi-bin", "/cgi-bin/") if kind == "lighttpd-cgi" else ("www/errors", "/errors/")
        self.program = PROGRAMS.get(turn, "mesher.cgi")
        if turn == "bundle":
            shutil.copy(pathlib.Path(BUNDLE) / "mesher.cgi", self.server.top / folder / self.program)
        if turn in PROGRAMS:
            shutil.copy(BUILD / "tests/bench/null_cgi", self.server.top / folder / self.program)

    @property
    def path(self):
        return f"{self.mount}{self.program}/api/v1/events"


def turn(place, key, body, seconds, method="POST"):
    """Milliseconds for a request."""
    env = {**os.environ, "BENCH_BODY": str(body), "BENCH_PATH": place.path, "BENCH_KEY": key, "BENCH_METHOD": method}
    out = subprocess.run(["wrk", "-t1", "-c1", f"-d{seconds}s", "--timeout", "20s", "-s", HERE / "post.lua",
                          f"http://127.0.0.1:{place.server.port}"],
                         env=env, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    got = json.loads(out.split("RESULT ", 1)[1])
    expected = got["requests"] if method != "POST" else 0
    return got["us"] / 1000 / max(got["requests"], 1), got["bad"] != expected or got["broken"]


def rare(places, key, body):
    """Medians of the milliseconds to an answer, one of each in turn, none while a drain runs."""
    took = {name: [] for name, (where, _) in RARE_TURNS.items() if where in places}
    ports = {where: http.client.HTTPConnection("127.0.0.1", place.server.port, timeout=20) for where, place in places.items()}
    spools = [places[where].spool for where in ("spool", "bundle") if where in places]
    for _ in range(RARE):
        for name, found in took.items():
            where, age = RARE_TURNS[name]
            for spool in spools:
                wait_until(lambda spool=spool: not has_drainer(spool), 20)
                os.utime(spool / "keys", (time.time() - age,) * 2)
            began = time.monotonic()
            ports[where].request("POST", places[where].path, body, {"X-Sentry-Auth": key, "Content-Type": "application/json"})
            answer = ports[where].getresponse()
            answer.read()
            found.append((time.monotonic() - began) * 1000)
            assert where == "null" or answer.status == 202, answer.status
    return {name: statistics.median(found) for name, found in took.items()}


def run(bench):
    """Prints a table for each server; gives what is wrong."""
    wrong, options = [], bench.options
    for kind in ("lighttpd-cgi", "apache-cgid"):
        places = {}
        try:
            for name in TURNS:
                places[name] = Place(bench, kind, name)
            ms = {name: [] for name in TURNS}
            asked = []
            for _ in range(options.rounds):
                asked.append(rare(places, bench.stack.key, (bench.top / "small").read_bytes()))
                for name, place in places.items():
                    took, bad = turn(place, bench.stack.key, bench.top / "small", options.seconds,
                                     "PUT" if name == "refused" else "POST")
                    ms[name].append(took)
                    if bad:
                        wrong.append(f"cgi, {kind}, {name}: answers that were not expected")
        finally:
            for place in places.values():
                place.server.stop()
        table(kind, {name: statistics.median(found) for name, found in ms.items()},
              {name: statistics.median(a[name] for a in asked) for name in asked[0]})
    return wrong


def table(kind, ms, asked):
    starts = {"": max(0, ms["connect"] - ms["libpq"]), "rare": max(0, asked["connect, rare"] - asked["libpq, rare"])}
    print(f"\ncgi, {kind}: connection start {starts['']:.2f} ms, rare {starts['rare']:.2f} ms\n"
          f"{'':14}{'ms':>8}{'to null':>10}{'without start':>15}")
    rows = [(name, took, ms["null"], starts[""]) for name, took in ms.items()]
    rows += [(name, took, asked["null, rare"], starts["rare"]) for name, took in asked.items()]
    for name, took, null, start in rows:
        without = took - (start if name in CONNECTS else 0)
        print(f"{name:14}{took:8.2f}{took / null:10.2f}{without / null:15.2f}", flush=True)
    for name, took, null, start in rows:
        if name.split(",")[0] in PROGRAMS:
            continue
        without = (took - (start if name in CONNECTS else 0)) / null
        print(f"  {name} to null {without:6.2f}, at most {MOST:.2f}  {'reached' if without <= MOST else 'MISSED'}")
