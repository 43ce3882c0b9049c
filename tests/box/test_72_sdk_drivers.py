"""Goal: the programs that recorded tests/corpus/sdk, for 26 SDKs old and new, send to this server as they sent to the recorder:
every event whose id they print is in the database, and as many events as were recorded.

The programs are not part of Mesher (../shared/corpus/drivers, or MESHER_DRIVERS); the packages of npm and PyPI that they use are
pinned in tests/sdk/drivers.  Only with MESHER_ALL, since they compile and download for minutes."""

import json
import os
import pathlib
import re
import shutil
import uuid

import pytest
from harness import process, sdks
from harness.stack import DRIVERS, RICH, RICH_TOO
from harness.wait import wait_until

pytestmark = [pytest.mark.drivers, pytest.mark.plain]

LOCKS = sdks.SDK / "drivers"
# Where the programs expect their virtual environment.
VENVS = {"python-0.20": "sentry-python-0.20.3", "python-1.45": "sentry-python-1.45.1"}
DEBIAN = {"python-1": ["/usr/bin/python3", "-c", "import sentry_sdk"], "ruby-raven-3": ["ruby", "-e", "require 'sentry-raven'"],
          "go-sentry": ["test", "-d", "/usr/share/gocode/src/github.com/getsentry/sentry-go"]}


@pytest.fixture(scope="session")
def common(tmp_path_factory):
    """Where all of them keep what they download and build."""
    top = sdks.cache(tmp_path_factory.mktemp("drivers")) / "sdk"
    (top / "drivers").mkdir(parents=True, exist_ok=True)
    return top


@pytest.fixture(scope="session")
def tools(common):
    """A PATH with a Go and a Node.js that are new enough for all of them."""
    first = [str(sdks.toolchain(sdks.Folder("go", common.parent).source / "toolchain", common) / "bin")]
    argv, _ = sdks.Folder("node", common.parent).install()
    if argv[0] != "node":
        first.append(str(pathlib.Path(argv[0]).parent))
    return ":".join([*first, os.environ["PATH"]])


def npm(lock, work):
    for name in ("package.json", "package-lock.json"):
        shutil.copy(lock / name, work)
    # npm ci refuses the lock of svelte-10, which npm itself wrote: an optional package for Windows is in no registry.
    how = ["install", "--no-save"] if lock.name == "svelte-10" else ["ci"]
    sdks.run(["npm", *how, "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], work)


def pip(lock, venv):
    sdks.run(["/usr/bin/python3", "-m", "venv", "--without-pip", venv], venv.parent)
    sdks.run(["/usr/bin/python3", "-m", "pip", "--python", venv / "bin/python", "install", "-q", "--only-binary", ":all:",
              "--require-hashes", "--no-deps", "-r", lock / "requirements.txt"], venv.parent)


@pytest.fixture
def prepared(common, tools, driver):
    """Installs the pinned packages, and returns the environment in which the program runs."""
    if driver in DEBIAN and process.run(DEBIAN[driver], 30).returncode != 0:
        pytest.skip(f"left out: Debian's package for {driver} is not there")
    work, lock = common / "drivers" / driver, LOCKS / driver
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    if (lock / "package.json").exists():
        npm(lock, work)
    if (lock / "requirements.txt").exists():
        venv = common / "drivers/cache" / VENVS.get(driver, driver)
        shutil.rmtree(venv, ignore_errors=True)
        venv.parent.mkdir(exist_ok=True)
        pip(lock, venv)
    return {"PATH": os.environ["PATH"] if driver in DEBIAN else tools, "LANG": "C.UTF-8", "HOME": str(common / "drivers"),
            "WORK": str(work), "CACHE": str(common / "drivers/cache"), "PAGE_PORT": "8043",
            "MAVEN_OPTS": f"-Dmaven.repo.local={common / 'm2'}", "GOMODCACHE": str(common / "gomod"),
            "GOCACHE": str(common / "gocache"), "GOTOOLCHAIN": "local", "CARGO_HOME": str(common / "cargo")}


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("driver", sorted(d.name for d in DRIVERS.iterdir()) if DRIVERS.is_dir() else [])
def test_driver(stack, prepared, driver):
    project = stack.ctl_json("project", "add", driver.replace(".", "-"))["id"]
    stack.ctl("project", "set", project, f"rate_limit={RICH}", *RICH_TOO)
    out = stack.ctl_run("--json", "key", "list", project, env={"MESHER_PUBLIC_URL": f"http://127.0.0.1:{stack.port}"})
    recorded = json.loads((DRIVERS.parent / "sdk" / driver / "run.json").read_text())
    done = process.run([DRIVERS / driver / "run.sh", json.loads(out.stdout)[0]["dsn"]], 1400, cwd=prepared["WORK"], env=prepared)
    if driver == "curl":  # it expects 200, but the answer to a preflight is 204, which is right, too
        refused = [line for line in done.stderr.splitlines() if not line.startswith("not sent: 204 -X OPTIONS ")]
        assert done.returncode == 1 and refused == []
    else:
        assert done.returncode == 0, (done.stderr or done.stdout)[-3000:]
    printed = {str(uuid.UUID(i)) for i in re.findall(r"^[0-9a-fA-F-]{32,36}$", done.stdout, re.M)}

    def stored():
        return [str(r[0]) for r in stack.sql("SELECT id FROM events WHERE project_id = %s", project)]
    wait_until(lambda: len(stored()) >= recorded["stored_events"], 10, "all events are stored")
    ids = stored()
    assert len(ids) == len(set(ids)) == recorded["stored_events"]
    assert len(printed) >= 1 and printed <= set(ids)


def test_logback(stack, common):
    """A log line is a breadcrumb, one of an error is an event; MDC's entry is a tag, and the throwable comes with its cause."""
    argv, _ = sdks.Folder("logback", common.parent).install()
    project = stack.ctl_json("project", "add", "logback")["id"]
    out = stack.ctl_run("--json", "key", "list", project, env={"MESHER_PUBLIC_URL": f"http://127.0.0.1:{stack.port}"})
    done = process.run([*argv, json.loads(out.stdout)[0]["dsn"]], 120, env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"})
    assert done.returncode == 0, done.stderr[-2000:]
    ids = [str(uuid.UUID(line)) for line in done.stdout.split() if re.fullmatch("[0-9a-f]{32}", line)]
    wait_until(lambda: len(stack.sql("SELECT 1 FROM events WHERE project_id = %s", project)) == len(ids) == 2, 10, "two events")
    message, error = (stack.row(i, "level, title, release, tags") for i in ids)
    assert message[:3] == ("error", "Disk is 91% full", "sdk-live@1.0") and message[3]["runner"] == "logback"
    assert error[:2] == ("error", "IllegalStateException: cannot read the cart")
    payload = json.loads(stack.payload(ids[1]))
    assert [v["value"] for v in payload["exception"]["values"]] == ["bad", "cannot read the cart"]
    assert "added 3" in [c.get("message") for c in payload["breadcrumbs"]]
