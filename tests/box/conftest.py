"""Fixtures of the black-box suites: see harness/stack.py for what a stack is.

MESHER_BUILD names the build directory (default: build/ in the source).  Run with
/usr/bin/python3 -m pytest tests/box; each suite can run alone, and several at a time.
"""

import os
import pathlib
import resource
import shutil
import signal
import sys
import tempfile
import threading

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness.postgres import Postgres  # noqa: E402
from harness.sentry import Sdk  # noqa: E402
from harness.stack import BUILD, CTL, DRIVERS, EVENTS, RICH, Stack, has_crash_points, run_ctl, sanitized  # noqa: E402
from harness.turns import turn  # noqa: E402

LIVE = []  # stacks whose logs are of interest when a test fails


CONFIG = []  # pytest's, once it is configured


@pytest.hookimpl(hookwrapper=True, optionalhook=True)
def pytest_xdist_newgateway(gateway):  # pylint: disable=W0613
    """With -v xdist first asks each worker about its Python.  If a worker still runs that question when it gets the
    suites, execnet runs these in a second thread, where signals cannot be set: so it does not ask."""
    option = CONFIG[0].option
    verbose, option.verbose = option.verbose, 0
    yield
    option.verbose = verbose


def pytest_addoption(parser):
    parser.addoption("--golden-update", action="store_true", help="rewrite tests/golden")


def pytest_configure(config):
    config.addinivalue_line("markers", "plain: needs a build without sanitizers")
    config.addinivalue_line("markers", "crash_points: needs a build with --enable-crash-points")
    config.addinivalue_line("markers", "as_root: needs to be root: files of several users, chroot")
    config.addinivalue_line("markers", "bare: makes root file systems; only with MESHER_BARE, a directory for them")
    config.addinivalue_line("markers", "golden: compares with a file in tests/golden")
    config.addinivalue_line("markers", "real_events: needs events that are not ours, which a clone alone lacks")
    config.addinivalue_line("markers", "repeats: runs what other suites run; with sanitizers only with MESHER_ALL")
    config.addinivalue_line("markers", "drivers: runs programs that are not ours, which a clone alone lacks; only with MESHER_ALL")
    config.addinivalue_line("markers", "slow: takes more than a minute")
    config.addinivalue_line("markers", "long: takes minutes; only with MESHER_ALL")
    config.addinivalue_line("markers", "alone: no other test, of whatever run, may run beside it")
    CONFIG.append(config)
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as a shell's "&" has it, and all of our children then
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if threading.current_thread() is not threading.main_thread():
        pass  # where no signal can be set
    elif hasattr(config, "workerinput"):  # of pytest-xdist: it is ended by SIGTERM, and still has servers to stop
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    elif config.pluginmanager.hasplugin("xdist"):
        from xdist.workermanage import NodeManager
        NodeManager.EXIT_TIMEOUT = 60  # seconds, until it is killed
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 16384)), hard))


def pytest_report_header():
    return None if EVENTS.is_dir() else f"no real events in {EVENTS}: their tests are left out"


def pytest_collection_modifyitems(config, items):
    unfit = {"plain": sanitized(), "crash_points": not has_crash_points(), "real_events": not EVENTS.is_dir(),
             "repeats": sanitized() and not os.environ.get("MESHER_ALL"),
             "drivers": not (os.environ.get("MESHER_ALL") and DRIVERS.is_dir()),
             "long": not os.environ.get("MESHER_ALL"), "as_root": os.geteuid() != 0, "bare": not os.environ.get("MESHER_BARE")}
    for marker in (m for m, away in unfit.items() if away):
        config.hook.pytest_deselected(items=[i for i in items if i.get_closest_marker(marker)])
        items[:] = [i for i in items if not i.get_closest_marker(marker)]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from harness.schedule import Schedule  # who has no xdist does without
    return Schedule(config, log)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)  # before a test's time begins
def pytest_runtest_protocol(item):
    with turn(item.get_closest_marker("alone") is not None):
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for stack in LIVE:
            report.sections.append((f"logs of {stack.top.name}", stack.tails()))
    if report.skipped and os.environ.get("CI"):
        report.outcome, report.longrepr = "failed", f"skipped, where CI is set: {report.longrepr}"


@pytest.fixture(scope="session")
def top():
    """A directory with a short path (sockets), which an unprivileged user can walk through."""
    for program in ("mesher.fcgi", "mesher-writer", "mesher-ws", "mesherctl", "mesherd"):
        if not (BUILD / program).exists():
            pytest.exit(f"{BUILD} has no {program}: set MESHER_BUILD", returncode=1)
    path = pathlib.Path(tempfile.mkdtemp(prefix="mbox-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    if not os.environ.get("MESHER_KEEP"):
        shutil.rmtree(path, ignore_errors=True)


def make_postgres(top, name):
    postgres = Postgres(top / name)
    postgres.start()
    postgres.make_template(run_ctl)
    return postgres


@pytest.fixture(scope="session")
def postgres(top):
    """The server that the suites share: nobody stops it."""
    server = make_postgres(top, "pg")
    yield server
    server.stop_all()


@pytest.fixture(scope="module")
def own_postgres(top, stack_numbers):
    """A server to be stopped, killed and restarted."""
    server = make_postgres(top, f"pg-{next(stack_numbers)}")
    yield server
    server.stop_all()


@pytest.fixture(scope="session")
def stack_numbers():
    return iter(range(1, 100000))


def stack_factory(top, postgres, numbers):
    """Gives a function that makes stacks; stops them at the end."""
    made = []

    def make(mode="writer", server=None, start=True, rate_limit=RICH, **kwargs):
        stack = Stack(server or postgres, top / f"s{next(numbers)}", mode, **kwargs)
        made.append(stack)
        LIVE.append(stack)
        if start:
            stack.start(rate_limit)
        return stack

    yield make
    errors = []
    for stack in made:
        LIVE.remove(stack)
        try:
            stack.stop()
        except AssertionError as e:
            errors.append(str(e))
    assert not errors, "\n".join(errors)


@pytest.fixture(scope="module")
def stacks(top, postgres, stack_numbers):
    """Makes stacks that live until the module's end."""
    yield from stack_factory(top, postgres, stack_numbers)


@pytest.fixture(scope="module")
def stack(stacks):
    """A stack with a writer, shared by the module, with a limit that nothing reaches."""
    return stacks()


@pytest.fixture(scope="module")
def direct(stacks):
    """The same without a writer."""
    return stacks("direct")


@pytest.fixture(scope="module")
def sdk(stack):
    """What sends to the module's stack as an SDK does."""
    return Sdk(stack)


@pytest.fixture
def fresh(top, postgres, stack_numbers):
    """Makes stacks for one test."""
    yield from stack_factory(top, postgres, stack_numbers)


@pytest.fixture
def golden(request):
    """golden(name, text): the same as tests/golden/name.out, byte for byte."""
    folder = pathlib.Path(__file__).parents[1] / "golden"

    def compare(name, text):
        path = folder / f"{name}.out"
        if request.config.getoption("--golden-update"):
            path.write_text(text)
        assert path.exists(), f"no {path.name}: run make golden-update and look at it"
        assert text == path.read_text()

    return compare


@pytest.fixture(scope="session")
def mesherctl():
    return CTL
