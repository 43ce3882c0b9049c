"""Goal: a project says which events it does not want; they are not stored, and counted with the filter's name."""

import json
import re

import pytest
from harness.sentry import Sdk, auth, envelope, item
from harness.wait import wait_until
from harness.ws import Websocketd, ask, run

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
AGENTS = {  # and whether they are legacy browsers, and crawlers
    CHROME: (False, False),
    "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/62.0.3202.94 Safari/537.36": (True, False),
    "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/63.0.3239.84 Safari/537.36": (False, False),
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0": (False, False),
    "Mozilla/5.0 (X11; Linux x86_64; rv:66.0) Gecko/20100101 Firefox/66.0": (True, False),
    "Mozilla/5.0 (X11; Linux x86_64; rv:67.0) Gecko/20100101 Firefox/67.0": (False, False),
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)": (True, False),
    "Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko": (True, False),
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763":
        (True, False),
    CHROME + " Edg/131.0.0.0": (False, False),
    "Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.16": (True, False),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13) AppleWebKit/604.1 (KHTML, like Gecko) Version/11.0 Safari/604.1": (True, False),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14) AppleWebKit/604.1 (KHTML, like Gecko) Version/12.0 Safari/604.1": (False, False),
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": (False, True),
    "facebookexternalhit/1.1": (False, True),
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)": (False, True),
    "python-requests/2.32": (False, False),
}


@pytest.fixture(scope="module")
def stack(stacks):
    return stacks(rate_limit=10000)


def set_filters(stack, filters):
    """They are in force within five seconds: probed until then by an event that only the new list refuses, or lets in."""
    stack.ctl("project", "set", 42, f"filters={filters}")
    probe = "filters=" + filters
    wanted = f"message:probe {abs(hash(probe))}"
    stack.ctl("project", "set", 42, f"filters={filters + ',' if filters not in ('', 'none') else ''}{wanted}")
    wait_until(lambda: stack.post({"message": wanted[8:]}).status == 403, 6, "the filters are in force")
    if filters in ("", "none"):
        stack.ctl("project", "set", 42, f"filters={filters}")
        wait_until(lambda: stack.post({"message": wanted[8:]}).status == 202, 6, "the filters are in force")


def counted(stack, name):
    return stack.sql("SELECT coalesce(sum(quantity), 0)::int FROM outcomes WHERE outcome = %s", "filtered:" + name)[0][0]


def answers(stack, event):
    """The native endpoint's status, and whether an SDK's event was stored; an SDK always gets 200."""
    native = stack.post(event)
    sent = Sdk(stack).store(event)
    assert sent.status == 200, sent
    stored = stack.sql("SELECT count(*) FROM events WHERE id = %s", sent.json()["id"])[0][0]
    assert native.status in (202, 403) and (native.status == 202) == bool(stored), (native, stored)
    return native


def browser(message, url="https://shop.example/", agent=CHROME, frame="https://shop.example/app.js", **more):
    return {"platform": "javascript", "exception": {"values": [{"type": "Error", "value": message, "stacktrace": {"frames": [
        {"function": "outer", "filename": "https://shop.example/app.js", "lineno": 1},
        {"function": "inner", "filename": frame, "abs_path": frame, "lineno": 2}]}}]},
        "request": {"url": url, "headers": {"User-Agent": agent}}, **more}


def test_extensions(stack):
    set_filters(stack, "browser-extensions")
    before = counted(stack, "browser-extensions")
    unwanted = [browser("x", frame=f"{scheme}://abcdef/content.js") for scheme in (
        "chrome-extension", "moz-extension", "safari-extension", "safari-web-extension", "CHROME-EXTENSION")]
    unwanted.append(browser("Can't find variable: ZiteReader"))
    for event in unwanted:
        answer = answers(stack, event)
        assert answer.status == 403 and answer.json() == {"error": "filtered: browser-extensions"}
    for event in (browser("x"), browser("a chrome-extension: is no frame"), {"message": "plain"}):
        assert answers(stack, event).status == 202
    wait_until(lambda: counted(stack, "browser-extensions") == before + 2 * len(unwanted), 10, "each is counted")


@pytest.mark.parametrize("filters, stored", [("", 1), ("none", 3), ("localhost", 3), ("browser-extensions", 1)])
def test_reports_about_extensions(stack, filters, stored):
    """Filtered by default."""
    set_filters(stack, filters)
    before = stack.rows()
    for blocked, source in (("chrome-extension://abc", ""), ("https://cdn.example/x.js", "moz-extension://abc/y.js"),
                            ("https://cdn.example/x.js", "https://shop.example/")):
        report = {"csp-report": {"document-uri": "https://shop.example/", "effective-directive": "script-src",
                                 "blocked-uri": blocked, "source-file": source}}
        answer = Sdk(stack).request("POST", f"/api/42/security/?sentry_key={stack.key}",
                                    {"Content-Type": "application/csp-report"}, json.dumps(report).encode())
        assert answer.status in (200, 201), answer
    assert stack.rows() == before + stored


@pytest.mark.parametrize("url, local", [
    ("http://localhost:3000/x", True), ("http://127.0.0.1/", True), ("http://127.1.2.3:80", True), ("http://[::1]:8080/", True),
    ("http://LOCALHOST", True), ("http://shop.localhost/", True), ("http://user@localhost/", True), ("localhost:3000", True),
    ("https://localhost.example/", False), ("https://shop.example/?u=http://localhost/", False), ("https://127.example", False),
    ("https://notlocalhost/", False), ("", False)])
def test_localhost(stack, url, local):
    if stack.ctl_json("project", "show", 42)["filters"].split(",")[0] != "localhost":
        set_filters(stack, "localhost")
    assert answers(stack, browser("x", url=url)).status == (403 if local else 202)


def test_local_user(stack):
    set_filters(stack, "localhost")
    for address, status in (("127.0.0.1", 403), ("::1", 403), ("192.0.2.7", 202)):
        assert answers(stack, browser("x", user={"ip_address": address})).status == status


@pytest.mark.parametrize("index", [0, 1])
def test_agents(stack, index):
    set_filters(stack, ("legacy-browsers", "web-crawlers")[index])
    for agent, kinds in AGENTS.items():
        event = browser("x", agent=agent)
        assert answers(stack, event).status == (403 if kinds[index] else 202), agent
        event["request"]["headers"] = [["Accept", "*/*"], ["user-agent", agent]]  # as some SDKs send it
        assert stack.post(event).status == (403 if kinds[index] else 202), agent


def test_patterns(stack):
    set_filters(stack, "message:*ResizeObserver*,message:exact text,release:web@1.*")
    for event, status in (
            (browser("ResizeObserver loop limit exceeded"), 403), ({"message": "the resizeobserver again"}, 403),
            ({"message": "exact text"}, 403), ({"message": "an exact text"}, 202), ({"message": "m", "release": "web@1.2"}, 403),
            ({"message": "m", "release": "web@2.0"}, 202), ({"message": "m"}, 202)):
        assert answers(stack, event).status == status, event
    wait_until(lambda: counted(stack, "release") == 2, 10, "counted")


def test_what_is_filtered_costs_a_unit(fresh):
    """Else a flood of it would cost others time without end; the limit precedes the filter."""
    stack = fresh(rate_limit=5)
    stack.ctl("project", "set", 42, "filters=message:no")
    wait_until(lambda: stack.post({"message": "no"}).status == 403, 6, "in force")
    used = stack.used()
    while used < 5:
        assert stack.post({"message": "no"}).status == 403
        used += 1
        assert stack.used() == used
    assert stack.post({"message": "yes"}).status == 429
    assert stack.rows() == 0


def test_bulk_envelope_and_websocket(stack):
    set_filters(stack, "message:no")
    answer = stack.bulk([{"message": "yes"}, {"message": "no"}, {"message": "yes"}])
    assert answer.status == 202 and [r.get("error") for r in answer.json()["results"]] == [None, "filtered: message", None]
    assert answer.json()["results"][1]["status"] == 403
    sdk = Sdk(stack)
    eid = "f" * 31 + "e"
    sent = sdk.request("POST", "/api/42/envelope/", auth(), envelope(
        item("event", json.dumps({"message": "no", "event_id": eid}).encode()),
        item("attachment", b"of it", filename="a.txt"), event_id=eid))
    assert sent.status == 200 and sent.json()["id"].replace("-", "") == eid
    assert stack.sql("SELECT count(*) FROM attachments WHERE event_id = %s", eid) == [(0,)], "goes with its event"
    server = Websocketd(stack.front)
    try:
        async def client():
            async with server.connect() as c:
                return await ask(c, '{"message":"no"}', '{"message":"yes"}')
        first, second = run(client())
    finally:
        server.stop()
    assert (first["error"], first["status"]) == ("filtered: message", 403) and second["status"] == "accepted"


@pytest.mark.parametrize("value, text", [
    ("chrome", 'no such filter: chrome;'), ("localhost,,", 'no such filter: ;'), ("message:", 'no such filter: message:;'),
    ("none,localhost", 'no such filter: none;'), ("message:a\tb", "control characters"), ("message:" + "x" * 993, "at most 1000")])
def test_bad_lists(stack, value, text):
    done = stack.ctl_run("project", "set", 42, f"filters={value}")
    assert done.returncode == 2 and text in done.stderr, done


def test_the_longest_list(stack):
    stack.ctl("project", "set", 42, "filters=message:" + "x" * 992)
    assert len(stack.ctl_json("project", "show", 42)["filters"]) == 1000


def test_filters_in_an_outage(fresh):
    """The last known ones hold, also for a process that begins then."""
    stack = fresh("direct", responders=1)
    stack.ctl("project", "set", 42, "filters=message:no")
    wait_until(lambda: stack.post({"message": "no"}).status == 403, 6, "in force")
    stack.ctl("maintenance")
    assert re.search(r"^42\t.*\tmessage:no$", (stack.spool_dir / "scrub").read_text(), flags=re.M)
