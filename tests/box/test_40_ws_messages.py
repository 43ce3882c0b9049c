"""Goal: every message over a WebSocket gets its answer, in order, however it is cut into frames and lines;
what is bad costs only itself."""

import asyncio
import json
import uuid

import pytest
import websockets
from harness import bodies
from harness import wsclient
from harness.ws import Websocketd, ask, run, until_closed
from test_13_bad_input import SYNTAX

LIMIT = 1048576


@pytest.fixture(scope="module")
def ws(stack):
    server = Websocketd(stack.front)
    yield server
    server.stop()


def talk(server, *messages, **kwargs):
    async def client():
        async with server.connect(**kwargs) as c:
            return await ask(c, *messages)
    return run(client())


def bad_then_good(server, bad, **kwargs):
    """The answers to a bad message and a good one behind it."""
    async def client():
        async with server.connect(**kwargs) as c:
            # A binary frame gets no newline from websocketd, a text frame must be UTF-8.
            await c.send(bad + b"\n" if isinstance(bad, bytes) else bad)
            await c.send('{"message":"good"}')
            got = []
            while not got or got[-1].get("status") != "accepted":
                got.append(json.loads(await asyncio.wait_for(c.recv(), 20)))
            return got
    return run(client())


# ---- who may connect

def status_of(server, **kwargs):
    async def client():
        async with server.connect(**kwargs):
            return 101
    try:
        return run(client())
    except websockets.InvalidHandshake as e:
        return wsclient.refusal(e)


@pytest.mark.parametrize("headers,path", [
    ({}, "/?sentry_key=nobody"), ({}, "/"), ({"X-Sentry-Auth": "mshr_" + "0" * 48}, "/"),
    ({"Authorization": "Bearer wrong"}, "/ingest")], ids=range(4))
def test_bad_key_is_401_in_the_handshake(ws, headers, path):
    before = ws.handlers()
    assert status_of(ws, key="", headers=headers, path=path) == 401
    assert set(ws.handlers()) <= set(before), "no process was started for it"


@pytest.mark.parametrize("place", ["x-sentry-auth", "sentry", "bearer", "authorization", "query", "ingest"])
def test_key_places(ws, stack, place):
    key = stack.key
    headers, path = {
        "x-sentry-auth": ({"X-Sentry-Auth": key}, "/"),
        "sentry": ({"X-Sentry-Auth": f"Sentry sentry_key={key}, sentry_version=7"}, "/"),
        "bearer": ({"Authorization": f"Bearer {key}"}, "/"),
        "authorization": ({"Authorization": key}, "/"),
        "query": ({}, f"/?sentry_key={key}"), "ingest": ({}, f"/ingest?sentry_key={key}")}[place]
    answer, = talk(ws, {"message": place}, key="", headers=headers, path=path)
    assert answer["status"] == "accepted"
    assert stack.row(answer["id"], "message") == (place,)


def test_directly_on_websocketd_the_first_message_says_no(ws):
    async def client():
        async with ws.connect(key="nobody", direct=True) as c:
            return await until_closed(c)
    assert run(client()) == [{"error": "unauthorized", "status": 401}]


def test_unknown_path(ws):
    async def client():
        async with ws.connect(path="/nosuch") as c:
            return await until_closed(c)
    assert run(client()) == [{"error": "not found", "status": 404}]


def test_revoked_while_connected(ws, stack):
    key = stack.ctl_json("key", "add", 42)["key"]

    async def client():
        loop = asyncio.get_running_loop()
        async with ws.connect(key=key) as c:
            assert (await ask(c, {"message": "before"}))[0]["status"] == "accepted"
            stack.ctl("key", "revoke", key)
            end = loop.time() + 5
            while loop.time() < end:
                answer, = await ask(c, {"message": "after"})
                if answer["status"] == 401:
                    return await until_closed(c)
            raise AssertionError("still good after 5 s")
    assert run(client()) == []
    assert status_of(ws, key=key) == 401


def test_origins(fresh):
    stack = fresh(conf={"ws_origins": "https://a.example, https://b.example"}, responders=1)
    server = Websocketd(stack.front)

    async def client(**kwargs):
        async with server.connect(**kwargs) as c:
            await c.send('{"message":"o"}')
            return json.loads(await asyncio.wait_for(c.recv(), 20))["status"]
    assert run(client(origin="https://b.example")) == "accepted"
    assert run(client(origin="https://c.example")) == 403
    assert run(client()) == "accepted"
    server.stop()


# ---- messages

def test_row(ws, stack):
    event = {"message": "over ws", "level": "fatal", "tags": {"a": "b"}, "fingerprint": "f"}
    text = json.dumps(event)
    answer, = talk(ws, text)
    assert set(answer) == {"status", "id"}
    assert stack.row(answer["id"], "message, level, tags") == ("over ws", "fatal", {"a": "b"})
    assert stack.payload(answer["id"]) == text.encode()


def test_client_id_comes_back(ws, stack):
    mine = uuid.uuid4()
    first, second, bad = talk(ws, {"message": "m", "event_id": mine.hex}, {"message": "m", "event_id": str(mine)},
                              {"message": 5, "event_id": mine.hex})
    assert first == second == {"status": "accepted", "id": str(mine), "event_id": str(mine)}
    assert bad["status"] == 400 and bad["event_id"] == str(mine) and "message" in bad["error"]
    assert len(stack.sql("SELECT 1 FROM events WHERE id = %s", str(mine))) == 1


def test_fragments_binary_pretty_empty(ws):
    async def client():
        async with ws.connect() as c:
            answers = await ask(c, ['{"mess', 'age":"in ', 'three"}'])
            answers += await ask(c, b'{"message":"binary"}')
            answers += await ask(c, [b'{"message":"\xc3', b'\xa9"}'])  # UTF-8 split over fragments
            answers += await ask(c, json.dumps({"message": "pretty", "extra": {"a": [1, {"b": 2}]}}, indent=2))
            await c.send("")
            await c.send(" \n ")
            await c.ping()
            answers += await ask(c, {"message": "after nothing"})
            return answers
    answers = run(client())
    assert [a["status"] for a in answers] == ["accepted"] * 5


def test_two_in_one_message(ws):
    async def client():
        async with ws.connect() as c:
            await c.send('{"message":"one"}{"message":"two"}')
            return [json.loads(await asyncio.wait_for(c.recv(), 20)) for _ in range(2)]
    assert [a["status"] for a in run(client())] == ["accepted"] * 2


def test_bulk(ws, stack):
    answer, refused, empty, many = talk(ws, [json.dumps([{"message": "1"}, {"level": "error"}, {"message": "3"}])],
                                        [json.dumps([{"x": 1}])], ["[]"], [json.dumps([{"message": "x"}] * 101)])
    assert (answer["status"], answer["accepted"], answer["rejected"]) == ("accepted", 2, 1)
    assert [r.get("status", 202) for r in answer["results"]] == [202, 400, 202]
    assert stack.row(answer["results"][2]["id"], "message") == ("3",)
    assert refused["status"] == empty["status"] == many["status"] == 400


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_message_limit(ws, extra):
    got = bad_then_good(ws, bodies.event_of(LIMIT + extra).decode())
    if extra <= 0:
        assert [a["status"] for a in got] == ["accepted"]
    else:
        assert [a["status"] for a in got] == [413, "accepted"]
        assert got[0]["error"] == f"payload too large: limit is {LIMIT} bytes"


def test_far_too_large(ws):
    got = bad_then_good(ws, bodies.event_of(8 * LIMIT).decode())
    assert [a["status"] for a in got] == [413, "accepted"]


# ---- bad messages

@pytest.mark.parametrize("name", [n for n in SYNTAX if n not in ("empty", "blank")])
def test_not_json(ws, name):
    """What HTTP refuses is refused; a whole value in front of garbage is a message of its own."""
    got = bad_then_good(ws, SYNTAX[name][0])
    assert got[-1]["status"] == "accepted"
    if name in ("garbage-after", "line-comment", "two", "nul-after"):
        assert got[0]["status"] == "accepted"
    else:
        assert got[0]["status"] == 400 and got[0]["error"], got


@pytest.mark.parametrize("text,field", [
    ('{"level":"error"}', "message"), ('{"message":""}', "message"), ('{"message":null}', "message"),
    ('{"message":"a","level":"loud"}', "level"), ('{"message":"a","event_id":"x"}', "event_id"),
    ('{"message":"a","tags":5}', "tags"), ('{"message":"a","extra":"x"}', "extra"),
    ('{"message":"a","timestamp":"soon"}', "timestamp"), ('{"message":"a","exception":1}', "exception"),
    ('{"message":"a","fingerprint":{}}', "fingerprint"), ('{"message":"a","release":{}}', "release"),
    ("null", "null"), ("5", "number"), ('"x"', "string"), ("true", "boolean")])
def test_field_is_named(ws, text, field):
    got = bad_then_good(ws, text)
    assert [a["status"] for a in got] == [400, "accepted"]
    assert field in got[0]["error"]


def test_odd_is_accepted(ws):
    odd = ['{"message":"\\u0000"}', '{"message":"\\ud800"}', '{"message":"a","message":"b"}',
           '{"message":"a","extra":{"x":1e999}}', bodies.nested(128).decode()]
    assert [a["status"] for a in talk(ws, *[[o] for o in odd])] == ["accepted"] * len(odd)


def test_truncated_then_good(ws):
    got = bad_then_good(ws, '{"message":"trunc')
    assert [a["status"] for a in got] == [400, "accepted"]
    got = bad_then_good(ws, '{"message":"a","extra":{"b":[1,2')
    assert [a["status"] for a in got] == [400, "accepted"]


def test_truncated_then_silence(ws):
    async def client():
        async with ws.connect() as c:
            bad, = await ask(c, ['{"message":"cut","extra":[1,'], seconds=10)
            good, = await ask(c, {"message": "later"})
            return bad, good
    bad, good = run(client())
    assert bad["status"] == 400 and "unexpected end" in bad["error"]
    assert good["status"] == "accepted"


def test_slow_but_steady_is_no_silence(ws):
    async def client():
        async with ws.connect(direct=True) as c:
            text = b'{"message":"a byte at a time"}'

            async def pieces():
                for i in range(len(text)):
                    yield text[i:i + 1]
                    await asyncio.sleep(0.05)
            await c.send(pieces())
            return json.loads(await asyncio.wait_for(c.recv(), 20))
    assert run(client())["status"] == "accepted"


# ---- many

def test_pipelined(ws, stack):
    """10,000 messages without waiting: as many answers, in order, and as many rows."""
    before = stack.rows()
    ids = [uuid.uuid4() for _ in range(10000)]

    async def client():
        async with ws.connect() as c:
            async def send():
                for n, i in enumerate(ids):
                    await c.send(f'{{"message":"m {n % 20}","event_id":"{i.hex}"}}')

            async def receive():
                return [json.loads(await c.recv()) for _ in ids]
            return (await asyncio.gather(send(), receive()))[1]
    answers = run(client(), 120)
    assert [a["id"] for a in answers] == [str(i) for i in ids]
    assert all(a["status"] == "accepted" for a in answers)
    assert stack.rows() == before + 10000


def test_close_stores_what_was_sent(ws, stack):
    """A close frame right behind 500 messages."""
    async def client():
        c = await ws.connect(direct=True)
        for n in range(500):
            await c.send(f'{{"message":"before the close {n}"}}')
        await c.close()
    run(client())
    assert stack.sql("SELECT count(*) FROM events WHERE message LIKE 'before the close %%'")[0][0] == 500


def test_direct_mode(stacks):
    stack = stacks("direct", conf={"slot_dir": "/nonexistent"}, responders=1)
    slots = stack.top / "slots"
    slots.mkdir()
    stack.settings["slot_dir"] = str(slots)
    stack.write_conf(stack.front.conf, {})
    server = Websocketd(stack.front)
    answers = talk(server, *[{"message": f"direct {n}"} for n in range(20)])
    assert [a["status"] for a in answers] == ["accepted"] * 20
    assert stack.rows() == 20
    server.stop()
