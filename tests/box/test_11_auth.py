"""Goal: who has no good key gets 401 and stores nothing; a good key works wherever it may stand;
revoking one takes effect within five seconds."""

import pytest
from harness.stack import KEY
from harness.wait import wait_until

EVENT = {"message": "auth"}


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param)


def send(stack, headers=None, query="", path="/api/v1/events"):
    return stack.request("POST", path + query, {"Content-Type": "application/json", **(headers or {})},
                         EVENT)


def refused(stack, answer):
    assert answer.status == 401, answer
    assert answer.json() == {"error": "unauthorized"}
    assert answer.header("WWW-Authenticate")
    stack.good()


@pytest.fixture
def no_new_row(stack):
    before = stack.rows()
    yield
    assert stack.rows() == before + 1, "only the good event after the bad one is stored"


@pytest.mark.parametrize("headers", [
    {},
    {"X-Sentry-Auth": ""},
    {"Authorization": ""},
    {"X-Sentry-Auth": "Sentry sentry_version=7"},
], ids=["none", "empty", "empty-authorization", "sentry-without-key"])
def test_no_key(stack, no_new_row, headers):
    refused(stack, send(stack, headers))


@pytest.mark.parametrize("key", [
    "mshr_" + "0" * 48,          # right in form, nobody's
    "hello",                     # too short to be one
    KEY[:-1],                    # cut
    KEY + "0",                   # longer
    KEY.upper(),                 # another case
    "k" * 8000,                  # far too long
    "' OR 1=1 --",               # not even a key's characters
], ids=["unknown", "short", "cut", "longer", "upper", "huge", "sql"])
def test_wrong_key(stack, no_new_row, key):
    refused(stack, send(stack, {"X-Sentry-Auth": key}))


def test_control_bytes_for_a_key(stack, no_new_row):
    """lighttpd refuses such a header itself; whoever passes it on gets 401."""
    assert send(stack, {"X-Sentry-Auth": "\x01\x7f"}).status in (400, 401)
    refused(stack, stack.front.fastcgi(b"{}", key="\x01\x7f", CONTENT_LENGTH="2"))


def test_basic_is_no_key(stack, no_new_row):
    refused(stack, send(stack, {"Authorization": "Basic dXNlcjpwYXNz"}))


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/events/bulk"])
@pytest.mark.parametrize("headers, query", [
    ({"X-Sentry-Auth": KEY}, ""),
    ({"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={KEY}, sentry_client=x/1"}, ""),
    ({"X-Sentry-Auth": f"sentry  sentry_key={KEY}"}, ""),
    ({"Authorization": f"Bearer {KEY}"}, ""),
    ({"Authorization": f"bearer {KEY}"}, ""),
    ({"Authorization": f"Sentry sentry_key={KEY}, sentry_version=7"}, ""),
    ({"Authorization": KEY}, ""),
    ({}, f"?sentry_key={KEY}"),
    ({}, f"?sentry_version=7&sentry_key={KEY}&x=%zz"),
    ({"X-Sentry-Auth": KEY, "Authorization": f"Bearer {KEY}"}, f"?sentry_key={KEY}"),
], ids=["x", "x-sentry", "x-sentry-lower", "bearer", "bearer-lower", "auth-sentry", "auth-bare",
        "query", "query-among", "all-agree"])
def test_every_place(stack, path, headers, query):
    answer = stack.request("POST", path + query, {"Content-Type": "application/json", **headers},
                           [EVENT] if path.endswith("bulk") else EVENT)
    assert answer.status == 202, answer


@pytest.mark.parametrize("headers, query", [
    ({"X-Sentry-Auth": KEY, "Authorization": "Bearer OTHER"}, ""),
    ({"X-Sentry-Auth": "OTHER"}, f"?sentry_key={KEY}"),
    ({"Authorization": f"Bearer {KEY}"}, "?sentry_key=OTHER"),
], ids=["headers", "header-query", "bearer-query"])
def test_keys_that_differ(stack, no_new_row, headers, query):
    """Even two good keys of one project: which was meant is not for us to say."""
    headers = {k: v.replace("OTHER", stack.key) for k, v in headers.items()}
    refused(stack, send(stack, headers, query.replace("OTHER", stack.key)))


def test_behind_mod_rewrite(stack):
    """Hosts that rewrite leave the header under another name."""
    body = b'{"message":"rewritten"}'
    got = stack.front.fastcgi(body, key=None, CONTENT_LENGTH=str(len(body)),
                              REDIRECT_HTTP_AUTHORIZATION=f"Bearer {KEY}")
    assert got.status == 202


@pytest.mark.parametrize("method, path, status", [
    ("POST", "/api/v1/nothing", 404), ("GET", "/api/v1/events", 405)])
def test_routes_need_no_key(stack, method, path, status):
    assert stack.request(method, path).status == status


def test_revoked_within_five_seconds(stack):
    key = stack.ctl_json("key", "add", 42, "--label", "short-lived")["key"]
    assert stack.post(EVENT, key=key).status == 202
    stack.ctl("key", "revoke", key)
    wait_until(lambda: stack.post(EVENT, key=key).status == 401, 5, "revoked")
    before = stack.rows()
    # Every responder, not only the one that was asked.
    assert {stack.post(EVENT, key=key).status for _ in range(40)} <= {202, 401}
    wait_until(lambda: {stack.post(EVENT, key=key).status for _ in range(40)} == {401}, 5, "everywhere")
    stack.good()
    assert stack.rows() >= before + 1


def test_added_key_works_within_five_seconds(stack):
    """A miss is remembered too, but not for long."""
    key = "a_key_of_ones_own_0123456789"
    assert stack.post(EVENT, key=key).status == 401
    stack.ctl("key", "add", 42, "--key", key)
    wait_until(lambda: stack.post(EVENT, key=key).status == 202, 5, "added")


def test_removed_project(stack):
    made = stack.ctl_json("project", "add", "gone")
    assert stack.post(EVENT, key=made["key"]).status == 202
    stack.ctl("project", "remove", made["id"], "--yes")
    wait_until(lambda: stack.post(EVENT, key=made["key"]).status == 401, 5, "removed")
    stack.good()


def test_a_flood_of_wrong_keys_hurts_nobody(stack):
    for n in range(3000):
        if n % 1000 == 0:
            stack.good()
        assert stack.front.fastcgi(b"", key=f"mshr_{n:048x}", CONTENT_LENGTH="0").status == 401
    stack.good()


def test_project_of_the_key_counts(stack):
    made = stack.ctl_json("project", "add", "second")
    got = stack.post(EVENT, key=made["key"])
    assert stack.row(got.json()["id"], "project_id") == (made["id"],)
