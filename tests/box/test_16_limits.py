"""Goal: the limit of a project is exact over all responders and both modes, Retry-After is the truth,
a change is in force within five seconds, and each thing costs what the contract says."""

import collections
import time

import pytest
from harness import bodies, client
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
        # Refused until then (with the time that a request takes to spare), let in at that time.
        while time.monotonic() < min(asked + retry, opened + 2) - 0.3:
            assert stack.post(event(8)).status == 429
        wait_until(lambda: time.monotonic() >= asked + retry, 5)  # pylint: disable=cell-var-from-loop


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
