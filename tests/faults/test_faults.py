"""Goal: a minute of random faults against the real stack loses nothing and stores nothing twice; and the fault that
matters most, a connection that is lost between COMMIT and its answer, by itself."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "box")]

import proxy  # noqa: E402
from faults_program import Run  # noqa: E402
from harness.wait import wait_until  # noqa: E402

SECONDS = os.environ.get("FAULT_SECONDS", "60")


def test_random_faults():
    done = subprocess.run([HERE / "faults", "--seconds", SECONDS], capture_output=True, text=True,
                          timeout=float(SECONDS) + 600, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    survived, sent, accepted, stored, twice, lost = map(int, re.search(
        r"(\d+) faults survived.*?: (\d+) sent, (\d+) accepted, (\d+) stored; (\d+) duplicates, (\d+) lost",
        done.stdout, re.S).groups())
    assert survived >= float(SECONDS) / 4 and accepted > 500
    assert (twice, lost) == (0, 0) and accepted <= stored <= sent


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    import shutil
    import tempfile
    top = tempfile.mkdtemp(prefix="mfault-", dir="/tmp")
    made = Run(1, top)
    for c in made.clients:
        c.start()
    yield made
    for c in made.clients:
        c.stopping.set()
    made.tree.quiet()
    made.tree.stop()
    shutil.rmtree(top, ignore_errors=True)


@pytest.mark.parametrize("mode", [proxy.DROP_REQUEST, proxy.DROP_ANSWER, proxy.DROP_HALF_ANSWER])
def test_the_connection_is_lost(run, mode):
    """Again and again; the reckoning is made by test_the_reckoning."""
    for _ in range(10):
        run.tree.proxy.arm(mode)
        assert run.tree.proxy.hit.wait(20), "a batch met it"
        seen = len(run.ledger.accepted)
        wait_until(lambda: len(run.ledger.accepted) > seen + 20, 20, "events flow on")


def test_the_reckoning(run):
    run.settle()
    run.took = 0.0
    assert run.report() == []


def test_a_reckoning_can_fail(run):
    """What the ledger says is missing, doubled or foreign is noticed."""
    ledger, tree = run.ledger, run.tree
    some = next(iter(ledger.accepted))
    ledger.accepted["00000000-0000-4000-8000-000000000000"] = 0.0
    assert any("lost" in w for w in ledger.compare(tree))
    del ledger.accepted["00000000-0000-4000-8000-000000000000"]
    sent = ledger.sent.pop(some)
    assert any("nobody sent" in w for w in ledger.compare(tree))
    ledger.sent[some] = sent
    tree.sql("UPDATE issues SET event_count = event_count + 1 WHERE id = (SELECT min(id) FROM issues)")
    assert any("counts" in w for w in ledger.compare(tree))
    ledger.admitted += [(1.0, 1.1)] * 200
    assert any("limit" in w for w in ledger.windows(40, 2, []))
    assert not ledger.windows(100, 2, [])
