"""Goal: one event, sent as curl sends it, is answered with its id and is in PostgreSQL as sent."""

import datetime
import json
import re
import uuid

import pytest
from harness.stack import KEY

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

SEED = ('{"message":"test","level":"error","fingerprint":"test-1", '
        '"tags":"{}","extra":"{}","user_context":"{}"}')

FULL = {
    "message": "Connection refused", "level": "warning", "timestamp": "2024-05-01T12:00:00.250+02:00",
    "fingerprint": ["db", "refused"], "tags": {"region": "eu", "n": 1}, "extra": {"tries": 3},
    "user": {"id": "u-7", "email": "a@example.org"}, "environment": "production",
    "release": "web@1.2.3", "platform": "python", "server_name": "host-1",
    "transaction": "GET /orders", "sdk": {"name": "x", "version": "1"}, "not_known": [1, 2.50, None]}


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param)


def test_accepted_and_stored(stack):
    answer = stack.post(SEED)
    assert answer.status == 202
    body = answer.json()
    assert set(body) == {"status", "id"} and body["status"] == "accepted"
    assert UUID.fullmatch(body["id"])
    row = stack.row(body["id"], "project_id, message, level, title")
    assert row == (42, "test", "error", "test")


def test_made_ids_are_uuid7_of_now(stack):
    before = datetime.datetime.now().timestamp()
    made = uuid.UUID(stack.post({"message": "id"}).json()["id"])
    after = datetime.datetime.now().timestamp()
    assert made.version == 7
    assert before - 1 <= (made.int >> 80) / 1000 <= after + 1


@pytest.mark.parametrize("form", [str, lambda u: u.hex, lambda u: u.hex.upper()],
                         ids=["dashes", "hex", "upper"])
def test_client_ids_are_kept(stack, form):
    mine = uuid.uuid4()
    answer = stack.post({"message": "mine", "event_id": form(mine)})
    assert (answer.status, answer.json()["id"]) == (202, str(mine))
    assert stack.row(str(mine), "message") == ("mine",)


def test_payload_byte_for_byte(stack):
    text = '{ "message" : "sp\\u00e4t \\ud83d\\ude00 é",\n\t"extra":{"a":1.50,"b":1e2,"a":null},"z":[]} \n'
    got = stack.post(text)
    assert got.status == 202
    assert stack.payload(got.json()["id"]) == text.encode()


def test_columns(stack):
    got = stack.post(FULL)
    assert got.status == 202, got
    row = stack.row(got.json()["id"], "message, level, environment, release, platform, server_name, "
                    "transaction, user_id, tags")
    assert row[:8] == ("Connection refused", "warning", "production", "web@1.2.3", "python",
                       "host-1", "GET /orders", "u-7")
    assert row[8] in ({"region": "eu", "n": "1"}, {"region": "eu", "n": 1})
    shown = stack.ctl_json("event", "show", got.json()["id"])
    assert shown["timestamp"].startswith("2024-05-01T10:00:00.25")
    assert shown["project"] == 42 and shown["user"] == "u-7" and shown["transaction"] == "GET /orders"
    assert json.loads(stack.payload(got.json()["id"])) == FULL


def test_what_is_not_said_is_null(stack):
    got = stack.post({"message": "bare"})
    row = stack.row(got.json()["id"], "level, environment, release, platform, server_name, "
                    "transaction, user_id")
    assert row == ("error", None, None, None, None, None, None)
    shown = stack.ctl_json("event", "show", got.json()["id"])
    assert [shown[f] for f in ("environment", "release", "platform", "server_name", "user")] == [None] * 5


def test_receipt_time_is_now(stack):
    got = stack.post({"message": "when", "timestamp": "2001-01-01T00:00:00Z"})
    age = stack.sql("SELECT extract(epoch FROM now() - received_at) FROM events WHERE id = %s",
                    got.json()["id"])[0][0]
    assert -1 <= age < 30


@pytest.mark.parametrize("sent, kept", [
    ("fatal", "fatal"), ("error", "error"), ("warning", "warning"), ("info", "info"),
    ("debug", "debug")])
def test_levels(stack, sent, kept):
    got = stack.post({"message": "level", "level": sent})
    assert stack.row(got.json()["id"], "level") == (kept,)


def test_exception_instead_of_message(stack):
    got = stack.post({"exception": {"values": [{"type": "ValueError", "value": "bad\nsecond line"}]}})
    assert got.status == 202, got
    assert stack.row(got.json()["id"], "title, message") == ("ValueError: bad", None)


def test_issue_counts_its_events(stack):
    ids = [stack.post({"message": f"n {n}", "fingerprint": "counted"}).json()["id"] for n in range(3)]
    issues = {stack.row(i, "issue_id")[0] for i in ids}
    assert len(issues) == 1
    assert stack.sql("SELECT event_count, project_id FROM issues WHERE id = %s", issues.pop()) == [(3, 42)]


def test_fingerprint_string_and_list_of_one_are_one_issue(stack):
    a = stack.post({"message": "a", "fingerprint": "same"}).json()["id"]
    b = stack.post({"message": "b", "fingerprint": ["same"]}).json()["id"]
    c = stack.post({"message": "b", "fingerprint": ["same", "not"]}).json()["id"]
    issues = [stack.row(i, "issue_id") for i in (a, b, c)]
    assert issues[0] == issues[1] != issues[2]


def test_without_fingerprint_exception_then_message_group(stack):
    def issue(**event):
        return stack.row(stack.post(event).json()["id"], "issue_id")
    boom = {"values": [{"type": "Boom", "value": "x"}]}
    assert issue(message="one", exception=boom) == issue(message="two", exception=boom)
    assert issue(message="alone") == issue(message="alone") != issue(message="other")


def test_parts_of_a_long_text_are_cut_payload_is_whole(stack):
    text = "ä" * 20000
    got = stack.post({"message": text})
    message, title = stack.row(got.json()["id"], "message, title")
    assert len(message) == 8192 and message.endswith("...") and text.startswith(message[:-3])
    assert len(title) <= 256
    assert json.loads(stack.payload(got.json()["id"]))["message"] == text


def test_pasted_curl_line(stack):
    """The request as curl makes it, with the corpus's own key."""
    got = stack.request("POST", "/api/v1/events", {
        "User-Agent": "curl/7.88.1", "Accept": "*/*", "X-Sentry-Auth": KEY,
        "Content-Type": "application/x-www-form-urlencoded"}, SEED)
    assert got.status == 202
    assert stack.row(got.json()["id"], "message") == ("test",)
