"""Goal: behind every web server, at the root and below a prefix, clients meet the same contract."""

import asyncio
import gzip
import json
import socket
import uuid

import pytest
import websockets
from harness import client, wsclient
from harness.servers import KINDS, Server, curl
from harness.wait import wait_until

pytestmark = pytest.mark.repeats

MATRIX = [pytest.param((kind, mount), id=f"{kind}{mount}") for kind, (mounts, _) in KINDS.items() for mount in mounts]


@pytest.fixture(scope="module")
def servers(stacks):
    """Each kind is started when it is first asked for; CGI programs have no writer."""
    made, stack = {}, {}

    def get(kind, **kwargs):
        key = (kind, *kwargs)
        if key not in made:
            mode = "direct" if "cgi" in KINDS[kind][1] else "writer"
            if mode not in stack:
                # Apache's programs are its user's.
                stack[mode] = stacks(mode, responders=1, conf={"writer_users": "www-data"})
                stack[mode].ctl("maintenance")
                for p in [*stack[mode].spool_dir.rglob("*"), stack[mode].spool_dir, stack[mode].poison_dir]:
                    p.chmod(0o777)  # who runs the programs is the server's affair
                if mode == "writer":
                    stack[mode].writer_socket.chmod(0o777)
            if mode == "direct":  # they share what they know, and have another user behind each server
                spool = stack[mode].top / f"spool-{kind}"
                spool.mkdir()
                spool.chmod(0o777)
                kwargs["conf"] = {"spool_dir": str(spool)}
            made[key] = Server(stack[mode], kind, **kwargs).start()
        return made[key]
    yield get
    for server in made.values():
        server.stop()


@pytest.fixture
def site(request, servers):
    kind, mount = request.param
    server = servers(kind)
    server.mount = mount
    return server


def everywhere(f):
    return pytest.mark.parametrize("site", MATRIX, indirect=True)(f)


def stored(site, answer):
    assert answer.status == 202, (answer, site.log()[-3000:])
    wait_until(lambda: site.stack.sql("SELECT 1 FROM events WHERE id = %s", answer.json()["id"]), 10, "stored")


@everywhere
def test_health_and_paths(site):
    health = site.request("GET", "/api/v1/health", site.mount)
    assert health.status == 200 and health.json()["status"] == "ok"
    assert site.request("GET", "/api/v1/nothing", site.mount).status == 404
    wrong = site.request("GET", "/api/v1/events", site.mount)
    assert wrong.status == 405 and "POST" in wrong.header("Allow")
    assert site.request("GET", "/api/42/envelope/", site.mount).status == 405


@everywhere
@pytest.mark.parametrize("where", ["x-sentry-auth", "sentry", "bearer", "bare", "query"])
def test_a_key_in_each_place(site, where):
    key = site.stack.key
    headers = {"x-sentry-auth": {"X-Sentry-Auth": key}, "sentry": {"X-Sentry-Auth": f"Sentry sentry_key={key}"},
               "bearer": {"Authorization": f"Bearer {key}"}, "bare": {"Authorization": key}, "query": {}}[where]
    path = "/api/v1/events" + (f"?sentry_key={key}" if where == "query" else "")
    stored(site, site.request("POST", path, site.mount, headers, b'{"message":"by key"}'))


@everywhere
def test_no_key_and_a_wrong_one(site):
    for headers in ({}, {"X-Sentry-Auth": "mshr_" + "0" * 48}):
        answer = site.request("POST", "/api/v1/events", site.mount, headers, b'{"message":"x"}')
        assert answer.status == 401 and answer.json() == {"error": "unauthorized"}
        assert answer.header("WWW-Authenticate")


@everywhere
@pytest.mark.parametrize("size", [100, 20_000, 200_000, 1_000_000])
@pytest.mark.parametrize("form", ["length", "chunked"])
def test_bodies(site, size, form):
    """By length and chunked; random, so that nothing shrinks on the way."""
    event = {"message": f"{form} {size}", "event_id": str(uuid.uuid4()), "extra": {"x": "".join(
        str(uuid.uuid4()) for _ in range(max(1, size // 36 - 3)))[:size - 90 if size > 100 else 5]}}
    body = json.dumps(event).encode()
    path = site.top / "body"
    path.write_bytes(body)
    status, text = curl(f"http://127.0.0.1:{site.port}{site.mount}/api/v1/events", "-H", f"X-Sentry-Auth: {site.stack.key}",
                        "-H", "Expect:", *(["-H", "Transfer-Encoding: chunked"] if form == "chunked" else []),
                        "--data-binary", f"@{path}")
    assert status == 202, (text, site.log()[-2000:])
    wait_until(lambda: site.stack.sql("SELECT 1 FROM events WHERE id = %s", event["event_id"]), 10)
    assert site.stack.payload(event["event_id"]) == body


@everywhere
def test_compressed(site):
    body = gzip.compress(json.dumps({"message": "gzip", "extra": {"y": "y" * 100_000}}).encode())
    stored(site, site.post(site.mount, body, {"Content-Encoding": "gzip"}))


@everywhere
def test_over_the_limit_is_mesher_s_own_answer(site):
    answer = site.post(site.mount, b'{"message":"' + b"z" * 1_048_576 + b'"}')
    assert answer.status == 413 and answer.json()["error"] == "payload too large: limit is 1048576 bytes"
    stored(site, site.post(site.mount, {"message": "after it"}))


@everywhere
def test_bad_input(site):
    for body, status in [(b"", 400), (b"{", 400), (b'{"level":"x"}', 400), (b"[]", 400), (b"\xff\xfe", 400)]:
        answer = site.post(site.mount, body)
        assert answer.status == status and answer.json()["error"], body
    assert site.post(site.mount, b"{}", {"Content-Encoding": "nonsense"}).status == 415
    stored(site, site.post(site.mount, {"message": "good"}))


@everywhere
def test_bulk(site):
    answer = site.post(site.mount, [{"message": f"bulk {n}"} for n in range(50)], path="/api/v1/events/bulk")
    assert answer.status == 202 and answer.json()["accepted"] == 50
    lines = b"".join(b'{"message":"line %d"}\n' % n for n in range(50))
    answer = site.post(site.mount, lines, {"Content-Type": "application/x-ndjson"}, path="/api/v1/events/bulk")
    assert answer.status == 202 and answer.json()["accepted"] == 50


@everywhere
def test_an_envelope_and_its_preflight(site):
    event = uuid.uuid4().hex
    item = json.dumps({"message": "in an envelope"}).encode()
    body = b'{"event_id":"%s"}\n{"type":"event","length":%d}\n%s\n' % (event.encode(), len(item), item)
    for path in ("/api/42/envelope/", "/api/42/envelope"):
        answer = site.request("POST", f"{path}?sentry_key={site.stack.key}&sentry_version=7", site.mount,
                              {"Content-Type": "text/plain;charset=UTF-8", "Origin": "https://page.example"}, body)
        assert answer.status == 200 and answer.json() == {"id": event}
        assert answer.header("Access-Control-Allow-Origin") == "*"
    preflight = site.request("OPTIONS", "/api/42/envelope/", site.mount, {
        "Origin": "https://page.example", "Access-Control-Request-Method": "POST"})
    assert preflight.status in (200, 204) and "x-sentry-auth" in preflight.header("Access-Control-Allow-Headers").lower()


@everywhere
def test_a_client_that_leaves_in_its_body(site):
    """Nothing of it is stored, and the next one is served."""
    head = client.request_bytes("POST", f"{site.mount}/api/v1/events", {"X-Sentry-Auth": site.stack.key}, b"",
                                length=50_000)
    with socket.create_connection(("127.0.0.1", site.port)) as s:
        s.sendall(head + b'{"message":"half of it ' + b"h" * 20_000)
    stored(site, site.post(site.mount, {"message": "the next"}))
    assert site.stack.sql("SELECT 1 FROM events WHERE message LIKE 'half of it%%'") == []


@everywhere
def test_kept_connections(site):
    """By .htaccess, where the server's limit is another's, each answer ends its connection."""
    c = client.Connection(site.port)
    for n in range(20):
        c.send(client.request_bytes("POST", f"{site.mount}/api/v1/events", {"X-Sentry-Auth": site.stack.key},
                                    b'{"message":"kept %d"}' % n, close=False))
        answer = c.answer()
        closes = (answer.header("Connection") or "").lower() == "close"
        assert answer.status == 202 and closes == (site.kind == "apache-cgid"), answer.headers
        if closes:
            c.close()
            c = client.Connection(site.port)
    c.close()


@everywhere
def test_many_requests(site):
    """1,200, 24 at a time; every 202 is a row.  mod_fcgid lets whoever finds all its processes busy wait for a second: there
    most of them are sent 4 at a time."""
    sizes = [24] * 50 if site.kind != "apache-fcgid" else [24] * 5 + [4] * 270
    assert sum(sizes) == 1200
    accepted = []
    for size in sizes:
        answers = client.at_once(site.port, [client.request_bytes(
            "POST", f"{site.mount}/api/v1/events", {"X-Sentry-Auth": site.stack.key}, b'{"message":"many"}')
            for _ in range(size)])
        assert {a.status for a in answers} == {202}, (answers[:3], site.log()[-3000:])
        accepted += [a.json()["id"] for a in answers]
    wait_until(lambda: set(accepted) <= site.stack.ids(), 30)


def of(*features):
    return [k for k, (_, can) in KINDS.items() if set(features) <= can]


@pytest.mark.parametrize("kind", of("pool"))
def test_responders_are_replaced_under_load(servers, kind):
    server = servers(kind)
    with client.Load(server.port, server.stack.key, threads=6) as load:
        for n in range(1, 9):
            wait_until(lambda: len(load.accepted) >= 40 * n, 30)  # pylint: disable=W0640
            server.replace(server.pool_pids()[-1])
    assert not load.failed and not load.other, (load.failed + load.other)[:3]


@pytest.mark.parametrize("kind", of("ws"))
@pytest.mark.parametrize("where", ["header", "bearer", "query"])
def test_websocket(servers, kind, where):
    server = servers(kind)
    key = server.stack.key
    headers = {"header": {"X-Sentry-Auth": key}, "bearer": {"Authorization": f"Bearer {key}"}, "query": {}}[where]
    url = f"ws://127.0.0.1:{server.ws_port}/" + (f"?sentry_key={key}" if where == "query" else "")

    async def talk():
        async with wsclient.connect(url, headers) as ws:
            await ws.send('{"message":"over a WebSocket"}')
            return json.loads(await asyncio.wait_for(ws.recv(), 20))
    answer = asyncio.run(talk())
    assert answer["status"] == "accepted"
    wait_until(lambda: server.stack.sql("SELECT 1 FROM events WHERE id = %s", answer["id"]), 10)


@pytest.mark.parametrize("kind", of("ws"))
@pytest.mark.parametrize("key", ["", "mshr_" + "0" * 48])
def test_websocket_key_is_checked_before_the_upgrade(servers, kind, key):
    server = servers(kind)

    async def talk():
        async with wsclient.connect(f"ws://127.0.0.1:{server.ws_port}/", {"X-Sentry-Auth": key} if key else {}):
            pass
    with pytest.raises(websockets.InvalidHandshake) as refused:
        asyncio.run(talk())
    assert wsclient.refusal(refused.value) == 401


@pytest.mark.parametrize("kind", of("tls"))
def test_tls_and_http_2(servers, kind):
    server = servers(kind, tls=True)
    body = server.top / "h2"
    body.write_bytes(b'{"message":"over TLS","extra":{"t":"' + b"t" * 50_000 + b'"}}')
    for version, wanted in (("--http1.1", "1.1"), ("--http2", "2")):
        _, seen = curl(version, "--cacert", server.top / "etc/cert.pem", "-H", f"X-Sentry-Auth: {server.stack.key}",
                       "--data-binary", f"@{body}", f"https://127.0.0.1:{server.tls_port}/api/v1/events",
                       "-o", server.top / "answer", "-w", "%{http_version} %{http_code}\n0")
        assert seen == f"{wanted} 202", (server.top / "answer").read_text()


@pytest.mark.parametrize("kind", of("h2"))
def test_http_2_without_a_length(servers, kind):
    server = servers(kind)
    body = server.top / "h2c"
    body.write_bytes(b'{"message":"streamed","extra":{"s":"' + b"s" * 100_000 + b'"}}')
    status, text = curl("--http2-prior-knowledge", "-X", "POST", "-T", body, "-H", "Transfer-Encoding: chunked",
                        "-H", f"X-Sentry-Auth: {server.stack.key}", f"http://127.0.0.1:{server.port}/api/v1/events")
    assert status == 202, (text, server.log()[-2000:])


def test_htaccess_hides_what_lies_beside(servers):
    server = servers("apache-cgid")
    for name in (".htaccess", "secret.conf", "secret.CONF"):
        answer = server.request("GET", f"/errors/{name}", "")
        assert answer.status in (403, 404) and b"secret" not in answer.body.replace(name.encode(), b""), (name, answer)
