"""Goal: mesherd keeps its children running and leaves none behind, whatever they are and however it ends.
None of them is a program of Mesher here."""

import os
import re
import signal
import socket
import subprocess
import threading
import time

import pytest
from harness.mesherd import MESHERD, Mesherd, child, gone, replace_text
from harness.ports import free_port
from harness.process import proc_status
from harness.stack import CTL, clean_environment, listens
from harness.wait import wait_until

SLEEP = ["/bin/sleep", "1000"]
DEAF = "trap '' TERM; echo >&5; while :; do sleep 0.1; done"


@pytest.fixture
def box(tmp_path_factory):
    """Makes mesherds; ends whatever a test has left."""
    made = []

    def make(*sections, **options):
        top = tmp_path_factory.mktemp("d")
        made.append(Mesherd(top, *sections, **options))
        return made[-1]
    yield make
    for m in made:
        if m.process:
            m.process.kill()
        m.clean_up()


# ---- start, stop, status

def test_order_readiness_and_pid_files(box):
    m = box()
    order = m.top / "order"

    def teller(name, ready):
        return child(name, f"trap 'echo -{name} >>{order}; exit' TERM; sleep 0.2; echo {name} >>{order}; "
                           f"echo >&5; while :; do sleep 0.02; done", ready=ready)
    m.write(teller("a", "fd:5"), child("once", f"sleep 0.2; echo once >>{order}", oneshot=True),
            teller("b", "fd:5"), child("last", f"echo last >>{order}; exec sleep 1000"))
    m.start()
    wait_until(lambda: order.read_text().split() == ["a", "once", "b", "last"], 5)
    for name in ("a", "b", "last", "mesherd"):
        assert not gone(m.pid(name))
    assert m.pid("mesherd") == m.process.pid and m.pid("once") is None
    assert set(m.children()) == {"a", "b", "last"}, "a oneshot that is done is no process"
    m.stop()
    assert order.read_text().split() == ["a", "once", "b", "last", "-b", "-a"]
    assert list(m.run.iterdir()) == []


def limits(pid):
    with open(f"/proc/{pid}/limits", encoding="ascii") as f:
        return next(line.split()[3:5] for line in f if line.startswith("Max open files"))


@pytest.mark.parametrize("soft", [64, 256])
def test_few_descriptors(box, soft):
    """The soft limit is raised to the hard one, for its children, too."""
    m = box(child("single", SLEEP), child("pool", SLEEP, listen=f"127.0.0.1:{free_port()}"))
    m.before = ["prlimit", f"--nofile={soft}:4096"]
    m.start()
    wait_until(lambda: {c["state"] for c in m.children().values()} == {"up"}, 10, "all are up")
    assert limits(m.process.pid) == limits(m.pid("single")) == ["4096", "4096"]


def test_too_few_descriptors(box):
    m = box(child("single", SLEEP))
    done = subprocess.run(["prlimit", "--nofile=256:256", MESHERD, "--conf", m.conf], capture_output=True, text=True,
                          env=clean_environment(), timeout=30, check=False)
    log = done.stderr
    assert done.returncode == 100 and "the hard limit is 256" in log and "LimitNOFILE=4096" in log, (done, log)


def test_status(box):
    m = box(child("pool", SLEEP, instances=2), child("single", SLEEP)).start()
    shown = m.children()
    assert list(shown) == ["pool-1", "pool-2", "single"]
    for name, c in shown.items():
        assert c["pid"] == m.pid(name) and c["state"] == "up" and c["restarts"] == 0
        assert c["uptime_s"] >= 0 and c["memory_kib"] > 0 and c["last_exit"] is None
    m.kill("pool-2")
    wait_until(lambda: m.children()["pool-2"]["state"] == "up", 5)
    shown = m.children()
    assert (shown["pool-2"]["restarts"], shown["pool-2"]["last_exit"]) == (1, "signal KILL")
    assert shown["pool-1"]["restarts"] == 0
    text = subprocess.run([CTL, "--conf", m.conf, "status"], env=clean_environment(), capture_output=True,
                          text=True, timeout=60, check=True).stdout
    assert re.search(r"^mesherd +ok$", text, re.M) and re.search(r"^pool \(2\) +- +\d+ +1 +up +signal KILL", text, re.M)
    m.stop()
    done = m.ctl("status")
    assert done.returncode == 0 and '"children":[]' in done.stdout and '"mesherd":"none"' in done.stdout


def test_mesherctl_stop(box):
    m = box(child("a", SLEEP)).start()
    m.tell("stop")
    assert m.process.wait(10) == 0 and m.left() == []
    assert m.ctl("stop").returncode == 1
    assert m.ctl("restart").returncode == 1 and m.ctl("reload").returncode == 1


def test_output_goes_to_its_file(box):
    m = box()
    m.write(child("a", "echo out; echo err >&2; exec sleep 1000", log_file=m.top / "a.log"),
            child("b", "echo mine; exec sleep 1000"))
    m.start()
    wait_until(lambda: (m.top / "a.log").read_text() == "out\nerr\n", 5)
    wait_until(lambda: "mine" in m.process.text(), 5)
    m.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_in_order(box, number):
    m = box(child("a", SLEEP)).start()
    m.stop(number=number)


def test_a_second_signal_is_faster(box):
    m = box(child("a", DEAF, ready="fd:5", stop_timeout=60000),
            child("b", DEAF, ready="fd:5", stop_timeout=60000)).start()
    m.process.send(signal.SIGTERM)
    wait_until(lambda: m.children()["b"]["state"] == "stopping", 5)
    m.process.send(signal.SIGTERM)
    assert m.process.wait(10) == 0
    assert m.left() == []


def test_sockets_by_descriptor_0_and_by_listen_fds(box):
    m = box()
    unix, port = m.top / "s", free_port()
    one = "import socket,sys; s = socket.socket(fileno=0); s.setblocking(True)\nwhile 1: c, _ = s.accept(); c.sendall(b'stdin'); c.close()"
    two = ("import os,socket; assert os.environ['LISTEN_PID'] == str(os.getpid())\n"
           "assert os.environ['LISTEN_FDS'] == '1'; s = socket.socket(fileno=3); s.setblocking(True)\n"
           "while 1: c, _ = s.accept(); c.sendall(b'systemd'); c.close()")
    m.write(child("one", ["/usr/bin/python3", "-c", one], listen=unix, listen_mode=0o600, listen_backlog=50),
            child("two", ["/usr/bin/python3", "-c", two], listen=f"127.0.0.1:{port}", listen_as="systemd"))
    m.start()
    assert unix.stat().st_mode & 0o777 == 0o600

    def ask(family, where):
        with socket.socket(family) as s:
            s.settimeout(10)
            s.connect(where)
            return s.recv(100)
    assert ask(socket.AF_UNIX, str(unix)) == b"stdin"
    assert ask(socket.AF_INET, ("127.0.0.1", port)) == b"systemd"
    # Nobody is refused while it is killed.
    for _ in range(3):
        old = m.pid("one")
        os.kill(old, signal.SIGKILL)
        wait_until(lambda old=old: gone(old), 5)
        assert ask(socket.AF_UNIX, str(unix)) == b"stdin"
        wait_until(lambda old=old: m.pid("one") not in (None, old), 5)
    m.stop()
    assert not unix.exists() and not listens(port)


def test_readiness_by_notify_and_by_connection(box):
    m = box()
    port, order = free_port(), m.top / "order"
    notifies = ("import os,socket,time\ns = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
                "a = os.environ['NOTIFY_SOCKET']; time.sleep(0.2); s.sendto(b'STATUS=soon', '\\0' + a[1:])\n"
                f"open('{order}', 'a').write('one ')\ns.sendto(b'READY=1\\n', '\\0' + a[1:])\ntime.sleep(1000)")
    listens_late = (f"import socket,time\ntime.sleep(0.2); s = socket.create_server(('127.0.0.1', {port}))\n"
                    f"open('{order}', 'a').write('two ')\ntime.sleep(1000)")
    m.write(child("one", ["/usr/bin/python3", "-c", notifies], ready="notify"),
            child("two", ["/usr/bin/python3", "-c", listens_late], ready=f"127.0.0.1:{port}"),
            child("three", f"printf 'three ' >>{order}; exec sleep 1000"))
    m.start()
    wait_until(lambda: order.read_text() == "one two three ", 5, order.read_text())
    m.stop()


def test_one_that_does_not_get_ready_is_killed(box):
    m = box(child("slow", SLEEP, ready="fd:5", start_timeout=200), restart_max=2).begin()
    assert m.process.wait(20) == 111
    assert m.process.text().count("does not get ready") >= 1
    assert 'event=gave_up child="slow"' in m.process.text() and m.left() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_the_start(box, number):
    m = box(child("a", SLEEP), child("never", SLEEP, ready="fd:5"), child("later", SLEEP)).begin()
    wait_until(lambda: m.pid("never"), 5)
    m.process.send(number)
    assert m.process.wait(10) == 0
    assert m.left() == [] and 'child="later"' not in m.process.text()


# ---- deaths

@pytest.mark.alone
def test_the_first_restart_is_immediate(box):
    m = box(child("a", SLEEP)).start()
    began = time.monotonic()
    m.kill("a")
    assert time.monotonic() - began < 2
    m.stop()


def test_ten_restarts_are_borne_and_the_eleventh_stops_all(box):
    m = box(child("a", SLEEP, instances=11), child("b", SLEEP)).start()
    for n in range(1, 11):
        m.kill(f"a-{n}")
    assert sum(c["restarts"] for c in m.children().values()) == 10
    assert m.process.alive()
    os.kill(m.pid("a-11"), signal.SIGKILL)
    assert m.process.wait(20) == 111
    assert 'event=gave_up child="a-11" end="signal KILL" detail="too many restarts"' in m.process.text()
    assert m.left() == [] and list(m.run.iterdir()) == []


def test_one_that_always_dies_waits_longer_each_time(box):
    m = box(child("good", SLEEP), child("bad", "exit 3")).begin()
    began = time.monotonic()
    assert m.process.wait(60) == 111
    assert 5 < time.monotonic() - began < 60, "100 ms, doubled up to 5 s"
    assert m.process.text().count('event=child_started child="bad"') == 11
    assert 'event=gave_up child="bad" end="exit 3"' in m.process.text() and m.left() == []


@pytest.mark.alone
def test_deaf_to_sigterm_dies_after_its_time(box):
    m = box(child("deaf", DEAF, ready="fd:5", stop_timeout=700)).start()
    began = time.monotonic()
    m.stop()
    assert 0.7 <= time.monotonic() - began < 4.5
    assert 'event=child_killed child="deaf"' in m.log.read_text()


def test_deaf_to_sigterm_dies_after_5_seconds_by_default(box):
    m = box(child("deaf", DEAF, ready="fd:5")).start()
    began = time.monotonic()
    m.stop()
    assert 5 <= time.monotonic() - began < 20


def test_a_child_that_forks_and_dies_leaves_no_orphan(box):
    """Grandchildren: in its group, in a session of their own, deaf, a daemon's grandchild."""
    m = box()
    script = (f"sleep 1001 & setsid sleep 1002 & sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' & "
              f"(setsid sh -c 'sleep 1003 & sleep 1004' &) ; touch {m.top}/forked; echo >&5; sleep 1005")
    m.write(child("parent", script, ready="fd:5", stop_timeout=500), child("other", SLEEP))
    m.start()
    wait_until(lambda: len(m.left()) >= 9, 5)
    family = {p for p in m.left() if p not in (m.process.pid, m.pid("other"))}
    m.kill("parent")
    # What is left in the group goes within its time; the others at the end at the latest.
    m.stop()
    assert all(gone(p) for p in family) and m.left() == []


def test_group_members_may_finish(box):
    """As the handlers of a websocketd that is stopped: they have stop_timeout."""
    m = box()
    done = m.top / "done"
    m.write(child("parent", f"sh -c 'trap \"\" TERM; echo >&5; sleep 0.5; echo x >{done}' & sleep 1000",
                  ready="fd:5"))
    m.start()
    m.stop()
    assert done.read_text() == "x\n"


def test_exit_100_at_the_start_stops_all(box):
    m = box(child("good", SLEEP), child("bad", "exit 100", ready="fd:5"), child("later", SLEEP)).begin()
    assert m.process.wait(10) == 100
    text = m.process.text()
    assert 'event=gave_up child="bad" end="exit 100"' in text and 'child="later"' not in text
    assert m.left() == []


def test_a_program_that_is_not_there(box):
    m = box(child("good", SLEEP), child("bad", ["/nowhere/program"])).begin()
    assert m.process.wait(10) == 100
    assert "/nowhere/program: No such file" in m.process.text() and m.left() == []


def test_a_oneshot_that_fails_stops_all(box):
    m = box(child("good", SLEEP), child("bad", "exit 1", oneshot=True), child("later", SLEEP)).begin()
    assert m.process.wait(10) == 111
    assert 'event=gave_up child="bad" end="exit 1"' in m.process.text()
    assert 'child="later"' not in m.process.text() and m.left() == []


# ---- mesherd itself

def test_a_second_mesherd_is_refused(box):
    m = box(child("a", SLEEP)).start()
    done = subprocess.run([MESHERD, "--conf", m.conf], env=clean_environment(), capture_output=True, text=True,
                          timeout=20, check=False)
    assert done.returncode == 100
    assert f"another mesherd, process {m.process.pid} runs in {m.run}" in done.stderr
    assert m.children()["a"]["state"] == "up"
    m.stop()


def test_after_a_power_cut(box):
    """kill -9 of all: what is stale is cleaned up at the start."""
    m = box()
    m.write(child("a", SLEEP, listen=m.top / "s"), child("b", SLEEP, instances=2))
    m.start()
    for pid in m.left():
        os.kill(pid, signal.SIGKILL)
    m.process.kill()
    wait_until(lambda: m.left() == [], 5)
    assert (m.top / "s").exists() and m.pid("mesherd") and m.pid("a")
    m.start()
    assert len(m.children()) == 3
    m.stop()
    assert list(m.run.iterdir()) == [] and not (m.top / "s").exists()


def test_killed_mesherd_leaves_nothing_running(box):
    m = box(child("a", SLEEP, stop_signal="INT"), child("pool", SLEEP, instances=3)).start()
    m.process.kill()
    wait_until(lambda: m.left() == [], 5)


def test_restart_after_its_own_death_waits_for_the_sockets(box):
    """The children of a mesherd that was killed finish their work, and hold the socket meanwhile."""
    m = box()
    m.write(child("a", "trap 'sleep 1; exit' TERM; echo >&5; while :; do sleep 0.05; done", ready="fd:5",
                  listen=m.top / "s"))
    m.start()
    m.process.kill()
    m.start()
    m.stop()


def test_unusable_directory_or_configuration(box):
    m = box(run_dir="/proc/nowhere/run").begin()
    assert m.process.wait(10) == 111
    m = box('child "a" { command = { } instances = 300 }').begin()
    assert m.process.wait(10) == 100
    assert re.search(r"mesher.conf:2: instances must be 0 to 256", m.process.text())
    assert re.search(r"mesher.conf:2: child \"a\": command must have", m.process.text())


def test_long_directory(box, tmp_path):
    """The control socket's path may be longer than a socket's."""
    m = box(child("a", SLEEP), run_dir=str(tmp_path / ("d" * 100)))
    (tmp_path).mkdir(exist_ok=True)
    m.run = tmp_path / ("d" * 100)
    m.start()
    assert m.children()["a"]["state"] == "up"
    m.stop()


class Systemd:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, path):
        self.path = str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(10)

    def next(self):
        return self.socket.recv(4096).decode().split("\n")


def test_sd_notify(box):
    m = box(child("a", SLEEP, ready="fd:5", start_timeout=100), restart_max=1000)
    systemd = Systemd(m.top / "notify")
    m.begin(env={"NOTIFY_SOCKET": systemd.path})
    wait_until(lambda: "does not get ready" in m.process.text(), 10)
    systemd.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        systemd.next()
    systemd.socket.settimeout(10)
    m.write(child("a", SLEEP))
    m.process.send(signal.SIGHUP)
    assert systemd.next()[0] == "RELOADING=1"
    assert systemd.next() == ["READY=1"]
    m.write(child("a", SLEEP), child("b", SLEEP))
    m.process.send(signal.SIGHUP)
    lines = systemd.next()
    assert lines[0] == "RELOADING=1" and re.fullmatch(r"MONOTONIC_USEC=\d+", lines[1])
    assert systemd.next() == ["READY=1"]
    m.process.send(signal.SIGTERM)
    assert systemd.next() == ["STOPPING=1"]
    assert m.process.wait(10) == 0


def test_watchdog(box):
    m = box(child("a", SLEEP))
    systemd = Systemd(m.top / "notify")
    m.begin(env={"NOTIFY_SOCKET": systemd.path, "WATCHDOG_USEC": "400000"})
    wait_until(lambda: systemd.next() == ["READY=1"], 5)
    began = time.monotonic()
    for _ in range(6):
        assert systemd.next() == ["WATCHDOG=1"]
    assert 0.8 < time.monotonic() - began < 8, "twice in 400 ms"
    m.stop()


# ---- reload and restart

def test_reload(box):
    m = box(child("same", SLEEP), child("other", SLEEP), child("gone", SLEEP),
            child("pool", SLEEP, instances=2)).start()
    before = {n: m.pid(n) for n in ("same", "other", "gone", "pool-1", "pool-2")}
    m.write(child("new", SLEEP), child("same", SLEEP), child("other", ["/bin/sleep", "2000"]),
            child("pool", SLEEP, instances=3))
    m.tell("reload")
    after = {n: c["pid"] for n, c in m.children().items()}
    assert set(after) == {"new", "same", "other", "pool-1", "pool-2", "pool-3"}
    assert all(after[n] == before[n] for n in ("same", "pool-1", "pool-2"))
    assert after["other"] != before["other"] and gone(before["gone"])
    assert all(c["restarts"] == 0 for c in m.children().values())
    m.write(child("same", SLEEP), child("pool", SLEEP, instances=1))
    m.process.send(signal.SIGHUP)
    wait_until(lambda: set(m.children()) == {"same", "pool-1"}, 10)
    assert m.pid("same") == before["same"] and m.pid("new") is None
    m.stop()


def test_a_broken_configuration_is_refused(box):
    m = box(child("a", SLEEP)).start()
    old = m.pid("a")
    good, other = m.conf.read_text(), m.top / "other.conf"
    for bad, why in (('child "b" { }', "command must have"), ("nothing = 1", "nothing"),
                     (f'run_dir = "{m.top}"', "run_dir cannot change"),
                     ('child "b" { command = { a } listen = "/nowhere/s" }', "/nowhere/s")):
        replace_text(m.conf, good + bad + "\n")
        done = m.ctl("reload")
        assert done.returncode == 1 and done.stdout == "", done
        # mesherctl has read the file by itself; with another, mesherd's own answer is seen.
        other.write_text(good)
        done = subprocess.run([CTL, "--conf", other, "reload"], env=clean_environment(), capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode == 1 and why in done.stderr, done
    m.process.send(signal.SIGHUP)
    wait_until(lambda: "event=reload_refused" in m.process.text(), 5)
    replace_text(m.conf, good)
    m.tell("reload")
    assert m.pid("a") == old and list(m.children()) == ["a"]
    m.stop()


def test_restart_of_all_of_a_section_and_of_one(box):
    m = box(child("fixed", SLEEP, rolling=False), child("pool", SLEEP, instances=3), child("a", SLEEP)).start()

    def pids():
        return {n: c["pid"] for n, c in m.children().items()}
    before = pids()
    m.tell("restart")
    now = pids()
    assert {n for n in now if now[n] == before[n]} == {"fixed"}
    m.tell("restart", "pool-2")
    later = pids()
    assert {n for n in now if now[n] != later[n]} == {"pool-2"}
    m.tell("restart", "pool")
    last = pids()
    assert {n for n in now if later[n] != last[n]} == {"pool-1", "pool-2", "pool-3"}
    m.tell("restart", "fixed")
    assert pids()["fixed"] != last["fixed"]
    done = m.ctl("restart", "nobody")
    assert done.returncode == 3 and "no child nobody" in done.stderr
    assert all(c["restarts"] == 0 for c in m.children().values()), "asked for, so they do not count"
    m.stop()


def test_a_restart_with_a_bad_program_costs_one(box):
    m = box()
    program = m.top / "program"
    program.write_text("#!/bin/sh\necho >&5\nexec sleep 1000\n")
    program.chmod(0o755)
    m.write(child("pool", [program], instances=3, ready="fd:5"))
    m.start()
    before = m.children()
    program.write_text("#!/bin/sh\nexit 100\n")
    done = m.ctl("restart")
    assert done.returncode == 1 and "pool-1: exit 100; it stays down" in done.stderr
    shown = m.children()
    assert shown["pool-1"]["state"] == "failed" and shown["pool-1"]["pid"] is None
    assert all(shown[n]["pid"] == before[n]["pid"] for n in ("pool-2", "pool-3"))
    program.write_text("#!/bin/sh\necho >&5\nexec sleep 1000\n")
    m.tell("reload")
    assert m.children()["pool-1"]["state"] == "up"
    m.stop()


def test_a_oneshot_runs_again_at_a_restart(box):
    m = box()
    count = m.top / "count"
    m.write(child("once", f"echo x >>{count}; test ! -e {m.top}/bad", oneshot=True), child("a", SLEEP))
    m.start()
    m.tell("restart")
    assert count.read_text() == "x\nx\n"
    (m.top / "bad").touch()
    old = m.pid("a")
    done = m.ctl("restart")
    assert done.returncode == 1 and "once: exit 1" in done.stderr
    assert m.pid("a") == old, "what comes after it is not replaced"
    assert m.process.alive()
    m.stop()


@pytest.mark.plain
def test_nothing_grows(box):
    """mesherd itself, over reloads, restarts and deaths."""
    m = box(child("pool", SLEEP, instances=3, stop_timeout=1000), child("once", "exit 0", oneshot=True),
            restart_max=1000).start()

    def rounds(n):
        for _ in range(n):
            m.tell("reload")
            m.tell("restart")
            m.kill("pool-2")
            wait_until(lambda: m.children()["pool-2"]["uptime_s"] is not None, 10)

    def measure():
        pid = m.process.pid
        return len(os.listdir(f"/proc/{pid}/fd")), proc_status(pid, "RssAnon")
    rounds(5)
    fds, kib = measure()
    rounds(30)
    assert measure()[0] == fds and measure()[1] <= kib + 64, (fds, kib, measure())
    m.stop()


def test_restarts_reloads_and_kills_at_once(box):
    """Everything at a time: it ends as it should be, and nothing is left."""
    m = box(child("pool", SLEEP, instances=8), child("a", SLEEP), restart_max=1000).start()
    threads = [threading.Thread(target=m.ctl, args=(word,)) for word in ("restart", "reload", "restart", "reload")]
    for t in threads:
        t.start()
    for _ in range(5):
        for name in ("pool-3", "a", "pool-8"):
            pid = m.pid(name)
            if pid:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
    for t in threads:
        t.join()
    wait_until(lambda: [c["state"] for c in m.children().values()] == ["up"] * 9, 20)
    m.stop()
