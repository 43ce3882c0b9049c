"""The real stack under mesherd, PostgreSQL included, with a proxy, a bad disk and a false clock built in."""

import os
import signal
import struct
import subprocess

from harness.mesherd import child
from harness.postgres import USER, bin_dir
from harness.stack import BUILD
from harness.tree import Tree
from proxy import Proxy

SHIM = BUILD / "tests/faults/shim.so"


class FaultTree(Tree):
    """As quickstart sets it up: mesherd's first child is PostgreSQL."""

    def __init__(self, postgres, top, responders=6, **options):
        super().__init__(postgres, top, responders=responders, **options)
        postgres.stop()  # from here on it is mesherd's
        self.fault_file, self.clocks = self.top / "disk", {n: self.top / f"clock-{n}" for n in ("pg", "mesher")}
        self.fault_file.write_bytes(b"")
        for clock in self.clocks.values():
            clock.write_bytes(struct.pack("q", 0))
            clock.chmod(0o644)
        self.proxy_dir = self.top / "x"
        self.proxy_dir.mkdir()
        self.proxy = Proxy(self.proxy_dir, postgres.run)
        self.proxy.start()
        self.through_proxy = f"host={self.proxy_dir} dbname={self.database} user=mesher"
        who = ["setpriv", f"--reuid={USER}", "--regid=nogroup", "--clear-groups", "--pdeathsig=INT"] if os.geteuid() == 0 else []
        self.before = [child(
            "postgres", [*who, *self.shimmed("pg"), bin_dir() / "postgres", "-D", postgres.data],
            ready=f"{postgres.run}/.s.PGSQL.5432", start_timeout=120000, stop_signal="INT", stop_timeout=30000,
            alone=True, rolling=False, log_file=postgres.top / "postgres.log")]
        self.write()

    def shimmed(self, clock):
        # The shim reads files that a confined process does not reach.
        return ["env", "MESHER_CONFINE=off", f"LD_PRELOAD={SHIM}", f"MESHER_FAULT_FILE={self.fault_file}",
                f"MESHER_CLOCK_FILE={self.clocks[clock]}"]

    def write(self, responders=None, **more):
        if not hasattr(self, "through_proxy"):  # the first time, before there is one
            return
        super().write(responders, database=self.through_proxy, **more)
        text = self.mesherd.conf.read_text()
        words = ", ".join(f'"{w}"' for w in self.shimmed("mesher"))
        for name in ("mesher-writer", "mesher.fcgi", "websocketd"):
            text = text.replace(f'child "{name}" {{\n    command = {{ ', f'child "{name}" {{\n    command = {{ {words}, ')
        text = text.replace("--passenv=PATH,MESHER_CONF", "--passenv=PATH,MESHER_CONF,MESHER_CONFINE,LD_PRELOAD,MESHER_FAULT_FILE,"
                            "MESHER_CLOCK_FILE")
        self.mesherd.conf.write_text(text)

    # ---- what can be done to it

    def disk(self, letter):
        self.fault_file.write_bytes(letter)

    def jump(self, who, seconds):
        with open(self.clocks[who], "r+b") as f:
            f.write(struct.pack("q", seconds))

    def jumped(self, who):
        return struct.unpack("q", self.clocks[who].read_bytes())[0]

    def postmaster(self):
        return self.mesherd.pid("postgres")

    def family(self, pid):
        """The process and those below it."""
        found, todo = [], [pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo += map(int, subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True,
                                            check=False).stdout.split())
        return found

    def answers(self):
        try:
            self.postgres.sql("postgres", "SELECT 1")
            return True
        except Exception:
            return False

    def signal(self, pid, number):
        try:
            os.kill(pid, number)
            return True
        except (ProcessLookupError, TypeError):
            return False

    def stop(self):
        try:
            self.mesherd.stop()
        finally:
            self.mesherd.clean_up()
            self.proxy.stop()

    def quiet(self):
        """No fault is left."""
        self.disk(b"")
        for who in self.clocks:
            self.jump(who, 0)
        self.proxy.release()
        for pid in self.mesherd.left():
            self.signal(pid, signal.SIGCONT)
