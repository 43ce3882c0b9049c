"""faults: breaks a running Mesher at random and counts what is left.

usage: MESHER_BUILD=DIR faults [--seconds N] [--faults N] [--seed N] [--keep]

Starts the real stack on ports and in a directory of its own, sends numbered events from clients that resend what got
no answer, injects faults until so many seconds have passed (60 unless --faults is given) or so many faults are
survived, waits for the spool to drain, and compares what was answered with what is stored.  Exit status: 0 when they
agree.
"""

import argparse
import pathlib
import random
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "box")]

from clients import Bulk, Envelope, Single, WebSocket  # noqa: E402
from harness.postgres import Postgres  # noqa: E402
from harness.stack import RICH_TOO, run_ctl  # noqa: E402
from harness.wait import wait_until  # noqa: E402
from injector import Injector  # noqa: E402
from ledger import Ledger  # noqa: E402
from stack import FaultTree  # noqa: E402

LIMIT, WINDOW = 40, 2


class Run:
    def __init__(self, seed, top):
        self.top, self.ledger = pathlib.Path(top), Ledger(seed)
        self.top.chmod(0o755)
        postgres = Postgres(self.top / "pg")
        postgres.start()
        postgres.make_template(run_ctl)
        self.tree = FaultTree(postgres, self.top / "t", restart_max=1000, restart_window=1, store_timeout=1000,
                              submit_timeout=3, connect_timeout=2, spool_max_files=20000, rate_limit=1000000)
        postgres.start()
        made = self.tree.ctl_json("project", "add", "web", "--id", 42)
        self.tree.project, self.tree.key = 42, made["key"]
        self.tree.ctl("project", "set", 42, "rate_limit=1000000000", *RICH_TOO)
        limited = self.tree.ctl_json("project", "add", "limited", "--id", 43)["key"]
        self.tree.ctl("project", "set", 43, f"rate_limit={LIMIT}", f"rate_window={WINDOW}")
        postgres.stop()
        self.tree.mesherd.start(120)
        self.injector = Injector(self.tree, self.ledger, seed)
        key = self.tree.key
        self.clients = [Single(self.tree, self.ledger, key) for _ in range(3)] + [
            Bulk(self.tree, self.ledger, key), Envelope(self.tree, self.ledger, key), WebSocket(self.tree, self.ledger, key),
            WebSocket(self.tree, self.ledger, key), Single(self.tree, self.ledger, limited, limited=True)]

    def go(self, seconds, faults):
        for c in self.clients:
            c.start()
        wait_until(lambda: len(self.ledger.accepted) > 50, 60, "events flow")
        began = said = time.monotonic()
        while (time.monotonic() - began < seconds) if faults is None else (self.injector.total() < faults):
            self.injector.one()
            self.injector.pause(0, 0.1)
            if time.monotonic() - said > 30:
                said = time.monotonic()
                print(f"{said - began:6.0f} s  {self.injector.total()} faults, {len(self.ledger.accepted)} accepted",
                      flush=True)
        self.took = time.monotonic() - began

    def settle(self):
        """No more faults; the clients get their answers; the spool drains."""
        tree = self.tree
        tree.quiet()
        wait_until(tree.answers, 60, "PostgreSQL is there")
        calm = len(self.ledger.accepted)
        wait_until(lambda: len(self.ledger.accepted) > calm + 50, 60, "events flow after the last fault")
        for c in self.clients:
            c.stopping.set()
        for c in self.clients:
            c.join(60)
            if c.is_alive():
                self.ledger.complain(f"a client never ended: {type(c).__name__}")
        wait_until(lambda: not tree.spooled(), 120, "the spool is drained")
        wait_until(lambda: not tree.spooled("tmp"), 30, "nothing is left in tmp/")

    def report(self):
        ledger, injector = self.ledger, self.injector
        wrong = ledger.compare(self.tree, LIMIT, WINDOW, injector.forgiven)
        bad = len(self.tree.spooled("bad"))
        if bad != injector.planted:
            wrong.append(f"{bad} files in bad/, and {injector.planted} were planted there")
        poison = len(list(self.tree.poison_dir.iterdir()))
        if poison:
            wrong.append(f"{poison} events were put aside as poison")
        for name, n in sorted(injector.done.items()):
            print(f"  {n:5} {name}")
        print(f"{injector.total()} faults survived in {self.took:.0f} s; events: {ledger.numbers} sent, "
              f"{len(ledger.accepted)} accepted, {ledger.stored} stored; {ledger.twice} duplicates, "
              f"{len(ledger.lost)} lost")
        print(f"longest time without an answer: {ledger.longest:.2f} s; after the kill of one child: "
              f"{injector.slowest:.2f} s ({injector.slowest_what})")
        for w in wrong[:20]:
            print(f"WRONG: {w}")
        return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--faults", type=int)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--keep", action="store_true", help="keep the directory with all logs")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    top, wrong, run = tempfile.mkdtemp(prefix="mfault-", dir="/tmp"), ["it did not come to an end"], None
    try:
        run = Run(arguments.seed, top)
        run.go(arguments.seconds, arguments.faults)
        run.settle()
        wrong = run.report()
    finally:
        if run:
            for c in run.clients:
                c.stopping.set()
            run.tree.quiet()
            run.tree.stop()
        if wrong:
            print(f"logs are in {top}")
        elif not arguments.keep:
            shutil.rmtree(top, ignore_errors=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
