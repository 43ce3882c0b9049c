"""Goal: event tail shows what is stored as it is stored and costs nothing while nobody looks; stats adds outcomes up;
top shows rates and leaves the terminal as it was; completion completes."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading
import time

import pytest
from harness.issues import make_issue
from harness.stack import CTL, SOURCE, clean_environment
from harness.wait import wait_until

LOCKED = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


class Tail:
    def __init__(self, stack, *arguments, json_lines=True):
        before = stack.sql(LOCKED)[0][0]
        head = ["--json"] if json_lines else []
        self.child = subprocess.Popen([CTL, "--conf", stack.conf, *head, "event", "tail", *map(str, arguments)],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment(), text=True)
        self.lines = []
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        wait_until(lambda: stack.sql(LOCKED)[0][0] > before, 10, "it follows")

    def read(self):
        for line in self.child.stdout:
            self.lines.append(line)

    def stop(self):
        self.child.send_signal(signal.SIGINT)
        self.child.wait(10)
        self.reader.join()
        self.child.stderr.close()
        self.child.stdout.close()


@pytest.fixture
def tails():
    made = []

    def make(*args, **kwargs):
        made.append(Tail(*args, **kwargs))
        return made[-1]

    yield make
    for t in made:
        t.stop()


@pytest.mark.parametrize("mode", ["writer", "direct"])
def test_tail(fresh, tails, mode):
    stack = fresh(mode)
    stack.post({"message": "before"})
    one, two = tails(stack, 42), tails(stack, json_lines=False)
    sent = [stack.post({"message": f"number {n}", "level": "info"}).json()["id"] for n in range(5)]
    wait_until(lambda: len(one.lines) >= 5 and len(two.lines) >= 5, 10, "all five")
    shown = [json.loads(line) for line in one.lines]
    assert [e["id"] for e in shown] == sent, "in order, none twice, none of before"
    assert shown[0]["project"] == 42 and shown[0]["title"] == "number 0" and shown[0]["issue"].startswith("WEB-")
    assert "number 4" in two.lines[4] and "info" in two.lines[4]
    # Later ones come by notification alone, at once.
    for n in range(3):
        begin = time.monotonic()
        event = stack.post({"message": f"later {n}"}).json()["id"]
        wait_until(lambda: json.loads(one.lines[-1])["id"] == event, 10, "the next one")
        assert time.monotonic() - begin < 20
    assert len(one.lines) == 8


def test_tail_of_one_project(stack, tails):
    other = stack.ctl_json("project", "add", "tailed")
    tail = tails(stack, "tailed")
    stack.post({"message": "of another"})
    made = stack.post({"message": "of this\x1b[2J"}, key=other["key"]).json()["id"]
    wait_until(lambda: tail.lines, 10, "it is shown")
    assert [json.loads(line)["id"] for line in tail.lines] == [made]
    assert stack.ctl_run("event", "tail", "nobody").returncode == 3
    assert stack.ctl_run("event", "tail", "a", "b").returncode == 2


def test_nobody_is_told_while_nobody_follows(fresh, tails):
    """And a tail that was killed is nobody."""
    stack = fresh()
    stack.postgres.sql(stack.database, "ALTER ROLE mesher SET log_statement = 'all'")
    try:
        stack.writer.stop()
        stack.start_writer()
        log = stack.postgres.top / "postgres.log"
        begin = log.stat().st_size
        tail = tails(stack, 42)
        tail.child.kill()
        tail.child.wait(10)
        wait_until(lambda: stack.sql(LOCKED)[0][0] == 0, 10, "its lock is gone")
        start = time.monotonic()
        for n in range(300):
            assert stack.post({"message": f"m {n}"}).status == 202
        seconds = time.monotonic() - start
    finally:
        stack.postgres.sql(stack.database, "ALTER ROLE mesher RESET log_statement")
    with open(log, encoding="utf-8", errors="replace") as f:
        f.seek(begin)
        text = f.read()
    assert text.count("execute store:") >= 300
    assert 1 <= text.count("execute tell:") <= seconds + 3, "one look a second"


# ---- stats

def outcome(stack, project, ago, name, quantity, size=0):
    stack.sql("INSERT INTO outcomes (project_id, minute, outcome, quantity, bytes)"
              " VALUES (%s, date_trunc('minute', now() - %s::interval), %s, %s, %s)", project, ago, name, quantity, size)


def test_stats(fresh):
    stack = fresh(responders=1)
    stack.sql("DELETE FROM outcomes")
    stack.ctl("project", "add", "second", "--id", 43)
    outcome(stack, 42, "0 s", "accepted", 10, 1000)
    outcome(stack, 42, "1 day", "accepted", 5, 500)
    outcome(stack, 42, "1 day", "rate_limited", 7)
    outcome(stack, 42, "1 day", "duplicate", 2)
    outcome(stack, 42, "1 day", "sdk:queue_overflow", 3)
    outcome(stack, 42, "9 days", "accepted", 100, 1)
    outcome(stack, 43, "0 s", "malformed", 4)
    outcome(stack, 0, "0 s", "unauthorized", 6)
    rows = stack.ctl_json("stats")
    assert [(r["project"], r["name"], r["accepted"], r["refused"], r["bytes"]) for r in rows] == [
        (0, None, 0, 6, 0), (42, "web", 10, 0, 1000), (43, "second", 0, 4, 0), (42, "web", 5, 7, 500)]
    assert rows[3]["outcomes"] == {"duplicate": 2, "rate_limited": 7, "sdk:queue_overflow": 3}
    assert rows[0]["day"] > rows[3]["day"] and len(rows[0]["day"]) == 10
    assert [r["accepted"] for r in stack.ctl_json("stats", "web", "--days", 10)] == [10, 5, 100]
    assert len(stack.ctl_json("stats", 43)) == 1 and len(stack.ctl_json("stats", "--days", 1)) == 3
    assert "rate_limited" in stack.ctl("stats")
    for days, status in ((0, 2), (1, 0), (3650, 0), (3651, 2), ("x", 2)):
        assert stack.ctl_run("stats", "--days", days).returncode == status
    assert stack.ctl_run("stats", "nobody").returncode == 3


# ---- top

def test_top_once(fresh):
    stack = fresh(responders=1)
    stack.sql("DELETE FROM outcomes")
    outcome(stack, 42, "1 minute", "accepted", 120)
    outcome(stack, 42, "30 minutes", "accepted", 3480)
    outcome(stack, 42, "1 minute", "malformed", 7)
    make_issue(stack, "new")
    lines = stack.ctl("top").splitlines()
    assert len(lines) == 2 and lines[1].split() == ["-", "2.0", "1.0", "7", "1", "1", "web"], lines
    (row,) = stack.ctl_json("top")
    assert (row["last_minute"], row["last_hour"], row["refused_last_minute"]) == (120, 3600, 7)


@pytest.mark.parametrize("end", ["q", "SIGTERM", "\x03"])
def test_top_on_a_terminal(stack, end):
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    before = termios.tcgetattr(follower)
    child = subprocess.Popen([CTL, "--conf", stack.conf, "top"], stdin=follower, stdout=follower, stderr=follower,
                             env=clean_environment(), preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)))
    got = b""

    def read_more():
        nonlocal got
        if select.select([leader], [], [], 0)[0]:
            got += os.read(leader, 65536)
        return got

    try:
        wait_until(lambda: b"q ends" in read_more(), 10, "a screen")
        assert not termios.tcgetattr(follower)[3] & termios.ICANON
        wait_until(lambda: read_more().count(b"q ends") >= 2, 10, "it is written anew")
        if end == "SIGTERM":
            child.send_signal(signal.SIGTERM)
        else:
            os.write(leader, end.encode())
        assert child.wait(10) == 0
        wait_until(lambda: read_more().endswith(b"\x1b[?25h\x1b[?1049l"), 10, "the screen of before")
        assert termios.tcgetattr(follower) == before
    finally:
        if child.poll() is None:
            child.kill()
        os.close(leader)
        os.close(follower)
    assert got.startswith(b"\x1b[?1049h")


# ---- completion

def complete(stack, *words, env=None):
    """What bash offers for the last word."""
    script = f'''source {SOURCE}/contrib/completion/mesherctl
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _mesherctl; printf '%s\\n' "${{COMPREPLY[@]}}"'''
    done = subprocess.run(["bash", "-c", script, "bash", *map(str, words)], capture_output=True, text=True, timeout=30,
                          env={**clean_environment(), "MESHER_CONF": str(stack.conf), "PATH": f"{CTL.parent}:{os.environ['PATH']}",
                               **(env or {})}, check=True)
    assert done.stderr == "", done.stderr
    return done.stdout.split("\n")[:-1]


def test_completion(stack):
    stack.ctl("project", "add", "my shop")
    issue = make_issue(stack, "completed")
    assert complete(stack, "mesherctl", "iss") == ["issue"]
    assert {"list", "resolve", "merge", "discard"} <= set(complete(stack, "mesherctl", "issue", ""))
    assert complete(stack, "mesherctl", "issue", "unm") == ["unmerge"]
    assert "--in-next" in complete(stack, "mesherctl", "issue", "resolve", "--")
    assert "web" in complete(stack, "mesherctl", "event", "list", "")
    assert complete(stack, "mesherctl", "project", "show", "my") == ["my\\ shop"]
    assert issue in complete(stack, "mesherctl", "issue", "show", "WEB-")
    assert complete(stack, "mesherctl", "issue", "list", "--sort", "f") == ["first_seen"]
    assert complete(stack, "mesherctl", "--conf", stack.conf, "--json", "issue", "show", issue[:-1]).count(issue) == 1
    assert complete(stack, "mesherctl", "issue", "show", "", env={"MESHER_CONF": "/nowhere"}) in ([], [""])


def test_completion_fits_the_place(stack):
    """Values, and names of what the argument is; nothing of other commands."""
    issue = make_issue(stack, "in its place")
    assert complete(stack, "mesherctl", "issue", "list", "--status", "") == ["unresolved", "resolved", "ignored"]
    assert complete(stack, "mesherctl", "issue", "list", "--level", "w") == ["warning"]
    assert "web" in complete(stack, "mesherctl", "issue", "list", "--level", "error", "")
    assert issue in complete(stack, "mesherctl", "issue", "merge", issue, "WEB-")
    assert issue in complete(stack, "mesherctl", "event", "list", "web", "--issue", "WEB-")
    assert complete(stack, "mesherctl", "spool", "retry", "") in ([], [""], ["all"])
    assert complete(stack, "mesherctl", "help", "iss") == ["issue"]
    assert "--payload" not in complete(stack, "mesherctl", "event", "list", "--")


def test_completion_knows_every_command(stack):
    lines = [line.split() for line in stack.ctl("help", "commands").splitlines()]
    assert len(lines) > 40
    for words in lines:
        two = len(words) > 1 and words[1].isalpha() and words[1].islower()
        assert words[0] in complete(stack, "mesherctl", words[0])
        if two:
            assert words[1] in complete(stack, "mesherctl", words[0], words[1])
        for word in words:
            if word.strip("[]").startswith("--"):
                option = word.strip("[]")
                assert option in complete(stack, "mesherctl", *words[:1 + two], option), option
