"""Goal: of a hundred secrets, each in twenty places of an event, none is found afterwards in the database, the spool, the
poison directory or a log, whichever way the event came; what a project wants is in force within five seconds."""

import base64
import contextlib
import ctypes
import ctypes.util
import json
import random
import signal
import uuid

import pytest
from harness.sentry import Sdk, event, item
from harness.stack import KEY
from harness.wait import wait_until
from harness.ws import Websocketd, ask, run

FILTERED = "[Filtered]"


# ---- the secrets: what is searched for, the text that holds it, and the name that it has

def words(rng, n, letters="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"):
    """Such a text that has small and capital letters and digits."""
    return "aB3" + "".join(rng.choice(letters) for _ in range(n - 3))


def card(rng, head, length):
    digits = head + "".join(rng.choice("0123456789") for _ in range(length - len(head) - 1))
    total = sum(sum(divmod(2 * int(d), 10)) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def iban(rng, country, length):
    digits = "".join(rng.choice("0123456789") for _ in range(length - 4))
    code = int("".join(str(int(c, 36)) for c in digits + country + "00"))
    return f"{country}{98 - code % 97:02}{digits}"


def jwt(rng):
    head, body = (base64.urlsafe_b64encode(json.dumps(x).encode()).decode().rstrip("=")
                  for x in ({"alg": "HS256", "typ": "JWT"}, {"sub": words(rng, 12)}))
    return f"{head}.{body}.{words(rng, 40)}"


NAMES = ["password", "Passwd", "user_password", "newPassword", "passphrase", "secret", "client_secret", "clientSecret",
         "api_key", "apiKey", "X-Api-Key", "auth", "Authorization", "Proxy-Authorization", "oauth_token", "credentials",
         "mysql_pwd", "db_pass", "privatekey", "private_key", "token", "access_token", "refreshToken", "bearer",
         "stripeToken", "github_token", "aws_secret_access_key", "AccountKey", "sessionid", "PHPSESSID", "session_key",
         "csrfmiddlewaretoken", "X-CSRF-Token", "_xsrf", "otp", "two_factor", "card[number]", "cvv", "ssn", "sid", "encryptionKey", "signing_key"]


def secrets():
    """(needle, text, name) a hundred times."""
    rng = random.Random(27)
    made = [(x, x, name) for name in NAMES for x in [f"n-{words(rng, 14)}"]]
    hexa = "0123456789abcdef"
    shaped = [card(rng, h, n) for h, n in (("4", 16), ("4929", 16), ("51", 16), ("2223", 16), ("34", 15), ("37", 15),
                                           ("6011", 16), ("36", 14), ("3530", 16), ("62", 16))]
    shaped += [" ".join([c[:4], c[4:8], c[8:12], c[12:]]) for c in (card(rng, "45", 16), card(rng, "55", 16))]
    shaped += ["-".join([c[:4], c[4:8], c[8:12], c[12:]]) for c in (card(rng, "47", 16), card(rng, "65", 16))]
    shaped += [p + words(rng, 36) for p in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sk_live_",
                                            "rk_live_", "sk_test_", "npm_", "pypi-", "hf_", "sk-", "sk-proj-", "GOCSPX-",
                                            "ya29.", "hvs.", "whsec_", "xapp-1-", "AIza")]
    shaped += [f"xox{c}-{rng.randrange(10**11)}-{words(rng, 24)}" for c in "abprs"]
    shaped += ["AKIA" + words(rng, 16).upper(), "ASIA" + words(rng, 16).upper(), f"SG.{words(rng, 22)}.{words(rng, 43)}",
               "shpat_" + words(rng, 32, hexa).lower().replace("b3", "03"),
               "dop_v1_" + "".join(rng.choice(hexa) for _ in range(64))]
    shaped += [jwt(rng) for _ in range(3)]
    shaped += [iban(rng, "DE", 22), iban(rng, "AT", 20), "219-09-9999", "457-55-5462"]
    made += [(x, x, "note") for x in shaped]
    for scheme in ("postgres", "https"):
        password = words(rng, 12)
        made.append((password, f"{scheme}://bob:{password}@db.example/x", "note"))
    token = words(rng, 30)
    made.append((token, f"Bearer {token}", "note"))
    user = base64.b64encode(f"bob:{words(rng, 12)}".encode()).decode()
    made.append((user, f"Basic {user}", "note"))
    for kind in ("", "RSA "):
        body = words(rng, 64)
        made.append((body, f"-----BEGIN {kind}PRIVATE " + f"KEY-----\n{body}\n-----END {kind}PRIVATE " + "KEY-----", "note"))
    return made


SECRETS = secrets()


def places(text, name):
    """An event with the text in twenty places, under its name or behind it."""
    quoted = f'{name}="{text}"'
    return {
        "level": "error", "message": f"{name}={text}" if " " not in text else quoted, "platform": "python",
        "request": {"url": f"https://shop.example/pay?{name}={text}", "headers": {name: text, "Host": "shop.example"},
                    "cookies": {"theme": text, name: text}, "query_string": [["page", "1"], [name, text]],
                    "data": json.dumps({"a": {name: text}}), "env": {name: text}},
        "exception": {"values": [{"type": "PaymentError", "value": f"refused: {quoted}", "stacktrace": {"frames": [
            {"function": "pay", "filename": "shop/pay.py", "lineno": 7, "context_line": f'    {name} = "{text}"'
             if "\n" not in text else "    x", "vars": {name: text, "self": f"<Form {{'{name}': '{text}', 'a': 1}}>"}}]}}]},
        "breadcrumbs": {"values": [{"category": "http", "message": f"sent {quoted}", "data": {name: text, "body": quoted}}]},
        "extra": {"deep": [{"er": {name: text}}], "list": [name, text], "argv": ["run", f"--{name}", text],
                  "escaped": {"form": f"a=1&{name}={text}&b=2"}},
        "tags": {name: text[:190]}, "contexts": {"shop": {name: text}}, "user": {"id": "7", name: text},
        "logger": "shop", "server_name": "web-1"}


assert len(SECRETS) == 100, len(SECRETS)


# ---- where they are looked for

class Zstd:
    def __init__(self):
        self.lib = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
        for name in ("ZSTD_decompress", "ZSTD_findFrameCompressedSize"):
            getattr(self.lib, name).restype = ctypes.c_size_t
        self.lib.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong

    def frames(self, data):
        """What all zstd frames in it hold."""
        at = data.find(b"\x28\xb5\x2f\xfd")
        while at >= 0:
            rest = data[at:]
            room = self.lib.ZSTD_getFrameContentSize(rest, ctypes.c_size_t(len(rest)))
            if room < 1 << 26:
                out = ctypes.create_string_buffer(int(room) + 1)
                size = self.lib.ZSTD_findFrameCompressedSize(rest, ctypes.c_size_t(len(rest)))
                n = self.lib.ZSTD_decompress(out, ctypes.c_size_t(room), rest, ctypes.c_size_t(size))
                if n <= room:
                    yield out.raw[:n]
            at = data.find(b"\x28\xb5\x2f\xfd", at + 4)


ZSTD = Zstd()


def found(where, data):
    """Which secrets stand in data, or in what is packed in it."""
    for part in [data, *ZSTD.frames(data)]:
        for needle, _, name in SECRETS:
            at = part.find(needle.encode())
            if at >= 0:
                yield f"{where}: {name}: {part[max(0, at - 60):at + 80]!r}"


def everything(stack):
    """All that is kept anywhere, with a name."""
    for (table,) in stack.sql("SELECT quote_ident(relname) FROM pg_class WHERE relkind IN ('r', 'p')"
                              " AND relnamespace = 'public'::regnamespace AND NOT relispartition"):
        for (row,) in stack.sql(f"SELECT t::text FROM {table} t"):
            yield table, row.encode()
    for (payload,) in stack.sql("SELECT payload FROM events"):
        yield "payload", bytes(payload)
    for folder in (stack.spool_dir, stack.poison_dir):
        for path in folder.rglob("*"):
            if path.is_file():
                yield str(path), path.read_bytes()
    yield "log", stack.log().encode()


def nothing_is_found(stack):
    left = [x for where, data in everything(stack) for x in found(where, data)]
    assert not left, f"{len(left)} left: " + "\n".join(left[:10])


def numbered(i, secret, **more):
    _, text, name = secret
    return {**places(text, name), "event_id": str(uuid.UUID(int=i + 1)).replace("-", ""), **more}


# ---- the ways in

def by_post(stack):
    for i, s in enumerate(SECRETS):
        assert stack.post(numbered(i, s)).status == 202
    return 100


def by_bulk(stack):
    answer = stack.bulk([numbered(1000 + i, s) for i, s in enumerate(SECRETS)])
    assert answer.json()["accepted"] == 100
    return 100


def by_store(stack):
    sdk = Sdk(stack)
    for i, s in enumerate(SECRETS):
        ev = numbered(2000 + i, s)
        ev["tags"] = list(ev["tags"].items())
        ev["request"]["headers"] = list(ev["request"]["headers"].items())
        ev["request"]["query_string"] = f"page=1&{s[2]}={s[1]}"
        assert sdk.store(json.dumps(ev).encode()).status == 200
    return 100


def by_envelope(stack):
    sdk = Sdk(stack)
    for i, s in enumerate(SECRETS):
        ev = numbered(3000 + i, s)
        name = f"{s[2]}={s[1]}.txt" if "\n" not in s[1] else "x.txt"
        report = {"event_id": ev["event_id"], "name": "Bob", "email": "b@example.org", "comments": f'{s[2]}="{s[1]}"'}
        session = {"sid": str(uuid.uuid4()), "init": True, "started": "2026-05-01T10:00:00Z", "status": "ok",
                   "attrs": {"release": f"shop@1?{s[2]}={s[1]}"[:190]}}
        assert sdk.envelope(item("event", ev), item("attachment", b"x", filename=name), item("user_report", report),
                            item("session", session)).status == 200
    return 100


def by_minidump(stack):
    sdk = Sdk(stack)
    for i, s in enumerate(SECRETS):
        parts = [("sentry", json.dumps(numbered(4000 + i, s))), (s[2].replace("[", "_").replace("]", ""), s[1]),
                 (f"sentry[extra][{s[2].replace('[', '_').replace(']', '')}]", s[1])]
        body = b"".join(f'--B\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in parts)
        body += b'--B\r\nContent-Disposition: form-data; name="upload_file_minidump"; filename="d"\r\n\r\nMDMPx\r\n--B--\r\n'
        answer = sdk.post("minidump", body, {"Content-Type": "multipart/form-data; boundary=B"}, f"?sentry_key={KEY}")
        assert answer.status == 200
    return 100


def by_report(stack):
    sdk = Sdk(stack)
    for _, text, name in SECRETS:
        report = {"csp-report": {"document-uri": f"https://shop.example/?{name}={text}", "effective-directive": "img-src",
                                 "blocked-uri": f"https://evil.example/?{name}={text}", "script-sample": f'{name}="{text}"'}}
        answer = sdk.request("POST", f"/api/42/security/?sentry_key={KEY}", {"Content-Type": "application/csp-report"},
                             json.dumps(report).encode())
        assert answer.status in (200, 201), answer.body
    return 100


def by_websocket(stack):
    server = Websocketd(stack.front)

    async def client():
        async with server.connect() as ws:
            return await ask(ws, *(json.dumps(numbered(5000 + i, s)) for i, s in enumerate(SECRETS)), seconds=60)
    try:
        answers = [json.loads(a) if isinstance(a, str) else a for a in run(client())]
    finally:
        server.stop()
    assert all(a["status"] == "accepted" for a in answers)
    return 100


WAYS = {"post": by_post, "bulk": by_bulk, "store": by_store, "envelope": by_envelope, "minidump": by_minidump,
        "report": by_report, "websocket": by_websocket}


@pytest.fixture(scope="module", params=["writer", "direct"])
def both(request, stacks, tmp_path_factory):
    return stacks(request.param, conf={"slot_dir": str(tmp_path_factory.mktemp("slots"))})


@pytest.mark.parametrize("way", WAYS)
def test_no_secret_is_kept(both, way):
    before = both.rows()
    sent = WAYS[way](both)
    assert both.rows() - before == sent
    nothing_is_found(both)


@pytest.mark.parametrize("way", ["post", "store"])
def test_no_secret_is_kept_by_cgi(stacks, way):
    stack = stacks("cgi")
    sent = WAYS[way](stack)
    nothing_is_found(stack)
    wait_until(lambda: stack.rows() >= sent, 30, "it is in the database")
    nothing_is_found(stack)


@contextlib.contextmanager
def away(server):
    server.stop(signal.SIGINT)
    try:
        yield
    finally:
        server.start()


def test_none_is_in_the_spool(fresh, own_postgres):
    stack = fresh("writer", server=own_postgres)
    for _ in range(4):
        stack.good()
    with away(own_postgres):
        by_bulk(stack)
        files = stack.spooled()
        assert files
        left = [x for p in stack.spool_dir.rglob("*") if p.is_file() for x in found(p.name, p.read_bytes())]
        assert not left, left[:5]
    stack.drain()
    assert stack.sql("SELECT count(*) FROM events WHERE errors::text LIKE '%%scrubbed%%'") == [(100,)]
    nothing_is_found(stack)


def test_none_is_in_the_poison(fresh):
    stack = fresh("writer")
    stack.sql("ALTER TABLE events ADD CONSTRAINT no_poison CHECK (title NOT LIKE 'poison%') NOT VALID")
    for i, s in enumerate(SECRETS[::9]):
        ev = numbered(6000 + i, s, exception=None)
        ev["message"] = f"poison {ev['message']}"
        assert stack.post(ev).status == 500
    assert len([p for p in stack.poison_dir.rglob("*") if p.is_file()]) == len(SECRETS[::9])
    nothing_is_found(stack)


def test_none_is_in_what_is_refused(stack):
    """What is wrong with an event is said without what is in it."""
    for _, text, name in SECRETS:
        for body in ({"password": text, name: text, "level": text}, {"message": text, "timestamp": text},
                     {"message": {"a": 1}, "tags": text}, [text]):
            answer = stack.post(json.dumps(body).encode())
            assert text not in answer.body.decode()
        assert text not in stack.post(f'{{"message":"{name}={text}"'.encode()).body.decode()
    nothing_is_found(stack)


# ---- what is left

def test_what_was_removed_is_said(stack):
    ev = {"message": "m password=hunter2", "request": {"headers": {"Authorization": "Bearer abc"}}, "extra": {"a": [{"token": 1}]}}
    sent = stack.post(ev).json()["id"]
    kept = json.loads(stack.payload(sent))
    assert kept == {"message": f"m password={FILTERED}", "request": {"headers": {"Authorization": FILTERED}},
                    "extra": {"a": [{"token": FILTERED}]}}
    shown = stack.ctl_json("event", "show", sent)
    assert shown["errors"] == [{"type": "scrubbed", "name": n}
                               for n in ("message", "request.headers.Authorization", "extra.a.0.token")]
    assert shown["title"] == shown["message"] == f"m password={FILTERED}"
    text = stack.ctl("event", "show", sent)
    assert "removed as secret" in text and "request.headers.Authorization" in text
    assert "extra.a.0.token" in stack.ctl("issue", "show", shown["issue"])


def test_what_holds_none_stays_as_it_is(stack):
    body = b'{ "message" : "caf\\u00e9 \\/ author=jane",\t"event_id":"4111111111111111aaaaaaaaaaaaaaaa","n":[1.0,1e5,{}] }'
    sent = stack.post(body).json()["id"]
    assert stack.payload(sent) == body
    assert stack.ctl_json("event", "show", sent)["errors"] == []


def test_an_error_names_the_byte_that_was_sent(stack):
    body = b'{"password":"a very long secret indeed","message":"m",x}'
    answer = stack.post(body)
    assert answer.status == 400
    assert f"byte {body.index(b'x}')}" in answer.json()["error"]


# ---- what a project wants

BODY = {"message": "m", "extra": {"password": "pw-1", "customer": "c-1", "auth_mode": "a-1", "from": "10.1.2.3"},
        "user": {"ip_address": "10.1.2.3"}}


def kept(stack, body=BODY):
    sent = stack.post(body).json()["id"]
    wait_until(lambda: stack.sql("SELECT 1 FROM events WHERE id = %s", sent) != [], 20, "it is stored")
    return json.loads(stack.payload(sent))


def wish(stack, extra, *settings):
    """Within five seconds what is sent is kept with this `extra`; gives such a payload.  (With one responder: each remembers.)"""
    stack.ctl("project", "set", 42, *settings)

    def payload():
        got = kept(stack)
        return got if got["extra"] == extra else None
    return wait_until(payload, 5, f"{extra} after {settings}")


@pytest.mark.parametrize("mode", ["writer", "direct", "cgi"])
def test_a_project_decides_within_five_seconds(fresh, mode):
    stack = fresh(mode, responders=1)
    usual = {**BODY["extra"], "password": FILTERED, "auth_mode": FILTERED}
    assert kept(stack)["extra"] == usual
    got = wish(stack, {**BODY["extra"], "customer": FILTERED, "from": FILTERED},
               "scrub_fields=customer", "safe_fields=auth_mode,password", "scrub_ip=on")
    assert got["user"] == {"ip_address": FILTERED}
    assert stack.sql("SELECT user_id FROM events ORDER BY received_at DESC LIMIT 1") == [(None,)]
    assert wish(stack, BODY["extra"], "scrub=off") == BODY
    wish(stack, usual, "scrub=on", "scrub_ip=off", "scrub_fields=", "safe_fields=")


def test_without_scrubbing_it_is_what_was_sent(fresh):
    stack = fresh("writer", responders=1)
    wish(stack, BODY["extra"], "scrub=off")
    sdk = Sdk(stack)
    for i, (_, text, name) in enumerate(SECRETS[::7]):
        body = json.dumps(numbered(7000 + i, (None, text, name)), indent=1).encode()
        assert stack.payload(stack.post(body).json()["id"]) == body
        ev = json.dumps(event(**places(text, name))).encode()
        assert stack.payload(sdk.store(ev).json()["id"]) == ev


def test_a_wish_holds_while_the_database_is_away(fresh, own_postgres):
    """Also for a responder that starts then, which has it from the file beside the keys."""
    stack = fresh("writer", server=own_postgres)
    stack.ctl("project", "set", 42, "scrub=off")
    stack.ctl("maintenance")
    for _ in range(4):
        stack.good()
    wait_until(lambda: "42\toff" in (stack.spool_dir / "scrub").read_text(), 70, "the file has it")
    with away(own_postgres):
        front = stack.add_front(responders=1)
        for at in (stack.front, front):
            assert at.post({**BODY, "event_id": str(uuid.uuid4())}).status == 202
    stack.drain()
    sent = [i for (i,) in stack.sql("SELECT id FROM events WHERE message = 'm'")]
    assert len(sent) == 2
    for i in sent:
        assert json.loads(stack.payload(str(i)))["extra"] == BODY["extra"]


@pytest.mark.parametrize("setting,why", [
    ("scrub=yes", "scrub must be on or off"), ("scrub_ip=1", "scrub_ip must be on or off"),
    ("scrub_fields=a,,b", "each name in scrub_fields"), ("safe_fields=" + "x" * 65, "each name in safe_fields"),
    ("scrub_fields=" + ",".join(["ab"] * 51), "at most 50 names"), ("scrub_fields=" + ",".join(["x" * 60] * 17), "1000 bytes")])
def test_wishes_that_are_none(stack, setting, why):
    done = stack.ctl_run("project", "set", 42, setting)
    assert done.returncode != 0
    assert why in done.stderr
