"""Goal: one WebSocket connection never suffers for what happens to another, and an answer still means
committed, whatever dies."""

import asyncio
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import threading
import uuid

import pytest
import websockets
from harness.client import at_once
from harness.process import private_kib
from harness.stack import clean_environment, sanitized
from harness.wait import wait_until
from harness.ws import Websocketd, alive, ask, run, until_closed

SEND = pathlib.Path(__file__).resolve().parents[2] / "contrib/mesher-send"


@pytest.fixture
def served(fresh):
    """Makes a stack with a websocketd."""
    made = []

    def make(*args, env=None, **kwargs):
        stack = fresh(*args, **kwargs)
        server = Websocketd(stack.front, env=env)
        made.append(server)
        return stack, server
    yield make
    for server in made:
        server.stop()


async def pump(c, ids, answers, prefix="m", more=None):
    """Sends an event for each id, collects the answers; ends early when the connection does."""
    async def send():
        for n, i in enumerate(ids):
            await c.send(f'{{"message":"{prefix} {n % 10}","event_id":"{i.hex}"}}')
            if more is not None and n % 50 == 0:
                await asyncio.sleep(0)

    async def receive():
        for _ in ids:
            answers.append(json.loads(await c.recv()))
    tasks = [asyncio.ensure_future(send()), asyncio.ensure_future(receive())]
    try:
        await asyncio.gather(*tasks)
        return True
    except websockets.ConnectionClosed:
        return False
    finally:
        for t in tasks:
            t.cancel()


def stored(stack):
    ids = [str(r[0]) for r in stack.sql("SELECT id FROM events")]
    assert len(ids) == len(set(ids)), "stored twice"
    return set(ids)


def accepted(answers):
    return {a["id"] for a in answers if a["status"] == "accepted"}


# ---- limits

def test_one_window_with_http(served):
    """1,200 events over 4 connections and 2 HTTP clients: exactly 1,000 are stored."""
    stack, server = served(rate_limit=1000, responders=4)
    http = []

    def over_http():
        http.extend(at_once(stack.port, [stack.front.post_bytes({"message": "http"})] * 200, 2))

    thread = threading.Thread(target=over_http)

    async def client():
        answers = [[] for _ in range(4)]

        async def one(n):
            async with server.connect() as c:
                await pump(c, [uuid.uuid4() for _ in range(250)], answers[n])
        thread.start()
        await asyncio.gather(*(one(n) for n in range(4)))
        return [a for some in answers for a in some]
    answers = run(client())
    thread.join(60)
    assert len(answers) == 1000 and len(http) == 200
    good = len(accepted(answers)) + sum(a.status == 202 for a in http)
    limited = [a for a in answers if a["status"] == 429]
    assert good == 1000 == stack.rows()
    assert len(limited) + sum(a.status == 429 for a in http) == 200
    assert all(a["error"] == "rate limited" and 1 <= a["retry_after"] <= 60 for a in limited)


@pytest.mark.parametrize("mode", ["writer", "direct"])
def test_connection_limits(served, tmp_path, mode):
    slots = tmp_path / "slots"
    slots.mkdir()
    stack, server = served(mode, conf={"ws_max": 5, "ws_max_project": 3, "slot_dir": str(slots)}, responders=1)
    other = stack.ctl_json("project", "add", "other")["key"]
    third = stack.ctl_json("project", "add", "third")["key"]

    async def refusal(key):
        async with server.connect(key=key) as c:
            return (await until_closed(c))[0]

    async def client():
        held = []
        for key in (None, None, None):
            held.append(await server.connect(key=key))
            assert (await ask(held[-1], {"message": "x"}))[0]["status"] == "accepted"
        one_more = await refusal(None)
        for key in (other, other):
            held.append(await server.connect(key=key))
            assert (await ask(held[-1], {"message": "x"}))[0]["status"] == "accepted"
        in_all = await refusal(third)
        for c in held:
            assert (await ask(c, {"message": "still"}))[0]["status"] == "accepted"
        await held[0].close()
        await asyncio.get_running_loop().run_in_executor(None, lambda: wait_until(
            lambda: len(server.handlers()) == 4, 10))
        again = await server.connect()
        assert (await ask(again, {"message": "again"}))[0]["status"] == "accepted"
        for c in [again, *held]:
            await c.close()
        return one_more, in_all
    one_more, in_all = run(client())
    assert one_more["status"] == 429 and "for this project" in one_more["error"]
    assert in_all["status"] == 429 and in_all["error"] == "too many connections"


def test_300_connections_of_4_projects(served):
    stack, server = served(responders=4)
    keys = [stack.key] + [stack.ctl_json("project", "add", f"p{n}")["key"] for n in range(3)]

    async def client():
        held = await asyncio.gather(*(server.connect(key=keys[n % 4], open_timeout=60) for n in range(300)))
        answers = await asyncio.gather(*(ask(c, {"message": "one"}, {"message": "two"}, seconds=60) for c in held))
        kib = private_kib(server.handlers()[0])
        await asyncio.gather(*(c.close() for c in held))
        return answers, kib
    answers, kib = run(client(), 120)
    assert all(a["status"] == "accepted" for pair in answers for a in pair)
    assert stack.rows() == 600
    wait_until(lambda: not server.handlers(), 20, "all handlers gone")
    assert sanitized() or kib < 6 * 1024


# ---- what dies

@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_one_of_20_handlers_dies(served, number):
    stack, server = served(responders=4)

    async def client():
        done, answers = [], [[] for _ in range(20)]

        async def one(n):
            async with server.connect() as c:
                done.append(await pump(c, [uuid.uuid4() for _ in range(1500)], answers[n], more=True))

        async def killer():
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, lambda: wait_until(
                lambda: len(server.handlers()) == 20 and sum(map(len, answers)) > 400, 30))
            os.kill(random.choice(server.handlers()), number)
        await asyncio.gather(killer(), *(one(n) for n in range(20)))
        return done, answers
    done, answers = run(client(), 120)
    assert sorted(done) == [False] + [True] * 19
    assert sorted(map(len, answers))[1:] == [1500] * 19
    told = set().union(*map(accepted, answers))
    assert told <= stored(stack)


@pytest.mark.crash_points
def test_a_crash_in_a_handler(served, tmp_path):
    trigger = tmp_path / "crash"
    stack, server = served(responders=2, env={"MESHER_CRASH": f"ws-message:{trigger}"})

    async def client():
        a, b = await server.connect(), await server.connect()
        assert (await ask(a, {"message": "a"}))[0]["status"] == "accepted"
        trigger.write_text("")
        await b.send('{"message":"this one dies"}')
        assert await until_closed(b) == []
        assert (await ask(a, {"message": "a goes on"}))[0]["status"] == "accepted"
        await a.close()
    run(client())
    assert stack.rows() == 2 and not trigger.exists()


def test_writer_killed_under_load(served):
    stack, server = served(responders=2)
    sent = [[uuid.uuid4() for _ in range(3000)] for _ in range(4)]

    async def client():
        answers = [[] for _ in sent]

        async def one(n):
            async with server.connect() as c:
                assert await pump(c, sent[n], answers[n], more=True)

        async def killer():
            loop = asyncio.get_running_loop()
            for n in range(1, 4):
                await loop.run_in_executor(None, lambda n=n: wait_until(
                    lambda: sum(map(len, answers)) > 2000 * n, 30))
                await loop.run_in_executor(None, stack.writer.kill)
                await loop.run_in_executor(None, stack.start_writer)
        await asyncio.gather(killer(), *(one(n) for n in range(4)))
        return answers
    answers = run(client(), 120)
    for ids, got in zip(sent, answers):
        assert [a.get("id") for a in got] == [str(i) for i in ids], "in order, each accepted"
    assert stored(stack) == {str(i) for ids in sent for i in ids}
    assert stack.sql("SELECT sum(event_count) FROM issues")[0][0] == 12000


def test_postgres_restarted_under_load(served, own_postgres):
    stack, server = served(server=own_postgres, responders=2)
    ids = [uuid.uuid4() for _ in range(4000)]

    async def client():
        answers = []

        async def one():
            async with server.connect() as c:
                assert await pump(c, ids, answers, more=True)

        async def restart():
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, lambda: wait_until(lambda: len(answers) > 500, 30))
            await loop.run_in_executor(None, own_postgres.stop)
            await loop.run_in_executor(None, own_postgres.start)
        await asyncio.gather(restart(), one())
        return answers
    answers = run(client(), 120)
    assert len(answers) == len(ids)
    assert {a["status"] for a in answers} == {"accepted"}
    stack.drain()
    assert accepted(answers) <= stored(stack)


def test_sigterm_finishes_what_was_read(served):
    stack, server = served(responders=2)

    async def client():
        async with server.connect() as c:
            assert (await ask(c, {"message": "first"}))[0]["status"] == "accepted"
            pid, = server.handlers()
            for n in range(200):
                await c.send(f'{{"message":"{n}"}}')
            os.kill(pid, signal.SIGTERM)
            return pid, await until_closed(c, 10)
    pid, answers = run(client())
    wait_until(lambda: not alive(pid), 5, "the handler is gone within 5 s")
    assert all(a["status"] == "accepted" for a in answers)
    assert accepted(answers) <= stored(stack)


# ---- clients with bad manners

def test_a_client_that_never_reads(served):
    stack, server = served(responders=2)

    async def client():
        deaf = await server.connect(max_queue=1)

        async def shout():
            for n in range(200000):
                await deaf.send(f'{{"message":"deaf","extra":"{{}}","tags":{{"n":"{n}"}}}}')
        shouting = asyncio.ensure_future(shout())
        async with server.connect(open_timeout=60) as c:
            for _ in range(100):
                answer, = await ask(c, {"message": "heard"})
                assert answer["status"] == "accepted"
        shouting.cancel()
        await asyncio.gather(shouting, return_exceptions=True)
        for pid in server.handlers():
            assert sanitized() or private_kib(pid) < 64 * 1024
        deaf.transport.abort()
    run(client(), 120)
    wait_until(lambda: not server.handlers(), 20, "gone within 10 s")
    assert stack.sql("SELECT count(*) FROM events WHERE message = 'heard'")[0][0] == 100


def test_close_and_reset_in_mid_message(served):
    stack, server = served(responders=2)

    async def client():
        for end in ("close", "abort"):
            c = await server.connect(direct=True)
            assert (await ask(c, {"message": end}))[0]["status"] == "accepted"

            async def half():
                yield '{"message":"ha'
                await asyncio.sleep(0.05)
                if end == "abort":
                    c.transport.abort()
                    raise ConnectionError
                yield 'lf'
            try:
                await c.send(half())
            except (ConnectionError, websockets.ConnectionClosed):
                pass
            await c.close()
    run(client())
    wait_until(lambda: not server.handlers(), 15, "gone within 10 s")
    assert stack.rows() == 2


# ---- other clients

def node(*arguments):
    node_path = shutil.which("nodejs", path="/usr/bin:/bin") or "/usr/bin/node"
    return subprocess.run([node_path, str(pathlib.Path(__file__).parent / "ws_client.js"), *map(str, arguments)],
                          capture_output=True, text=True, timeout=60, check=False,
                          env={**clean_environment(), "NODE_PATH": "/usr/share/nodejs:/usr/lib/nodejs"})


def test_npm_ws(served):
    stack, server = served(responders=2)
    done = node(server.url(), stack.key, 300)
    assert done.returncode == 0, done.stderr
    ids = json.loads(done.stdout)
    assert len(ids) == 300 and set(ids) == stored(stack)
    assert stack.row(ids[1], "message") == ("node é 1",)
    refused = node(server.url(), "nobody", 1)
    assert refused.returncode == 1 and json.loads(refused.stdout) == {"status": 401}


def send(stdin, *arguments, seconds=90):
    return subprocess.run([SEND, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=seconds,
                          check=False, env=clean_environment())


@pytest.mark.parametrize("scheme", ["ws", "http"])
def test_mesher_send(served, scheme):
    stack, server = served(responders=2)
    url = server.url() if scheme == "ws" else f"http://127.0.0.1:{stack.port}"
    lines = "".join(f'{{"message":"line {n}"}}\n' for n in range(2500))
    (stack.top / "key").write_text(stack.key + "\n")
    done = send(lines, url, "--key-file", stack.top / "key")
    assert (done.returncode, done.stderr) == (0, "")
    assert stack.rows() == 2500
    done = send('{"message":"x"}\nno JSON\n\n{"level":"error"}\n', url, "--key", stack.key)
    assert done.returncode == 1 and "line 2: not JSON" in done.stderr
    assert "line 4: missing required field: message" in done.stderr and "1 stored, 2 refused" in done.stderr
    done = send('{"message":"x"}\n', url, "--key", "nobody")
    assert done.returncode == 1
    assert send("", url).returncode == 2


@pytest.mark.parametrize("how", ["two words", "one word"])
def test_mesher_send_hides_its_key(stack, how):
    """Users of the machine can read command lines."""
    words = ["--key", stack.key] if how == "two words" else [f"--key={stack.key}"]
    with subprocess.Popen([SEND, f"http://127.0.0.1:{stack.port}", *words], stdin=subprocess.PIPE, text=True,
                          env=clean_environment()) as p:
        def line():
            return pathlib.Path(f"/proc/{p.pid}/cmdline").read_bytes().decode()
        wait_until(lambda: "127.0.0.1" in line() and stack.key not in line(), 10, "the key is gone")
        p.stdin.write('{"message":"hidden"}\n')
        p.stdin.close()
        assert p.wait(30) == 0
    assert stack.sql("SELECT count(*) FROM events WHERE message = 'hidden'") != [(0,)]


@pytest.mark.parametrize("scheme", ["ws", "http"])
def test_mesher_send_waits_for_the_window(served, scheme):
    stack, server = served(responders=2)
    stack.ctl("project", "set", 42, "rate_limit=100", "rate_window=2")
    url = server.url() if scheme == "ws" else f"http://127.0.0.1:{stack.port}"
    done = send("".join(f'{{"message":"w {n}"}}\n' for n in range(350)), url, "--key", stack.key)
    assert done.returncode == 0, done.stderr
    assert stack.rows() == 350 == len(stored(stack))


def test_mesher_send_through_a_writer_that_dies(served):
    stack, server = served(responders=2)
    done = []
    thread = threading.Thread(target=lambda: done.append(send(
        "".join(f'{{"message":"d {n % 9}"}}\n' for n in range(20000)), server.url(), "--key", stack.key)))
    thread.start()
    wait_until(lambda: stack.rows() > 1000, 30)
    for pid in server.handlers():
        os.kill(pid, signal.SIGKILL)
    stack.writer.kill()
    stack.start_writer()
    thread.join(90)
    assert done and done[0].returncode == 0, done and done[0].stderr
    assert stack.rows() == 20000 == len(stored(stack))
