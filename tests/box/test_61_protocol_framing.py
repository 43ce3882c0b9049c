"""Goal: cases P33 to P75 of the protocol's checklist: encodings and envelopes."""

import base64
import json
import shutil
import subprocess
import zlib

import pytest
from harness import bodies
from harness.sentry import Sdk, auth, envelope, event, item, new_id, raven_body
from harness.stack import KEY

GIF = bytes.fromhex("4749463839610100010000ff002c00000000010001000002003b")


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param)


def ok(stack, answer, event_id=None):
    assert answer.status == 200, answer
    if event_id:
        assert answer.json() == {"id": event_id}
    stack.row(answer.json()["id"], "id")


def brotli(data):
    """Stored meta-blocks (RFC 7932, 9.2): right, if not small."""
    out, bits, n = bytearray(), 0, 0

    def put(value, count):
        nonlocal bits, n
        bits |= value << n
        n += count
        while n >= 8:
            out.append(bits & 255)
            bits >>= 8
            n -= 8

    put(0, 1)  # a window of 16 bits
    for i in range(0, len(data), 65536):
        piece = data[i:i + 65536]
        put(0, 1)  # not the last
        put(0, 2)  # four nibbles of length
        put(len(piece) - 1, 16)
        put(1, 1)  # not compressed
        if n:
            put(0, 8 - n)
        out.extend(piece)
    put(3, 2)  # last and empty
    if n:
        put(0, 8 - n)
    return bytes(out)


ENCODERS = {"p33": ("gzip", bodies.gzip), "x": ("x-gzip", bodies.gzip), "p34": ("deflate", bodies.deflate),
            "p35": ("deflate", lambda d: bodies.deflate(d, raw=True)), "p36": ("br", brotli),
            "p37": ("zstd", bodies.zstd), "p38": ("", bytes), "p39": ("UTF-8", bytes),
            "list": ("identity, gzip", bodies.gzip)}


@pytest.mark.parametrize("case", ENCODERS)
@pytest.mark.parametrize("name", ["store", "envelope"])
def test_p33_to_p39_encodings(sdk, stack, case, name):
    coding, encode = ENCODERS[case]
    ev = event(extra={"x": "long " * 20000})
    body = json.dumps(ev).encode() if name == "store" else envelope(item("event", ev))
    answer = sdk.post(name, encode(body), {**auth(), "Content-Encoding": coding})
    ok(stack, answer, ev["event_id"])
    assert stack.payload(ev["event_id"]) == json.dumps(ev).encode()


@pytest.mark.skipif(not shutil.which("brotli"), reason="left out: no brotli program")
def test_p36_br_of_the_real_encoder(sdk, stack):
    ev = event(extra={"x": "long " * 20000})
    packed = subprocess.run(["brotli", "-c", "-q", "4"], input=json.dumps(ev).encode(), capture_output=True,
                            check=True).stdout
    ok(stack, sdk.store(packed, {**auth(), "Content-Encoding": "br"}), ev["event_id"])


@pytest.mark.parametrize("name", ["store", "envelope"])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_p40_garbage(sdk, name, coding):
    assert sdk.post(name, b"\x13\x37 garbage" * 10, {**auth(), "Content-Encoding": coding}).status == 400


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_cut_bodies(sdk, stack, coding):
    """Cut anywhere near its end a body is refused, and nothing of it is stored."""
    encode = {c: e for c, e in ENCODERS.values()}[coding]
    body = encode(envelope(item("event", event()), item("event", event())))
    before = stack.rows()
    for cut in (1, 2, 5, len(body) // 2, len(body) - 1):
        answer = sdk.envelope(raw=body[:-cut], headers={**auth(), "Content-Encoding": coding})
        assert answer.status == 400, (coding, cut)
    assert stack.rows() == before


@pytest.mark.parametrize("coding", ["foo", "compress", "gzip, gzip", "br, gzip"])
def test_p41_unknown_coding(sdk, coding):
    answer = sdk.store(event(), {**auth(), "Content-Encoding": coding})
    assert answer.status == 415 and "known are" in answer.json()["detail"]


def test_gzip_that_was_inflated_on_its_way(sdk, stack):
    ok(stack, sdk.envelope(item("event", event()), headers={**auth(), "Content-Encoding": "gzip"}))
    ok(stack, sdk.store(event(), {**auth(), "Content-Encoding": "gzip"}))


OLD = {"X-Sentry-Auth": f"Sentry sentry_timestamp=1329096377, sentry_client=raven-python/6.10.0, "
                        f"sentry_version=6, sentry_key={KEY}, sentry_secret=x",
       "Content-Type": "application/octet-stream"}


def test_p42_base64_of_zlib(sdk, stack):
    ev = event()
    ok(stack, sdk.store(raven_body(ev), OLD), ev["event_id"])
    ok(stack, sdk.store(base64.b64encode(bodies.gzip(json.dumps(event()).encode())), OLD))


def test_p43_base64(sdk, stack):
    ev = event()
    ok(stack, sdk.store(base64.b64encode(json.dumps(ev).encode()), OLD), ev["event_id"])
    wrapped = base64.encodebytes(json.dumps(event(x="y" * 200)).encode()) + b"  \n"
    ok(stack, sdk.store(wrapped, OLD))
    ok(stack, sdk.store(base64.b64encode(b'{"message":"no padding"}').rstrip(b"="), OLD))


def test_p44_bare_zlib(sdk, stack):
    ev = event()
    ok(stack, sdk.store(zlib.compress(json.dumps(ev).encode()), OLD), ev["event_id"])
    ok(stack, sdk.store(bodies.gzip(json.dumps(event()).encode()), OLD))
    ok(stack, sdk.store(zlib.compress(json.dumps(event()).encode()), {**OLD, "Content-Encoding": "deflate"}))


def test_store_bodies_that_are_nothing(sdk):
    for body in (b"", b" \n ", b"eJy!!!", b"hello world", b"\x78\x9c cut", base64.b64encode(b"hello"),
                 raven_body(event())[:-8]):
        assert sdk.store(body, OLD).status == 400, body


@pytest.mark.parametrize("name, packed", [
    ("store", bodies.zeros_gzip(64 << 20)), ("envelope", bodies.zeros_gzip(300 << 20))])
def test_p45_bomb(sdk, name, packed):
    answer = sdk.post(name, packed, {**auth(), "Content-Encoding": "gzip"})
    assert answer.status in (400, 413), answer


def bomb(coding, n):
    """An envelope whose attachment inflates to n bytes."""
    head = b'{}\n{"type":"attachment","length":%d}\n' % n
    if coding == "gzip":
        z = zlib.compressobj(9, zlib.DEFLATED, 31)
        piece = bytes(1 << 20)
        return z.compress(head) + b"".join(z.compress(piece) for _ in range(n >> 20)) + z.flush()
    return None


def memory_kib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as f:
        return int(next(line for line in f if line.startswith("VmHWM")).split()[1])


@pytest.mark.plain
def test_p45_bomb_in_an_attachment(stacks):
    """413 at the inflated limit; what is above the attachment's limit is not even written."""
    stack = stacks("writer", responders=1)
    sdk = Sdk(stack)
    answer = sdk.envelope(raw=bomb("gzip", 1 << 30), headers={**auth(), "Content-Encoding": "gzip"})
    assert answer.status == 413 and "104857600" in answer.json()["detail"]
    packed = bomb("gzip", 90 << 20) + bodies.gzip(b"\n" + item("event", event()))
    ok(stack, sdk.envelope(raw=packed, headers={**auth(), "Content-Encoding": "gzip"}))
    assert stack.sql("SELECT count(*) FROM attachments") == [(0,)]
    assert memory_kib(stack.front.responders[0]) < 40 << 10


def test_p46_get_with_sentry_data(sdk, stack):
    from urllib.parse import quote
    for ev, data in [(e := event(), quote(raven_body(e).decode(), safe="")),
                     (e := event(message="a b+c"), quote(json.dumps(e))),
                     (e := event(), raven_body(e).decode())]:  # plus signs as they are
        answer = sdk.request("GET", f"/api/42/store/?sentry_version=4&sentry_client=raven-js/1&sentry_key={KEY}"
                             f"&sentry_data={data}", {"Referer": "https://shop.example/page"})
        assert (answer.status, answer.header("Content-Type"), answer.body) == (200, "image/gif", GIF)
        assert stack.row(ev["event_id"], "message") == (ev["message"],)
    for data in ("", "&sentry_data=", "&sentry_data=%7B%22a", "&sentry_data=%zz"):
        assert sdk.request("GET", f"/api/42/store/?sentry_key={KEY}{data}").status == 400


def test_p47_nan_of_python(sdk, stack):
    body = b'{"message":"m","extra":{"x":NaN,"y":[-Infinity,Infinity],"z":"NaN"},"level":NaN}'
    answer = sdk.store(body, OLD)
    assert answer.status == 200
    assert stack.row(answer.json()["id"], "message, level") == ("m", "error")
    assert stack.payload(answer.json()["id"]) == body
    assert sdk.store(body).status == 400


def test_p48_p49_no_items(sdk, stack):
    before = stack.rows()
    event_id = new_id()
    for body, want in ((b"{}", {}), (b"{}\n", {}), (b'{"event_id":"%s"}\n' % event_id.encode(), {"id": event_id})):
        answer = sdk.envelope(raw=body)
        assert (answer.status, answer.json()) == (200, want)
    assert stack.rows() == before


def test_p50_empty_body(sdk):
    for name in ("envelope", "store", "security"):
        answer = sdk.post(name, b"")
        assert (answer.status, answer.json()["detail"]) == (400, "empty request body"), name


EV = json.dumps({"message": "framed"}).encode()
HEAD = b'{"event_id":"%s"}\n'


def framed(sdk, rest, status=200, rows=1, head=HEAD):
    event_id = new_id()
    before = sdk.stack.rows()
    answer = sdk.envelope(raw=(head % event_id.encode() if b"%s" in head else head) + rest)
    assert answer.status == status, answer
    assert sdk.stack.rows() - before == rows, answer
    return answer, event_id


def counted(payload, more=0, kind=b"event"):
    return b'{"type":"%s","length":%d}\n' % (kind, len(payload) + more) + payload


def test_p51_with_length_and_newline(sdk):
    framed(sdk, counted(EV) + b"\n")


def test_p52_without_the_last_newline(sdk):
    framed(sdk, counted(EV))


def test_p53_without_length(sdk):
    for header in (b'{"type":"event"}', b'{"type":"event","length":null}'):
        framed(sdk, header + b"\n" + EV)
        framed(sdk, header + b"\n" + EV + b"\n")
        framed(sdk, header + b"\n" + EV + b"\r\n")


def test_p54_length_too_long(sdk):
    answer, _ = framed(sdk, counted(EV, 1), 400, 0)
    assert answer.json() == {"detail": "invalid event envelope", "causes": ["unexpected end of file"]}


def test_p55_length_too_short(sdk):
    answer, _ = framed(sdk, counted(EV, -1), 400, 0)
    assert answer.json()["causes"] == ["missing newline after header or payload"]


def test_p54_nothing_is_stored_of_an_envelope_that_breaks_later(sdk):
    framed(sdk, counted(EV) + b"\n" + counted(b"x", 100, b"attachment"), 400, 0)


@pytest.mark.parametrize("length", ["-1", "1.5", "1e3", '"5"', "true", "[]", "18446744073709551616"])
def test_lengths_that_are_none(sdk, length):
    framed(sdk, b'{"type":"event","length":%s}\n' % length.encode() + EV, 400, 0)


def test_p56_attachment_before_the_event(sdk, stack):
    data = b"a\nb\0c\r\n{}\n"
    _, event_id = framed(sdk, b'{"type":"attachment","filename":"f.bin","length":10}\n' + data + b"\n" + counted(EV))
    listed = stack.ctl_json("attachment", "list", event_id)
    assert [(a["filename"], a["size"]) for a in listed] == [("f.bin", 10)]


def test_p57_empty_attachment_at_the_end(sdk, stack):
    _, event_id = framed(sdk, counted(EV) + b"\n" + b'{"type":"attachment","length":0,"filename":"e"}')
    assert [a["size"] for a in stack.ctl_json("attachment", "list", event_id)] == [0]


def test_p58_header_alone_at_the_end(sdk):
    framed(sdk, counted(EV) + b"\n" + b'{"type":"attachment"}')


def test_p59_crlf_behind_headers(sdk):
    framed(sdk, b'{"type":"event"}\r\n' + EV, head=b'{"event_id":"%s"}\r\n')


def test_p60_blank_lines(sdk):
    framed(sdk, counted(EV) + b"\n\n \r\n\t\n")
    framed(sdk, b"\n\n" + counted(EV) + b"\n\n\n" + counted(b"x", kind=b"attachment") + b"\n")


def test_byte_order_mark(sdk):
    framed(sdk, counted(EV), head=b'\xef\xbb\xbf{"event_id":"%s"}\n')


def test_headers_over_several_lines(sdk):
    framed(sdk, b'{\n "type": "event",\n "x": "}{"\n}\n' + EV, head=b'{\n "event_id": "%s"\n}\n')


@pytest.mark.parametrize("header", [b'{"length":2}', b'{"type":7}', b'{"type":null}', b"[]", b"hello", b'{"type":"event"'])
def test_p61_bad_item_header(sdk, header):
    framed(sdk, counted(EV) + b"\n" + header + b"\n{}\n", 400, 0)


@pytest.mark.parametrize("header", [b"hello", b"[]", b"null", b"{", b'{"x":\0}', b'{"a" 1}', b'{} {}'])
def test_p62_bad_envelope_header(sdk, header):
    framed(sdk, b"\n" + counted(EV), 400, 0, head=header)


def test_duplicate_members_of_the_header(sdk):
    framed(sdk, counted(EV), head=b'{"sent_at":"x","event_id":"1","sent_at":null,"event_id":"%s"}\n')


def test_p63_unknown_item_and_event(sdk):
    framed(sdk, counted(b"\1\2\3\n", kind=b"foo_v9") + b"\n" + counted(EV))


KINDS = ["foo_v9", "transaction", "log", "span", "profile", "replay_event", "replay_recording",
         "statsd", "metric_buckets", "otel_log", "trace_metric", "nel", "form_data", "unreal_report",
         "integration", "profile_chunk", "user_feedback", "replay_video"]


@pytest.mark.parametrize("kind", KINDS)
def test_p64_p67_only_counted(sdk, stack, kind):
    """No row in events, no issue, a number for the project."""
    issues = stack.sql("SELECT count(*) FROM issues")
    before = counts(stack)
    framed(sdk, counted(b'{"type":"transaction"}', kind=kind.encode()) + b"\n", 200, 0)
    assert stack.sql("SELECT count(*) FROM issues") == issues
    name = "unknown" if kind in ("foo_v9", "user_feedback") else kind
    assert counts(stack).get(name, 0) == before.get(name, 0) + 1


def counts(stack):
    return {c["type"]: c["quantity"] for c in stack.ctl_json("project", "show", 42)["counts"]}


def test_containers_are_counted_by_what_is_in_them(sdk, stack):
    before = counts(stack).get("log", 0)
    sdk.envelope(item("log", {"items": [{}, {}, {}]}, item_count=3,
                      content_type="application/vnd.sentry.items.log+json"))
    assert counts(stack)["log"] == before + 3


def test_transaction_sent_as_an_event(sdk, stack):
    before, rows = counts(stack).get("transaction", 0), stack.rows()
    assert sdk.store(event(type="transaction", spans=[])).status == 200
    assert sdk.envelope(item("event", event(type="transaction"))).status == 200
    assert (counts(stack)["transaction"], stack.rows()) == (before + 2, rows)


def test_p65_session_only(sdk):
    answer, _ = framed(sdk, item("session", {"sid": new_id(), "init": True, "status": "ok",
                                             "attrs": {"release": "a@1"}}), 200, 0, head=b"{}\n")
    assert answer.json() == {}


def test_p66_client_report_only(sdk):
    framed(sdk, item("client_report", {"discarded_events": []}), 200, 0, head=b"{}\n")


def test_p68_the_header_id_wins(sdk, stack):
    a, b = new_id(), new_id()
    answer = sdk.envelope(item("event", event(event_id=b)), event_id=a)
    ok(stack, answer, a)


def test_p69_no_id_at_all(sdk, stack):
    answer = sdk.envelope(item("event", {"message": "m"}))
    ok(stack, answer)
    assert len(answer.json()["id"]) == 32


@pytest.mark.parametrize("form", [lambda i: f"{i[:8]}-{i[8:12]}-{i[12:16]}-{i[16:20]}-{i[20:]}".upper(),
                                  str.upper, lambda i: "{" + i + "}", lambda i: "urn:uuid:" + i])
def test_p70_spellings_of_an_id(sdk, stack, form):
    event_id = new_id()
    ok(stack, sdk.store(event(event_id=form(event_id))), event_id)
    assert sdk.store(event(event_id=event_id)).json() == {"id": event_id}


def test_bad_ids(sdk, stack):
    """Refused on /store/; in an envelope the event is kept."""
    for bad in ("xyz", "", 7, [], "0" * 31):
        assert sdk.store(event(event_id=bad)).status == 400, bad
        ok(stack, sdk.envelope(item("event", event(event_id=bad))))
        ok(stack, sdk.envelope(item("event", event()), event_id=bad))


def test_p71_the_same_event_twice(sdk, stack):
    ev = event(message="twice " + new_id())
    body = envelope(item("event", ev), event_id=ev["event_id"])
    for _ in range(2):
        ok(stack, sdk.envelope(raw=body), ev["event_id"])
    assert stack.sql("SELECT event_count FROM issues WHERE title = %s", ev["message"]) == [(1,)]


def sized(size):
    frame = b'{"message":"%s"}'
    return frame % (b"x" * (size - len(frame) + 2))


@pytest.mark.parametrize("size, status", [((1 << 20) - 1, 200), (1 << 20, 200), ((1 << 20) + 1, 413)])
def test_p72_event_of_the_largest_size(sdk, size, status):
    assert sdk.envelope(item("event", sized(size))).status == status
    assert sdk.envelope(item("event", sized(size), length=False)).status == status
    assert sdk.store(sized(size)).status == status


@pytest.mark.parametrize("n, status", [(99, 200), (100, 200), (101, 413)])
def test_p73_many_sessions(sdk, n, status):
    one = item("session", {"sid": new_id(), "status": "ok", "attrs": {"release": "many@1"}})
    assert sdk.envelope(*[one] * n).status == status


@pytest.mark.parametrize("kind, limit", [("client_report", 4 << 10), ("check_in", 100 << 10)])
def test_limits_of_other_items(sdk, kind, limit):
    for size, status in ((limit - 1, 200), (limit, 200), (limit + 1, 413)):
        assert sdk.envelope(item(kind, b" " * size)).status == status
        assert sdk.envelope(item(kind, b" " * size, length=False)).status == status


@pytest.mark.parametrize("size, status", [((64 << 10) - 1, 200), (64 << 10, 200), ((64 << 10) + 1, 413)])
def test_long_headers(sdk, size, status):
    for start, frame in ((b"", b'{"x":"%s"}'), (b"{}\n", b'{"type":"foo","x":"%s"}')):
        header = frame % (b"y" * (size - len(frame) + 2))
        assert sdk.envelope(raw=start + header).status == status


@pytest.mark.parametrize("n, status", [(999, 200), (1000, 200), (1001, 413)])
def test_many_items(sdk, n, status):
    assert sdk.envelope(*[item("foo", b"")] * n).status == status


@pytest.mark.parametrize("payload", [b"[]", b'"x"', b"null", b"7", b"hello", b"", b'{"message":'])
def test_p74_event_that_is_no_object(sdk, payload):
    framed(sdk, counted(payload), 400, 0)
    framed(sdk, counted(payload) + b"\n" + counted(EV), 200, 1)
    framed(sdk, counted(payload) + b"\n" + item("session", {}), 200, 0)


def test_p75_two_events(sdk, stack):
    a, b = event(), event()
    ok(stack, sdk.envelope(item("event", a), item("event", b), event_id=a["event_id"]), a["event_id"])
    stack.row(b["event_id"], "id")


def test_p75_a_second_event_without_an_id_of_its_own(sdk):
    framed(sdk, counted(EV) + b"\n" + counted(EV), 200, 1)


def test_limits_of_a_configuration(fresh):
    """Of the request as sent, inflated, of an event and an attachment: at -1, 0, +1."""
    stack = fresh(conf={"request_max_bytes": 1 << 20, "inflated_max_bytes": 2 << 20,
                        "event_max_bytes": 1 << 16, "attachment_max_bytes": 1000})
    sdk = Sdk(stack)
    for size, status in (((1 << 16) - 1, 200), (1 << 16, 200), ((1 << 16) + 1, 413)):
        assert sdk.envelope(item("event", sized(size))).status == status
        assert sdk.store(sized(size)).status == status
    for more, status in ((-1, 200), (0, 200), (1, 413)):
        start = b'{}\n{"type":"foo"}\n'
        body = start + b"x" * ((1 << 20) - len(start) + more)
        assert sdk.envelope(raw=body).status == status
        body = start + b"x" * ((2 << 20) - len(start) + more)
        assert sdk.envelope(raw=bodies.gzip(body), headers={**auth(), "Content-Encoding": "gzip"}).status == status
    for size, kept in ((999, 1), (1000, 1), (1001, 0)):
        for length in (True, False):
            ev = event()
            ok(stack, sdk.envelope(item("attachment", b"a" * size, length=length), item("event", ev)))
            assert len(stack.ctl_json("attachment", "list", ev["event_id"])) == kept
