"""Goal: the units in conf/systemd are ones that systemd takes, sandboxed; the writer and the responder take a
socket that systemd opened."""

import os
import re
import shutil
import signal
import subprocess

import pytest
from harness.fastcgi import environment, fastcgi
from harness.process import Process
from harness.stack import BUILD, FCGI, SOURCE, WRITER, clean_environment
from harness.wait import wait_until

UNITS = SOURCE / "conf/systemd"
SERVICES = sorted(p.name for p in UNITS.glob("*.service"))


@pytest.fixture(scope="module")
def units(tmp_path_factory):
    """The units with the programs of this build."""
    top = tmp_path_factory.mktemp("units")
    for unit in UNITS.iterdir():
        text = re.sub(r"/usr/local/(s?bin|libexec/mesher)/", f"{BUILD}/", unit.read_text())
        (top / unit.name).write_text(text.replace("/usr/bin/websocketd", shutil.which("websocketd")))
    return top


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, env=clean_environment())


def test_systemd_accepts_all_of_them(units):
    assert {"mesherd.service", "mesher-fcgi.socket", "mesher-writer.socket", "mesher-maintenance.timer"} <= {
        p.name for p in units.iterdir()}
    done = run("systemd-analyze", "verify", "--man=no", *sorted(units.iterdir()))
    assert done.returncode == 0 and done.stderr.strip() == "", done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_exposure(name):
    """Out of 10; what is left is the network, since the database may be elsewhere."""
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=13", UNITS / name)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_service_has_the_same_sandbox():
    boxes = set()
    for name in SERVICES:
        lines = (UNITS / name).read_text().splitlines()
        boxes.add("\n".join(lines[lines.index("NoNewPrivileges=yes"):lines.index("UMask=0077") + 1]))
    assert len(boxes) == 1


@pytest.fixture
def processes():
    made = []
    yield made
    for p in made:
        p.any_end = True
        p.stop()


def test_socket_activation(stacks, processes):
    """As the units have it: systemd listens, the first connection starts the program."""
    stack = stacks(start=False)
    stack.key = stack.ctl_json("project", "add", "web", "--id", 42)["key"]
    fcgi = stack.top / "fcgi.sock"

    def activate(name, path, *argv):
        p = Process(name, ["systemd-socket-activate", "-l", path, "-E", f"MESHER_CONF={stack.conf}", *argv],
                    stack.top / f"{name}.log", env=clean_environment())
        processes.append(p)
        wait_until(path.exists, 10, name)
        return p
    writer = activate("writer", stack.writer_socket, WRITER)
    # With --inetd the listening socket is descriptor 0, as StandardInput=socket makes it.
    activate("responder", fcgi, "--inetd", FCGI)

    def post():
        return fastcgi(fcgi, environment(key=stack.key), b'{"message":"activated"}')
    assert post().status == 202
    assert stack.rows() == 1
    inode = stack.writer_socket.stat().st_ino
    # exec keeps the number: the writer is the process that was started.
    assert os.readlink(f"/proc/{writer.pid}/exe") == str(WRITER)
    assert writer.terminate(number=signal.SIGTERM) == 0
    assert stack.writer_socket.stat().st_ino == inode, "it is not the writer's to remove"


def test_a_wrong_socket_is_refused(stacks):
    stack = stacks(start=False)
    code = (f"import os, socket\ns = socket.create_server(('127.0.0.1', 0))\n"
            f"s.fileno() == 3 or os.dup2(s.fileno(), 3)\nos.set_inheritable(3, True)\n"
            f"os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))\n"
            f"os.execv('{WRITER}', ['{WRITER}', '--conf', '{stack.conf}'])")
    done = run("/usr/bin/python3", "-c", code)
    assert done.returncode == 100 and "descriptor 3 must be a listening Unix socket" in done.stderr
