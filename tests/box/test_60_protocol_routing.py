"""Goal: cases P1 to P32 of the protocol's checklist: paths, keys, CORS, HTTP."""

import base64

import pytest
from harness.client import request_bytes, raw
from harness.sentry import Sdk, auth, envelope, event, item, new_id
from harness.stack import KEY

UNKNOWN = "f" * 32


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param)


@pytest.fixture(scope="module")
def other(stack):
    """Project 43 and its key."""
    return stack.ctl_json("project", "add", "other", "--id", 43)["key"]


def ok(stack, answer, event_id=None):
    """200, and the event is there."""
    assert answer.status == 200, answer
    assert set(answer.json()) == {"id"}
    if event_id:
        assert answer.json()["id"] == event_id
    stack.row(answer.json()["id"], "id")


def test_p1_store(sdk, stack):
    ev = event()
    ok(stack, sdk.store(ev), ev["event_id"])


def test_p2_store_without_the_last_slash(sdk, stack):
    ok(stack, sdk.request("POST", "/api/42/store", auth(), event()))


def test_p3_repeated_slashes(sdk, stack):
    ok(stack, sdk.request("POST", "//api//42/store/", auth(), event()))


def test_p4_below_a_prefix(stacks):
    cgi = stacks("cgi")
    ok(cgi, Sdk(cgi).store(event()))


def test_p4_below_a_prefix_with_fastcgi(sdk, stack):
    for prefix in ("/cgi-bin/mesher.cgi", "/sentry", "/a/api/b"):
        ok(stack, sdk.request("POST", f"{prefix}/api/42/store/", auth(), event()))


def test_store_without_a_project(sdk, stack):
    ok(stack, sdk.request("POST", "/api/store/", auth(), event()))


def test_p5_no_blanks_between_the_pairs(sdk, stack):
    ok(stack, sdk.store(event(), {"X-Sentry-Auth": f"Sentry sentry_version=7,sentry_client=a/1,sentry_key={KEY}"}))


def test_p6_odd_pairs(sdk, stack):
    ok(stack, sdk.store(event(), {"X-Sentry-Auth": f"sentry sentry_key = {KEY} ,foo=bar,"}))


def test_p7_query(sdk, stack):
    ok(stack, sdk.store(event(), {}, query=f"?sentry_key={KEY}&sentry_version=7&sentry_client=x%2F1"))


def test_p8_authorization_sentry(sdk, stack):
    ok(stack, sdk.store(event(), {"Authorization": f"Sentry sentry_key={KEY}"}))


def test_p9_authorization_basic(sdk, stack):
    for user in (f"{KEY}:", f"{KEY}:secret"):
        ok(stack, sdk.store(event(), {"Authorization": "Basic " + base64.b64encode(user.encode()).decode()}))


def test_p10_two_keys(sdk, stack):
    ok(stack, sdk.store(event(), query=f"?sentry_key={KEY}"))
    assert sdk.store(event(), query=f"?sentry_key={UNKNOWN}").status == 401


def test_other_schemes_are_for_others(sdk, stack):
    for scheme in ("Bearer a.b.c", "Digest x=y", "Basic " + base64.b64encode(b"a@b.c:d").decode()):
        ok(stack, sdk.store(event(), {"Authorization": scheme, **auth()}))


def test_p11_no_key(sdk, stack):
    before = stack.rows()
    answer = sdk.store(event(), {})
    assert (answer.status, answer.json()["detail"]) == (401, "missing authorization information")
    assert answer.header("WWW-Authenticate") is None
    assert stack.rows() == before


def test_p12_unknown_key(sdk):
    assert sdk.store(event(), auth(UNKNOWN)).status == 401


def test_p13_revoked_key(sdk, stack):
    key = stack.ctl_json("key", "add", 42)["key"]
    stack.ctl("key", "revoke", key)
    assert sdk.store(event(), auth(key)).status == 403


def test_p14_key_of_another_project(sdk, other):
    answer = sdk.store(event(), auth(other))
    assert answer.status == 403 and "ProjectId" in answer.json()["detail"]


def test_p15_version_8(sdk):
    answer = sdk.store(event(), auth(extra="sentry_version=8"))
    assert (answer.status, answer.json()["detail"]) == (400, "unsupported protocol version (8)")


@pytest.mark.parametrize("version", ["2.0", "4", "5", "6", "7", "7.1"])
def test_p16_old_versions(sdk, stack, version):
    ok(stack, sdk.store(event(), auth(extra=f"sentry_version={version}")))


def test_p17_secret(sdk, stack):
    ok(stack, sdk.store(event(), auth(extra="sentry_version=7, sentry_secret=zzz")))
    ok(stack, sdk.store(event(), {}, query=f"?sentry_key={KEY}&sentry_secret=zzz"))


@pytest.mark.parametrize("project", ["abc", "0", "-1", "1e3", "9" * 30, "42x"])
def test_p18_project_that_is_no_number(sdk, project):
    assert sdk.request("POST", f"/api/{project}/store/", auth(), event()).status in (400, 404)


def test_p19_get_envelope(sdk):
    answer = sdk.request("GET", "/api/42/envelope/", auth())
    assert answer.status == 405 and "POST" in answer.header("Allow")


@pytest.mark.parametrize("path", ["/api/42/nosuch/", "/api/42/", "/api/0/organizations/x/releases/",
                                  "/api/0/projects/x/y/files/dsyms/", "/api/0/", "/api/envelope/",
                                  "/api/42/cron/", "/api/42/store/more/"])
def test_p20_nothing_there(sdk, path):
    answer = sdk.request("POST", path, auth(), event())
    assert answer.status == 404 and answer.json()["detail"].startswith("not found")


def envelope_for(dsn=None, **header):
    if dsn is not None:
        header["dsn"] = dsn
    return envelope(item("event", event()), **header)


def test_p21_key_in_the_envelope(sdk, stack):
    ok(stack, sdk.envelope(raw=envelope_for(f"https://{KEY}@any.host/p/42"), headers={}))
    ok(stack, sdk.envelope(raw=envelope_for(f"http://{KEY}:secret@[::1]:8443/42/"), headers={}))


@pytest.mark.parametrize("dsn, status", [
    (f"https://{UNKNOWN}@any.host/42", 401), ("nonsense", 401), ("", 401), (None, 401), (42, 401),
    (f"https://{KEY}@any.host/43", 400), (f"https://{KEY}@any.host/", 401)])
def test_p21_bad_key_in_the_envelope(sdk, stack, dsn, status):
    before = stack.rows()
    assert sdk.envelope(raw=envelope_for(dsn), headers={}).status == status
    assert stack.rows() == before


def test_p22_project_of_the_envelope_differs(sdk):
    answer = sdk.envelope(raw=envelope_for(f"https://{KEY}@any.host/43"))
    assert answer.status == 400
    assert answer.json() == {"detail": "invalid event envelope", "causes": [
        "project id header mismatch between envelope and request"]}


def test_p23_key_of_the_envelope_differs(sdk):
    answer = sdk.envelope(raw=envelope_for(f"https://{UNKNOWN}@any.host/42"))
    assert answer.status == 400 and "public key" in answer.json()["causes"][0]


def test_p24_preflight(sdk, stack):
    before = stack.rows()
    for name in ("envelope", "store", "security", "minidump"):
        answer = sdk.request("OPTIONS", f"/api/42/{name}/", {
            "Origin": "https://shop.example", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-sentry-auth,sentry-trace"})
        assert answer.status in (200, 204) and answer.body == b""
        assert "x-sentry-auth" in answer.header("Access-Control-Allow-Headers")
        assert "POST" in answer.header("Access-Control-Allow-Methods")
        assert answer.header("Access-Control-Max-Age") == "3600"
    assert stack.rows() == before


def test_p24_preflight_does_not_need_the_database(fresh, own_postgres):
    stack = fresh("direct", server=own_postgres)
    own_postgres.stop()
    try:
        assert Sdk(stack).request("OPTIONS", "/api/42/envelope/", {"Origin": "https://a.b"}).status == 204
        assert stack.request("OPTIONS", "/api/v1/events", {"Origin": "https://a.b"}).status == 204
    finally:
        own_postgres.start()


def test_p25_cors_on_errors(sdk):
    """Every answer of these suites goes through Sdk.request(), which looks; the native ones here."""
    for answer in (sdk.stack.post({"message": "x"}), sdk.stack.post("{"),
                   sdk.stack.post({"message": "x"}, key=UNKNOWN), sdk.stack.request("GET", "/nothing")):
        assert answer.header("Access-Control-Allow-Origin") == "*"
        assert "x-sentry-rate-limits" in answer.header("Access-Control-Expose-Headers")


@pytest.mark.parametrize("case, kind", [
    ("p26", "text/plain;charset=UTF-8"), ("p27", None), ("p28", "application/x-www-form-urlencoded"),
    ("server", "application/x-sentry-envelope"), ("binary", "application/octet-stream"),
    ("json", "application/json"), ("form", "multipart/form-data; boundary=x")])
def test_p26_p27_p28_content_types(sdk, stack, case, kind):
    ev = event(message="a=b&c=%20d+e")
    headers = auth() if kind is None else {**auth(), "Content-Type": kind}
    answer = sdk.envelope(item("event", ev), event_id=ev["event_id"], headers=headers)
    ok(stack, answer, ev["event_id"])
    assert stack.row(ev["event_id"], "message") == (ev["message"],), case


def chunked(body, size=7):
    out = b""
    for i in range(0, len(body), size):
        piece = body[i:i + size]
        out += f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    return out + b"0\r\n\r\n"


def test_p29_chunked(sdk, stack):
    ev = event()
    body = envelope(item("event", ev), event_id=ev["event_id"])
    data = request_bytes("POST", "/api/42/envelope/", {**auth(), "Transfer-Encoding": "chunked"},
                         b"", length=False) + chunked(body)
    ok(stack, raw(stack.port, data), ev["event_id"])


def test_p30_expect_100_continue(sdk, stack):
    ok(stack, sdk.store(event(), {**auth(), "Expect": "100-continue"}))


def test_p31_http_1_0(stack):
    ev = event()
    body = envelope(item("event", ev))
    data = request_bytes("POST", "/api/42/envelope/", auth(), body).replace(b"HTTP/1.1", b"HTTP/1.0")
    answer = raw(stack.port, data)
    ok(stack, answer, ev["event_id"])
    assert answer.header("Transfer-Encoding") is None


def test_p32_envelope_to_store(sdk, stack):
    event_id = new_id()
    body = envelope(item("event", event(event_id=event_id)), event_id=event_id)
    answer = sdk.store(body, {**auth(), "Content-Type": "application/x-sentry-envelope"})
    ok(stack, answer, event_id)


def test_origins_of_a_project(sdk, stack):
    """A page that is not on the project's list is refused; who is no page is not asked."""
    made = stack.ctl_json("project", "add", "pages", "--id", 44)
    pages, key = Sdk(stack, 44), made["key"]
    assert made["origins"] == "*"
    assert pages.store(event(), {**auth(key), "Origin": "https://evil.example"}).status == 200
    stack.ctl("project", "set", 44, "origins=https://shop.example, *.dev.example localhost:3000")
    from harness.wait import wait_until
    wait_until(lambda: pages.store(event(), {**auth(key), "Origin": "https://evil.example"}).status == 403, 10)
    good = ["https://shop.example", "http://a.dev.example:8080", "http://localhost:3000"]
    bad = ["http://shop.example", "https://shop.example.evil", "https://dev.example", "http://localhost", "null"]
    for origin in good:
        assert pages.store(event(), {**auth(key), "Origin": origin}).status == 200, origin
    for origin in bad:
        answer = pages.store(event(), {**auth(key), "Origin": origin})
        assert answer.status == 403 and "Cors" in answer.json()["detail"], origin
        assert stack.post({"message": "x"}, key=key, headers={"Origin": origin}).status == 403
    assert pages.store(event(), auth(key)).status == 200
    assert pages.request("OPTIONS", "/api/44/envelope/", {"Origin": bad[0]}).status == 204
