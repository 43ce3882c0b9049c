"""Goal: contrib/quickstart does what the README says: one command, an event by curl, found in PostgreSQL;
stopped it leaves nothing running, started again it has its data."""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest
from harness import client
from harness.ports import free_port
from harness.process import run
from harness.stack import SOURCE, listens
from harness.wait import wait_until

QUICKSTART = SOURCE / "contrib/quickstart"
SEED = ('{"message":"test","level":"error","fingerprint":"test-1", '
        '"tags":"{}","extra":"{}","user_context":"{}"}')

pytestmark = [pytest.mark.slow, pytest.mark.plain, pytest.mark.timeout(900)]  # Mesher is built


# Where another one has been built as usual.  contrib/check's compiler has those objects, and none of -O0.
QUICK = {} if os.environ.get("MESHER_GCC") else {"CFLAGS": "-O0"}


def clean():
    return {k: v for k, v in os.environ.items() if not k.startswith(("MESHER_", "PG"))}


def quickstart(*arguments, timeout=400, program=QUICKSTART, env=None, **kwargs):
    return run([program, *arguments], timeout, env={**clean(), **(env or {})}, **kwargs)


def read_env(top):
    text = (top / "quickstart.env").read_text()
    return dict((k, shlex.split(v)[0]) for k, v in (line.split("=", 1) for line in text.splitlines())
                if not k.startswith("export "))


def processes(top):
    """Those whose command line names a path below top."""
    found = []
    for p in pathlib.Path("/proc").iterdir():
        if p.name.isdigit():
            try:
                line = (p / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if f"{top}/" in line and "pytest" not in line and "quickstart" not in line.split(" ")[0]:
                found.append((int(p.name), line))
    return found


def sockets(top):
    return [p for p in pathlib.Path(top).rglob("*") if p.is_socket()]


class Instance:
    def __init__(self, top, port):
        self.top, self.port, self.ws_port = top, port, free_port()
        self.env = {}

    @property
    def ports(self):
        return "--http-port", str(self.port), "--ws-port", str(self.ws_port)

    @property
    def user(self):
        """Whose its processes are."""
        return (self.top / "log").stat().st_uid

    def start(self, *more, **kwargs):
        done = quickstart("--dir", self.top, *self.ports, "--detach", *more, **kwargs)
        assert done.returncode == 0, done.stdout + done.stderr
        self.env = read_env(self.top)
        return done

    def stop(self):
        done = quickstart("--stop", "--dir", self.top)
        assert done.returncode == 0, done.stdout + done.stderr
        assert processes(self.top) == []
        assert sockets(self.top) == []
        assert not listens(self.port) and not listens(self.ws_port)

    def post(self, event, key=None, path="/api/v1/events"):
        return client.request(self.port, "POST", path, {
            "X-Sentry-Auth": key or self.env["MESHER_KEY"], "Content-Type": "application/json"}, event)

    def ctl(self, *arguments):
        return subprocess.run([self.env["MESHERCTL"], *map(str, arguments)], capture_output=True, text=True,
                              env={**clean(), "MESHER_CONF": self.env["MESHER_CONF"]}, timeout=60, check=False)

    def psql(self, query):
        done = subprocess.run(["psql", "-XAt", "-c", query, self.env["MESHER_DATABASE"]], capture_output=True,
                              text=True, env=clean(), timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def box():
    """One instance for the tests below, which run in their order.  Its directory is its user's alone, as in a
    home."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="mquick-", dir="/tmp"))
    instance = Instance(path / "state", free_port())
    instance.printed = instance.start().stdout
    yield instance
    quickstart("--stop", "--dir", instance.top)
    shutil.rmtree(path, ignore_errors=True)


def test_env_file(box):
    assert set(box.env) == {"MESHER_URL", "MESHER_WS_URL", "MESHER_KEY", "MESHER_DSN", "MESHER_PROJECT",
                            "MESHER_DATABASE", "MESHER_CONF", "MESHERD_PID", "MESHERCTL"}
    assert box.env["MESHER_URL"] == f"http://127.0.0.1:{box.port}"
    assert box.env["MESHER_WS_URL"] == f"ws://127.0.0.1:{box.ws_port}/"
    assert box.env["MESHER_PROJECT"] == "1"
    assert box.env["MESHER_DSN"] == f"http://{box.env['MESHER_KEY']}@127.0.0.1:{box.port}/1"
    assert (box.top / "quickstart.env").stat().st_mode & 0o077 == 0


def test_the_printed_curl_line_works(box):
    line = next(x for x in box.printed.splitlines() if x.strip().startswith("curl "))
    out = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=20, check=True).stdout
    made = json.loads(out)
    assert made["status"] == "accepted"
    assert box.psql(f"SELECT count(*) FROM events WHERE id = '{made['id']}'") == "1"
    assert box.env["MESHER_DSN"] in box.printed and box.env["MESHER_KEY"] in box.printed


def in_a_shell(box, script, timeout=60, **kwargs):
    """Runs it as somebody who types it in the checkout, after a quickstart into box."""
    script = script.replace("var/quickstart/", f"{box.top}/")
    return subprocess.run(["bash", "-ec", "exec 2>&1\n" + script], cwd=SOURCE, capture_output=True, text=True, timeout=timeout,
                          env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}, check=False, **kwargs)


def blocks(language):
    """The README's, from the second one of "Try it" on, up to the installation."""
    text = (SOURCE / "README.md").read_text()
    text = text[text.index("## Try it"):text.index("## On a shared host")]
    return [b for b in re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.M | re.S) if not b.startswith("contrib/quickstart")]


def test_the_readme_s_lines_run_as_they_stand(box):
    """In one shell, in their order; `event tail` waits for events, and gets one."""
    shell = blocks("sh")
    assert len(shell) == 4 and all("mshr_" not in b for b in shell + blocks("js") + blocks("python")), shell
    script = "".join(shell)
    tail = next(line for line in script.splitlines() if " tail " in line)
    done = in_a_shell(box, script.replace(tail, f"timeout 2 {tail.partition('#')[0]} || [ $? = 124 ]"))
    assert done.returncode == 0, done.stdout
    for text in ('"status":"accepted"', "WEB-1", "it works", "WEB-1  resolved"):
        assert text in done.stdout, done.stdout
    python = in_a_shell(box, f"{shell[0].splitlines()[0]}\n/usr/bin/python3 - <<'END'\n{blocks('python')[0]}END\n")
    assert python.returncode == 0 and '"status":"accepted"' in python.stdout, python.stdout


def test_mesherctl_needs_nothing(box):
    """Also for root's shell, from any directory; the manual is found after the environment was read."""
    done = subprocess.run([box.top / "bin/mesherctl", "--json", "project", "list"], cwd="/", env={}, capture_output=True,
                          text=True, timeout=20, check=True)
    assert [p["name"] for p in json.loads(done.stdout)][:1] == ["web"]
    other = subprocess.run([box.top / "bin/mesherctl", "config"], env={"MESHER_CONF": "/nowhere"}, capture_output=True,
                           text=True, timeout=20, check=False)
    assert other.returncode == 1 and "/nowhere" in other.stderr
    found = in_a_shell(box, ". var/quickstart/quickstart.env\nls ${MANPATH%%:*}/man8/mesherctl.8; command -v mesherctl; sh -c 'echo $MESHER_KEY'\n")
    assert found.stdout.split() == [f"{box.top}/prefix/share/man/man8/mesherctl.8", f"{box.top}/bin/mesherctl",
                                    box.env["MESHER_KEY"]], found.stdout


def test_the_seed_s_checks(box):
    assert box.post(SEED, key="mshr_" + "0" * 48).status == 401
    answer = box.post(SEED)
    assert answer.status == 202
    shown = box.ctl("--json", "event", "show", answer.json()["id"])
    assert shown.returncode == 0 and json.loads(shown.stdout)["message"] == "test"
    bad = box.post('{"level":"error"}')
    assert bad.status == 400 and bad.json() == {"error": "missing required field: message"}
    bulk = box.post(json.dumps([{"message": str(n)} for n in range(100)]), path="/api/v1/events/bulk")
    assert bulk.status == 202 and len({r["id"] for r in bulk.json()["results"]}) == 100


def test_1200_rapid_requests(box):
    made = json.loads(box.ctl("--json", "project", "add", "rapid").stdout)
    request = client.request_bytes("POST", "/api/v1/events", {"X-Sentry-Auth": made["key"]}, SEED.encode())
    answers = client.at_once(box.port, [request] * 1200)
    assert sum(a.status == 202 for a in answers) == 1000
    refused = [a for a in answers if a.status == 429]
    assert len(refused) == 200 and all(1 <= int(a.header("Retry-After")) <= 60 for a in refused)
    assert box.psql(f"SELECT count(*) FROM events WHERE project_id = {made['id']}") == "1000"


def test_pid_files_and_user(box):
    for name in ("postgres", "lighttpd", "mesher-writer", "websocketd", "mesherd"):
        pid = int((box.top / f"run/{name}.pid").read_text())
        assert pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == name
        assert os.stat(f"/proc/{pid}").st_uid != 0, "runs as root"
    assert (box.top / "run/mesherd.pid").read_text().strip() == box.env["MESHERD_PID"]


def test_status_names_every_process(box):
    shown = json.loads(box.ctl("--json", "status").stdout)
    assert (shown["database"], shown["writer"], shown["mesherd"]) == ("ok", "ok", "ok")
    assert [c["name"] for c in shown["children"]] == [
        "postgres", "mesher-writer", *(f"mesher.fcgi-{n}" for n in range(1, 33)), "websocketd", "ticker", "lighttpd"]
    for c in shown["children"]:
        assert c["state"] == "up" and c["restarts"] == 0
        assert int((box.top / f"run/{c['name']}.pid").read_text()) == c["pid"]


@pytest.mark.parametrize("name", ["mesher-writer", "mesher.fcgi-7", "websocketd", "ticker", "lighttpd", "postgres"])
def test_what_is_killed_comes_back(box, name):
    pid_file = box.top / f"run/{name}.pid"
    old = int(pid_file.read_text())
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: pid_file.exists() and int(pid_file.read_text() or old) != old, 5, name)
    wait_until(lambda: tolerant(lambda: box.post(SEED).status == 202), 2, "answers")
    wait_until(lambda: box.ctl("project", "list").returncode == 0, 30, "PostgreSQL has recovered")
    wait_until(lambda: listens(box.ws_port), 2)
    child, = (c for c in json.loads(box.ctl("--json", "status").stdout)["children"] if c["name"] == name)
    assert (child["restarts"], child["last_exit"]) == (1, "signal KILL")


def test_postgres_comes_back_past_a_backend_that_hangs(box):
    """A process of the killed server that does not go: a new server would not start beside it."""
    with subprocess.Popen(["psql", "-XAtq", box.env["MESHER_DATABASE"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, env=clean()) as p:
        p.stdin.write("SELECT pg_backend_pid();\n")
        p.stdin.flush()
        backend = int(p.stdout.readline())
        os.kill(backend, signal.SIGSTOP)
        old = int((box.top / "run/postgres.pid").read_text())
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: box.ctl("project", "list").returncode == 0, 30, "PostgreSQL has recovered")
        p.kill()
    assert box.post(SEED).status == 202
    child, = (c for c in json.loads(box.ctl("--json", "status").stdout)["children"] if c["name"] == "postgres")
    assert child["restarts"] == 2, "one for this and one for before: it did not try in vain"
    assert not pathlib.Path(f"/proc/{backend}").exists()


def tolerant(question):
    try:
        return question()
    except (OSError, client.Closed):
        return False


def test_an_upgrade_replaces_mesher_alone(box):
    """make install into the same place, then mesherctl restart, while events come."""
    before = {c["name"]: c["pid"] for c in json.loads(box.ctl("--json", "status").stdout)["children"]}
    key = json.loads(box.ctl("--json", "project", "add", "load").stdout)["key"]
    wait_until(lambda: box.post(SEED, key=key).status == 202, 10, "the writer has the database, too")
    with client.Load(box.port, key) as load:
        wait_until(lambda: load.accepted, 10)
        subprocess.run(["make", "-C", box.top / "build", "install"], check=True, capture_output=True, timeout=120,
                       env=clean())
        done = box.ctl("restart")
        assert done.returncode == 0, done.stderr
    assert not load.failed, load.failed[:3]
    after = {c["name"]: c["pid"] for c in json.loads(box.ctl("--json", "status").stdout)["children"]}
    assert {n for n in before if before[n] == after[n]} == {"postgres", "websocketd", "lighttpd"}


def test_postgres_has_no_tcp_and_no_settings_on_its_command_line(box):
    assert box.psql("SHOW listen_addresses") == ""
    pid = int((box.top / "run/postgres.pid").read_text())
    words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    assert [w for w in words if w][1:] == [b"-D", str(box.top / "pg").encode()]


def test_programs_are_below_the_directory(box):
    assert str(pathlib.Path(box.env["MESHERCTL"])).startswith(str(box.top))
    for pid, _ in processes(box.top):
        exe = os.readlink(f"/proc/{pid}/exe")
        assert exe.startswith((str(box.top), "/usr/"))


def test_nothing_holds_its_output(box):
    """--detach returned (the fixture read its stdout to the end); its processes' descriptors are their own."""
    for pid, line in processes(box.top):
        for n in (0, 1, 2):
            target = os.readlink(f"/proc/{pid}/fd/{n}")
            assert target.startswith(("/dev/null", str(box.top), "socket:")), (line, n, target)


def test_a_second_start_says_so(box):
    done = quickstart("--dir", box.top, "--http-port", free_port(), "--detach")
    assert done.returncode == 1 and "running" in done.stderr
    assert box.post(SEED).status == 202


def test_port_in_use(box, tmp_path):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        done = quickstart("--dir", tmp_path / "other", "--http-port", port, "--detach")
    assert done.returncode == 1 and str(port) in done.stderr and "in use" in done.stderr
    assert processes(tmp_path) == []
    assert box.post(SEED).status == 202


def test_stop_leaves_nothing_and_start_has_the_data(box):
    before = box.psql("SELECT count(*) FROM events")
    env = box.env
    box.stop()
    assert not list((box.top / "run").glob("*.pid"))
    box.start()
    assert {**box.env, "MESHERD_PID": ""} == {**env, "MESHERD_PID": ""}, "the same key, DSN and places"
    assert box.psql("SELECT count(*) FROM events") == before != "0"
    assert box.post(SEED).status == 202


def test_after_a_crash_of_everything(box):
    """Stale pid files, a stale postmaster.pid and stale sockets do not keep it from starting."""
    for pid, _ in processes(box.top):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    wait_until(lambda: processes(box.top) == [], 10)
    box.start()
    assert box.post(SEED).status == 202


def test_a_killed_mesherd_takes_the_others_with_it(box):
    os.kill(int(box.env["MESHERD_PID"]), signal.SIGKILL)
    wait_until(lambda: processes(box.top) == [], 20)
    box.start()
    assert box.post(SEED).status == 202


def test_a_stale_pid_file_kills_nobody(box):
    """The number in it belongs to somebody else now."""
    box.stop()
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as other:
        for name in ("lighttpd", "mesher-writer", "mesherd", "postgres"):
            (box.top / f"run/{name}.pid").write_text(f"{other.pid}\n")
        assert quickstart("--stop", "--dir", box.top).returncode == 0
        assert other.poll() is None
        other.stdin.close()
    box.start("--responders", 3)
    assert sum("mesher.fcgi" in line for _, line in processes(box.top)) == 3


@pytest.mark.as_root
@pytest.mark.parametrize("name", ["log/mesherd.log", "run/ready", "run/quickstart.pid", "pg/postgresql.conf",
                                  "pg/pg_hba.conf", "cache/uploads"])
def test_root_follows_no_link_of_the_user(box, tmp_path, name):
    """What its unprivileged user may plant in its own directories leads root nowhere."""
    box.stop()
    link, kept = box.top / name, tmp_path / "kept"
    victim = tmp_path / "victim"
    if name == "cache/uploads":
        victim.mkdir(mode=0o755)
    else:
        victim.write_text("root's\n")
    if link.exists():
        link.rename(kept)
    link.symlink_to(victim)
    os.chown(link, box.user, -1, follow_symlinks=False)
    quickstart("--dir", box.top, "--http-port", box.port, "--ws-port", box.ws_port, "--detach")
    quickstart("--stop", "--dir", box.top)
    assert victim.stat().st_uid == 0
    assert victim.is_dir() or victim.read_text() == "root's\n"
    link.unlink(missing_ok=True)
    if kept.exists():
        kept.rename(link)
    box.start("--responders", 3)
    assert box.post(SEED).status == 202


@pytest.mark.as_root
def test_root_works_in_nobody_elses_directory(tmp_path):
    (tmp_path / "other").mkdir()
    os.chown(tmp_path / "other", 65534, 65534)
    for arguments in (["--detach"], ["--stop"]):
        done = quickstart("--dir", tmp_path / "other", "--http-port", free_port(), *arguments)
        assert done.returncode == 1 and "belongs to nobody" in done.stderr
    assert not list((tmp_path / "other").iterdir())


READY = """
set -euo pipefail
dir=$1 lib=$2 prefix=$1/prefix conf=$1/mesher.conf ready_seconds=$3 as_user=(env)
. "$lib/common.sh"
. "$lib/process.sh"
cd "$dir"
mesherd_start
echo "ready $process_pid"
"""

# A mesherd that is ready when a file says so, and stays.
FAKE = """#!/bin/sh
echo began >began
until [ -e go ]; do sleep 0.01; done
echo >&8
echo said >said
exec sleep 600
"""


def begin_start(tmp_path, seconds):
    for d in ("prefix/sbin", "prefix/bin", "run", "log"):
        (tmp_path / d).mkdir(parents=True)
    (tmp_path / "prefix/sbin/mesherd").write_text(FAKE)
    (tmp_path / "prefix/bin/mesherctl").write_text("#!/bin/sh\necho child-7 starting\n")
    for p in ("prefix/sbin/mesherd", "prefix/bin/mesherctl"):
        (tmp_path / p).chmod(0o755)
    p = subprocess.Popen(["bash", "-c", READY, "quickstart", tmp_path, SOURCE / "contrib/lib", str(seconds)],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    wait_until(lambda: (tmp_path / "began").exists(), 10, "mesherd begins")
    return p


def end_fake(tmp_path):
    for pid, _ in processes(tmp_path):
        os.kill(pid, signal.SIGKILL)
    for p in pathlib.Path("/proc").iterdir():  # sleep has no path of ours in its command line
        try:
            if p.name.isdigit() and os.readlink(p / "cwd") == str(tmp_path):
                os.kill(int(p.name), signal.SIGKILL)
        except OSError:
            pass


def test_a_start_that_is_held_up_does_not_miss_the_readiness(tmp_path):
    """The byte comes while the script cannot run: its `read -t` took it, saw the time and said that none came."""
    p = begin_start(tmp_path, 60)
    try:
        os.kill(p.pid, signal.SIGSTOP)
        (tmp_path / "go").touch()
        wait_until(lambda: (tmp_path / "said").exists(), 10, "it is ready")
        began = time.monotonic()
        wait_until(lambda: time.monotonic() > began + 0.5, 5, "more than a `read -t` waits")
        os.kill(p.pid, signal.SIGCONT)
        out, err = p.communicate(timeout=15)
        assert out.startswith("ready "), err
    finally:
        p.kill()
        end_fake(tmp_path)


def test_a_start_that_never_gets_ready_says_so(tmp_path):
    p = begin_start(tmp_path, 1)
    try:
        _, err = p.communicate(timeout=15)
        assert p.returncode == 1
        assert "not all of mesherd's children were ready within 1 s" in err and "child-7 starting" in err
    finally:
        p.kill()
        end_fake(tmp_path)


def test_foreground_and_ctrl_c(box):
    box.stop()
    with open(box.top / "fg.log", "w", encoding="ascii") as out:
        p = subprocess.Popen([QUICKSTART, "--dir", box.top, *box.ports], stdout=out,
                             stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=clean(),
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    wait_until(lambda: "Ctrl-C" in (box.top / "fg.log").read_text() or p.poll() is not None, 300, "it is ready")
    assert p.poll() is None, (box.top / "fg.log").read_text()
    assert box.post(SEED).status == 202
    p.send_signal(signal.SIGINT)
    assert p.wait(60) == 0
    assert processes(box.top) == [] and sockets(box.top) == []


def test_stop_ends_one_in_the_foreground(box):
    with open(box.top / "fg.log", "w", encoding="ascii") as out:
        p = subprocess.Popen([QUICKSTART, "--dir", box.top, *box.ports], stdout=out,
                             stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=clean())
    wait_until(lambda: "Ctrl-C" in (box.top / "fg.log").read_text() or p.poll() is not None, 300, "it is ready")
    box.stop()
    assert p.wait(30) == 0


def test_stop_of_nothing(tmp_path):
    assert quickstart("--stop", "--dir", tmp_path / "none").returncode == 0


@pytest.mark.parametrize("arguments", [["--nothing"], ["--http-port"], ["--http-port", "x"], ["--http-port", "0"],
                                       ["--http-port", "65536"], ["--responders", "0"], ["--dir"], ["x"]])
def test_wrong_usage(arguments):
    assert quickstart(*arguments).returncode == 2


def test_help():
    done = quickstart("--help")
    assert done.returncode == 0 and "--detach" in done.stdout


def test_long_path(tmp_path):
    """A socket's path has at most 107 bytes; DIR may be longer."""
    instance = Instance(tmp_path / ("d" * 60) / ("e" * 60) / "state", free_port())
    try:
        instance.start("--responders", 2, env=QUICK)
        assert instance.post(SEED).status == 202
        assert instance.psql("SELECT count(*) FROM events") == "1"
        short = re.search(r"host=(\S+)", instance.env["MESHER_DATABASE"])[1]
        assert not short.startswith(str(tmp_path))
    finally:
        instance.stop()
    assert not os.path.exists(short)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
def test_an_ordinary_user(tmp_path_factory):
    """Not root, nothing missing: all the same."""
    import pwd
    user = pwd.getpwnam("nobody")
    path = pathlib.Path(tempfile.mkdtemp(prefix="muser-", dir="/tmp"))
    # A checkout that he can read, wherever this one is.
    checkout = path / "checkout"
    shutil.copytree(SOURCE, checkout, ignore=shutil.ignore_patterns(
        ".git", "var", "build", "autom4te.cache", "__pycache__", "*.o", "*.a"))
    program = checkout / "contrib/quickstart"
    os.chown(path, user.pw_uid, user.pw_gid)
    instance = Instance(path / "state", free_port())
    as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    try:
        done = quickstart("--dir", instance.top, *instance.ports, "--detach", "--responders", 2,
                          program=program, env=QUICK, **as_user)
        assert done.returncode == 0, done.stdout + done.stderr
        instance.env = read_env(instance.top)
        assert instance.post(SEED).status == 202
        assert instance.psql("SELECT count(*) FROM events") == "1", "root may look"
        assert instance.ctl("project", "list").returncode == 0
        mine = subprocess.run(["psql", "-XAt", "-c", "SELECT 1", instance.env["MESHER_DATABASE"]],
                              capture_output=True, env=clean(), timeout=20, check=False, **as_user)
        assert mine.returncode == 0, mine.stderr
        assert quickstart("--stop", "--dir", instance.top, program=program, **as_user).returncode == 0
        assert processes(instance.top) == []
    finally:
        quickstart("--stop", "--dir", instance.top, program=program, **as_user)
        shutil.rmtree(path, ignore_errors=True)
