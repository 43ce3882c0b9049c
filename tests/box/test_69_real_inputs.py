"""Goal: what clients of the field send, byte for byte, gives the right event; so does what has the same shape."""

import json
import pathlib
import re
import struct
import time
import urllib.parse
import uuid
import zlib

import pytest
from harness import client
from harness.sentry import Sdk, event, item, new_id
from harness.stack import KEY
from harness.wait import wait_until
from harness.ws import Websocketd, ask, run

CORPUS = pathlib.Path(__file__).parents[1] / "corpus/faults"
DUMP = b"MDMP\x93\xa7" + bytes(26)
BOM = b"\xef\xbb\xbf"


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param)


def recorded(name):
    """Returns the recorded request with the key, the project and the length of this stack."""
    head, body = (CORPUS / f"{name}.req").read_bytes().split(b"\r\n\r\n", 1)
    head = re.sub(rb"\bKEY\b", KEY.encode(), head).replace(b"/PROJECT/", b"/42/")
    return re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(body), head) + b"\r\n\r\n" + body


def send(stack, name, status=200):
    answer = client.raw(stack.port, recorded(name))
    assert answer is not None and answer.status == status, (name, answer)
    return answer


def id_of(answer):
    text = answer.body.decode()
    return text if text[0] != "{" else json.loads(text)["id"]


def form(*parts, boundary="bq"):
    """Returns a form: (name, value), or (name, file name, bytes)."""
    out = b""
    for part in parts:
        name = f' filename="{part[1]}"' if len(part) == 3 else ""
        value = part[-1] if isinstance(part[-1], bytes) else str(part[-1]).encode()
        out += (f'--{boundary}\r\nContent-Disposition: form-data; name="{part[0]}";{name}\r\n\r\n').encode()
        out += value + b"\r\n"
    return out + f"--{boundary}--\r\n".encode()


def post_form(stack, *parts, name="minidump", status=200):
    answer = Sdk(stack).post(name, form(*parts), {"Content-Type": "multipart/form-data; boundary=bq"},
                             f"?sentry_key={KEY}")
    assert answer.status == status, answer
    return answer


def crash(stack, *parts):
    """Sends a crash with these fields; returns the event's id."""
    return post_form(stack, *parts, ("upload_file_minidump", "c.dmp", DUMP)).body.decode()


def payload(stack, event_id):
    return json.loads(stack.payload(event_id))


def errors(stack, event_id):
    """Returns the notes on an event: (type, name)."""
    return [(n["type"], n["name"]) for n in stack.row(event_id, "errors")[0] or []]


def files(stack, event_id):
    return {a["filename"]: a for a in stack.ctl_json("attachment", "list", event_id)}


# ---- forms of crash reporters

def test_namespaces_are_objects_of_their_own(stack):
    made = id_of(send(stack, "95-electron-namespaced"))
    assert made.replace("-", "") == "d6b99f87f16b49fab7298b11004041d1"
    assert stack.row(made, "release, environment, user_id, tags") == ("electron@3", "prod", "u9", {"a": "b"})
    assert payload(stack, made)["extra"] == {"prod": "Electron"}


def test_a_namespace_alone(stack):
    made = id_of(send(stack, "108-electron-initialscope-alone"))
    assert stack.row(made, "release, environment, user_id") == ("electron@3", "prod", "u9")


def test_a_namespace_beside_pieces(stack):
    made = id_of(send(stack, "109-electron-initialscope-and-chunks"))
    assert made.replace("-", "") == "cefbdc1bc6aa47c9ba1f294b68d3e3ef"
    assert stack.row(made, "release, environment, user_id, tags") == (
        "app@4", "prod", "u10", {"event.process": "browser"})
    assert payload(stack, made)["extra"] == {"_productName": "MyApp", "_version": "4.0.0", "prod": "Electron"}


def test_pieces_go_by_their_numbers(stack):
    made = id_of(send(stack, "112-electron-chunks-sorted-as-text"))
    assert made.replace("-", "") == "5c3ca1d3db784ed98d99285f1c62107f"
    assert stack.row(made, "release") == ("eleven@1",)
    assert set(payload(stack, made)["extra"]["x"]) == {"y"}


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
@pytest.mark.parametrize("first", [0, 1, 9, 99])
def test_pieces_in_any_order(stack, order, first):
    text = ['{"release":"p@1",', '"tags":{"k":', '"v"}}']
    made = crash(stack, *((f"sentry__{first + n - 1}", text[n - 1]) for n in order), ("sentry__x", "odd"))
    assert stack.row(made, "release, tags") == ("p@1", {"k": "v"})
    assert payload(stack, made)["extra"] == {"sentry__x": "odd"}


def test_brackets_of_any_depth(stack):
    made = id_of(send(stack, "98-breakpad-brackets"))
    got = payload(stack, made)
    assert (got["release"], got["user"], got["extra"]) == ("br@1", {"id": "77"}, {"guid": "{1}"})
    assert got["tags"] == {"k": {"x": "deep"}, "plain": "p"}
    assert stack.row(made, "release, user_id, tags") == ("br@1", "77", {"plain": "p"})
    deep = payload(stack, crash(stack, ("sentry[contexts][a][b][c][d]", "1"), ("sentry[contexts][a][b][c][e]", "2"),
                                ("sentry[contexts][a][x]", "3")))
    assert deep["contexts"] == {"a": {"b": {"c": {"d": "1", "e": "2"}}, "x": "3"}}


def test_brackets_beside_json(stack):
    made = id_of(send(stack, "111-sentry-json-and-brackets"))
    assert stack.row(made, "release, environment, tags") == ("j@1", "prod", {"a": "1", "b": "2"})


@pytest.mark.parametrize("fields, extra", [
    ([("sentry", '{"extra":{"a":1}}'), ("b", "2"), ("sentry[extra][c]", "3")], {"a": 1, "b": "2", "c": "3"}),
    ([("b", "2"), ("sentry__1", '{"extra":{"a":1,"b":"late"}}')], {"b": "2", "a": 1}),
    ([("sentry", '{"extra":')], {"sentry": '{"extra":'}), ([("sentry", BOM + b'{"extra":{"a":1}}')], {"a": 1}),
    ([("sentry___a", '{"extra":{"a":null}}'), ("sentry___b", '{"extra":{"a":{"b":1}}}'),
      ("sentry___c", '{"extra":{"a":{"c":2}}}')], {"a": {"b": 1, "c": 2}}),
    ([("bytes", b"\xff\x00")], {"bytes": "\ufffd\x00"}), ([("sentry[tags", "x")], {"sentry[tags": "x"})])
def test_nothing_of_a_form_is_lost(stack, fields, extra):
    assert payload(stack, crash(stack, *fields))["extra"] == extra


# ---- a byte order mark

def test_a_mark_before_an_event(stack):
    made = id_of(send(stack, "80-store-bom"))
    assert stack.row(made, "title") == ("bom",)
    assert stack.payload(made) == b'{"message":"bom"}'


@pytest.mark.parametrize("blank", [b"", b" \n"])
def test_a_mark_on_every_endpoint(stack, blank):
    sdk, text = Sdk(stack), BOM + blank + b'{"message":"marked"}'
    made = [stack.post(text).json()["id"]]
    made += [r["id"] for r in stack.bulk(BOM + blank + b'[{"message":"marked"}]').json()["results"]]
    lines = stack.bulk(BOM + b'{"message":"marked"}\n' + BOM + b'{"message":"marked"}\n',
                       headers={"Content-Type": "application/x-ndjson"})
    made += [r["id"] for r in lines.json()["results"]]
    made.append(sdk.store(text).json()["id"])
    made.append(sdk.envelope(item("event", text), event_id=new_id()).json()["id"])
    for event_id in made:
        assert stack.payload(event_id).lstrip() == b'{"message":"marked"}'
        assert stack.row(event_id, "title") == ("marked",)
    report = BOM + blank + b'{"csp-report":{"effective-directive":"img-src","blocked-uri":"https://e.x/"}}'
    made = sdk.post("security", report, {"Content-Type": "application/csp-report"}, f"?sentry_key={KEY}").json()["id"]
    assert stack.row(made, "title") == ("Blocked 'image' from 'e.x'",)


def test_a_mark_before_items(stack):
    sid, sdk, ev = f"marked-{new_id()}", Sdk(stack), event()
    sdk.envelope(item("event", ev), item("session", BOM + json.dumps(
        {"sid": new_id(), "status": "exited", "attrs": {"release": sid}}).encode()),
        item("user_report", BOM + json.dumps({"event_id": ev["event_id"], "comments": sid}).encode()))
    assert stack.sql("SELECT total FROM sessions WHERE release = %s", sid) == [(1,)]
    assert stack.sql("SELECT count(*) FROM user_reports WHERE comments = %s", sid) == [(1,)]


def test_a_mark_over_a_websocket(stack):
    if stack.mode != "writer":
        return  # one handler is enough
    server = Websocketd(stack.front)

    async def talk():
        async with server.connect() as c:
            return await ask(c, '\ufeff{"message":\n"a"}', '\ufeff[{"message":"b"}]', '{"message":"c"}')
    try:
        got = run(talk())
    finally:
        server.stop()
    assert [g["status"] for g in got] == ["accepted"] * 3, got
    assert stack.row(got[0]["id"], "title") == ("a",)


def test_errors_behind_a_mark(stack):
    """Positions are those of the body as it was sent."""
    assert "byte 14:" in stack.post(BOM + b'{"message":a}').json()["error"]
    assert "byte 14:" in Sdk(stack).store(BOM + b'{"message":a}').json()["detail"]
    assert stack.post(BOM).json()["error"] == "empty body"


# ---- what a crash handler leaves as files of MessagePack

def pack(value):
    """Returns a value as MessagePack."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return b"\xd3" + value.to_bytes(8, "big", signed=True)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        return b"\xdb" + len(value.encode()).to_bytes(4, "big") + value.encode()
    if isinstance(value, list):
        return b"\xdd" + len(value).to_bytes(4, "big") + b"".join(map(pack, value))
    return b"\xdf" + len(value).to_bytes(4, "big") + b"".join(pack(k) + pack(v) for k, v in value.items())


def crumb(n, text):
    return {"timestamp": f"2026-11-27T11:00:{n:02}.000Z", "message": text}


def test_an_event_of_messagepack(stack):
    made = id_of(send(stack, "72-crashpad-msgpack-event"))
    assert made == "8e7ff17d-af8f-45d2-ac0a-82b3c3a55d81"
    assert stack.row(made, "release, environment, user_id, tags, level, platform, title") == (
        "game@1.2", "prod", "123456789", {"gpu": "nv"}, "fatal", "native", "Minidump: Minidump")
    got = payload(stack, made)
    assert got["extra"] == {"bitrate": 7} and got["sdk"] == {"name": "sentry.native", "version": "0.6.7"}
    assert [c["message"] for c in got["breadcrumbs"]] == ["step 1"]
    assert set(files(stack, made)) == {"f.dmp"}  # the others are in the event


@pytest.mark.parametrize("first, second, expected", [
    (range(0, 3), range(3, 5), "01234"), (range(3, 5), range(0, 3), "01234"), (range(2), [], "01"), ([], range(2), "01")])
def test_breadcrumbs_are_in_order(stack, first, second, expected):
    made = crash(stack, *((f"__sentry-breadcrumb{i}", f"__sentry-breadcrumb{i}",
                           b"".join(pack(crumb(n, str(n))) for n in crumbs))
                          for i, crumbs in ((1, first), (2, second))), ("sentry[release]", "b@1"))
    assert "".join(c["message"] for c in payload(stack, made)["breadcrumbs"]) == expected
    assert stack.row(made, "release") == ("b@1",)


def test_breadcrumbs_that_are_cut_off(stack):
    whole = pack(crumb(1, "one")) + pack(crumb(2, "two"))
    made = crash(stack, ("__sentry-breadcrumb1", "x", whole[:-5]))
    assert [c["message"] for c in payload(stack, made)["breadcrumbs"]] == ["one"]


def test_what_cannot_be_read_stays_a_file(stack):
    made = crash(stack, ("__sentry-event", "__sentry-event", pack({"release": "x"})[:-1]), ("sentry[release]", "y"),
                 ("__sentry-breadcrumb1", "__sentry-breadcrumb1", b"\xc1"))
    assert stack.row(made, "release") == ("y",)
    assert set(files(stack, made)) == {"c.dmp", "__sentry-event", "__sentry-breadcrumb1"}
    made = crash(stack, ("__sentry-event", "__sentry-event", pack([1])))
    assert set(files(stack, made)) == {"c.dmp", "__sentry-event"}


def test_an_event_of_messagepack_and_fields(stack):
    """The file's members come first; nothing of either is lost.  A part needs no name of a file."""
    made = crash(stack, ("__sentry-event", pack({"release": "m@1", "tags": {"a": "1"}, "big": "\0é" + "x" * 70000})),
                 ("sentry", '{"release":"j@1","tags":{"b":"2"}}'), ("guid", "g"))
    assert stack.row(made, "release, tags") == ("m@1", {"a": "1", "b": "2"})
    got = payload(stack, made)
    assert got["extra"] == {"guid": "g"} and got["big"][:3] == "\0éx"


def test_messagepack_in_an_envelope(stack):
    sdk, event_id = Sdk(stack), new_id()
    payload_item = item("attachment", pack({"event_id": new_id(), "release": "e@1"}), attachment_type="event.payload",
                        filename="__sentry-event")
    crumbs = item("attachment", pack(crumb(1, "one")), attachment_type="event.breadcrumbs", filename="c1")
    dump = item("attachment", DUMP, attachment_type="event.minidump", filename="d")
    answer = sdk.envelope(payload_item, dump, crumbs, event_id=event_id)
    assert answer.json() == {"id": event_id}
    assert stack.row(event_id, "release, level, title") == ("e@1", "fatal", "Minidump: Minidump")
    assert payload(stack, event_id)["breadcrumbs"][0]["message"] == "one" and set(files(stack, event_id)) == {"d"}
    made = sdk.envelope(payload_item).json()["id"]  # without a dump it is an event, too
    assert stack.row(made, "release, level") == ("e@1", "error")
    alone = new_id()
    sdk.envelope(crumbs, event_id=alone)  # breadcrumbs alone are none
    assert set(files(stack, alone)) == {"c1"}
    ev = event()
    sdk.envelope(item("event", ev), payload_item)  # beside an event it is an attachment
    assert set(files(stack, ev["event_id"])) == {"__sentry-event"}


@pytest.mark.parametrize("name", [0, 1, 2, 3, 4])
def test_hostile_messagepack(stack, name):
    """Whatever it is, the dump is stored."""
    data = (b"\x91" * 200000, b"\xdf\xff\xff\xff\xff" * 20000, pack({"a": [[]] * 30000}), b"\xc0" * 500000,
            pack({"x": "\x01" * 180000}))[name]
    made = crash(stack, ("__sentry-event", "e", data), ("__sentry-breadcrumb1", "b", data))
    assert "c.dmp" in files(stack, made)
    Sdk(stack).envelope(item("attachment", data, attachment_type="event.payload"),
                        item("attachment", DUMP, attachment_type="event.minidump"), event_id=(e := new_id()))
    assert stack.row(e, "title") == ("Minidump: Minidump",)


# ---- a form in a form

def test_a_form_in_a_form(stack):
    made = id_of(send(stack, "01-minidump-nested-multipart"))
    assert made == "870f1f55-d522-4d0f-b889-129974f1e4eb"
    assert stack.row(made, "release") == ("app@1.0",)
    assert payload(stack, made)["extra"] == {"prod": "Electron", "ver": "7.1.2"}
    kept = files(stack, made)
    assert set(kept) == {"dump"} and kept["dump"]["type"] == "event.minidump" and kept["dump"]["size"] == 32


@pytest.mark.parametrize("before", [b"", b"\r\n", b"\r\n\r\n"])
@pytest.mark.parametrize("boundary", ["x", "-" * 70, "----WebKitFormBoundaryA1"])
def test_any_form_in_a_form(stack, before, boundary):
    inner = form(("ver", "1"), ("upload_file_minidump", "d.dmp", DUMP), ("log", "a.log", b"lines\r\n--b"),
                 boundary=boundary)
    made = post_form(stack, ("upload_file_minidump", "outer.dmp", before + inner), ("sentry[release]", "o@1")).body.decode()
    assert stack.row(made, "release") == ("o@1",) and payload(stack, made)["extra"] == {"ver": "1"}
    assert set(files(stack, made)) == {"d.dmp", "a.log"}


def test_a_form_as_the_whole_body(stack):
    """Its content type says something else."""
    answer = Sdk(stack).post("minidump", form(("upload_file_minidump", "d.dmp", DUMP), ("ver", "1")),
                             {"Content-Type": "application/octet-stream"}, f"?sentry_key={KEY}")
    assert answer.status == 200 and payload(stack, answer.body.decode())["extra"] == {"ver": "1"}


def test_forms_are_opened_once(stack):
    dump = ("upload_file_minidump", "d", DUMP)
    once = form(dump, boundary="one")
    twice = form(("upload_file_minidump", "d", once), boundary="two")
    assert post_form(stack, ("upload_file_minidump", "d", once)).status == 200
    for bad, detail in ((twice, "invalid minidump"), (once[:-4], "the last boundary is missing"),
                        (b"--one\r\n", "the last boundary is missing"), (b"--one", "invalid minidump"), (b"--" + b"x" * 500, "invalid minidump"),
                        (form(("a", "1"), boundary="one"), "missing minidump")):
        answer = post_form(stack, ("upload_file_minidump", "d", bad), status=400)
        assert detail in answer.json()["detail"], answer


# ---- files of an event

def attach(stack, event_id, body, kind="multipart/form-data; boundary=bq", query=f"?sentry_key={KEY}", **kwargs):
    return Sdk(stack).request("POST", f"/api/42/events/{event_id}/attachments/{query}", {"Content-Type": kind}, body, **kwargs)


def test_files_of_an_event(stack):
    assert id_of(send(stack, "05-event-attachments-endpoint", 201)) == "0123456789abcdef0123456789abcdef"
    assert files(stack, "0123456789abcdef0123456789abcdef")["default.log"]["size"] == 5


def test_files_before_and_after_the_event(stack):
    ev = event()
    dashed = str(uuid.UUID(ev["event_id"]))
    assert attach(stack, dashed, form(("f", "before.log", b"1"), ("field", "22"))).status == 201
    assert Sdk(stack).store(ev).status == 200
    answer = attach(stack, ev["event_id"], form(("f", "after.log", b"333"), ("upload_file_minidump", "d.dmp", DUMP)))
    assert (answer.status, answer.json()) == (201, {"id": ev["event_id"]})
    kept = files(stack, ev["event_id"])
    assert {n: a["size"] for n, a in kept.items()} == {"before.log": 1, "field": 2, "after.log": 3, "d.dmp": 32}
    assert {a["type"] for a in kept.values()} == {"event.attachment"}
    assert stack.row(ev["event_id"], "title") == ("hi",)


def test_files_that_are_refused(stack):
    one, event_id = form(("f", "a", b"1")), new_id()
    for answer, status, detail in (
            (attach(stack, "nope", one), 400, "invalid event id in the path"),
            (attach(stack, "0" * 32, one), 400, "invalid event id in the path"),
            (attach(stack, event_id, b"{}", "application/json"), 415, "not a form with files"),
            (attach(stack, event_id, b"--bq--\r\n"), 400, "no files in the form"),
            (attach(stack, event_id, one[:-6]), 400, "the last boundary is missing"),
            (attach(stack, event_id, one, query=""), 401, "missing authorization"),
            (attach(stack, event_id, one, query="?sentry_key=" + "f" * 32), 401, "")):
        assert answer.status == status and detail in answer.json()["detail"], answer
    assert files(stack, event_id) == {}
    assert Sdk(stack).request("GET", f"/api/42/events/{event_id}/attachments/?sentry_key={KEY}").status == 405
    for path in ("events", f"events/{event_id}", f"events/{event_id}/attachments/1"):
        assert Sdk(stack).post(path, one).status == 404


def test_the_size_of_a_file(stack):
    limit = 20 << 20  # attachment_max_bytes; behind the limit of a request, so they come compressed
    for size, status in ((limit - 1, 201), (limit, 201), (limit + 1, 413)):
        answer = Sdk(stack).request("POST", f"/api/42/events/{new_id()}/attachments/?sentry_key={KEY}", {
            "Content-Type": "multipart/form-data; boundary=bq", "Content-Encoding": "deflate"},
            zlib.compress(form(("f", "a", bytes(size)))))
        assert answer.status == status, (size, answer)
    assert answer.json()["detail"] == f"attachment too large: limit is {limit} bytes"


# ---- an id of zeros

NIL = "0" * 32


def test_a_nil_id_is_no_id(stack):
    made = [id_of(send(stack, f"123-nil-event-id-{n}")) for n in (1, 2)]
    assert NIL not in made and made[0] != made[1]
    assert [stack.row(m, "title")[0] for m in made] == ["nil id 1", "nil id 2"]


@pytest.mark.parametrize("nil", [NIL, str(uuid.UUID(int=0)), "{" + str(uuid.UUID(int=0)) + "}", "urn:uuid:" + str(uuid.UUID(int=0))])
def test_nil_ids_everywhere(stack, nil):
    sdk, own = Sdk(stack), new_id()
    made = [sdk.store({"event_id": nil, "message": "x"}).json()["id"] for _ in range(2)]
    made += [sdk.envelope(item("event", {"event_id": nil, "message": "x"}), event_id=nil).json()["id"] for _ in range(2)]
    made += [crash(stack, ("sentry[event_id]", nil)).replace("-", "") for _ in range(2)]
    if len(nil) <= 36 and nil[0] == "0":
        made += [stack.post({"event_id": nil, "message": "x"}).json()["id"].replace("-", "") for _ in range(2)]
        made += [r["id"].replace("-", "") for r in
                 stack.bulk([{"event_id": nil, "message": "x"}, {"event_id": nil, "message": "y"}]).json()["results"]]
    assert len(set(made)) == len(made) and NIL not in made
    for event_id in made:
        stack.row(event_id, "id")
    answer = sdk.envelope(item("event", {"event_id": own, "message": "x"}), item("attachment", b"a", filename="f"), event_id=nil)
    assert answer.json()["id"] == own and set(files(stack, own)) == {"f"}
    sdk.envelope(item("user_report", {"event_id": nil, "comments": "nil"}), event_id=own)
    sdk.envelope(item("user_report", {"event_id": nil, "comments": "none"}), event_id=nil)
    assert stack.sql("SELECT comments FROM user_reports WHERE event_id = %s", own) == [("nil",)]
    assert not stack.sql("SELECT 1 FROM user_reports WHERE event_id = %s", NIL)


def test_nil_sessions_are_different_sessions(stack):
    release = f"nil-{new_id()}"
    for _ in range(3):
        Sdk(stack).envelope(item("session", {"sid": str(uuid.UUID(int=0)), "init": True, "status": "exited",
                                             "attrs": {"release": release}}))
    assert stack.sql("SELECT total FROM sessions WHERE release = %s", release) == [(3,)]


# ---- white space

SPACES = ["1.0\n", " 1.0 ", "\r\n1.0\r\n", "\t1.0\f\v", "\u00a01.0\u2003", "\ufeff1.0\u2028"]


def test_white_space_of_real_clients(stack):
    made = id_of(send(stack, "125-crlf-in-logger-and-server"))
    assert stack.row(made, "release, environment, server_name, transaction") == ("1.0", "prod", "h\r\nX: y", "t\n1")
    for name in ("127-release-whitespace-0", "127-release-whitespace-1"):
        assert stack.row(id_of(send(stack, name)), "release, environment, errors") == ("1.0", "prod", None)


@pytest.mark.parametrize("text", SPACES)
def test_one_build_is_one_release(stack, text):
    """Whichever way something comes from it."""
    sdk, env = Sdk(stack), text.replace("1.0", "prod")
    members = {"message": "x", "release": text, "environment": env, "server_name": text, "transaction": text}
    made = [sdk.store(members).json()["id"], stack.post(members).json()["id"],
            stack.bulk([members]).json()["results"][0]["id"],
            sdk.envelope(item("event", members), event_id=new_id()).json()["id"],
            crash(stack, ("sentry", json.dumps(members))),
            crash(stack, *((f"sentry[{k}]", v) for k, v in members.items())), crash(stack, ("__sentry-event", pack(members)))]
    for event_id in made:
        assert stack.row(event_id, "release, environment, server_name, transaction") == ("1.0", "prod", "1.0", "1.0")
    report = {"csp-report": {"effective-directive": "img-src", "blocked-uri": "https://e.x/"}}
    plain = text.strip("\r\n\t\f\v")  # lighttpd refuses these in a URL
    quoted = urllib.parse.urlencode({"sentry_key": KEY, "sentry_release": plain,
                                     "sentry_environment": plain.replace("1.0", "prod")})
    made = sdk.post("security", report, {"Content-Type": "application/csp-report"}, f"?{quoted}").json()["id"]
    assert stack.row(made, "release, environment") == ("1.0", "prod")
    tagged = sdk.store({"message": "x", "tags": {"environment": env}}).json()["id"]
    assert stack.row(tagged, "environment") == ("prod",)
    before = stack.sql("SELECT sum(total) FROM sessions WHERE release = '1.0' AND environment = 'prod'")[0][0] or 0
    attrs = {"release": text, "environment": env}
    sdk.envelope(item("session", {"sid": new_id(), "status": "exited", "attrs": attrs}),
                 item("sessions", {"aggregates": [{"exited": 2}], "attrs": attrs}))
    assert stack.sql("SELECT sum(total) FROM sessions WHERE release = '1.0' AND environment = 'prod'") == [(before + 3,)]
    assert not stack.sql("SELECT 1 FROM sessions WHERE release <> btrim(release, E' \\t\\n\\r')")


def test_nothing_but_white_space(stack):
    made = Sdk(stack).store({"message": "x", "release": " \n", "environment": "\t", "server_name": "\u2003"}).json()["id"]
    assert stack.row(made, "release, environment, server_name, errors") == (None, None, None, None)


@pytest.mark.parametrize("release, environment", [("a/b\n", "none\n"), ("latest ", " a/b"), (" ..", "x\ny")])
def test_it_is_trimmed_and_then_checked(stack, release, environment):
    sdk, sid = Sdk(stack), new_id()
    made = sdk.store({"message": "x", "release": release, "environment": environment}).json()["id"]
    assert stack.row(made, "release, environment") == (None, None)
    assert errors(stack, made) == [("invalid_data", "environment"), ("invalid_data", "release")]
    before = stack.sql("SELECT coalesce(sum(total), 0) FROM sessions")
    sdk.envelope(item("session", {"sid": sid, "status": "exited", "attrs": {"release": release}}))
    assert stack.sql("SELECT coalesce(sum(total), 0) FROM sessions") == before


# ---- URLs

def test_a_url_of_a_real_client(stack):
    made = id_of(send(stack, "77-clojure-off-level"))
    assert stack.row(made, "culprit") == ("https://a.example.org/x",)


@pytest.mark.parametrize("members, culprit, transaction", [
    ({"request": {"url": "https://h/x?token=1#f"}}, "https://h/x", None),
    ({"request": {"url": "/x?token=1"}}, "/x", None), ({"request": {"url": "https://h/#access_token=1"}}, "https://h/", None),
    ({"culprit": "https://h/x?token=1"}, "https://h/x", None), ({"culprit": "what?"}, "what?", None),
    ({"transaction": "https://h/x?token=1"}, "https://h/x", "https://h/x"),
    ({"transaction": "GET https://h/x#t"}, "GET https://h/x", "GET https://h/x"),
    ({"transaction": "/users/(?P<id>[0-9]+)/"}, "/users/(?P<id>[0-9]+)/", "/users/(?P<id>[0-9]+)/"),
    ({"platform": "javascript", "stacktrace": {"frames": [{"function": "f", "filename": "https://h/a.js?token=1"}]}},
     "f (https://h/a.js)", None),
    ({"platform": "javascript", "stacktrace": {"frames": [{"function": "f", "abs_path": "https://h/a.js?token=1#x"}]}},
     "f (/a.js)", None),
    ({"platform": "node", "stacktrace": {"frames": [{"function": "f", "filename": "/src/a.ts?t=1"}]}}, "f (/src/a.ts)", None),
    ({"platform": "csharp", "stacktrace": {"frames": [{"function": "f", "filename": "/C#/a?.cs"}]}}, "/C#/a?.cs in f", None),
    ({"csp": {"effective_directive": "img-src", "violated-directive": "img-src https://h/x?token=1 'self'"}},
     "img-src https://h/x 'self'", None)])
def test_urls_are_shown_without_tokens(stack, members, culprit, transaction):
    """The payload has what was sent, where it belongs."""
    stack.ctl("project", "set", 42, "scrub=off")
    made = [Sdk(stack).store({"message": "x", **members}).json()["id"]]
    if "csp" not in members:
        made.append(stack.post({"message": "x", **members}).json()["id"])
    for event_id in made:
        assert stack.row(event_id, "culprit, transaction") == (culprit, transaction)


# ---- reports of what a page did itself

def test_a_report_of_a_real_browser(stack):
    made = id_of(send(stack, "07-csp-firefox-no-effective"))
    assert stack.row(made, "title, message") == ("Blocked inline 'style'",) * 2


@pytest.mark.parametrize("uri, directive, title", [
    ("self", "style-src-elem", "Blocked inline 'style'"), ("'self'", "style-src", "Blocked inline 'style'"),
    ("", "img-src", "Blocked inline 'image'"), (None, "font-src", "Blocked inline 'font'"),
    ("eval", "script-src", "Blocked unsafe (eval() or inline) 'script'"),
    ("self", "script-src", "Blocked unsafe (eval() or inline) 'script'"), ("inline", "style-src", "Blocked unsafe inline 'style'"),
    ("https://h/?token=1", "img-src", "Blocked 'image' from 'h'"), ("https://h?token=1", "img-src", "Blocked 'image' from 'h'"),
    ("data:image/png;base64,AAAA", "img-src", "Blocked 'image' from 'data'")])
def test_reports_in_sentrys_words(stack, uri, directive, title):
    sdk = Sdk(stack)
    old = {"csp-report": {"blocked-uri": uri, "violated-directive": directive}}
    new = [{"type": "csp-violation", "body": {"blockedURL": uri, "effectiveDirective": directive}}]
    for report, kind in ((old, "application/csp-report"), (new, "application/reports+json")):
        made = sdk.post("security", report, {"Content-Type": kind}, f"?sentry_key={KEY}").json()["id"]
        assert stack.row(made, "title") == (title,)


# ---- sessions

def session(release, sid=None, **members):
    return item("session", {"sid": sid or new_id(), "attrs": {"release": release}, **members})


def outcome(stack, name):
    return int(stack.sql("SELECT coalesce(sum(quantity), 0) FROM outcomes WHERE outcome = %s", name)[0][0])


def test_old_sessions_are_not_counted_now(stack):
    before = outcome(stack, "session_out_of_range")
    send(stack, "124-sessions-old-bucket")
    assert not stack.sql("SELECT 1 FROM sessions WHERE release IN ('old@1', 'old@2')")
    wait_until(lambda: outcome(stack, "session_out_of_range") == before + 6, 20, "the sessions are counted as dropped")


@pytest.mark.parametrize("seconds, counted", [
    (-5 * 86400 + 5, True), (-5 * 86400 - 5, False), (50, True), (70, False), (-4 * 86400, True), (86400, False)])
def test_the_range_of_sessions(stack, seconds, counted):
    release, at = f"r-{new_id()}", time.time() + seconds
    Sdk(stack).envelope(session(release, started=at, status="exited"),
                        item("sessions", {"aggregates": [{"started": at, "exited": 2}], "attrs": {"release": release}}))
    assert stack.sql("SELECT sum(total) FROM sessions WHERE release = %s", release) == [(3 if counted else None,)]


OK, ERRED = {"status": "ok", "errors": 1}, {"status": "exited", "errors": 1}
CRASHED, ENDED = {"status": "crashed", "errors": 1}, {"status": "abnormal"}


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("reports, crashed, errored, abnormal", [
    ((OK, CRASHED), 1, 0, 0), ((CRASHED, OK), 1, 0, 0), ((OK, ENDED), 0, 0, 1), ((ENDED, OK), 0, 0, 1),
    ((OK, ENDED, CRASHED), 1, 0, 0), ((ENDED, CRASHED, OK), 1, 0, 0), ((CRASHED, ENDED, OK), 1, 0, 0),
    ((OK, CRASHED, ENDED), 1, 0, 0), ((OK, ERRED, OK), 0, 1, 0), ((OK, CRASHED, CRASHED, OK), 1, 0, 0),
    (({"status": "ok"}, {"status": "exited"}), 0, 0, 0)])
def test_a_session_has_one_outcome(stack, together, reports, crashed, errored, abnormal):
    release, sid, sdk = f"o-{new_id()}", new_id(), Sdk(stack)
    sdk.envelope(session(release, **OK), item("sessions", {"aggregates": [
        {"exited": 1, "errored": 2, "crashed": 3, "abnormal": 4}], "attrs": {"release": release}}))  # others
    items = [session(release, sid, started=time.time() - 1, **r) for r in reports]
    for these in ([items] if together else [[i] for i in items]):
        assert sdk.envelope(*these).status == 200
    got = stack.sql("SELECT sum(total), sum(crashed), sum(errored), sum(abnormal) FROM sessions WHERE release = %s", release)
    assert got == [(12, 3 + crashed, 3 + errored, 4 + abnormal)]


# ---- what is left out, with a note

def notes(stack, event_id):
    """Returns the notes on an event: (type, name, value)."""
    return [(n["type"], n["name"], n.get("value")) for n in stack.row(event_id, "errors")[0] or []]


def test_addresses_of_real_clients(stack):
    made = id_of(send(stack, "13-user-ip-with-port"))
    assert stack.row(made, "user_id") == ("7",)
    assert notes(stack, made) == [("invalid_data", "user.ip_address", "[::1]:59427")]
    made = id_of(send(stack, "14-user-ip-unavailable"))
    assert stack.row(made, "user_id") == ("null",)
    assert notes(stack, made) == [("invalid_data", "user.ip_address", "Unavailable")]


@pytest.mark.parametrize("address, valid", [
    ("192.0.2.1", True), ("2001:db8::1", True), (" 192.0.2.1 ", True), ("192.0.2.1:80", False), ("unknown", False),
    ("fe80::1%eth0", False), (7, False), (["192.0.2.1"], False), (None, None), ("", None)])
@pytest.mark.parametrize("name", ["user", "sentry.interfaces.User"])
def test_addresses(stack, address, valid, name):
    for post in (lambda ev: Sdk(stack).store(ev), stack.post):
        made = post({"message": "x", name: {"ip_address": address}}).json()["id"]
        if post == stack.post and name != "user":
            continue
        assert stack.row(made, "user_id") == (address.strip() if valid else None,)
        expected = [("invalid_data", "user.ip_address")] if valid is False else []
        assert errors(stack, made) == expected


def test_tags_of_real_clients(stack):
    made = id_of(send(stack, "28-tags-odd"))
    kept = stack.row(made, "tags")[0]
    assert set(kept) == {"slash/1", "sp ace", "long", "umlaut-ä", "num", "big", "t"} and kept["long"] == "y" * 197 + "..."
    found = notes(stack, made)
    assert [n[:2] for n in found[:5]] == [
        ("invalid_data", "tags.empty"), ("invalid_data", "tags.obj"), ("invalid_data", "tags.list"),
        ("invalid_data", "tags.nl"), ("value_too_long", "tags.long")]
    assert found[5][0] == "value_too_long" and set(found[5][1][5:]) == {"k"} and found[3][2] == "a\nb"
    made = id_of(send(stack, "29-tags-list-of-objects"))
    assert stack.row(made, "tags") == ({"a": "b"},)
    assert errors(stack, made) == [("invalid_data", "tags")] * 5


@pytest.mark.parametrize("length", [199, 200, 201])
def test_lengths_of_tags(stack, length):
    for post in (lambda ev: Sdk(stack).store(ev), stack.post):
        made = post({"message": "x", "tags": {"v": "v" * length, "n" * length: "x"}}).json()["id"]
        kept = stack.row(made, "tags")[0]
        if length > 200:
            assert kept == {"v": "v" * 197 + "..."}
            assert errors(stack, made) == [("value_too_long", "tags.v"), ("value_too_long", "tags." + "n" * 200)]
        else:
            assert kept == {"v": "v" * length, "n" * length: "x"} and errors(stack, made) == []


@pytest.mark.parametrize("count", [255, 256, 257])
def test_numbers_of_tags(stack, count):
    made = Sdk(stack).store({"message": "x", "tags": {f"t{n}": n for n in range(count)}}).json()["id"]
    assert len(stack.row(made, "tags")[0]) == min(count, 256)
    assert errors(stack, made) == ([("value_too_long", "tags.t256")] if count > 256 else [])


# ---- conversions of messages

def test_a_message_of_a_real_client(stack):
    made = id_of(send(stack, "51-logentry-none-param"))
    assert stack.row(made, "message") == ("task for news source binance returned empty result None took 1.50 s     7 %",)


@pytest.mark.parametrize("template, params, message", [
    ("%.2f|%5d|%-5d|%05d", [1.5, 7, 7, -7], "1.50|    7|7    |-0007"), ("%(a)8.3f|%(b)s", {"a": 1, "b": None}, "   1.000|None"),
    ("%x %X %o %e %g", [255, 255, 8, 1.5, 0.5], "ff FF 10 1.500000e+00 0.5"), ("%d %d %s", [1.9, True, True], "1 1 True"),
    ("{:.2f} {:>5} {:<3}|", [1.5, "a", 7], "1.50     a 7  |"), ("{a:05d}", {"a": 7}, "00007"), ("{0:N2}", [1.5], "1.5"),
    ("%.3s|%5s", ["abcdef", "é"], "abc|    é"), ("%99999d", [7], "%99999d"), ("%5d", ["x"], "    x"), ("100% {}", [1], "100% {}")])
def test_conversions(stack, template, params, message):
    made = Sdk(stack).store({"logentry": {"message": template, "params": params}}).json()["id"]
    assert stack.row(made, "message") == (message,)


# ---- whose address {{auto}} is

def test_auto_is_an_address_wherever_it_is_shown(stack):
    sdk, server = Sdk(stack), {"env": {"REMOTE_ADDR": "192.0.2.7"}}
    for members, user_id, address in (
            ({"user": {"ip_address": "{{auto}}"}}, "127.0.0.1", "127.0.0.1"),
            ({"user": {"id": "7", "ip_address": "{{auto}}"}}, "7", "127.0.0.1"),
            ({"user": {"ip_address": "{{auto}}"}, "request": server}, "192.0.2.7", "192.0.2.7"),
            ({"sentry.interfaces.User": {"ip_address": " {{auto}} "}}, "127.0.0.1", "127.0.0.1")):
        for post in (sdk.store, lambda ev: sdk.envelope(item("event", ev), event_id=new_id())):
            made = post({"message": "{{auto}} stays", **members}).json()["id"]
            assert stack.row(made, "user_id, message") == (user_id, "{{auto}} stays")
            issue = re.search(r"^issue +(\S+)$", stack.ctl("event", "show", made), re.M)[1]
            assert re.search(rf"^ip_address +{address}$", stack.ctl("issue", "show", issue), re.M)
            user = payload(stack, made)[next(iter(members))]
            assert user["ip_address"] == address
    made = sdk.store({"message": "x", "user": {"ip_address": "{{auto}}"},
                      "request": {"env": {"REMOTE_ADDR": "192.0.2.9:1234"}}}).json()["id"]
    assert stack.row(made, "user_id") == ("127.0.0.1",)
    assert notes(stack, made) == [("invalid_data", "request.env.REMOTE_ADDR", "192.0.2.9:1234")]


# ---- clients that demand a secret

def test_a_dsn_with_a_secret(stack):
    listed = stack.ctl_json("key", "list", 42)
    for one in listed:
        assert one["dsn_legacy"] == one["dsn"].replace(one["key"] + "@", one["key"] + ":" + one["key"] + "@")
    assert listed[0]["dsn_legacy"] in stack.ctl("key", "list", 42)
    added = stack.ctl("key", "add", 42)
    assert re.search(r"^dsn_legacy +http://(\w+):\1@127\.0\.0\.1:8080/42$", added, re.M)
    key = re.search(r"^key +(\w+)$", added, re.M)[1]
    answer = Sdk(stack).store(event(), {"X-Sentry-Auth": f"Sentry sentry_version=6, sentry_key={key}, sentry_secret={key}"})
    assert answer.status == 200
