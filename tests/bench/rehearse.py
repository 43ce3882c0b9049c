"""rehearse: what mesherctl grouping rehearse takes for a project of 100,000 events that version 2 grouped.

The recorded events, each sent once, get the issues and fingerprints that version 2 gives them, and are then repeated in
the server with other ids; nothing of them is compressed anew, so reading them costs what it costs in life."""

import collections
import json
import os
import subprocess
import sys
import time
import uuid

from harness.stack import BUILD, CTL, SOURCE, clean_environment

sys.path.insert(0, str(SOURCE / "tests/grouping"))

import table  # noqa: E402

EVENTS, MOST_S, MOST_MIB, LOOK_S = 100000, 300, 64, 0.02
TABLES = "events, event_ids, issues, issue_hours, issue_users, issue_facets, issue_texts, releases, outcomes"

ISSUES = """
INSERT INTO issues (project_id, id, fingerprint, title, culprit, level, event_count, first_seen, last_seen)
SELECT 42, row_number() OVER (ORDER BY print), print, title, culprit, level, 0, now(), now()
FROM (SELECT DISTINCT ON (o.print) o.print, e.title, e.culprit, e.level
  FROM bench_old o JOIN events e ON e.project_id = 42 AND e.id = o.id ORDER BY o.print, e.id) first"""

REGROUP = """
UPDATE events e SET fingerprint = o.print, issue_id = i.id
FROM bench_old o JOIN issues i ON i.project_id = 42 AND i.fingerprint = o.print
WHERE e.project_id = 42 AND e.id = o.id"""

# A microsecond apart, so that the pages of a reader stand in some order of time.
MULTIPLY = """
INSERT INTO events ({columns})
SELECT {others} FROM events e, generate_series(1, {times}) n LIMIT {count}"""


def send(bench):
    """Sends each recorded event once; {id: (event, fingerprint of version 2)} of those that were taken."""
    events = [event for _, event in table.corpus()]
    prints = table.group(BUILD / "tests/grouping/group", events, 1)
    taken = {}
    for event, print_ in zip(events, prints):
        event_id = str(uuid.uuid4())
        answer = bench.fronts["d"].request(
            "POST", "/api/42/store/", {"X-Sentry-Auth": f"Sentry sentry_key={bench.stack.key}, sentry_version=7"},
            json.dumps({**event, "event_id": event_id.replace("-", "")}).encode())
        if answer.status == 200:
            taken[event_id] = event, print_
    return taken


def fill(bench, taken):
    """Gives the events their old fingerprints and issues, and repeats them."""
    bench.sql("CREATE TABLE bench_old (id uuid PRIMARY KEY, print bytea NOT NULL)")
    values = ", ".join(f"('{i}', '\\x{print_}')" for i, (_, print_) in taken.items())
    bench.sql(f"INSERT INTO bench_old VALUES {values}")
    bench.sql("TRUNCATE issues, issue_hours, issue_users, issue_facets, issue_texts")
    bench.sql(ISSUES)
    bench.sql(REGROUP)
    bench.sql("DROP TABLE bench_old")
    stored = bench.sql("SELECT count(*) FROM events")[0][0]
    columns = [row[0] for row in bench.sql(
        "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = 'events'::regclass AND attnum > 0 "
        "AND NOT attisdropped AND attgenerated = '' ORDER BY attnum")]
    made = {"id": "gen_random_uuid()", "received_at": "received_at - n * interval '1 microsecond'"}
    bench.sql(MULTIPLY.format(columns=", ".join(columns), others=", ".join(made.get(c, c) for c in columns),
                              times=EVENTS // stored + 1, count=EVENTS - stored))
    bench.sql("UPDATE issues i SET event_count = n FROM (SELECT issue_id, count(*) AS n FROM events GROUP BY 1) c "
              "WHERE i.id = c.issue_id")
    bench.sql("VACUUM ANALYZE events")
    return stored


def peak_mib(pid):
    """The most memory so far; wait4() would count what this program had when it began the child."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        found = [line.split()[1] for line in file if line.startswith("VmHWM:")]
    return int(found[0]) / 1024 if found else 0


def rehearse(bench):
    """(what it printed, seconds, seconds of processor time, MiB at most)."""
    path = bench.top / "rehearsal.json"
    with open(path, "wb") as out:
        start, mib, ended = time.monotonic(), 0, 0
        child = subprocess.Popen(  # pylint: disable=consider-using-with
            [CTL, "--conf", bench.stack.conf, "--json", "grouping", "rehearse", "42", "--sample", str(EVENTS)],
            env=clean_environment(), stdout=out)
        while not ended:
            mib = max(mib, peak_mib(child.pid))
            time.sleep(LOOK_S)
            ended, status, usage = os.wait4(child.pid, os.WNOHANG)
        took = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, child.returncode
    return json.loads(path.read_text()), took, usage.ru_utime + usage.ru_stime, mib


def run(bench):
    """Prints the figures; gives what is wrong."""
    bench.sql(f"TRUNCATE {TABLES}")
    taken = send(bench)
    different = fill(bench, taken)
    got, took, processor, mib = rehearse(bench)
    bench.sql(f"TRUNCATE {TABLES}")
    print(f"\nrehearse ({EVENTS} events, {different} different)\n"
          f"  seconds {took:27.1f}, of the processor {processor:.1f}\n  events/s {EVENTS / took:26.0f}\n"
          f"  memory at most, MiB {mib:15.1f}\n  issues {got['issues']:28}\n"
          f"  issues that split {len(got['splits']):17}\n  times several join {len(got['joins']):16}")
    languages = collections.Counter()
    for what in ("splits", "joins"):
        for cells in got[what]:
            of = sorted({table.language(taken[c["event"]][0]) for c in cells if c["event"] in taken})
            languages[what, "/".join(of)] += 1
    for (what, language), n in sorted(languages.items()):
        print(f"    {what} of {language or 'repeated events'}: {n}", flush=True)
    wrong = [f"rehearse: {got['unread']} events were not read"] if got["unread"] else []
    wrong += [f"rehearse: {got['events']} events of {EVENTS}"] if got["events"] != EVENTS else []
    wrong += [f"rehearse: {took:.0f} s, at most {MOST_S}"] if took > MOST_S else []
    return wrong + ([f"rehearse: {mib:.0f} MiB, at most {MOST_MIB}"] if mib > MOST_MIB else [])
