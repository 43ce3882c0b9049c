"""A mesherd with children that a test defines."""

import json
import os
import pathlib
import signal
import subprocess

from .process import Process
from .stack import BUILD, CTL, clean_environment
from .wait import wait_until

MESHERD = BUILD / "mesherd"


def child(name, command, **options):
    """Returns a section of the configuration.  command: words, or a shell script."""
    words = ["/bin/sh", "-c", command] if isinstance(command, str) else list(map(str, command))

    def text(v):
        if isinstance(v, bool):
            return str(v).lower()
        return str(v) if isinstance(v, int) else quoted(v)
    lines = [f"    {k} = {text(v)}" for k, v in options.items()]
    return "\n".join([f"child {quoted(name)} {{", "    command = { " + ", ".join(map(quoted, words)) + " }",
                      *lines, "}", ""])


def quoted(s):
    return '"' + str(s).replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'


def gone(pid):
    """Returns whether the process has ended.  A zombie has."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX"
    except OSError:
        return True


def processes_of(marker):
    """Returns the pids of the processes with the marker in their environment: neither fork nor setsid removes it."""
    found = []
    for p in pathlib.Path("/proc").iterdir():
        if p.name.isdigit():
            try:
                if marker.encode() in (p / "environ").read_bytes() and not gone(p.name):
                    found.append(int(p.name))
            except OSError:
                pass
    return found


class UnderMesherd:
    """Operations of a stack whose processes are self.mesherd's children."""

    def stop(self):
        try:
            self.mesherd.stop()
        finally:
            self.mesherd.clean_up()
            self.postgres.drop_database(self.database)


def replace_text(path, text):
    """Replaces a file in one step: a process that starts at that moment reads the old text or the new one, and no half."""
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    if path.exists():
        old = path.stat()
        os.chown(new, old.st_uid, old.st_gid)
        new.chmod(old.st_mode & 0o7777)
    new.replace(path)


class Mesherd:
    """mesherd on DIR/mesher.conf; a variable in their environment identifies its children."""

    program = MESHERD
    before = ()  # what it is started by

    def __init__(self, top, *sections, **options):
        self.top = pathlib.Path(top)
        self.run = self.top / "run"
        self.conf = self.top / "mesher.conf"
        self.log = self.top / "mesherd.log"
        self.marker = f"BOX_MARKER={self.top}"
        self.process = None
        self.write(*sections, **options)

    def write(self, *sections, **options):
        options = {"run_dir": str(self.run), **options}
        lines = [f"{k} = {v}" if isinstance(v, int) else f"{k} = {quoted(v)}" for k, v in options.items()]
        replace_text(self.conf, "\n".join(lines) + "\n" + "\n".join(sections))

    def env(self):
        name, value = self.marker.split("=")
        return {**clean_environment(), name: value}

    def begin(self, env=None, **kwargs):
        """Starts it without waiting."""
        self.process = Process("mesherd", [self.program, "--conf", self.conf], self.log,
                               env={**self.env(), **(env or {})}, **kwargs)
        return self

    def start(self, seconds=20, **kwargs):
        """Starts it and waits until all its children are ready."""
        ours, theirs = os.pipe()
        self.process = Process("mesherd", [*self.before, self.program, "--conf", self.conf, "--ready-fd", str(theirs)], self.log,
                               env=self.env(), pass_fds=(theirs,), **kwargs)
        os.close(theirs)
        with open(ours, "rb") as f:
            assert f.readline() == b"\n", f"mesherd did not get ready\n{self.process.tail()}"
        return self

    def stop(self, **kwargs):
        if self.process:
            self.process.stop(20, **kwargs)
            assert "event=internal_error" not in self.process.text(), self.process.tail()
            self.process = None
        assert self.left() == []

    def left(self):
        return processes_of(self.marker)

    def clean_up(self):
        """Kills everything that a failed test has left."""
        for pid in self.left():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def pid(self, name):
        try:
            return int((self.run / f"{name}.pid").read_text())
        except (OSError, ValueError):
            return None

    def ctl(self, *arguments, timeout=60):
        return subprocess.run([CTL, "--conf", self.conf, "--json", *arguments], env=clean_environment(),
                              capture_output=True, text=True, timeout=timeout, check=False)

    def tell(self, *arguments, timeout=60):
        done = self.ctl(*arguments, timeout=timeout)
        assert done.returncode == 0, (done, self.process.tail())

    def children(self):
        done = self.ctl("status")
        assert done.returncode == 0, done
        return {c["name"]: c for c in json.loads(done.stdout)["children"]}

    def kill(self, name, number=signal.SIGKILL):
        """Kills a child and waits until another one replaces it."""
        old = wait_until(lambda: self.pid(name), 10, f"{name} runs")
        os.kill(old, number)
        wait_until(lambda: self.pid(name) not in (None, old), 10, f"{name} comes back")
        return old
