"""Goal: nobody wonders where events went: everything that is sent is counted once in outcomes, by what became of it."""

import uuid

import pytest
from harness import client, sentry
from harness.wait import wait_until

GOOD = {"message": "counted"}


@pytest.fixture(params=["writer", "direct", "cgi"])
def stack(request, fresh):
    return fresh(request.param)


@pytest.fixture
def served(fresh):
    return fresh("writer")


def outcomes(stack):
    return {(p, o): (int(n), int(b)) for p, o, n, b in stack.sql(
        "SELECT project_id, outcome, sum(quantity), sum(bytes) FROM outcomes GROUP BY 1, 2")}


def expect(stack, **want):
    """Exactly these, and nothing else, within the seconds that counting takes; project 0: unauthorized."""
    want = {(0 if o == "unauthorized" else 42, o.replace("sdk_", "sdk:")): n for o, n in want.items()}

    def quantities():
        return {k: v[0] for k, v in outcomes(stack).items()}
    try:
        wait_until(lambda: quantities() == want, 8)
    except AssertionError:
        assert quantities() == want


def test_each_refusal(stack):
    big = {"message": "x" * (1 << 20)}
    event = {**GOOD, "event_id": str(uuid.uuid4())}
    for sent, status in ((event, 202), (event, 202), (b"{", 400), ({}, 400), (big, 413)):
        assert stack.post(sent).status == status
    assert stack.post(GOOD, headers={"Content-Encoding": "rot13"}).status == 415
    assert stack.post(GOOD, key="mshr_" + "0" * 48).status == 401
    assert stack.request("POST", "/api/v1/events", {}, GOOD).status == 401
    last = stack.post({"message": "last"})  # takes along what is counted, in any mode
    assert last.status == 202
    expect(stack, accepted=2, duplicate=1, malformed=2, too_large=1, encoding=1,
           unauthorized=1 if stack.mode == "cgi" else 2)  # one that never asked the database tells it nothing
    assert outcomes(stack)[42, "accepted"][1] == stack.sql("SELECT sum(length(payload)) FROM events")[0][0]


def test_a_bulk(stack):
    assert stack.bulk([GOOD, {}, {"level": "error"}, GOOD]).status == 202
    assert stack.bulk([{}, {}]).status == 400
    assert stack.post(GOOD).status == 202
    expect(stack, accepted=3, malformed=3)


def test_over_the_limit(stack):
    stack.ctl("project", "set", 42, "rate_limit=3", "rate_window=86400")
    assert stack.bulk([GOOD] * 5).status == 202  # two of them are refused
    for _ in range(4):
        assert stack.post(GOOD).status == 429
    assert stack.post(b"{").status == 429
    expect(stack, accepted=3, rate_limited=7)


def test_a_flood_of_refusals_is_counted_exactly(served):
    served.ctl("project", "set", 42, "rate_limit=1", "rate_window=86400")
    assert served.post(GOOD).status == 202
    answers = []
    for _ in range(3):
        answers += client.at_once(served.port, [served.front.post_bytes(GOOD)] * 100)
    assert {a.status for a in answers} == {429}
    expect(served, accepted=1, rate_limited=300)


def test_poison(served):
    served.sql("ALTER TABLE events ADD CHECK (message <> 'poison')")
    assert served.bulk([GOOD, {"message": "poison"}, GOOD]).status == 202
    expect(served, accepted=2, poison=1)


def test_sentry(stack):
    front = sentry.Sdk(stack)
    report = {"timestamp": 1, "discarded_events": [
        {"reason": "sample_rate", "category": "error", "quantity": 5},
        {"reason": "sample_rate", "category": "transaction", "quantity": 7},
        {"reason": "network_error", "category": "error", "quantity": 2}]}
    assert front.envelope(sentry.item("event", sentry.event())).status == 200
    assert front.envelope(sentry.item("client_report", report)).status == 200
    assert front.envelope(raw=b"no envelope").status in (400, 401)
    assert front.envelope(sentry.item("event", sentry.event()), headers=sentry.auth("f" * 32)).status == 401
    assert stack.post(GOOD).status == 202
    expect(stack, accepted=2, malformed=1, unauthorized=1, sdk_sample_rate=5, sdk_network_error=2)


def test_sentry_over_the_limit(served):
    front = sentry.Sdk(served)
    served.ctl("project", "set", 42, "rate_limit=1", "rate_window=86400")
    assert front.envelope(sentry.item("event", sentry.event())).status == 200
    for _ in range(3):
        assert front.envelope(sentry.item("event", sentry.event())).status == 429
    expect(served, accepted=1, rate_limited=3)


def test_websocket(served):
    from harness import ws
    websocketd = ws.Websocketd(served.front)

    async def talk():
        w = await websocketd.connect()
        answers = await ws.ask(w, '{"message":"a"}', "{}", '[{"message":"b"},{}]')
        await w.close()
        return answers
    try:
        answers = ws.run(talk())
    finally:
        websocketd.stop()
    assert [a.get("status") for a in answers] == ["accepted", 400, "accepted"]
    expect(served, accepted=2, malformed=2)


def test_what_is_refused_during_an_outage_is_counted_after_it(fresh, own_postgres):
    stack = fresh("writer", own_postgres)
    stack.good()
    own_postgres.stop()
    try:
        for _ in range(3):
            assert stack.post({}).status == 400
        spooled = stack.post(GOOD)
        assert spooled.status == 202
    finally:
        own_postgres.start()
    stack.good_again()
    stack.drain()
    rows = stack.rows()
    expect(stack, accepted=rows, malformed=3)


def test_a_removed_project_leaves_nothing_behind(served):
    """What was counted in memory comes after it is gone."""
    key = served.ctl_json("project", "add", "to go")["key"]
    assert served.post({}, key=key).status == 400
    served.ctl("project", "remove", "to go", "--yes")
    assert served.post({}).status == 400
    expect(served, malformed=1)
    assert {p for p, _ in outcomes(served)} == {42}


def test_a_replay_of_what_is_stored_is_no_duplicate(served):
    """Nobody sent it twice."""
    served.good()
    served.writer.kill()
    assert served.post(GOOD).status == 202
    served.start_writer()
    served.good_again()
    served.drain()
    expect(served, accepted=served.rows())


def test_minutes_are_whole_and_parts_are_few(served):
    served.good()
    assert served.sql("SELECT count(*) FROM outcomes WHERE minute <> date_trunc('minute', minute) "
                      "OR part NOT BETWEEN 0 AND 15")[0][0] == 0
