"""Goal: no input costs more than its size.  What made the parsers slow once is answered as any event of its size,
on every way in; what takes too much of the processor all the same gets a 400, a unit, and a line in the log."""

import asyncio
import json
import time

import pytest
from harness import bodies
from harness.client import encode
from harness.sentry import Sdk, auth, envelope, item
from harness.stack import sanitized
from harness.ws import Websocketd, ask, run
from test_63_protocol_limits import DUMP, form

MEBIBYTE = 1 << 20


def conversions(n):
    return {"logentry": {"message": "x" + "%s" * n, "params": [""] * n}}


def names(n, name="b{}"):
    return {"logentry": {"message": "x" + "%(a)s" * 20000, "params": {"a": "", **{name.format(i): "" for i in range(n)}}}}


def escaped(event):
    """The same with a name that has to be decoded each time it is read."""
    return encode(event).replace(b'"b', b'"\\u0062')


COSTLY = {
    "conversions": encode(conversions(40000)),
    "a mebibyte of conversions": encode(conversions(170000)),
    "numbers": encode({"logentry": {"message": "x" + "{39999}" * 20000, "params": [""] * 40000}}),
    "names": encode(names(55000)),
    "escaped names": escaped(names(38000)),
    "variables": encode({"message": "m 1 " * 210000, "fingerprint": ["{{message}}"] * 120}),
    "tags": encode({"message": "m", "fingerprint": [f"{{{{ tags.t{i} }}}}" for i in range(100)],
                    "tags": {f"t{i}": "x" for i in range(60000)}}),
    "frames": encode({"message": "m", "fingerprint": ["{{ stack.function }}"] * 100,
                      "stacktrace": {"frames": [{"function": f"f{i}"} for i in range(35000)]}}),
    "images": encode({"platform": "native", "debug_meta": {"images": [{"image_addr": "0x1", "code_file": "f" * 500000}]},
                      "exception": [{"type": "T", "stacktrace": {"frames": [{"instruction_addr": "0x2"}] * 15000}}]}),
}


@pytest.fixture(scope="module")
def limited(stacks):
    """One that gives a request less than what these took, and one responder, so that nobody else helps.  Sanitizers make
    a program several times slower, and these inputs took a hundred times as long."""
    return stacks(responders=1, conf={"request_cpu": 10000 if sanitized() else 2000})


@pytest.mark.parametrize("what", COSTLY)
def test_costly_event_is_one_like_any_other(limited, what):
    body = COSTLY[what]
    assert len(body) <= MEBIBYTE
    for data, headers in ((body, {}), (bodies.gzip(body), {"Content-Encoding": "gzip"})):
        answer = limited.post(data, headers=headers, timeout=60)
        assert answer.status == 202, answer
    limited.good()


@pytest.mark.parametrize("what", COSTLY)
def test_in_an_envelope(limited, what):
    answer = Sdk(limited).request("POST", "/api/42/envelope/", auth(), envelope(item("event", COSTLY[what])), timeout=60)
    assert answer.status == 200, answer
    limited.good()


def test_in_a_bulk(limited):
    one = conversions(8000)
    answer = limited.bulk([one] * 100, timeout=60)
    assert answer.status == 202 and answer.json()["accepted"] == 100


def test_over_a_websocket(limited):
    server = Websocketd(limited.front)
    try:
        async def client():
            async with server.connect() as c:
                return await ask(c, *(body.decode() for body in COSTLY.values()), '{"message":"behind them"}')
        answers = run(client())
    finally:
        server.stop()
    assert [a["status"] for a in answers] == ["accepted"] * (len(COSTLY) + 1), answers


@pytest.mark.parametrize("n,status", [(999, 200), (1000, 200), (1001, 413)])
def test_fields_of_a_form(limited, n, status):
    """As many as the limit; they were looked up again for each."""
    fields = [(f"sentry[%x]" % i, None, b"v") for i in range(n)]
    answer = Sdk(limited).post("minidump", form(*fields, ("upload_file_minidump", "a.dmp", DUMP)),
                               {"Content-Type": "multipart/form-data; boundary=BOUND"}, "?sentry_key=" + limited.key)
    assert answer.status == status, answer
    if status == 413:
        assert answer.json()["detail"] == "too many fields: limit is 1000"
    limited.good()


def rules(tmp_path):
    """Patterns that fit almost everywhere: what only an administrator can make slow."""
    path = tmp_path / "grouping.rules"
    path.write_text("".join(f"value:*{'a' * 200}{i}b -> r{i}\n" for i in range(300)))
    return path


SLOW = {"exception": [{"type": "T", "value": "a" * 3500} for _ in range(250)]}


@pytest.fixture
def slow(fresh, tmp_path):
    tmp_path.chmod(0o755)
    return fresh(responders=1, rate_limit=1000, conf={"request_cpu": 100, "grouping_rules": str(rules(tmp_path))})


def test_past_the_limit_of_processor_time(slow):
    """400 with what it was doing, a unit taken, logged with the id; nobody else is harmed."""
    used = slow.used()
    answer = slow.post(SLOW, timeout=60)
    assert answer.status == 400, answer
    assert answer.json()["error"].startswith("took too long: more than 100 ms of processor time, ")
    assert slow.used() == used + 1
    lines = [x for x in slow.log().splitlines() if "event=request_refused" in x]
    assert len(lines) == 1 and "level=warning" in lines[0] and answer.header("X-Request-Id") in lines[0]
    slow.good()
    assert Sdk(slow).store(SLOW, timeout=60).status == 400


def test_past_the_limit_in_a_bulk(slow):
    """What came before it is stored."""
    answer = slow.bulk([{"message": "first"}, SLOW], timeout=60)
    assert answer.status == 202, answer
    first, second = answer.json()["results"]
    assert slow.row(first["id"], "message") == ("first",) and second["status"] == 400
    assert second["error"].startswith("took too long")


def test_past_the_limit_over_a_websocket(slow):
    server = Websocketd(slow.front)
    try:
        async def client():
            async with server.connect() as c:
                return await asyncio.wait_for(ask(c, json.dumps(SLOW), '{"message":"behind it"}'), 60)
        answers = run(client())
    finally:
        server.stop()
    assert answers[0]["status"] == 400 and answers[1]["status"] == "accepted"


def test_work_of_the_handler_is_no_silence_of_the_client(fresh, tmp_path):
    """Messages that wait in the pipe while the handler works on others for longer than the second after which an
    incomplete message counts as truncated."""
    tmp_path.chmod(0o755)
    stack = fresh(responders=1, rate_limit=1000, conf={"request_cpu": 60000, "grouping_rules": str(rules(tmp_path))})
    slow = {"exception": SLOW["exception"][:3]}
    began = time.monotonic()
    assert stack.post(slow, timeout=60).status == 202
    assert time.monotonic() - began > 1, "no message takes longer than the second"
    server = Websocketd(stack.front)
    try:
        async def client():
            async with server.connect() as c:
                await c.send(json.dumps(slow) + COSTLY["tags"].decode())  # together: both begin in one reading
                return await ask(c, '{"message":"behind them"}', seconds=120) + [json.loads(await c.recv()) for _ in (1, 2)]
        answers = run(client())
    finally:
        server.stop()
    assert [a["status"] for a in answers] == ["accepted"] * 3, answers


def test_more_memory_than_a_request_has(fresh):
    """An input that needs too much is too large: the client's affair, not a 503."""
    stack = fresh(responders=1, rate_limit=1000, conf={"event_max_bytes": 8 << 20})
    params = b",".join([b'""'] * 2600000)
    body = b'{"logentry":{"message":"{0}","params":[%s]}}' % params
    assert len(body) < 8 << 20
    answer = Sdk(stack).request("POST", "/api/42/envelope/", auth(), envelope(item("event", body)), timeout=60)
    assert answer.status in (200, 413), answer
    stack.good()
