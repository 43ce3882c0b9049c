"""Goal: who connects to the sockets of the writer and of mesherd is asked of the kernel, and whom the
configuration does not name gets nothing, whatever the mode of the socket lets in."""

import pwd
import socket
import struct
import subprocess

import pytest
from harness.mesherd import Mesherd, child
from harness.process import run
from harness.stack import CTL, FCGI, WRITER, clean_environment, run_ctl
from harness.wait import wait_until

pytestmark = pytest.mark.as_root

OTHER = pwd.getpwnam("nobody")
CHARGES = struct.pack("!IBBI", 6 + 11 + 4 * 100, 2, 2, 1) + struct.pack("!qBH", 42, 0, 100) + b"\0" * 400

TALK = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(10)
s.connect(sys.argv[1])
try:
    s.sendall(bytes.fromhex(sys.argv[2]))
    print(len(s.recv(4096)))
except OSError:
    print(0)
"""


def talk(stack, uid):
    """Takes a hundred units of the project's limit as that user; bytes of the answer."""
    done = run(["/usr/bin/python3", "-c", TALK, stack.writer_socket, CHARGES.hex()], 30,
               user=uid, group=OTHER.pw_gid, extra_groups=[])
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_user_who_is_not_named_takes_nobodys_units(fresh):
    stack = fresh(responders=2, rate_limit=50)
    stack.writer_socket.chmod(0o666)  # as if he were in its group
    assert talk(stack, OTHER.pw_uid) == 0
    assert stack.used() == 0
    assert f"event=peer_refused uid={OTHER.pw_uid} option=" in stack.writer.text()
    stack.good()
    assert talk(stack, 0) > 0 and stack.used() == 50


def test_a_named_user_may(fresh):
    stack = fresh(responders=2, conf={"writer_users": "root nobody"})
    stack.writer_socket.chmod(0o666)
    assert talk(stack, OTHER.pw_uid) > 0
    assert stack.used() == 100


def test_a_user_that_does_not_exist_is_said_at_the_start(fresh):
    stack = fresh(responders=2)
    stack.writer.stop()
    conf = stack.write_conf(stack.top / "wrong.conf", {"writer_users": "nobody, nobody-at-all"})
    done = run([WRITER, "--conf", conf], 30, env=clean_environment())
    assert done.returncode == 100 and "writer_users: no such user: nobody-at-all" in done.stderr


def test_doctor_names_who_is_kept_out(fresh):
    stack = fresh(responders=2)
    stack.writer_socket.chmod(0o666)
    for d in (stack.top, stack.spool_dir):
        d.chmod(0o755)
    env = {**clean_environment(), "MESHER_CONF": str(stack.front.conf)}
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(stack.top / "other.sock"))
        listening.listen()
        with subprocess.Popen([FCGI], stdin=listening, env=env,
                              stderr=subprocess.DEVNULL, user=OTHER.pw_uid, group=OTHER.pw_gid, extra_groups=[]) as p:
            try:
                found = run_ctl(None, "doctor", conf=stack.front.conf)
                assert "responders run as nobody, whom the writer does not accept" in found.stdout
                assert 'writer_users = "nobody"' in found.stdout
                named = run_ctl(None, "doctor", conf=stack.front.conf, env={"MESHER_WRITER_USERS": "nobody"})
                assert "whom the writer does not accept" not in named.stdout
            finally:
                p.kill()
                wait_until(lambda: p.poll() is not None, 10)


@pytest.mark.parametrize("users,uid,allowed", [("", OTHER.pw_uid, False), ("nobody", OTHER.pw_uid, True),
                                               ("www-data", OTHER.pw_uid, False), ("www-data", 0, True)])
def test_control(top, users, uid, allowed):
    place = top / f"control-{users or 'none'}-{uid}"
    place.mkdir(mode=0o755)
    mesherd = Mesherd(place, child("only", "exec sleep 1000"), control_users=users)
    mesherd.start()
    try:
        (place / "run").chmod(0o755)
        assert (place / "run/mesherd.sock").stat().st_mode & 0o777 == (0o666 if users else 0o600)
        (place / "run/mesherd.sock").chmod(0o666)
        said = run([CTL, "--conf", place / "mesher.conf", "reload"], 30, env=clean_environment(),
                   user=uid, group=OTHER.pw_gid, extra_groups=[])
        if allowed:
            assert said.returncode == 0, said.stderr
        else:
            assert said.returncode != 0
            assert f"not allowed: user {uid} is not in control_users" in said.stderr
            assert f"event=peer_refused uid={uid}" in mesherd.process.text()
        assert ("event=reloaded" in mesherd.process.text()) == allowed
    finally:
        mesherd.stop()
        mesherd.clean_up()
