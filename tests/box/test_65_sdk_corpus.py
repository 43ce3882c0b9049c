"""Goal: every request that a real SDK was recorded with gets the status, makes the rows and fills the
columns that its metadata says; all of it through FastCGI, a slice of it as CGI under a prefix."""

import json
import pathlib

import pytest
from harness.client import raw

CORPUS = pathlib.Path(__file__).parents[1] / "corpus/sdk"
RUNS = sorted(p.name for p in CORPUS.iterdir() if p.is_dir())
PREFIX = "/cgi-bin/mesher.cgi"


def requests(run):
    return sorted((CORPUS / run).glob("[0-9]*.req"))


def about(path):
    return json.loads(path.with_suffix(".json").read_text())


def request_of(path, prefix):
    """The request with its path below `prefix`, whatever prefix it was recorded with."""
    data = path.read_bytes()
    method, target, rest = data.split(b" ", 2)
    target = target.removeprefix(PREFIX.encode())
    return b" ".join([method, prefix.encode() + target, rest])


def clean(text):
    """As it can be compared: what PostgreSQL does not take is something else there."""
    if text is None:
        return None
    return "".join(c for c in text if c not in "\0\ufffd" and not 0xD800 <= ord(c) <= 0xDFFF)


def same_title(got, *wanted):
    got = clean(got)
    for w in wanted:
        w = clean(w)
        if w is not None and (got == w or (got.endswith("...") and w.startswith(got[:-3]))):
            return True
    return False


def check_event(stack, wanted, event_id):
    row = stack.row(event_id, "level, title, release, environment, platform, transaction, tags, "
                    "project_id, type, value")
    assert row[0] == wanted["level"]
    assert same_title(row[1], wanted["title"], wanted["message_formatted"]), (row[1], wanted)
    assert [clean(v) for v in row[2:6]] == [clean(wanted[k]) for k in (
        "release", "environment", "platform", "transaction")]
    tags = row[6] or {}
    for name, value in (wanted["tags"] or {}).items():
        assert clean(tags[name]) == clean(str(value)), name
    assert row[7] == stack.project


def replay(stack, path, prefix=""):
    wanted = about(path)
    expect = wanted["expect"]
    known = stack.ids()
    answer = raw(stack.port, request_of(path, prefix))
    assert answer is not None
    if wanted["method"] == "OPTIONS":
        assert answer.status in (200, 204)
        for name in ("Origin", "Methods", "Headers"):
            assert answer.header(f"Access-Control-Allow-{name}")
        return
    assert answer.status == expect["status"], (path.name, answer)
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert answer.json().get("id") == expect["response_id"] or expect["response_id"] is None
    made = stack.ids() - known
    again = [e["event_id"] for e in expect["events"] if e["event_id"] and
             any(str(i).replace("-", "") == e["event_id"] for i in known)]
    assert len(made) == expect["stored_events"] - len(again)
    for e in expect["events"]:
        check_event(stack, e, e["event_id"] or answer.json()["id"])


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param)


@pytest.fixture(scope="module")
def cgi(stacks):
    return stacks("cgi")


def test_the_corpus_is_there():
    assert len(RUNS) >= 11 and sum(len(requests(r)) for r in RUNS) >= 231


@pytest.mark.parametrize("run", RUNS)
def test_replay(stack, run):
    for path in requests(run):
        replay(stack, path)


@pytest.mark.parametrize("run", RUNS)
def test_replay_as_cgi_below_a_prefix(cgi, run):
    for path in requests(run)[::4]:
        replay(cgi, path, PREFIX)


def test_payloads_are_as_they_were_sent(stack):
    """Of an uncompressed store body and of an envelope's item."""
    for name in ("curl/001", "curl/021"):
        path = CORPUS / f"{name}.req"
        body = path.read_bytes().split(b"\r\n\r\n", 1)[1]
        if about(path)["endpoint"] == "envelope":
            body = body.split(b"\n")[2]
        assert stack.payload(about(path)["event_ids"][0]) == body
