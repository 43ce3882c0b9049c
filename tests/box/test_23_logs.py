"""Goal: one line for each event of note, key=value; never a key or a payload; nothing that a client sends
can break a line or make one."""

import re

import pytest
from harness.stack import KEY
from harness.wait import wait_until

LINE = re.compile(r'ts=\S+ level=(error|warning|info|debug)( prog=\S+ pid=\d+)? event=[a-z_]+( [a-z_0-9]+=("([^"\\]|\\.)*"|[^ "]*))*$')


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param, conf={"log_level": "debug"})


def mesher_lines(stack):
    """What the programs logged, without lighttpd's own log."""
    files = [stack.top / "writer.log", stack.front.top / "responders.log"]
    return [line for f in files if f.exists() for line in f.read_text(errors="replace").splitlines()]


def test_refusals_are_logged_with_their_request_id(stack):
    answer = stack.post(b"{")

    def about_it():
        return [x for x in mesher_lines(stack) if answer.header("X-Request-Id") in x]

    wait_until(about_it, 10)  # a responder logs after the answer
    found = about_it()
    assert len(found) == 1
    assert "status=400" in found[0] and "project=42" in found[0]


def test_every_line_has_the_form(stack):
    stack.good()
    stack.post(b"{")
    stack.post({"message": "x"}, key="nobody_s_key_0000")
    stack.request("GET", "/nothing")
    lines = mesher_lines(stack)
    assert lines
    for line in lines:
        assert LINE.fullmatch(line), line


NASTY = "evil\nts=2020-01-01T00:00:00Z level=error event=forged \"x\" \\ \x1b[31m \r\x00é\u2028"


def test_nothing_that_is_sent_makes_a_line(stack):
    before = len(mesher_lines(stack))
    text = NASTY.replace("\0", "")
    headers = {k: text.replace("\r", "").replace("\n", " ").encode("utf-8").decode("latin-1")
               for k in ("User-Agent", "X-Request-Id", "Content-Encoding", "Content-Type", "Referer")}
    sent = 0
    for event in ({"message": NASTY, "level": NASTY}, {"message": {NASTY: 1}}, {NASTY: 1},
                  {"message": "m", "tags": NASTY}, {"message": "m", "event_id": NASTY}):
        stack.post(event)
        stack.post(event, headers=headers)
        sent += 2
    for more in ({"path": "/api/v1/events\nlevel=error event=forged"}, {"query": "x=\nevent=forged"},
                 {"method": "PO\nST event=forged"}, {"HTTP_CONTENT_ENCODING": "a\nevent=forged"},
                 {"key": "a\nevent=forged"}, {"HTTP_X_REQUEST_ID": "a\nevent=forged"},
                 {"CONTENT_LENGTH": "5\nevent=forged"}, {"REMOTE_ADDR": "1.2.3.4\nevent=forged"}):
        stack.front.fastcgi(b'{"message":""}', **{"CONTENT_LENGTH": "14", **more})
        sent += 1
    lines = mesher_lines(stack)
    for line in lines:
        assert LINE.fullmatch(line), line
        assert not re.match(r".* event=forged( |$)", re.sub(r'"([^"\\]|\\.)*"', '""', line)), line
        assert all(c >= " " and c != "\x7f" for c in line), repr(line)
    assert len(lines) - before <= 3 * sent


def test_no_key_and_no_payload(stack):
    secret = "the-secret-word-in-the-payload"
    event = {"message": secret, "tags": {"t": secret}, "extra": {"x": secret}, "level": "error"}
    stack.post(event)
    stack.bulk([event, {"message": 5, "extra": {"x": secret}}])
    stack.post(b'{"message":"' + secret.encode())
    stack.post({"message": secret, "level": secret})
    stack.post(event, key="an_unknown_key_0123456789abcdef")
    stack.request("POST", f"/api/v1/events?sentry_key={KEY}", {"Authorization": f"Bearer {stack.key}"}, event)
    stack.sql("ALTER TABLE events ADD CONSTRAINT no_x CHECK (title NOT LIKE 'the-secret%') NOT VALID")
    stack.post(event)
    stack.sql("ALTER TABLE events DROP CONSTRAINT no_x")
    log = "\n".join(mesher_lines(stack))
    assert secret not in log
    for key in (KEY, stack.key, "an_unknown_key_0123456789abcdef"):
        assert key not in log
        assert key[:14] not in log, "the first 8 hex digits at most"


def test_the_database_s_address_is_not_logged(stack):
    stack.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
              "WHERE datname = %s AND usename = 'mesher'", stack.database)
    stack.good()
    assert stack.conninfo not in "\n".join(mesher_lines(stack))


def test_a_flood_of_the_same_is_not_a_flood_of_lines(fresh):
    stack = fresh(responders=1, rate_limit=1)
    stack.post({"message": "first"})
    for _ in range(500):
        stack.post({"message": "refused"})
    assert len(mesher_lines(stack)) < 100


def test_syslog_does_not_hold_it_up(fresh):
    """Without a syslog daemon the lines are lost, not the events."""
    stack = fresh(responders=1, conf={"log_target": "syslog"})
    stack.good()
    assert stack.post(b"{").status == 400


def test_log_to_a_file(fresh, tmp_path):
    stack = fresh(responders=2, conf={"log_target": str(tmp_path / "mesher.log"), "log_level": "debug"})
    stack.post(b"{")
    text = (tmp_path / "mesher.log").read_text()
    assert "status=400" in text
    assert all(LINE.fullmatch(x) for x in text.splitlines())
