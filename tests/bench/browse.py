"""browse: how long mesherctl takes on two million events and 20,000 issues, and that no plan scans the events."""

import re
import statistics
import time

import generate
from harness.stack import run_ctl

EVENTS, ISSUES, DAYS, TIMES, MOST_MS = 2000000, 20000, 7, 7, 50
SCAN = re.compile(r"Seq Scan on events_\d+ .*\(cost=[0-9.]+\.\.(?!0\.00)")  # of an empty one it costs nothing


def fill(postgres):
    """A database of its own, filled; its name."""
    name = postgres.make_database()
    generate.generate(postgres.conninfo(name), EVENTS, ISSUES, DAYS)
    return name


def commands(postgres, name):
    big, small = (postgres.sql(name, f"SELECT 'WEB-' || id FROM issues WHERE event_count > 0 ORDER BY event_count {o} LIMIT 1")[0][0]
                  for o in ("DESC", "ASC"))
    return {"issue list": ["issue", "list", "web"], "issue list, all projects": ["issue", "list"],
            "issue list --sort count": ["issue", "list", "web", "--sort", "count"],
            "issue list --sort users": ["issue", "list", "web", "--sort", "users"],
            "issue list --query": ["issue", "list", "web", "--query", "19999"],
            "issue list --release": ["issue", "list", "web", "--release", "shop@3"],
            "issue list --release, none": ["issue", "list", "web", "--release", "shop@none"],
            "issue list --environment": ["issue", "list", "web", "--environment", "production"],
            "issue list --environment, one": ["issue", "list", "web", "--environment", "test"],
            "issue list --query, none": ["issue", "list", "web", "--query", "nowhere to be found"],
            "issue show, most events": ["issue", "show", big], "issue show, fewest events": ["issue", "show", small],
            "event list": ["event", "list", "web"], "event list --issue": ["event", "list", "web", "--issue", big]}


# May take longer than MOST_MS.
UNJUDGED = ("issue list --sort users",)


def run(postgres):
    """Prints medians; gives what is wrong."""
    name = fill(postgres)
    conninfo = postgres.conninfo(name)
    took, wrong = {}, []
    postgres.sql(name, "ALTER ROLE mesher SET session_preload_libraries = 'auto_explain'")
    postgres.sql(name, "ALTER ROLE mesher SET auto_explain.log_min_duration = 0")
    todo = commands(postgres, name)
    begin = len(postgres.process.text())
    for what, arguments in todo.items():
        assert run_ctl(conninfo, *arguments).returncode == 0, what  # warm, and its plans are in the log
        if SCAN.search(postgres.process.text()[begin:]):
            wrong.append(f"browse, {what}: a plan scans the events")
            begin = len(postgres.process.text())
    postgres.sql(name, "ALTER ROLE mesher RESET session_preload_libraries")
    postgres.sql(name, "ALTER ROLE mesher RESET auto_explain.log_min_duration")
    print(f"\nbrowse ({EVENTS} events, {ISSUES} issues)\n{'':28}{'ms':>9}")
    for what, arguments in todo.items():
        turns = []
        for _ in range(TIMES):
            start = time.monotonic()
            done = run_ctl(conninfo, *arguments)
            turns.append((time.monotonic() - start) * 1000)
            assert done.returncode == 0, done
        took[what] = statistics.median(turns)
        print(f"{what:28}{took[what]:9.1f}", flush=True)
        if what not in UNJUDGED and took[what] > MOST_MS:
            wrong.append(f"browse, {what}: {took[what]:.0f} ms")
    postgres.drop_database(name)
    return wrong
