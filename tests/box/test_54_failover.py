"""Goal: a synchronous standby takes over, and nothing of Mesher is started again: every 202 is on the new primary."""

import signal

import pytest
from harness.client import Load
from harness.postgres import Postgres
from harness.stack import run_ctl
from harness.wait import wait_until


@pytest.fixture
def pair(top, request):
    """A primary that waits for its standby with each commit, and the standby."""
    name = str(abs(hash(request.node.name)))[:6]
    primary = Postgres(top / f"p{name}")
    primary.start()
    primary.make_template(run_ctl)
    standby = Postgres(top / f"q{name}", standby_of=primary)
    standby.start()
    primary.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
    primary.sql("postgres", "SELECT pg_reload_conf()")
    wait_until(lambda: primary.sql("postgres", "SELECT sync_state FROM pg_stat_replication") == [("sync",)], 30,
               "the standby is synchronous")
    yield primary, standby
    standby.stop(signal.SIGQUIT)
    if primary.process:
        primary.thaw()
        primary.stop(signal.SIGQUIT)


@pytest.mark.parametrize("mode", ["writer", "direct"])
@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_failover_loses_nothing(pair, fresh, mode, how):
    primary, standby = pair
    stack = fresh(mode, server=primary, responders=4, start=False)
    both = f"host={primary.run},{standby.run} dbname={stack.database} user=mesher target_session_attrs=read-write"
    stack.settings["database"] = both
    stack.conf = stack.write_conf(stack.top / "mesher.conf", {})
    stack.start()
    with Load(stack.port, stack.key) as load:
        wait_until(lambda: len(load.accepted) >= 200, 60, "events flow")
        if how == "killed":
            primary.process.kill()
        else:
            primary.freeze()
        seen = len(load.accepted)
        wait_until(lambda: len(load.accepted) >= seen + 20, 60, "events flow on, into the spool")
        standby.sql("postgres", "SELECT pg_promote()")
        stack.postgres = standby
        wait_until(lambda: stack.sql("SELECT count(*) FROM events WHERE received_at > now() - interval '1 second'")
                   [0][0] > 0, 60, "events reach the new primary")
        before = len(load.accepted)
        wait_until(lambda: len(load.accepted) >= before + 100, 60, "events flow")
    assert not load.failed and not load.other, (load.failed + load.other)[:3]
    stack.drain()
    ids = [str(r[0]) for r in stack.sql("SELECT id FROM events")]
    assert len(ids) == len(set(ids))
    missing = set(load.accepted) - set(ids)
    assert not missing, f"{len(missing)} of {len(load.accepted)} are missing"
