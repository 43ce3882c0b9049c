"""Goal: what reads strangers' bytes has given up what it does not need, as /proc and mesherctl tell, and
everything goes on working: with and without a writer, as CGI, over WebSockets."""

import pathlib
import re
import shutil
import signal
import subprocess

import pytest
from harness import client
from harness.client import Load
from harness.fastcgi import cgi, environment
from harness.mesherd import Mesherd, child
from harness.stack import FCGI, KEY, clean_environment, run_ctl
from harness.wait import wait_until
from harness.ws import Websocketd, ask, run

pytestmark = pytest.mark.plain


def status(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {name: re.search(rf"^{name}:\s*(\d+)", text, re.M)[1] for name in ("Seccomp", "NoNewPrivs")}


def limits(pid):
    return re.search(r"Max core file size\s+(\S+)", pathlib.Path(f"/proc/{pid}/limits").read_text())[1]


def is_confined(pid):
    return status(pid) == {"Seccomp": "2", "NoNewPrivs": "1"} and limits(pid) == "0"


def landlock(log):
    """Its version, as the process says it."""
    return int(re.search(r'event=confined seccomp="on" landlock=(\d+) no_new_privs="on" core_dumps="off"', log)[1])


def test_responders(stack):
    stack.good()
    for p in stack.front.responders:
        assert is_confined(p.pid)
    assert status(stack.writer.pid)["Seccomp"] == "0", "it parses nothing"
    assert landlock(stack.log()) >= 0


@pytest.mark.as_root
def test_no_memory_of_theirs_is_dumped(stack):
    """Its /proc belongs to root: nobody of its user can look into it, and a crash leaves no core."""
    victim = stack.front.responders[-1]
    victim.send(signal.SIGABRT)
    assert victim.wait() == -signal.SIGABRT
    victim.any_end = True
    stack.front.start_responder()
    stack.good()


def test_off_is_off(fresh):
    stack = fresh(responders=2, conf={"confine": "off"})
    stack.good()
    for p in stack.front.responders:
        assert status(p.pid) == {"Seccomp": "0", "NoNewPrivs": "0"}
    assert "event=confined" not in stack.log()


def test_direct_responders_connect_and_spool(fresh):
    """libpq is loaded, and PostgreSQL connected to, after the confinement; the spool may be made anew."""
    stack = fresh("direct", responders=2)
    for p in stack.front.responders:
        assert is_confined(p.pid)
    with Load(stack.port, stack.key) as load:
        wait_until(lambda: len(load.accepted) >= 100, 30, "events flow")
    assert not load.failed, load.failed[:3]
    assert stack.rows() == len(load.accepted)


def test_the_spool_is_made_anew_while_they_run(fresh, own_postgres):
    stack = fresh("direct", responders=2, server=own_postgres)
    for _ in range(4):
        stack.good()
    keys = (stack.spool_dir / "keys").read_bytes()
    shutil.rmtree(stack.spool_dir)
    own_postgres.stop(signal.SIGINT)
    try:
        stack.spool_dir.mkdir(mode=0o700)
        (stack.spool_dir / "keys").write_bytes(keys)
        # Each finds out once that the directory is another.
        wait_until(lambda: stack.post({"message": "spooled"}).status == 202 and len(stack.spooled()) >= 4, 20, "spooled")
    finally:
        own_postgres.start()
    stack.drain()
    assert stack.sql("SELECT count(*) FROM events WHERE message = 'spooled'")[0][0] >= 4


def test_attachments_go_through_a_temporary_file(fresh):
    stack = fresh(responders=2)
    big = "x" * 300000
    body = ('{"event_id":"%s"}\n{"type":"event"}\n{"message":"with a file"}\n'
            '{"type":"attachment","filename":"a.txt","length":%d}\n%s\n' % ("ab" * 16, len(big), big))
    answer = client.request(stack.port, "POST", "/api/42/envelope/", {"X-Sentry-Auth": stack.key}, body.encode())
    assert answer.status == 200, answer
    assert stack.sql("SELECT count(*) FROM attachments")[0][0] == 2


def test_cgi_and_its_drainer(fresh):
    stack = fresh("cgi", conf={"log_level": "debug"})
    for _ in range(3):
        stack.good()
    done = subprocess.run([FCGI], env={**environment(key=KEY, PATH_INFO="/api/v1/health", REQUEST_METHOD="GET"),
                                       **clean_environment(), "MESHER_CONF": str(stack.front.conf)},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0 and 'event=confined seccomp="on"' in done.stderr, done.stderr


def test_websocket_handlers(stack):
    server = Websocketd(stack.front)
    try:
        async def talk():
            async with server.connect() as ws:
                answers = await ask(ws, {"message": "over it"})
                pid, = server.handlers()
                assert is_confined(pid)
                return answers
        assert run(talk())[0]["status"] == "accepted"
    finally:
        server.stop()


def test_status_and_doctor_tell(stack):
    found = run_ctl(None, "doctor", conf=stack.front.conf)
    line, = [x for x in found.stdout.splitlines() if re.match(r"\S+ +confine ", x)]
    assert line.startswith("ok") and "4 responders and handlers: seccomp" in line
    off = run_ctl(None, "doctor", conf=stack.front.conf, env={"MESHER_CONFINE": "off"})
    assert re.search(r"^ok +confine +off, by the configuration", off.stdout, re.M)


def test_doctor_finds_who_is_not_confined(fresh):
    stack = fresh(responders=3, conf={"confine": "off"})
    found = run_ctl(None, "doctor", conf=stack.front.conf, env={"MESHER_CONFINE": "on"})
    assert re.search(r"^warn +confine +3 of 3 responders and handlers are not confined", found.stdout, re.M), found.stdout


def test_mesherd_s_status(top, stack):
    place = top / "confined"
    place.mkdir()
    responder = child("mesher.fcgi", [FCGI, "--ready-fd", "4"], ready="fd:4", listen=str(place / "fcgi.sock"), instances=2)
    mesherd = Mesherd(place, responder, child("other", "exec sleep 1000"), database=stack.conninfo,
                      poison_dir=str(place), spool_dir=str(place / "spool"))
    mesherd.start()
    try:
        said = {n: c["confined"] for n, c in mesherd.children().items()}
        assert said == {"mesher.fcgi-1": True, "mesher.fcgi-2": True, "other": False}
        table = run_ctl(None, "status", conf=mesherd.conf).stdout
        assert re.search(r"^mesher.fcgi \(2\) .* yes$", table, re.M) and re.search(r"^other .* -$", table, re.M)
        version = landlock(mesherd.process.text())
        assert f"landlock  {f'version {version}' if version else 'none'}\n" in table
    finally:
        mesherd.stop()
        mesherd.clean_up()


HIDING = """#!/bin/sh
exec unshare --mount sh -c 'mount -t proc -o hidepid=2 proc /proc &&
    exec setpriv --reuid=65534 --regid=65534 --clear-groups "$0" "$@"' {mesherd} "$@"
"""


@pytest.mark.as_root
def test_a_mesherd_that_sees_no_others_tells_their_memory(top, stack):
    """In systemd's sandbox (ProtectProc=invisible) what has no dumps is not there, even of its own user."""
    place = top / "hidden"
    place.mkdir()
    place.chmod(0o777)
    responder = child("mesher.fcgi", [FCGI, "--ready-fd", "4"], ready="fd:4", listen=str(place / "fcgi.sock"), instances=1)
    mesherd = Mesherd(place, responder, database=stack.conninfo, poison_dir=str(place), spool_dir=str(place / "spool"))
    mesherd.program = place / "mesherd-hidden"
    mesherd.program.write_text(HIDING.format(mesherd=Mesherd.program))
    mesherd.program.chmod(0o755)
    mesherd.start()
    try:
        one = mesherd.children()["mesher.fcgi-1"]
        assert one["memory_kib"] > 0 and one["confined"]
    finally:
        mesherd.stop()
        mesherd.clean_up()


def test_what_the_kernel_lacks_is_no_reason_not_to_start(stack):
    """As in a container that forbids it: here a filter that lets nobody set another one."""
    helper = SHIM.format(program=str(FCGI))
    answer = subprocess.run(["/usr/bin/python3", "-c", helper], input=b"", capture_output=True, timeout=30, check=False,
                            env={**environment(key=KEY, PATH_INFO="/api/v1/health", REQUEST_METHOD="GET"),
                                 **clean_environment(), "MESHER_CONF": str(stack.front.conf), "MESHER_LOG_LEVEL": "debug"})
    assert answer.returncode == 0 and b"Status: 200" in answer.stdout, answer
    assert b'seccomp="none" landlock=0' in answer.stderr, answer.stderr


# prctl(PR_SET_SECCOMP) and Landlock get EPERM and ENOSYS, then the program begins.
SHIM = """
import ctypes, os, struct
c = ctypes.CDLL(None, use_errno=True)
machine = os.uname().machine
prctl = {{"x86_64": 157, "aarch64": 167, "riscv64": 167}}[machine]
def code(op, jt, jf, k):
    return struct.pack("HBBI", op, jt, jf, k)
rules = [code(0x20, 0, 0, 0),
         code(0x35, 0, 2, 444), code(0x25, 1, 0, 446), code(0x06, 0, 0, 0x50000 + 38),
         code(0x15, 0, 3, prctl), code(0x20, 0, 0, 16), code(0x15, 0, 1, 22), code(0x06, 0, 0, 0x50000 + 1),
         code(0x06, 0, 0, 0x7fff0000)]
buffer = ctypes.create_string_buffer(b"".join(rules))
class Program(ctypes.Structure):
    _fields_ = [("n", ctypes.c_ushort), ("p", ctypes.c_void_p)]
program = Program(len(rules), ctypes.addressof(buffer))
assert c.prctl(38, 1, 0, 0, 0) == 0
assert c.prctl(22, 2, ctypes.byref(program), 0, 0) == 0
os.execv({program!r}, [{program!r}])
"""
