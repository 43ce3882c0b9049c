"""Goal: the newest SDK of each language, unmodified, has all that it sends in PostgreSQL, once: events with their causes,
breadcrumbs, users, tags and files, a crash, a session, feedback; after 45 s without traffic, while PostgreSQL is away, and
once a limit lets it in again.  All programs run side by side against one server, a project each."""

import json
import re
import subprocess
import time
import uuid

import pytest
from harness import sdks
from harness.stack import CTL, RICH, RICH_TOO, SOURCE, clean_environment
from harness.wait import wait_until

pytestmark = pytest.mark.repeats

PAUSE = 45  # seconds: longer than servers keep connections by default, shorter than most clients do
LIMITED = 28  # messages, in seven seconds
ERRORS = {"node": ("TypeError", "SyntaxError"), "python": ("TypeError", "JSONDecodeError"),
          "go": ("*fmt.wrapError", "*errors.errorString"), "rust": ("CartError", "ParseIntError"),
          "java": ("IllegalStateException", "NumberFormatException")}
CRASHES = {"node": ("fatal", "RangeError"), "python": ("error", "OSError"), "go": ("fatal", None),
           "rust": ("fatal", "panic"), "java": ("fatal", "IllegalArgumentException")}
# What these SDKs have no function for.
ABSENT = {"node": set(), "python": {"feedback"}, "go": {"session", "feedback"}, "rust": {"feedback"}, "java": set()}

installed = pytest.mark.parametrize("language", sdks.LANGUAGES)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    top = sdks.cache(tmp_path_factory.mktemp("sdks"))
    return lambda language: sdks.Folder(language, top)


@installed
@pytest.mark.timeout(900)  # the first time it downloads and compiles
def test_it_installs(folder, language, record_property):
    """... and README has its version."""
    _, version = folder(language).install()
    record_property("sdk", f"{language} {version}")
    if not sdks.NEWEST:
        rows = [line for line in (SOURCE / "README.md").read_text().splitlines() if re.match(rf"\| .*\({language}\)", line)]
        assert len(rows) == 1 and f" {version} |" in rows[0], (language, version, rows)


class Part:
    """A program with its project, and what came of its steps: answers by step, or the error."""

    def __init__(self, stack, language, project, argv):
        self.stack, self.language, self.project, self.argv = stack, language, project, argv
        self.key = stack.ctl_json("project", "add", language, "--id", project)["key"]
        stack.ctl("project", "set", project, f"rate_limit={RICH}", *RICH_TOO)
        out = stack.ctl_run("--json", "key", "list", project, env={"MESHER_PUBLIC_URL": f"http://127.0.0.1:{stack.port}"})
        self.dsn = json.loads(out.stdout)[0]["dsn"]
        self.answers, self.errors, self.titles = {}, {}, []
        self.live = self.crashing = self.ended = self.died = None

    def start(self):
        self.live = sdks.Live(self.argv, self.dsn, self.stack.top / f"{self.language}.log")

    def crash(self):
        """Starts another one, which dies."""
        self.crashing = sdks.Live(self.argv, self.dsn, self.stack.top / f"{self.language}-crash.log")
        self.crashing.tell("crash")

    def collect(self, step, live, seconds):
        try:
            self.answers[step] = live.answer(seconds)
        except (AssertionError, OSError) as e:
            self.errors[step] = str(e)

    def got(self, step):
        """Returns the id of an event, or None; fails where the program said that it could not."""
        assert step not in self.errors, self.errors[step]
        answer = self.answers[step]
        assert answer["step"] == step.split()[0], answer
        return str(uuid.UUID(answer["id"])) if answer.get("id") else None

    def sent(self, step):
        event_id = self.got(step)
        assert self.answers[step].get("flushed") or step == "crash", f"{step}: not sent"
        return event_id

    def payload(self, event_id):
        return json.loads(self.stack.payload(event_id))


class Story:
    """Plays all parts at the same time."""

    def __init__(self, stack, server, parts):
        self.stack, self.server, self.parts = stack, server, parts

    def all_do(self, line, seconds=30, step=None):
        step = step or line
        for part in self.parts.values():
            try:
                part.live.tell(line)
            except OSError as e:
                part.errors[step] = str(e)
        for part in self.parts.values():
            if step not in part.errors:
                part.collect(step, part.live, seconds)

    def play(self):
        for part in self.parts.values():
            part.start()
        for step in ("message", "error", "attachment", "session", "check-in", "feedback"):
            self.all_do(step)
        quiet = time.monotonic()
        for part in self.parts.values():
            part.crash()
        for part in self.parts.values():
            part.collect("crash", part.crashing, 30)
            part.died = part.crashing.end()
        time.sleep(max(0, PAUSE - (time.monotonic() - quiet)))
        self.all_do("say after the pause")
        self.outage()
        self.limit()
        for part in self.parts.values():
            part.ended = part.live.end()

    def outage(self):
        self.server.stop()
        try:
            self.all_do("say during the outage")
            self.spooled = len(self.stack.spooled())
        finally:
            self.server.start()
        self.stack.drain()

    def limit(self):
        """One event in three seconds.  It is in force once a good event of ours is refused."""
        for part in self.parts.values():
            self.stack.ctl("project", "set", part.project, "rate_limit=1", "rate_window=3")
        for part in self.parts.values():
            wait_until(lambda part=part: self.stack.post({"message": "ours"}, key=part.key).status == 429, 20, "the limit")
        self.all_do("limited", 90)

    def stop(self):
        for part in self.parts.values():
            for live in (part.live, part.crashing):
                if live:
                    live.kill()


@pytest.fixture(scope="module")
def story(own_postgres, stacks, folder):
    stack = stacks("writer", server=own_postgres)
    for _ in range(4):
        stack.good()  # each responder knows its settings
    parts = {}
    for n, language in enumerate(sdks.LANGUAGES, 101):
        try:
            parts[language] = Part(stack, language, n, folder(language).install()[0])
        except (AssertionError, pytest.skip.Exception, pytest.fail.Exception):
            pass  # its own tests say so; the others play without it
    told = Story(stack, own_postgres, parts)
    try:
        told.play()
        yield told
    finally:
        told.stop()


@pytest.fixture
def part(story, folder, language):
    folder(language).install()
    return story.parts[language]


def check(part, event_id, level, title, tags, release="sdk-live@1.0"):
    got = part.stack.row(event_id, "project_id, level, title, release, environment, user_id, tags")
    assert got[:2] == (part.project, level) and title in got[2], got
    assert got[3:6] == (release, "testing", "u-7")
    assert {"runner": part.language, **tags}.items() <= got[6].items()
    payload = part.payload(event_id)
    crumbs = payload["breadcrumbs"]
    crumbs = crumbs["values"] if isinstance(crumbs, dict) else crumbs
    told = [(c.get("category"), c.get("message")) for c in crumbs]
    assert [c for c in told if c[0] in ("auth", "cart")] == [("auth", "login"), ("cart", "added 3")]
    assert payload["user"]["email"] == "jane@example.org"
    return payload


@installed
def test_message(part):
    """Its title is its text, also where the SDK adds a stack trace."""
    check(part, part.sent("message"), "warning", "Disk is 91% full", {})
    assert part.stack.row(part.sent("message"), "title") == ("Disk is 91% full",)


@installed
def test_error_with_its_cause(part):
    payload = check(part, part.sent("error"), "fatal", "cannot read the cart", {"part": "cart"})
    values = payload["exception"]
    values = values["values"] if isinstance(values, dict) else values
    outer, cause = ERRORS[part.language]
    assert [v["type"].rpartition(".")[2] if part.language == "java" else v["type"] for v in values[-2:]] == [cause, outer]
    assert values[-1]["value"].startswith("cannot read the cart") and values[-2]["value"]


@installed
def test_crash(part):
    event_id = part.sent("crash")
    assert part.died != 0
    level, kind = CRASHES[part.language]
    payload = check(part, event_id, level, "nobody catches this", {})
    values = payload.get("exception") or []
    values = values["values"] if isinstance(values, dict) else values
    assert kind is None or values[-1]["type"].rpartition(".")[2] == kind


@installed
def test_attachment(part):
    event_id = part.sent("attachment")
    check(part, event_id, "info", "with a file", {})
    listed = part.stack.ctl_json("attachment", "list", event_id)
    assert [(a["filename"], a["size"]) for a in listed] == [("notes.bin", 2048)]
    done = subprocess.run([CTL, "--conf", part.stack.conf, "attachment", "get", listed[0]["id"]], env=clean_environment(),
                          capture_output=True, timeout=60, check=False)
    assert done.stdout == bytes(range(256)) * 8, done.stderr


@installed
def test_what_it_lacks(part):
    """README says so."""
    assert {step for step, answer in part.answers.items() if answer.get("absent")} == ABSENT[part.language]


@installed
def test_session(part):
    if "session" not in ABSENT[part.language]:
        part.sent("session")
        shown = part.stack.ctl_json("release", "show", part.project, "sdk-live@1.0")
        assert (shown["sessions"], shown["crashed"]) == (1, 0)


@installed
def test_check_in(part):
    """The monitor `nightly` (0 3 * * *), with one that is ok."""
    part.sent("check-in")
    shown = part.stack.ctl_json("monitor", "show", part.project, "nightly")
    assert "0 3 * * *" in json.dumps(shown) and [c["status"] for c in shown["checkins"]] == ["ok"], shown


@installed
def test_feedback(part):
    if "feedback" not in ABSENT[part.language]:
        part.sent("feedback")
        reports = part.stack.ctl_json("event", "show", part.sent("message"))["user_reports"]
        assert [(r["name"], r["email"], r["comments"]) for r in reports] == [("Jane", "jane@example.org", "it broke")]


@installed
def test_after_a_pause(part):
    check(part, part.sent("say after the pause"), "info", "after the pause", {})


@installed
def test_while_postgresql_is_away(story, part):
    """Taken at once, in the spool, and in the database once PostgreSQL is back."""
    assert story.spooled >= 1
    check(part, part.sent("say during the outage"), "info", "during the outage", {})


@installed
def test_limit_in_the_middle(part):
    """One event in three seconds: the SDK drops the others and comes back by itself."""
    part.got("limited")
    titles = [r[0] for r in part.stack.sql(
        "SELECT title FROM events WHERE project_id = %s AND title LIKE '%%limited %%' ORDER BY received_at", part.project)]
    assert 1 <= len(titles) <= 4, titles
    assert int(titles[-1].split()[-1]) >= LIMITED // 3


@installed
def test_each_event_is_there_once(part):
    """Nothing else than what it said, and nothing twice."""
    assert part.ended == 0
    told = sorted(part.sent(step) for step in part.answers if part.got(step))
    rows = sorted((str(r[0]), r[1]) for r in part.stack.sql("SELECT id, title FROM events WHERE project_id = %s", part.project))
    rest = [(i, title) for i, title in rows if "limited " not in title and title != "ours"]
    assert [i for i, _ in rest] == told and len(told) == 6, rest
