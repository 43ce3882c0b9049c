"""Goal: the limit of a project is exact over all responders and both modes, Retry-After is the truth,
a change is in force within five seconds, and each thing costs what the contract says."""

import collections
import time

import pytest
from harness import bodies, client
from harness.sentry import auth, envelope, item, new_id
from harness.wait import wait_until

MODES = ["writer", "direct"]


def event(n):
    return {"message": f"limit {n}", "fingerprint": f"limit-{n % 5}"}


def statuses(answers):
    return collections.Counter(a.status if a else None for a in answers)


def check_429(answer, window):
    assert answer.status == 429
    retry = int(answer.header("Retry-After"))
    assert 1 <= retry <= window
    assert answer.json() == {"error": "rate limited", "retry_after": retry}
    return retry


@pytest.mark.parametrize("mode", MODES)
def test_1200_at_once(fresh, mode):
    """The project's default: 1000 in 60 s."""
    stack = fresh(mode, responders=8, rate_limit=1000)
    answers = client.at_once(stack.port, [stack.front.post_bytes(event(n)) for n in range(1200)])
    assert statuses(answers) == {202: 1000, 429: 200}
    assert stack.rows() == 1000
    assert stack.ids() == {a.json()["id"] for a in answers if a.status == 202}
    for a in answers:
        if a.status == 429:
            check_429(a, 60)


def test_default_limit_is_1000_in_60_s(fresh):
    stack = fresh(rate_limit=None)
    shown = stack.ctl_json("project", "show", 42)
    assert (shown["rate_limit"], shown["rate_window"]) == (1000, 60)


def test_both_modes_at_once(fresh):
    stack = fresh("writer", responders=4, rate_limit=500)
    direct = stack.add_front({"writer_socket": ""}, responders=4)
    requests = [stack.front.post_bytes(event(n)) for n in range(400)]
    import threading
    answers = []
    threads = [threading.Thread(target=lambda p=port: answers.extend(client.at_once(p, requests)))
               for port in (stack.port, direct.port)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert statuses(answers) == {202: 500, 429: 300}
    assert stack.rows() == 500


@pytest.mark.parametrize("mode", MODES)
def test_retry_after_is_the_truth(fresh, mode):
    """Whoever waits exactly that long is let in; before the window's end nobody is."""
    stack = fresh(mode, rate_limit=3)
    stack.ctl("project", "set", 42, "rate_window=2")
    wait_until(lambda: stack.ctl_json("project", "show", 42)["rate_window"] == 2, 5)
    for _ in range(3):
        opened = time.monotonic()
        answers = [stack.post(event(n)) for n in range(3)]
        assert statuses(answers) == {202: 3}, answers
        refused = stack.post(event(9))
        asked = time.monotonic()
        retry = check_429(refused, 2)
        window_left = 2 - (asked - opened)
        assert retry >= window_left - 0.5, "not sooner than the window's end"
        # Refused until then, let in at that time.  A slow answer may come from the next window, which has to end too.
        closes = opened + 2
        while time.monotonic() < closes:
            answer = stack.post(event(8))
            if answer.status == 202:
                assert time.monotonic() >= closes, "let in before the window's end"
                retry += 2
            else:
                assert answer.status == 429
        wait_until(lambda: time.monotonic() >= asked + retry, 8)  # pylint: disable=cell-var-from-loop


@pytest.mark.parametrize("mode", MODES)
def test_flood_of_refused_costs_no_units_and_no_rows(fresh, mode):
    stack = fresh(mode, rate_limit=5)
    for n in range(5):
        assert stack.post(event(n)).status == 202
    for n in range(200):
        assert stack.post(event(n)).status == 429
    assert stack.rows() == 5
    assert stack.used() == 5


def test_limit_zero_refuses_all(fresh):
    stack = fresh(rate_limit=0)
    check_429(stack.post(event(1)), 60)
    assert stack.rows() == 0


@pytest.mark.parametrize("mode", MODES)
def test_raised_within_five_seconds(fresh, mode):
    stack = fresh(mode, rate_limit=2)
    assert statuses(stack.post(event(n)) for n in range(4)) == {202: 2, 429: 2}
    # So high that asking again and again does not reach it.
    stack.ctl("project", "set", 42, "rate_limit=1000000")
    wait_until(lambda: stack.post(event(1)).status == 202, 5, "let in again")
    wait_until(lambda: {stack.post(event(n)).status for n in range(30)} == {202}, 5, "by all")


@pytest.mark.parametrize("mode", MODES)
def test_lowered_within_five_seconds(fresh, mode):
    stack = fresh(mode, rate_limit=100000)
    for n in range(20):
        assert stack.post(event(n)).status == 202
    stack.ctl("project", "set", 42, "rate_limit=10")
    wait_until(lambda: stack.post(event(1)).status == 429, 5, "refused")


@pytest.mark.parametrize("mode", MODES)
def test_shorter_window_within_five_seconds(fresh, mode):
    """A cached refusal does not outlive the window that made it."""
    stack = fresh(mode, rate_limit=1)
    assert stack.post(event(1)).status == 202
    check_429(stack.post(event(2)), 60)
    stack.ctl("project", "set", 42, "rate_window=1", "rate_limit=1000000")
    wait_until(lambda: stack.post(event(3)).status == 202, 5, "let in")


def test_projects_do_not_share(fresh):
    stack = fresh(rate_limit=1)
    other = stack.ctl_json("project", "add", "other")
    assert stack.post(event(1)).status == 202
    assert stack.post(event(2)).status == 429
    assert stack.post(event(3), key=other["key"]).status == 202


def test_two_keys_share_a_limit(fresh):
    from harness.stack import KEY
    stack = fresh(rate_limit=2)
    assert [stack.post(event(n), key=k).status for n, k in enumerate((stack.key, KEY, KEY))] == [202, 202, 429]


# ---- what costs a unit

COSTS = {
    "stored": (lambda s: s.post(event(1)), 202, 1),
    "bulk": (lambda s: s.bulk([event(n) for n in range(7)]), 202, 7),
    "not-json": (lambda s: s.post(b"{"), 400, 1),
    "missing": (lambda s: s.post({}), 400, 1),
    "empty": (lambda s: s.post(b""), 400, 1),
    "too-large": (lambda s: s.post(bodies.event_of(1048577)), 413, 1),
    "encoding": (lambda s: s.post(b"x", headers={"Content-Encoding": "lzma"}), 415, 1),
    "bomb": (lambda s: s.post(bodies.zeros_gzip(10 << 20), headers={"Content-Encoding": "gzip"}), 413, 1),
    "bulk-refused": (lambda s: s.bulk(b"[{},{},"), 400, 1),
    "bulk-too-many": (lambda s: s.bulk([event(n) for n in range(101)]), 400, 1),
    "bulk-partly": (lambda s: s.bulk([event(1), {}, event(2)]), 202, 3),
    "wrong-key": (lambda s: s.post(event(1), key="nobody_s_key_0000"), 401, 0),
    "method": (lambda s: s.request("GET", "/api/v1/events", {"X-Sentry-Auth": s.key}), 405, 0),
    "path": (lambda s: s.request("POST", "/api/v1/x", {"X-Sentry-Auth": s.key}, b"{}"), 404, 0),
    "health": (lambda s: s.request("GET", "/api/v1/health"), 200, 0),
}


@pytest.fixture(scope="module", params=MODES)
def costs(request, stacks):
    return stacks(request.param)


@pytest.mark.parametrize("name", COSTS)
def test_cost(costs, name):
    act, status, units = COSTS[name]
    # A window lasts 60 s: begin again when one ends in between.
    for _ in range(2):
        costs.post(event(0))
        before = costs.used()
        assert act(costs).status == status
        wait_until(lambda: costs.used() != before or units == 0, 5, "a unit is taken")
        if costs.used() == before + units:
            return
    assert costs.used() == before + units


def test_a_malformed_one_is_refused_when_the_limit_is_reached(fresh):
    stack = fresh(rate_limit=3)
    assert statuses(stack.post(b"{") for _ in range(20)) in ({400: 3, 429: 17}, {400: 4, 429: 16})
    assert stack.post(event(1)).status == 429
    assert stack.rows() == 0


def test_limits_are_checked_by_mesherctl(fresh):
    stack = fresh()
    for bad in ("rate_limit=-1", "rate_limit=2147483648", "rate_window=0", "rate_window=86401",
                "rate_limit=x", "rate_limit", "nothing=1"):
        assert stack.ctl_run("project", "set", 42, bad).returncode == 2, bad
    stack.good()


# ---- bytes

def bytes_used(stack):
    rows = stack.sql("SELECT used FROM byte_windows WHERE project_id = 42")
    return rows[0][0] if rows else 0


def same(n):
    """Events of one size, whichever they are."""
    return {"message": "as long as the others", "event_id": f"{n:032x}"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("more,accepted", [(-1, 2), (0, 3), (1, 3)])
def test_bytes_are_limited(fresh, mode, more, accepted):
    """Never more than the limit, to the byte; it is told like the other limit."""
    stack = fresh(mode)
    assert stack.post(same(1)).status == 202
    size = bytes_used(stack)
    assert size > 0
    stack.sql("DELETE FROM byte_windows")
    stack.ctl("project", "set", 42, f"byte_limit={3 * size + more}")
    answers = [stack.post(same(n)) for n in range(2, 8)]
    assert statuses(answers) == {202: accepted, 429: 6 - accepted}
    check_429(answers[-1], 60)
    assert stack.rows() == 1 + accepted and bytes_used(stack) <= 3 * size + more


@pytest.mark.parametrize("mode", MODES)
def test_bytes_of_a_bulk(fresh, mode):
    """Those before the limit are stored."""
    stack = fresh(mode)
    assert stack.post(same(1)).status == 202
    stack.ctl("project", "set", 42, f"byte_limit={4 * bytes_used(stack)}")
    answer = stack.bulk([same(n) for n in range(2, 10)])
    assert answer.status == 202
    assert [r.get("status") for r in answer.json()["results"]] == [None] * 3 + [429] * 5
    assert stack.rows() == 4


def test_bytes_as_cgi_programs_count_them(fresh):
    """In windows that they share, and in the database; never more in both together."""
    size = size_of(fresh())
    stack = fresh("cgi")
    stack.ctl("project", "set", 42, f"byte_limit={8 * size}")
    answers = [stack.post(same(n)) for n in range(100, 130)]
    assert statuses(answers) == {202: 8, 429: 22}
    wait_until(lambda: stack.rows() == 8 and bytes_used(stack) == 8 * size, 10)


def size_of(stack):
    assert stack.post(same(1)).status == 202
    return bytes_used(stack)


def test_bytes_during_an_outage(fresh, own_postgres):
    size = size_of(fresh())
    stack = fresh(server=own_postgres)
    stack.ctl("project", "set", 42, f"byte_limit={4 * size}")
    assert statuses(stack.post(same(n)) for n in (1, 2)) == {202: 2}
    own_postgres.stop()
    try:
        answers = [stack.post(same(n)) for n in range(3, 9)]
        assert statuses(answers) == {202: 2, 429: 4}
    finally:
        own_postgres.start()
    stack.drain()
    wait_until(lambda: stack.rows() == 4, 20)


def attachments(stack, n, event_id, size=10):
    return stack.request("POST", "/api/42/envelope/", auth(), envelope(
        *(item("attachment", b"%d" % i * size, filename=f"{i}.txt") for i in range(n)), event_id=event_id))


def test_limit_zero_refuses_attachments_too(fresh):
    stack = fresh(rate_limit=0)
    answer = attachments(stack, 2, new_id())
    assert answer.status == 429, answer
    assert "attachment" in answer.header("X-Sentry-Rate-Limits") and answer.header("Retry-After")
    assert stack.sql("SELECT count(*) FROM attachments") == [(0,)]
    wait_until(lambda: any(d["outcomes"].get("attachment_rate_limited") == 2 for d in stack.ctl_json("stats", 42)), 10)


def test_attachments_use_bytes_and_are_seen(fresh):
    stack = fresh()
    assert attachments(stack, 3, new_id(), 1000).status == 200
    assert 3000 < bytes_used(stack) < 5000
    shown = stack.ctl_json("stats", 42)
    assert shown[0]["outcomes"]["attachment"] == 3 and shown[0]["bytes"] >= 3000
    assert shown[0]["refused"] == 0 and shown[0]["accepted"] == 0
    stack.ctl("project", "set", 42, f"byte_limit={bytes_used(stack)}")
    answer = attachments(stack, 1, new_id(), 1001)
    assert answer.status == 429 and "attachment" in answer.header("X-Sentry-Rate-Limits")


@pytest.mark.parametrize("n,kept", [(79, 79), (80, 80), (81, 80)])
def test_attachments_of_an_event_that_does_not_come(fresh, n, kept):
    stack = fresh()
    assert attachments(stack, n, new_id()).status == 200
    assert stack.sql("SELECT count(*) FROM attachments") == [(kept,)]
    assert stack.ctl_json("stats", 42)[0]["outcomes"].get("attachment_dropped", 0) == n - kept


@pytest.mark.parametrize("n,kept", [(255, 255), (256, 256), (257, 256)])
def test_attachments_of_one_event(fresh, n, kept):
    stack = fresh()
    made = new_id()
    assert stack.post({"message": "m", "event_id": made}).status == 202
    for at in range(0, n, 100):  # in several requests: what is there counts
        body = envelope(*(item("attachment", b"%d" % i, filename=f"{i}.txt") for i in range(at, min(n, at + 100))),
                        event_id=made)
        assert stack.request("POST", "/api/42/envelope/", auth(), body).status == 200
    assert stack.sql("SELECT count(*) FROM attachments") == [(kept,)]


def test_attachments_without_an_event_go_after_a_day(fresh):
    stack = fresh()
    there, away, young = new_id(), new_id(), new_id()
    assert stack.post({"message": "m", "event_id": there}).status == 202
    for event_id in (there, away, young):
        assert attachments(stack, 2, event_id).status == 200
    stack.sql("UPDATE attachments SET received_at = received_at - interval '26 hours' WHERE event_id <> %s::uuid", young)
    stack.ctl("maintenance")
    left = {str(r[0]).replace("-", "") for r in stack.sql("SELECT DISTINCT event_id FROM attachments")}
    assert left == {there, young}
