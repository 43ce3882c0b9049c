"""Goal: real events of many platforms, which belong to others and stay where they are, are all kept,
with a title and a culprit where there is one to be made, and come back byte for byte."""

import json
import uuid

import pytest
from harness.stack import EVENTS, KEY

FILES = sorted(EVENTS.glob("*.json")) if EVENTS.is_dir() else []

pytestmark = pytest.mark.real_events
AUTH = {"X-Sentry-Auth": f"Sentry sentry_key={KEY}, sentry_version=7"}


def text_of(path):
    """The text of the event in a file.  A few hold the parts of an envelope as a list; what is in those
    may be a transaction, which is no event."""
    body = path.read_bytes()
    parts = json.loads(body)
    if isinstance(parts, list):
        body = json.dumps(parts[2]).encode()
        if parts[1]["type"] != "event":
            return None
    return body


TEXTS = {path.stem: text for path in FILES if (text := text_of(path)) is not None}


def values(event, *names):
    for name in names:
        found = event.get(name)
        if isinstance(found, dict):
            found = found.get("values") or [found]
        if found:
            return [v for v in found if v]
    return []


def has_place(event):
    """Does the event say where it happened, by itself or by a frame of the program?"""
    exceptions = values(event, "exception", "sentry.interfaces.Exception")
    if event.get("culprit") or event.get("transaction"):
        return True
    if exceptions and ((exceptions[-1].get("mechanism") or {}).get("synthetic")):
        return False
    stacks = [e.get("stacktrace") for e in exceptions] + [event.get("stacktrace")]
    frames = [f for s in stacks if s for f in s.get("frames") or [] if f and f.get("in_app")]
    frames = [f for f in frames if "/go/pkg/mod/" not in f.get("abs_path", "")]
    url = (event.get("request") or event.get("sentry.interfaces.Http") or {}).get("url")
    return bool(url) or any(f.get("module") or f.get("filename") for f in frames)


def test_all_are_there():
    assert len(TEXTS) >= 60


@pytest.mark.parametrize("name", TEXTS)
def test_kept(stack, name):
    """The envelope's id is the one that counts: several of the events have the same."""
    body, event_id = TEXTS[name], str(uuid.uuid4())
    envelope = json.dumps({"event_id": event_id}) + "\n" + json.dumps(
        {"type": "event", "length": len(body)}) + "\n"
    answer = stack.request("POST", "/api/42/envelope/", AUTH, envelope.encode() + body)
    assert (answer.status, answer.json()) == (200, {"id": event_id.replace("-", "")})
    title, culprit, errors = stack.row(event_id, "title, culprit, errors")
    assert title and title != "<unlabeled event>", errors
    if has_place(json.loads(body)):
        assert culprit, title
    assert stack.payload(event_id) == body.replace(b'"{{auto}}"', b'"127.0.0.1"')  # the sender's address
