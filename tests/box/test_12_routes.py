"""Goal: paths, methods, CORS, health and headers are as the contract says, and a connection stays
good after an answer to an unread body."""

import re

import pytest
from harness.client import Connection, encode, request_bytes
from harness.stack import KEY

EVENT = encode({"message": "route"})
PATHS = ("/api/v1/events", "/api/v1/events/bulk", "/api/v1/health")


@pytest.mark.parametrize("path", [
    "/", "/api", "/api/v1", "/api/v1/", "/api/v1/event", "/api/v1/events/bulk/x", "/api/v2/events",
    "/api/v1/nothing", "/etc/passwd", "/api/v1/events%00"])
def test_unknown_path(stack, path):
    answer = stack.request("POST", path, {"X-Sentry-Auth": KEY}, EVENT)
    if path.endswith("%00"):  # lighttpd may refuse it itself
        assert answer.status in (400, 404)
    else:
        assert answer.status == 404
        assert set(answer.json()) == {"error"}
    stack.good()


@pytest.mark.parametrize("method, path, allow", [
    ("GET", "/api/v1/events", {"POST", "OPTIONS"}), ("PUT", "/api/v1/events", {"POST", "OPTIONS"}),
    ("DELETE", "/api/v1/events/bulk", {"POST", "OPTIONS"}),
    ("HEAD", "/api/v1/events", {"POST", "OPTIONS"}), ("PATCH", "/api/v1/events", {"POST", "OPTIONS"}),
    ("POST", "/api/v1/health", {"GET", "HEAD", "OPTIONS"})])
def test_wrong_method(stack, method, path, allow):
    answer = stack.request(method, path, {"X-Sentry-Auth": KEY}, EVENT if method not in ("GET", "HEAD") else b"")
    assert answer.status == 405
    named = {m.strip() for m in answer.header("Allow").split(",")}
    assert named and named <= allow and (named & {"POST", "GET"})
    if method != "HEAD":
        assert set(answer.json()) == {"error"}
    stack.good()


def test_prefix(stack):
    """The API is found below any prefix: PATH_INFO and SCRIPT_NAME together."""
    for name, info in (("/mesher", "/api/v1/events"), ("/api", "/v1/events"), ("/api/v1/events", None),
                       ("/cgi-bin/mesher.cgi", "/api/v1/events")):
        got = stack.front.fastcgi(EVENT, SCRIPT_NAME=name, PATH_INFO=info,
                                  CONTENT_LENGTH=str(len(EVENT)))
        assert got.status == 202, (name, info, got)


# ---- CORS

def test_preflight(stack):
    for path in PATHS:
        answer = stack.request("OPTIONS", path, {
            "Origin": "https://page.example", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-sentry-auth, content-type"})
        assert answer.status in (200, 204), answer
        assert answer.header("Access-Control-Allow-Origin") == "*"
        assert ("GET" if path.endswith("health") else "POST") in answer.header("Access-Control-Allow-Methods")
        headers = answer.header("Access-Control-Allow-Headers").lower()
        assert "x-sentry-auth" in headers and "content-type" in headers and "authorization" in headers
        assert answer.header("Access-Control-Max-Age")


@pytest.mark.parametrize("key, status", [(KEY, 202), ("nobody_s_key_0000", 401)])
def test_a_page_can_read_every_answer(stack, key, status):
    answer = stack.post(EVENT, key=key, headers={"Origin": "https://page.example"})
    assert answer.status == status
    assert answer.header("Access-Control-Allow-Origin") == "*"
    exposed = answer.header("Access-Control-Expose-Headers").lower()
    assert "retry-after" in exposed


# ---- health

@pytest.mark.parametrize("mode", ["writer", "direct"])
def test_health(stacks, mode):
    stack = stacks(mode)
    answer = stack.request("GET", "/api/v1/health")
    assert answer.status == 200
    body = answer.json()
    assert body["status"] == "ok"
    assert {"database", "writer", "spool"} <= set(body)
    assert KEY not in answer.body.decode() and stack.database not in answer.body.decode()


def test_health_names_the_part_that_is_down(fresh):
    stack = fresh(responders=2)
    stack.writer.kill()
    answer = stack.request("GET", "/api/v1/health")
    # Direct mode still stores what comes.
    assert answer.status == 200
    body = answer.json()
    assert body["status"] == "degraded" and body["writer"] != "ok" and body["database"] == "ok"
    stack.good()


# ---- headers and connections

def test_request_id(stack):
    seen = {stack.post(EVENT).header("X-Request-Id") for _ in range(5)}
    assert len(seen) == 5 and all(seen)


@pytest.mark.parametrize("text", ["x" * 5000, "a b", 'quote"', "<script>"], ids=range(4))
def test_a_request_id_of_the_clients_breaks_nothing(stack, text):
    answer = stack.post(b"{", headers={"X-Request-Id": text})
    assert answer.status == 400
    assert re.fullmatch(r"[0-9A-Za-z_.-]{1,64}", answer.header("X-Request-Id"))


def test_answers_are_json_and_are_not_cached(stack):
    for answer in (stack.post(EVENT), stack.post(b"null"), stack.request("GET", "/api/v1/health")):
        assert answer.header("Content-Type") == "application/json"
        assert answer.header("Cache-Control") in (None, "no-store")
        answer.json()


def test_keep_alive(stack):
    head = {"X-Sentry-Auth": KEY, "Content-Type": "application/json"}
    with Connection(stack.port) as c:
        for _ in range(20):
            c.send(request_bytes("POST", "/api/v1/events", head, EVENT, close=False))
            assert c.answer().status == 202


@pytest.mark.parametrize("path, key, status", [
    ("/api/v1/events", "nobody_s_key_0000", 401), ("/api/v1/nothing", KEY, 404),
    ("/api/v1/health", KEY, 405)])
def test_keep_alive_after_an_unread_body(stack, path, key, status):
    body = encode({"message": "x" * 300000})
    with Connection(stack.port) as c:
        for _ in range(5):
            c.send(request_bytes("POST", path, {"X-Sentry-Auth": key}, body, close=False))
            assert c.answer().status == status
            c.send(request_bytes("POST", "/api/v1/events", {"X-Sentry-Auth": KEY}, EVENT, close=False))
            assert c.answer().status == 202


def test_chunked(stack):
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (EVENT[:5], EVENT[5:])) + b"0\r\n\r\n"
    with Connection(stack.port) as c:
        c.send(request_bytes("POST", "/api/v1/events", {
            "X-Sentry-Auth": KEY, "Transfer-Encoding": "chunked"}, length=False) + body)
        assert c.answer().status == 202


def test_expect_100_continue(stack):
    with Connection(stack.port) as c:
        c.send(request_bytes("POST", "/api/v1/events", {"X-Sentry-Auth": KEY, "Expect": "100-continue"},
                             b"", length=len(EVENT)))
        c.send(EVENT)
        assert c.answer().status == 202


def test_header_of_64_kib(stack):
    answer = stack.request("POST", "/api/v1/events", {"X-Sentry-Auth": KEY, "X-Long": "x" * 65536}, EVENT)
    assert answer.status == 431
    stack.good()


def test_query_of_64_kib(stack):
    answer = stack.request("POST", "/api/v1/events?x=" + "x" * 65536, {"X-Sentry-Auth": KEY}, EVENT)
    assert answer.status in (414, 431)
    stack.good()


def test_header_and_query_of_64_kib_past_the_server(stack):
    """Whoever can reach the socket is not bound by the server's limit."""
    for more in ({"HTTP_X_LONG": "x" * 65536}, {"QUERY_STRING": "x=" + "x" * 65536},
                 {"QUERY_STRING": "sentry_key=" + "a" * 65536, "key": None},
                 {"HTTP_X_SENTRY_AUTH": "a" * 65536, "key": None},
                 {"HTTP_CONTENT_ENCODING": "x" * 65536}):
        got = stack.front.fastcgi(EVENT, CONTENT_LENGTH=str(len(EVENT)), **more)
        assert got.status in (202, 401, 415), got
    stack.good()
