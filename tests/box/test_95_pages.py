"""Goal: whoever follows a page to its end has a Mesher that takes events: every command and every fragment of
the pages is run, in its order, on a machine with systemd, Debian's web servers and its PostgreSQL."""

import json
import os
import pathlib
import re
import subprocess
import tempfile

import pytest
from harness.machine import Machine, blocks
from harness.stack import SOURCE
from harness.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.plain, pytest.mark.timeout(900)]  # Mesher is built
DOC = SOURCE / "doc"


@pytest.fixture(scope="module")
def rack():
    """A tmpfs for the machines' files: an overlay cannot have its own upper directory below it."""
    assert os.geteuid() == 0, "needs root for machines"
    path = pathlib.Path(tempfile.mkdtemp(prefix="mrack-", dir="/tmp"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2g,mode=0755", "tmpfs", path], check=True, timeout=20)
    yield path
    subprocess.run(["umount", "--lazy", path], check=True, timeout=20)
    path.rmdir()


@pytest.fixture(scope="module")
def installed(rack):
    """The machine of whoever followed the README to the web server, switched off."""
    machine = Machine(rack / "installed", SOURCE)
    try:
        machine.run("systemctl start postgresql")
        machine.follow(blocks(SOURCE / "README.md", "Install"))
        status = json.loads(machine.run("sudo -u mesher mesherctl --json status 2>/dev/null").stdout)
        assert status["database"] == "ok" and {c["state"] for c in status["children"]} == {"up"}
        machine.run("systemctl stop mesherd postgresql")
    finally:
        machine.stop()
    return machine


@pytest.fixture
def machine(rack, installed, request):
    """A machine where the README was followed, and what was there before."""
    made = Machine(rack / request.node.name.replace("[", "-").rstrip("-]"), SOURCE, under=[installed])
    try:
        made.run("systemctl start postgresql mesherd")
        yield made
    finally:
        made.stop()


def messages(machine):
    return machine.run("sudo -u mesher psql -XAt -c 'SELECT message FROM events ORDER BY received_at' mesher").stdout.split("\n")[:-1]


def test_readme(installed):
    """It was followed."""
    assert (installed.top / "upper/usr/local/sbin/mesherd").exists()


WEB = ["over a WebSocket", "mesherctl send-test"]
LIGHTTPD = ["behind lighttpd", *WEB, "CGI"]


@pytest.mark.parametrize("pages, service, expected", [
    (["lighttpd"], "lighttpd", LIGHTTPD),
    (["nginx"], "nginx", ["behind nginx", *WEB]),
    (["apache"], "apache2", ["behind Apache", *WEB, "mod_fcgid", "CGI"]),
    (["lighttpd", "systemd"], "lighttpd", [*LIGHTTPD, *["sockets of systemd"] * 3, "spawn-fcgi"]),
    (["lighttpd", "upgrading", "security"], "lighttpd", LIGHTTPD),
], ids=lambda x: "-".join(x) if isinstance(x, list) and x and x[0].isalpha() else "")
def test_pages(machine, pages, service, expected):
    machine.run(f"systemctl start {service}")
    for page in pages:
        machine.follow(blocks(DOC / f"{page}.md"))
    wait_until(lambda: len(messages(machine)) >= len(expected), 10, "what CGI took is there a moment later")
    assert messages(machine) == expected


def test_every_page_is_followed():
    tried = {page for mark in test_pages.pytestmark if mark.name == "parametrize" for case in mark.args[1] for page in case[0]}
    assert {p.stem for p in DOC.glob("*.md")} == tried | {"errors", "shared-host"}  # test_92 follows that one


# ---- every message

MESSAGE = re.compile(r'error_set\(\s*[^,]+,\s*ERROR_[A-Z_]+,\s*((?:"(?:[^"\\]|\\.)*"\s*|[A-Za-z_]+\s*)+)')


def messages_of(path):
    """The formats that a source gives to error_set(), as what stands between their %."""
    for m in MESSAGE.finditer(path.read_text()):
        text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', m.group(1)))
        pieces = [p.strip() for p in re.split(r"%(?:[-.*\d]*(?:ll|l|z)?[a-zA-Z])?", text)]
        if any(len(p) > 2 for p in pieces):
            yield text, [p for p in pieces if p]


def stands_in(pieces, page):
    pattern = ".*?".join(re.escape(p) for p in pieces)
    return any(re.search(pattern, message) for message in page)


def test_the_page_of_errors_has_every_message():
    page = re.findall(r"`([^`]+)`", (DOC / "errors.md").read_text())
    found = {text: pieces for path in sorted((SOURCE / "src").rglob("*.c")) for text, pieces in messages_of(path)}
    assert len(found) > 100
    assert [text for text, pieces in found.items() if not stands_in(pieces, page)] == []
    events = re.findall(r'\[LOG_[A-Z_]+\] = "(\w+)"', (SOURCE / "src/base/log.c").read_text())
    assert len(events) > 20 and [e for e in events if e not in page] == []


def test_html(tmp_path):
    """The manual and the pages, and no link in them that leads to nothing."""
    subprocess.run([DOC / "make-html", SOURCE, tmp_path / "html"], check=True, timeout=120)
    pages = {p.name: p.read_text() for p in (tmp_path / "html").glob("*.html")}
    expected = {f"{p.name}.html" for p in (SOURCE / "man").iterdir()} | {f"{p.stem}.html" for p in DOC.glob("*.md")}
    expected |= {f"design-{p.stem}.html" for p in (DOC / "design").glob("*.md")}
    assert pages.keys() == expected | {"index.html", "ARCHITECTURE.html", "HACKING.html", "NEWS.html", "SECURITY.html"}
    local = {(name, link.partition("#")[0]) for name, text in pages.items() for link in re.findall(r'href="([^"#:][^":]*)"', text)}
    broken = {(name, link) for name, link in local if not (tmp_path / "html" / link).exists()}
    # Manuals of others are not here.
    ours = {m.rpartition(".")[0] for m in os.listdir(SOURCE / "man")}
    assert {(n, link) for n, link in broken if not re.fullmatch(r".*\.\d\.html", link) or link.split(".")[0] in ours} == set()
