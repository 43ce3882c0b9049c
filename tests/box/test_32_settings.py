"""Goal: nothing that a role's settings can change changes what Mesher does: the suites of ingestion and of mesherctl pass as a
role for which 40 of them are hostile, directly and behind PgBouncer; a setting that Mesher does not change sends events to
the spool, and they come back."""

import os
import subprocess
import sys

import pytest
from harness.postgres import HOSTILE
from harness.stack import SOURCE
from harness.wait import wait_until

SUITES = ["test_10_event.py", "test_15_bulk.py", "test_19_direct_and_cgi.py", "test_21_mesherctl.py", "test_24_dedupe.py",
          "test_80_issue_counts.py", "test_82_retention.py", "test_83_issue_commands.py", "test_84_issue_list.py"]
SLOW = "three_projects_under_load"  # it measures time


@pytest.mark.repeats
@pytest.mark.parametrize("pooler", ["", "1"], ids=["directly", "pooler"])
def test_suites_as_a_hostile_role(pooler):
    assert len(HOSTILE) >= 24
    suites = SUITES if os.environ.get("MESHER_ALL") else SUITES[:2] if pooler else SUITES[:4]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", "-x", "-k", f"not {SLOW}",
         *(SOURCE / "tests/box" / name for name in suites)],
        env={**{k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}, "MESHER_HOSTILE": "1", "MESHER_POOLER": pooler,
             "MESHER_TURN": "held"},
        capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.parametrize("mode", ["writer", "direct"])
@pytest.mark.parametrize("where", ["ROLE", "DATABASE"])
def test_no_changes_are_accepted(fresh, own_postgres, mode, where):
    """As a provider does when its disk is full: events wait in the spool until it ends."""
    stack = fresh(mode, server=own_postgres)
    stack.good()
    on = f"ROLE mesher IN DATABASE {stack.database}" if where == "ROLE" else f"DATABASE {stack.database}"
    stack.sql(f"ALTER {on} SET default_transaction_read_only = on")
    stack.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = 'mesher'",
              stack.database)
    answer = stack.post({"message": "refused for now"})
    assert answer.status == 202 and stack.spooled(), answer
    done = stack.ctl_run("project", "add", "another")
    assert done.returncode == 1 and "read-only transaction: mesherctl doctor says where" in done.stderr, done
    with stack.postgres.connect("postgres") as c, c.cursor() as cursor:
        cursor.execute(f"ALTER {on} RESET default_transaction_read_only")
    stack.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = 'mesher'",
              stack.database)
    stack.good_again()
    stack.drain()
    wait_until(lambda: stack.sql("SELECT 1 FROM events WHERE id = %s", answer.json()["id"]), 30, "it came back")
