"""Child processes: started with a log file, ended by pid, with their exit status checked."""

import os
import pathlib
import signal
import subprocess

from .wait import PATIENCE, wait_until


class Process:
    """One child.  stop() fails if it ended in a way that no test asked for."""

    def __init__(self, name, argv, log, env=None, stdin=subprocess.DEVNULL, user=None,
                 pass_fds=(), cwd=None):
        self.name, self.log = name, pathlib.Path(log)
        self.any_end = False  # set when a test kills it
        extra = {}
        if user and os.geteuid() == 0:
            import pwd
            entry = pwd.getpwnam(user)
            extra = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        with open(self.log, "ab") as out:
            self.child = subprocess.Popen(
                argv, stdin=stdin, stdout=out, stderr=out, env=env, pass_fds=pass_fds,
                cwd=cwd, start_new_session=True, **extra)
        self.pid = self.child.pid

    def alive(self):
        return self.child.poll() is None

    def send(self, number):
        if self.alive():
            self.child.send_signal(number)

    def kill(self):
        """Kills it, like a crash."""
        self.any_end = True
        self.send(signal.SIGKILL)
        self.child.wait()

    def wait(self, seconds=10):
        return self.child.wait(timeout=PATIENCE * seconds)

    def terminate(self, seconds=15, number=signal.SIGTERM):
        """Sends SIGTERM and returns the exit status."""
        self.send(number)
        try:
            return self.child.wait(timeout=PATIENCE * seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {PATIENCE * seconds} s") from None

    def stop(self, seconds=15, number=signal.SIGTERM, good=(0,)):
        """Like terminate(), but the status must be a good one."""
        status = self.terminate(seconds, number)
        if status not in good and not self.any_end:
            raise AssertionError(f"{self.name} exited with {status}\n{self.tail()}")

    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def tail(self, lines=40):
        return "\n".join(self.text().splitlines()[-lines:])


def run(argv, timeout, **kwargs):
    """Runs a program that ends by itself.  Processes that it leaves behind may keep its pipes open: after `timeout`
    seconds its whole session is killed and the pipes are no longer read; subprocess.run() would read them for ever."""
    with subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, start_new_session=True, **kwargs) as child:
        try:
            out, err = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(argv, child.returncode, out, err)


def proc_status(pid, field):
    """Returns a number from /proc/PID/status, such as VmHWM, in KiB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise KeyError(field)


def takes_signal(pid, number):
    """Returns whether it already handles (or blocks) this signal."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return False
    masks = [int(x.split()[1], 16) for x in lines if x.startswith(("SigCgt:", "SigBlk:"))]
    return any(m >> (number - 1) & 1 for m in masks)


def private_kib(pid):
    """Returns the memory that only this process uses."""
    kib = 0
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(("Private_Clean:", "Private_Dirty:")):
            kib += int(line.split()[1])
    return kib


def cpu_ticks(pid):
    """Returns the user and system time used so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


__all__ = ["Process", "cpu_ticks", "private_kib", "proc_status", "run", "takes_signal", "wait_until"]
