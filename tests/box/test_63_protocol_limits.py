"""Goal: cases P91 to P98 of the protocol's checklist: limits, trouble, reports, crash dumps."""

import json
import re
import uuid

import pytest
from harness import bodies
from harness.client import at_once, encode, request_bytes
from harness.sentry import Sdk, auth, envelope, event, item, new_id
from harness.stack import KEY
from harness.wait import wait_until


@pytest.fixture(scope="module", params=["writer", "direct"])
def mode(request):
    return request.param


@pytest.fixture(scope="module")
def stack(mode, stacks):
    return stacks(mode)


SESSION = {"sid": "7c7b6585f90143518bf802711b721929", "init": True, "status": "ok", "attrs": {"release": "a@1"}}


def is_limited(answer):
    assert answer.status == 429, answer
    assert 1 <= int(answer.header("Retry-After")) <= 60
    assert answer.header("X-Sentry-Rate-Limits") == (
        f"{answer.header('Retry-After')}:error;default;security:project:rate_limit")
    assert answer.json() == {"detail": "rate limited"}


def test_p91_over_the_limit(fresh, mode):
    stack = fresh(mode, rate_limit=2)
    sdk = Sdk(stack)
    assert [sdk.store(event()).status for _ in range(2)] == [200, 200]
    for _ in range(6):  # each responder for the first time, and again
        is_limited(sdk.store(event()))
        is_limited(sdk.envelope(item("event", event())))
    is_limited(sdk.envelope(item("event", event()), item("attachment", b"x")))
    assert (stack.rows(), stack.sql("SELECT count(*) FROM attachments")) == (2, [(0,)])
    assert stack.used() == 2


def test_p91_the_limit_inside_an_envelope(fresh, mode):
    """What was below it is stored; the answer is 200 and tells the rest."""
    stack = fresh(mode, rate_limit=2)
    sdk = Sdk(stack)
    answer = sdk.envelope(*[item("event", event()) for _ in range(5)])
    assert answer.status == 200 and stack.rows() == 2
    assert re.fullmatch(r"\d+:error;default;security:project:rate_limit", answer.header("X-Sentry-Rate-Limits"))
    assert answer.header("Retry-After") is None


def test_p91_a_long_window_is_told_in_pieces(fresh, mode):
    stack = fresh(mode, rate_limit=0)
    stack.ctl("project", "set", 42, "rate_window=86400")
    answer = Sdk(stack).store(event())
    assert (answer.status, answer.header("Retry-After")) == (429, "300")


def test_p92_sessions_while_events_are_limited(fresh, mode):
    stack = fresh(mode, rate_limit=1)
    sdk = Sdk(stack)
    assert sdk.store(event()).status == 200
    is_limited(sdk.store(event()))
    for n in range(8):
        answer = sdk.envelope(item("session", {**SESSION, "sid": new_id()}))
        assert (answer.status, answer.json()) == (200, {})
        assert answer.header("X-Sentry-Rate-Limits").endswith(":error;default;security:project:rate_limit")
    answer = sdk.envelope(item("event", event()), item("session", {**SESSION, "sid": new_id()}))
    assert answer.status == 200 and answer.header("X-Sentry-Rate-Limits")
    assert stack.ctl_json("release", "list", 42)[0]["sessions"] == 9
    assert (stack.rows(), stack.used()) == (1, 1)


def test_p92_no_header_when_nothing_is_limited(sdk):
    assert sdk.envelope(item("session", SESSION)).header("X-Sentry-Rate-Limits") is None


def test_records_have_a_limit_of_their_own(fresh):
    """Ten times the events' and a thousand; none where the project takes none."""
    stack = fresh("writer", rate_limit=1)
    sdk = Sdk(stack)
    many = [item("client_report", {"discarded_events": [
        {"reason": "sample_rate", "category": "error", "quantity": 1}] * 40})] * 24
    assert sdk.envelope(*many).status == 200  # 960 records
    answer = sdk.envelope(*many)
    assert answer.status == 200 and "session;attachment" in answer.header("X-Sentry-Rate-Limits")
    reports = stack.ctl_json("project", "show", 42)["client_reports"]
    assert [(r["reason"], r["category"], r["quantity"]) for r in reports] == [("sample_rate", "error", 1010)]


def test_costs(fresh, mode):
    """One unit for each event, none for a session or a report, one for a body that is wrong."""
    stack = fresh(mode)
    sdk = Sdk(stack)

    def cost(answer, status):
        nonlocal used
        assert answer.status == status
        used, before = stack.used(), used
        return used - before

    used = stack.used()
    same = item("event", event())
    assert cost(sdk.envelope(item("event", event()), item("event", event())), 200) == 2
    assert [cost(sdk.envelope(same), 200) for _ in range(2)] == [1, 1]
    assert cost(sdk.envelope(item("session", SESSION), item("client_report", {}), item("foo", b"")), 200) == 0
    assert cost(sdk.envelope(raw=b"nonsense"), 400) == 1
    assert cost(sdk.envelope(item("event", b"[]")), 400) == 1
    assert cost(sdk.envelope(item("event", b"[]"), item("event", event())), 200) == 2
    assert cost(sdk.store(b"{"), 400) == 1
    assert cost(sdk.store(b"{}", {**auth(), "Content-Encoding": "foo"}), 415) == 1
    assert cost(sdk.store(event(), auth("f" * 32)), 401) == 0
    assert cost(sdk.envelope(), 200) == 0


def test_p93_database_down(fresh, own_postgres, mode):
    """And the spool full."""
    stack = fresh(mode, server=own_postgres, responders=1, conf={"spool_max_files": 1})
    sdk = Sdk(stack)
    assert sdk.store(event()).status == 200
    own_postgres.stop()
    try:
        assert sdk.store(event()).status == 200
        for answer in (sdk.store(event()), sdk.envelope(item("event", event())),
                       sdk.envelope(item("session", SESSION))):
            assert answer.status == 503 and 1 <= int(answer.header("Retry-After")) <= 5
    finally:
        own_postgres.start()
    wait_until(lambda: stack.drain() or sdk.store(event()).status == 200, 20, "events are taken again")


@pytest.mark.parametrize("mode", ["writer", "direct"])
def test_p94_database_down_spool_free(fresh, own_postgres, mode):
    """All that an envelope brings goes through the spool, and is counted once."""
    stack = fresh(mode, server=own_postgres, responders=1)
    sdk = Sdk(stack)
    assert sdk.store(event()).status == 200
    sent = event()
    own_postgres.stop()
    try:
        answer = sdk.envelope(item("event", sent), item("session", SESSION),
                              item("attachment", b"some bytes", filename="a.txt"),
                              item("client_report", {"discarded_events": [
                                  {"reason": "queue_overflow", "category": "error", "quantity": 3}]}))
        assert answer.status == 200, answer
        assert sdk.store(sent).status == 200, "sent twice"
        assert stack.spooled()
        shown = [r["kind"] for f in stack.ctl_json("spool", "list") for r in stack.ctl_json("spool", "show", f["name"])]
        assert sorted(shown) == ["attachment", "client report", "event", "event", "session"]
    finally:
        own_postgres.start()
    stack.drain()
    stack.drain()
    wait_until(lambda: len(stack.sql("SELECT 1 FROM events WHERE id = %s", sent["event_id"])) == 1, 10)
    assert stack.sql("SELECT sum(total) FROM sessions")[0][0] == 1
    assert stack.sql("SELECT quantity FROM client_reports WHERE reason = 'queue_overflow'") == [(3,)]
    assert len(stack.ctl_json("attachment", "list", sent["event_id"])) == 1


CSP = {"csp-report": {"document-uri": "https://shop.example/cart", "referrer": "", "violated-directive": "script-src-elem",
                      "effective-directive": "script-src-elem", "original-policy": "default-src 'self'",
                      "blocked-uri": "https://evil.example/x.js", "disposition": "enforce", "status-code": 200}}
REPORTING = [{"type": "csp-violation", "age": 1, "url": "https://shop.example/", "user_agent": "UA/1",
              "body": {"documentURL": "https://shop.example/", "effectiveDirective": "img-src",
                       "blockedURL": "https://evil.example:8443/p.png", "disposition": "enforce"}},
             {"type": "deprecation", "body": {}}, "x",
             {"type": "csp-violation", "body": {"effectiveDirective": "script-src", "blockedURL": "inline"}}]


@pytest.mark.parametrize("kind", ["application/csp-report", "application/json", "application/reports+json; charset=utf-8"])
def test_p95_csp_report(sdk, stack, kind):
    answer = sdk.request("POST", f"/api/42/security/?sentry_key={KEY}&sentry_release=web%401&sentry_environment=prod",
                         {"Content-Type": kind, "User-Agent": "UA/1", "Origin": "https://shop.example"}, CSP)
    assert answer.status == 200
    row = stack.row(answer.json()["id"], "title, culprit, level, release, environment, message")
    assert row == ("Blocked 'script' from 'evil.example'", "script-src-elem", "error", "web@1", "prod", row[0])
    payload = json.loads(stack.payload(answer.json()["id"]))
    assert payload["csp"] == CSP["csp-report"] and payload["request"]["headers"]["User-Agent"] == "UA/1"


def test_p95_reporting_api(sdk, stack):
    before = stack.rows()
    answer = sdk.post("csp-report", REPORTING, {"Content-Type": "application/reports+json"}, f"?sentry_key={KEY}")
    assert answer.status == 200 and stack.rows() == before + 2
    assert stack.row(answer.json()["id"], "title") == ("Blocked 'image' from 'evil.example:8443'",)


@pytest.mark.parametrize("report, title", [
    ({"expect-ct-report": {"hostname": "h.example"}}, "Expect-CT failed for 'h.example'"),
    ({"expect-staple-report": {"hostname": "h.example"}}, "Expect-Staple failed for 'h.example'"),
    ({"date-time": "2024-01-01T00:00:00Z", "hostname": "h.example", "port": 443, "known-pins": ["pin"]},
     "Public key pinning validation failed for 'h.example'"),
    ({"csp-report": {"effective-directive": "style-src", "blocked-uri": "inline"}}, "Blocked unsafe inline 'style'"),
    ({"csp-report": {"violated-directive": "default-src 'self'", "blocked-uri": ""}}, "Blocked inline 'default'"),
    ({"csp-report": {}}, "Blocked inline 'resource'")])
def test_other_security_reports(sdk, stack, report, title):
    answer = sdk.post("security", report, {"Content-Type": "application/json"}, f"?sentry_key={KEY}")
    assert stack.row(answer.json()["id"], "title") == (title,)
    answer = sdk.envelope(item("raw_security", report))
    assert stack.row(answer.json()["id"], "title") == (title,)


def test_p95_no_report(sdk):
    answer = sdk.post("security", CSP, {**auth(), "Content-Type": "text/html"})
    assert answer.status == 415
    for body in (b"{}", b"[]", b"x", b'{"csp-report":5}', b'[{"type":"csp-violation"}]'):
        assert sdk.post("security", body, {**auth(), "Content-Type": "application/json"}).status == 400


DUMP = b"MDMP" + bytes(range(256)) * 2000


def form(*parts):
    out = b""
    for name, filename, data in parts:
        disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
        out += f"--BOUND\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + data + b"\r\n"
    return out + b"--BOUND--\r\n"


def minidump(sdk, body, kind="multipart/form-data; boundary=BOUND", query=f"?sentry_key={KEY}"):
    return sdk.post("minidump", body, {"Content-Type": kind}, query)


@pytest.mark.parametrize("packed", [bytes, bodies.gzip, bodies.zstd, lambda d: b"\xfd7zXZ\0" + d, lambda d: b"BZh9" + d])
def test_minidump(sdk, stack, packed):
    dump = packed(DUMP)
    answer = minidump(sdk, form(("sentry", None, b'{"release":"app@1","tags":{"a":"b"}}'), ("guid", None, b"g-1"),
                                ("sentry[environment]", None, b"qa"), ("sentry[user][id]", None, b"u7"),
                                ("upload_file_minidump", "crash.dmp", dump), ("log", "app.log", b"lines\r\n--BOUN\r\n")))
    assert (answer.status, answer.header("Content-Type")) == (200, "text/plain")
    event_id = str(uuid.UUID(answer.body.decode()))
    assert event_id == answer.body.decode()
    row = stack.row(event_id, "title, type, level, platform, release, environment, user_id, tags")
    assert row == ("Minidump: Minidump", "Minidump", "fatal", "native", "app@1", "qa", "u7", {"a": "b"})
    assert json.loads(stack.payload(event_id))["extra"] == {"guid": "g-1"}
    files = {a["filename"]: a for a in stack.ctl_json("attachment", "list", event_id)}
    assert set(files) == {"crash.dmp", "app.log"} and files["crash.dmp"]["type"] == "event.minidump"
    assert get(stack, files["crash.dmp"]["id"]) == dump
    assert get(stack, event_id, "app.log") == b"lines\r\n--BOUN\r\n"


def get(stack, *words):
    import subprocess
    from harness.stack import CTL, clean_environment
    out = subprocess.run([CTL, "--conf", stack.conf, "attachment", "get", *words], env=clean_environment(),
                         capture_output=True, timeout=60, check=False)
    assert out.returncode == 0, out.stderr
    return out.stdout


def test_minidump_as_the_whole_body(sdk, stack):
    for kind in ("application/octet-stream", "application/x-dmp"):
        answer = minidump(sdk, DUMP, kind)
        event_id = answer.body.decode()
        assert get(stack, stack.ctl_json("attachment", "list", event_id)[0]["id"]) == DUMP


def test_minidump_whose_json_comes_in_pieces(sdk, stack):
    answer = minidump(sdk, form(("sentry__1", None, b'{"event_id":"%s","rel' % (e := new_id()).encode()),
                                ("sentry__2", None, b'ease":"app@2"}'), ("upload_file_minidump", "a.dmp", DUMP)))
    assert answer.body.decode().replace("-", "") == e
    assert stack.row(e, "release") == ("app@2",)


@pytest.mark.parametrize("body, detail", [
    (form(("upload_file_minidump", "a.dmp", b"ELF")), "invalid minidump"),
    (form(("upload_file_minidump", "a.dmp", b"")), "missing minidump"), (form(("sentry", None, b"{}")), "missing minidump"),
    (form(("upload_file_minidump", "a.dmp", bodies.gzip(b"ELF" * 100))), "invalid minidump"),
    (form(("upload_file_minidump", "a.dmp", DUMP))[:-8], "invalid multipart body: the last boundary is missing"),
    (b"", "invalid multipart body: the last boundary is missing")])
def test_p96_bad_minidump(sdk, stack, body, detail):
    before = stack.rows()
    answer = minidump(sdk, body)
    assert (answer.status, answer.json()["detail"], stack.rows()) == (400, detail, before)


def test_minidump_is_never_told_429(fresh, mode):
    stack = fresh(mode, rate_limit=0)
    sdk = Sdk(stack)
    for _ in range(3):
        assert minidump(sdk, form(("upload_file_minidump", "a.dmp", DUMP))).status == 200
    assert stack.rows() == 0


def test_minidump_in_an_envelope(sdk, stack):
    event_id = new_id()
    answer = sdk.envelope(item("attachment", DUMP, attachment_type="event.minidump", filename="x.dmp"), event_id=event_id)
    assert answer.json() == {"id": event_id}
    assert stack.row(event_id, "title, level") == ("Minidump: Minidump", "fatal")
    sdk.envelope(item("attachment", DUMP, attachment_type="event.minidump"), item("event", e := event()))
    assert stack.row(e["event_id"], "title") == ("hi",)


def test_p97_cron(sdk):
    assert sdk.request("GET", f"/api/42/cron/slug/{KEY}?status=ok").status == 202


def test_p98_success_is_200_with_an_object(sdk):
    for answer in (sdk.store(event()), sdk.envelope(), sdk.envelope(item("event", event())),
                   sdk.envelope(item("session", SESSION)), sdk.envelope(item("foo", b""))):
        assert answer.status == 200 and isinstance(answer.json(), dict)
        assert answer.header("Content-Length") == str(len(answer.body))


def test_many_at_once(fresh, mode):
    """Each envelope's event once, each session once, whatever comes together."""
    stack = fresh(mode, responders=8)
    requests, ids = [], []
    for n in range(200):
        ids.append(new_id())
        requests.append(request_bytes("POST", "/api/42/envelope/", auth(), envelope(
            item("event", event(event_id=ids[-1])), item("session", {**SESSION, "sid": new_id(), "did": f"u{n % 50}"}),
            item("client_report", {"discarded_events": [{"reason": "sample_rate", "category": "error", "quantity": 2}]}))))
    answers = at_once(stack.port, [encode(r) for r in requests])
    assert [a.status for a in answers] == [200] * 200
    assert stack.rows() == 200
    release = stack.ctl_json("release", "list", 42)[0]
    assert release["sessions"] == 200 and abs(release["users"] - 50) <= 1
    assert stack.ctl_json("project", "show", 42)["client_reports"][0]["quantity"] == 400
