"""Goal: unmodified SDKs of Sentry, given the DSN that mesherctl prints and nothing else, have their events
in PostgreSQL: through FastCGI, and as CGI below a prefix; and they get over a 429."""

import fcntl
import json
import os
import pathlib
import shutil
import uuid

import pytest
from harness import process
from harness.stack import SOURCE

pytestmark = pytest.mark.repeats

SDK = SOURCE / "tests/sdk"
GO = pathlib.Path("/usr/share/gocode/src/github.com/getsentry/sentry-go")
CACHE = os.environ.get("MESHER_CACHE")  # a directory for what was compiled and downloaded before
MODULES = os.environ.get("MESHER_SDK_MODULES")  # a node_modules that is there already

NODE = {"node-8": "8.55.2", "node-10": "10.78.0"}


def run(command, timeout=120, **kwargs):
    kwargs.setdefault("env", {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8"})
    return process.run(command, timeout, **kwargs)


def need(*things):
    for thing in things:
        if not (shutil.which(thing) if isinstance(thing, str) else thing.exists()):
            pytest.skip(f"left out: no {thing}")


@pytest.fixture(scope="session")
def modules(tmp_path_factory):
    """A directory's node_modules, to put programs beside it: the npm packages of tests/sdk/package-lock.json, 330 MB that
    all processes of a run share, and with MESHER_CACHE the next run, too."""
    need("node", "npm")
    own = tmp_path_factory.mktemp("sdk")
    if MODULES:
        return pathlib.Path(MODULES)
    shared = pathlib.Path(CACHE, "sdk-npm") if CACHE else own / "npm"
    shared.mkdir(parents=True, exist_ok=True)
    with open(shared / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install(shared)
    (own / "node_modules").symlink_to(shared / "node_modules")
    return own / "node_modules"


def install(top):
    """Installs the packages in top, unless the same ones are there."""
    wanted = (SDK / "package-lock.json").read_bytes()
    stamp = top / "installed.json"
    if stamp.exists() and stamp.read_bytes() == wanted:
        return
    stamp.unlink(missing_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SDK / name, top)
    done = run(["npm", "ci", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], 600, cwd=top,
               env={"PATH": os.environ["PATH"], "HOME": CACHE or str(top)})
    if done.returncode != 0:
        pytest.skip(f"left out: npm ci: {done.stderr[-300:]}")
    stamp.write_bytes(wanted)


class Program:
    """A program of tests/sdk and how it is started."""

    def __init__(self, runner, *command, cwd=None):
        self.runner, self.command, self.cwd = runner, command, cwd

    def __call__(self, dsn, mode, timeout=120):
        return run([*self.command, dsn, mode], timeout, cwd=self.cwd)


def node(modules, package):
    shutil.copy(SDK / "app.js", modules.parent)
    version = json.loads((modules / package / "package.json").read_text())["version"]
    assert version == NODE[package]
    return Program("node", "node", modules.parent / "app.js", package, cwd=modules.parent)


def go(tmp):
    need("go", GO)
    # Without optimization, inlining and debug information it compiles in half of the time.
    done = run(["go", "build", "-gcflags=all=-N -l -dwarf=false", "-ldflags=-s -w", "-o", tmp / "app", SDK / "main.go"], 600, env={
        "PATH": os.environ["PATH"], "HOME": str(tmp), "GO111MODULE": "off", "GOPATH": "/usr/share/gocode",
        "GOCACHE": f"{CACHE or tmp}/go", "GOFLAGS": "-trimpath", "GOGC": "400", "CGO_ENABLED": "0"})
    assert done.returncode == 0, done.stderr
    return Program("go", tmp / "app")


def python():
    need("/usr/bin/python3")
    if run(["/usr/bin/python3", "-c", "import sentry_sdk"]).returncode != 0:
        pytest.skip("left out: no python3-sentry-sdk")
    return Program("python", "/usr/bin/python3", SDK / "app.py")


def ruby():
    need("ruby")
    if run(["ruby", "-rsentry-ruby", "-e", ""]).returncode != 0:
        pytest.skip("left out: no ruby-sentry-ruby-core")
    return Program("ruby", "ruby", SDK / "app.rb")


@pytest.fixture(scope="session", params=["node-8", "node-10", "python", "go", "ruby"])
def program(request, tmp_path_factory):
    name = request.param
    if name.startswith("node"):
        return node(request.getfixturevalue("modules"), name)
    if name == "go":
        return go(tmp_path_factory.mktemp("go"))
    return {"python": python, "ruby": ruby}[name]()


def events(output):
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def ids(done):
    return {e["name"]: str(uuid.UUID(e["id"])) for e in events(done.stdout) if e.get("id")}


def dsn_of(stack):
    """The DSN that mesherctl prints for what the web server listens on."""
    where = f"http://127.0.0.1:{stack.port}" + ("/cgi-bin/mesher.cgi" if stack.front.cgi else "")
    out = stack.ctl_run("--json", "key", "list", 42, env={"MESHER_PUBLIC_URL": where})
    return json.loads(out.stdout)[0]["dsn"]


def check(stack, event_id, level, title, tags, breadcrumbs=2, user="u-7", release="sdk-test@1.0"):
    got = stack.row(event_id, "level, title, release, environment, user_id, tags, project_id")
    assert got[0] == level and got[1].startswith(title), got
    assert got[2:5] == (release, "testing", user)
    assert tags.items() <= got[5].items() and got[6] == 42
    payload = json.loads(stack.payload(event_id))
    crumbs = payload.get("breadcrumbs") or []
    crumbs = crumbs.get("values") if isinstance(crumbs, dict) else crumbs
    assert len(crumbs) >= breadcrumbs


@pytest.fixture(scope="module", params=["writer", "cgi"])
def stack(request, stacks):
    return stacks(request.param)


ERRORS = {"node": "TypeError: cannot read the cart", "python": "TypeError: cannot read the cart",
          "go": "*fmt.wrapError: cannot read the cart: bad", "ruby": "TypeError: cannot read the cart"}
CRASHES = {"node": ("fatal", "RangeError: nobody catches this"), "python": ("error", "OSError: nobody catches this"),
           "go": ("fatal", "nobody catches this"), "ruby": ("error", "IOError: nobody catches this")}


def test_message_and_error(stack, program):
    done = program(dsn_of(stack), "main")
    assert done.returncode == 0, done.stderr
    got, runner = ids(done), {"runner": program.runner}
    check(stack, got["message"], "warning", "Disk is 91% full", runner)
    check(stack, got["error"], "fatal", ERRORS[program.runner], {**runner, "part": "cart"})
    assert stack.row(got["error"], "culprit, type") [1]
    shown = stack.ctl_json("event", "list", 42, "--limit", 100)
    assert {e["id"] for e in shown} >= set(got.values())


def test_crash(stack, program):
    done = program(dsn_of(stack), "crash")
    assert done.returncode != 0 and done.returncode != 3
    level, title = CRASHES[program.runner]
    check(stack, ids(done)["crash"], level, title, {"runner": program.runner}, 0, None)


def test_429_in_the_middle(fresh, program):
    """One event in three seconds: the SDK drops the others and comes back by itself."""
    stack = fresh("writer", rate_limit=1)
    stack.ctl("project", "set", 42, "rate_window=3")
    done = program(dsn_of(stack), "limited")
    assert done.returncode == 0, done.stderr
    titles = [r[0] for r in stack.sql("SELECT title FROM events ORDER BY received_at")]
    assert titles[0] == "limited 0" and 2 <= len(titles) <= 5
    assert int(titles[-1].split()[1]) >= 8


def test_browser(stack, modules):
    """From a page of another origin, in Chromium."""
    need("chromium")
    bundle = modules.parent / "bundle.js"
    shutil.copy(SDK / "page.js", modules.parent)
    built = run([modules / ".bin/esbuild", "page.js", "--bundle", "--keep-names", f"--outfile={bundle}",
                 "--log-level=error"], cwd=modules.parent)
    assert built.returncode == 0, built.stderr
    done = run(["node", SDK / "serve.js", dsn_of(stack), "chromium", bundle], cwd=modules.parent,
               env={**os.environ, "HOME": str(modules.parent)})
    assert done.returncode == 0, done.stderr
    got, tags = ids(done), {"runner": "browser"}
    check(stack, got["message"], "warning", "Disk is 91% full", tags)
    check(stack, got["error"], "fatal", "TypeError: cannot read the cart", {**tags, "part": "cart"})
    check(stack, got["crash"], "error", "RangeError: nobody catches this", tags)
    assert stack.ctl_json("release", "show", 42, "sdk-test@1.0")["sessions"] >= 1


def test_sentry_cli(stack, modules, tmp_path):
    cli = modules / ".bin/sentry-cli"
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SENTRY_DSN": dsn_of(stack)}
    done = run([cli, "send-event", "-m", "from the %s", "-a", "shell", "-t", "part:cli", "-l", "warning", "-r",
                "sdk-test@1.0", "-E", "testing", "-u", "id:u-7"], env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    event_id = str(uuid.UUID(done.stdout.split()[-1]))
    check(stack, event_id, "warning", "from the shell", {"part": "cli"}, 0)
    mine = uuid.uuid4()
    body = json.dumps({"message": "in a file", "level": "info"})
    (tmp_path / "e.envelope").write_text(f'{{"event_id":"{mine.hex}"}}\n{{"type":"event","length":{len(body)}}}\n{body}\n')
    for how in ([], ["--raw"]):
        done = run([cli, "send-envelope", *how, "e.envelope"], env=env, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert stack.row(str(mine), "title, level") == ("in a file", "info")


def test_sentry_cli_asks_for_what_is_not_offered(stack, modules, tmp_path):
    """A 404 that it understands; it takes no prefix here."""
    for words in (["releases", "-o", "o", "-p", "p", "new", "1"], ["info"]):
        done = run([modules / ".bin/sentry-cli", "--log-level=debug", *words], cwd=tmp_path, env={
            "PATH": os.environ["PATH"], "HOME": str(tmp_path), "SENTRY_AUTH_TOKEN": "x",
            "SENTRY_URL": f"http://127.0.0.1:{stack.port}"})
        said = done.stderr + done.stdout
        assert done.returncode != 0 and "404" in said, said[-2000:]
        assert "panicked" not in said
