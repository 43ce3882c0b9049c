"""Goal: bad input gets its exact status and message, odd input its 202; neither keeps the next good
event from being stored, and nothing gives a 500."""

import json
import re

import pytest
from harness import bodies
from harness.client import encode, raw, request_bytes
from harness.stack import KEY

LIMIT = 1048576
TOO_LARGE = {"error": f"payload too large: limit is {LIMIT} bytes"}


@pytest.fixture(autouse=True)
def a_good_one_after(stack):
    """Only what a test said it would store is there; a good event is stored right after."""
    before = stack.rows()
    expected = []
    yield expected.append
    assert stack.rows() == before + sum(expected), "rows stored by the test"
    stack.good()


def refused(answer, status=400, mentions=None, error=None):
    assert answer.status == status, answer
    body = answer.json()
    assert set(body) == {"error"} and isinstance(body["error"], str)
    if error is not None:
        assert body == {"error": error}
    if mentions is not None:
        assert re.search(mentions, body["error"]), body
    return body


def accepted(stack, expect, event, **kwargs):
    answer = stack.post(event, **kwargs)
    assert answer.status == 202, answer
    expect(1)
    return answer.json()["id"]


# ---- JSON

SYNTAX = {
    "empty": (b"", None), "blank": (b" \n", None),
    "truncated": (b'{"message":"a', r"byte 1[23]"), "truncated-object": (b'{"message":"a"', r"byte \d+"),
    "garbage-after": (b'{"message":"a"} x', r"byte 16"), "two": (b'{"message":"a"}{}', r"byte 15"),
    "nan": (b'{"message":"a","extra":{"x":NaN}}', r"byte 2[89]"),
    "infinity": (b'{"message":"a","extra":{"x":Infinity}}', r"byte \d+"),
    "minus-infinity": (b'{"message":"a","extra":{"x":-Infinity}}', r"byte \d+"),
    "single-quotes": (b"{'message':'a'}", r"byte 1"),
    "comment": (b'{"message":"a"/* b */}', r"byte 14"), "line-comment": (b'{"message":"a"}//', r"byte 15"),
    "control": (b'{"message":"a\x01"}', r"byte 13"), "raw-newline": (b'{"message":"a\n"}', r"byte 13"),
    "raw-tab": (b'{"message":"a\t"}', r"byte 13"), "raw-nul": (b'{"message":"a\x00"}', r"byte 13"),
    "escape": (b'{"message":"\\x"}', r"byte \d+"), "short-u": (b'{"message":"\\u12"}', r"byte \d+"),
    "leading-zero": (b'{"message":"a","extra":{"x":01}}', r"byte \d+"),
    "plus": (b'{"message":"a","extra":{"x":+1}}', r"byte \d+"),
    "bare-dot": (b'{"message":"a","extra":{"x":.5}}', r"byte \d+"),
    "dot-end": (b'{"message":"a","extra":{"x":1.}}', r"byte \d+"),
    "hex": (b'{"message":"a","extra":{"x":0x1}}', r"byte \d+"),
    "exponent": (b'{"message":"a","extra":{"x":1e}}', r"byte \d+"),
    "trailing-comma": (b'{"message":"a",}', r"byte \d+"), "array-comma": (b'{"message":"a","extra":{"x":[1,]}}', r"byte"),
    "unquoted": (b'{message:"a"}', r"byte 1"), "true-upper": (b'{"message":"a","extra":{"x":True}}', r"byte \d+"),
    "bom": (b'\xef\xbb\xbf{"message":a}', r"byte 14"), "utf16": ('{"message":"a"}'.encode("utf-16"), r"byte 0"),
    "invalid-utf8": (b'{"message":"\xff"}', r"byte 12"), "overlong": (b'{"message":"\xc0\x80"}', r"byte 12"),
    "utf8-surrogate": (b'{"message":"\xed\xa0\x80"}', r"byte 12"), "utf8-cut": (b'{"message":"\xe2\x82"}', r"byte 1[24]"),
    "nul-after": (b'{"message":"a"}\x00', r"byte 15"), "form": (b"message=a&level=error", r"byte 0"),
    "html": (b"<html>", r"byte 0"), "binary": (bytes(range(256)), r"byte 0"),
    "colon": (b'{"message" "a"}', r"byte 11"), "no-value": (b'{"message":}', r"byte 11"),
    "open": (b"[" * 1000, None),
}


@pytest.mark.parametrize("name", SYNTAX)
def test_not_json(stack, name):
    body, place = SYNTAX[name]
    refused(stack.post(body), mentions=place)


@pytest.mark.parametrize("depth", [129, 1000, 10000, 100000])
def test_too_deep(stack, depth):
    refused(stack.post(bodies.nested(depth)), mentions=r"byte \d+|128|depth|nest")


@pytest.mark.parametrize("depth", [60, 127, 128])
def test_deep_but_right(stack, a_good_one_after, depth):
    made = accepted(stack, a_good_one_after, bodies.nested(depth))
    assert stack.payload(made) == bodies.nested(depth)


@pytest.mark.parametrize("body", [
    b"null", b"[]", b"42", b"1.5", b"true", b'"text"', b'[{"message":"a"}]'],
    ids=["null", "array", "number", "float", "true", "string", "array-of-one"])
def test_not_an_object(stack, body):
    refused(stack.post(body), mentions="object")


# ---- odd, and right

ODD = {
    "nul": (b'{"message":"a\\u0000b"}', None),
    "nul-in-key": (b'{"message":"m","tags":{"a\\u0000":"1","a":"2"},"x\\u0000":1}', "m"),
    "lone-high": (b'{"message":"a\\ud800b"}', None), "lone-low": (b'{"message":"a\\udc00b"}', None),
    "reversed": (b'{"message":"a\\udc00\\ud800b"}', None),
    "surrogate-in-tag": (b'{"message":"m","tags":{"\\ud800":"\\ud800"},"user":{"id":"\\u0000"}}', "m"),
    "duplicate": (b'{"message":"first","message":"last"}', "last"),
    "huge-float": (b'{"message":"m","extra":{"x":1e999}}', "m"),
    "huge-integer": (b'{"message":"m","extra":{"x":99999999999999999999999999999999}}', "m"),
    "white-space": (b' \r\n\t{ "message" :\n"m" } \n', "m"),
    "unknown-fields": (b'{"message":"m","nobody":{"knows":[1,2]}}', "m"),
    "nulls": (b'{"message":"m","level":null,"tags":null,"user":null,"exception":null,"timestamp":null}', "m"),
    "string-objects": (b'{"message":"m","tags":"{}","extra":"{}","user_context":"{\\"id\\":1}"}', "m"),
    "escapes": (b'{"message":"\\\\N\\\\. \\u000a\\t"}', "\\N\\. \n\t"),
    "sql": (b'{"message":"\'; DROP TABLE events; --"}', "'; DROP TABLE events; --"),
    "pairs": ('{"message":"\\ud83d\\ude00 é"}'.encode(), "\U0001F600 é"),
    "many-keys": (encode({"message": "m", "extra": {f"k{n}": n for n in range(20000)}}), "m"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_but_right(stack, a_good_one_after, name):
    body, message = ODD[name]
    made = accepted(stack, a_good_one_after, body)
    stored = stack.row(made, "message")[0]
    assert stored == message if message else ("a" in stored and "b" in stored and "\0" not in stored)
    assert stack.payload(made) == body


def test_level_in_another_case(stack, a_good_one_after):
    made = accepted(stack, a_good_one_after, {"message": "m", "level": "ERROR"})
    assert stack.row(made, "level") == ("error",)


# ---- fields

MISSING = "missing required field: message"


@pytest.mark.parametrize("event", [{}, {"level": "error"}, {"message": ""}, {"message": None},
                                   {"message": "", "exception": None}, {"exception": {"values": []}}],
                         ids=["empty", "only-level", "empty-message", "null", "both-empty", "no-exception"])
def test_message_missing(stack, event):
    refused(stack.post(event), error=MISSING)


def test_message_of_1_mib(stack, a_good_one_after):
    refused(stack.post({"message": "x" * LIMIT}), 413, error=TOO_LARGE["error"])
    made = accepted(stack, a_good_one_after, bodies.event_of(LIMIT))
    assert len(stack.row(made, "message")[0]) == 8192


@pytest.mark.parametrize("level", ["loud", "", "x" * 1000, "erro", "error\0", "LOUD"], ids=range(6))
def test_level_unknown(stack, level):
    refused(stack.post({"message": "m", "level": level}), mentions="level")


WRONG = {
    "message": [1, True, {}, []], "level": [True, {}, [], 5000], "timestamp": [{}, [], True],
    "event_id": [5, {}, [], True], "fingerprint": [5, {}, True, [[]], [{}]],
    "tags": [5, True, "x", "[]", '{"a":'], "extra": [5, True, [], "x", "[]", '{"a":'],
    "user_context": [5, True, [], "x", "[]", '{"a":'], "user": [5, True, [], "[]"],
    "exception": [5, True, "x"], "stacktrace": [5, True, "x"], "breadcrumbs": [5, True, "x"],
    "environment": [{}, []], "release": [{}, []], "platform": [{}, []], "server_name": [{}, []],
    "transaction": [{}, []], "sdk": [5, True], "sdk_name": [{}, []], "sdk_version": [{}, []],
}


@pytest.mark.parametrize("field, value", [(f, v) for f, values in WRONG.items() for v in values],
                         ids=lambda v: v if isinstance(v, str) and v.isidentifier() else json.dumps(v))
def test_wrong_type(stack, field, value):
    event = {"message": "m", field: value}
    refused(stack.post(event), mentions=rf"\b{field}\b")


@pytest.mark.parametrize("value", ["not-an-id", "1234", "", "zz" * 16, "0" * 31, "0" * 33])
def test_event_id_wrong(stack, value):
    refused(stack.post({"message": "m", "event_id": value}), mentions="event_id")


@pytest.mark.parametrize("value", ["yesterday", "2024-13-01T00:00:00Z", "", 1e300])
def test_timestamp_wrong(stack, value):
    refused(stack.post({"message": "m", "timestamp": value}), mentions="timestamp")


@pytest.mark.parametrize("value", [1714557600, 1714557600.25, "2024-05-01T10:00:00Z",
                                   "2024-05-01T12:00:00.000001+02:00", "2024-05-01T10:00:00"])
def test_timestamp_right(stack, a_good_one_after, value):
    made = accepted(stack, a_good_one_after, {"message": "m", "timestamp": value})
    assert str(stack.row(made, 'date_trunc(\'second\', "timestamp") AT TIME ZONE \'UTC\'')[0]) == \
        "2024-05-01 10:00:00"


# ---- sizes and encodings

@pytest.mark.parametrize("coding", [None, "gzip", "deflate", "zstd"])
@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT, LIMIT + 1])
def test_body_around_the_limit(stack, a_good_one_after, coding, size):
    event = bodies.event_of(size)
    body = {None: bytes, "gzip": bodies.gzip, "deflate": bodies.deflate,
            "zstd": lambda _: bodies.zstd_event_of(size)}[coding](event)
    headers = {"Content-Encoding": coding} if coding else {}
    answer = stack.post(body, headers=headers)
    if size > LIMIT:
        refused(answer, 413, error=TOO_LARGE["error"])
    else:
        assert answer.status == 202, answer
        a_good_one_after(1)
        assert stack.payload(answer.json()["id"]) == event


@pytest.mark.parametrize("coding, packed", [
    ("gzip", bodies.gzip(b'{"message":"packed"}')), ("x-gzip", bodies.gzip(b'{"message":"packed"}')),
    ("GZIP", bodies.gzip(b'{"message":"packed"}')), ("deflate", bodies.deflate(b'{"message":"packed"}')),
    ("deflate", bodies.deflate(b'{"message":"packed"}', raw=True)),
    ("zstd", bodies.zstd(b'{"message":"packed"}')), ("identity", b'{"message":"packed"}'),
    ("", b'{"message":"packed"}'), ("gzip, identity", bodies.gzip(b'{"message":"packed"}')),
    ("gzip", bodies.gzip(b'{"message":') + bodies.gzip(b'"packed"}'))],
    ids=["gzip", "x-gzip", "upper", "zlib", "raw", "zstd", "identity", "empty", "list", "members"])
def test_encodings(stack, a_good_one_after, coding, packed):
    made = accepted(stack, a_good_one_after, packed, headers={"Content-Encoding": coding})
    assert stack.payload(made) == b'{"message":"packed"}'


@pytest.mark.parametrize("coding", ["compress", "lzma", "gzip, gzip", "zip", "x" * 1000], ids=range(5))
def test_encoding_unknown(stack, coding):
    refused(stack.post(bodies.gzip(b'{"message":"m"}'), headers={"Content-Encoding": coding}), 415)


PACKED = bodies.gzip(b'{"message":"m"}')


@pytest.mark.parametrize("coding, body", [
    ("gzip", PACKED[:-1]), ("gzip", PACKED[:len(PACKED) // 2]), ("gzip", PACKED[:1]), ("gzip", b""),
    ("gzip", PACKED + b"x"), ("gzip", PACKED + b"\0\0\0\0 garbage"),
    ("gzip", PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:]), ("gzip", b'{"message":"m"}'),
    ("deflate", bodies.deflate(b'{"message":"m"}')[:-2]), ("deflate", b"garbage"),
    ("zstd", bodies.zstd(b'{"message":"m"}')[:-2]), ("zstd", b"garbage"), ("zstd", b""),
    ("zstd", bodies.zstd(b'{"message":"m"}') + b"x"), ("gzip", bodies.gzip(PACKED))],
    ids=["cut", "half", "one-byte", "empty", "garbage-after", "nul-garbage-after", "crc", "plain",
         "zlib-cut", "zlib-garbage", "zstd-cut", "zstd-garbage", "zstd-empty", "zstd-after", "twice"])
def test_encoding_broken(stack, coding, body):
    refused(stack.post(body, headers={"Content-Encoding": coding}))


@pytest.mark.parametrize("mb", [10, 100, 1000])
def test_gzip_bomb(stack, mb):
    bomb = bodies.zeros_gzip(mb << 20)
    refused(stack.post(bomb, headers={"Content-Encoding": "gzip"}), 413, error=TOO_LARGE["error"])


def test_zstd_bomb_of_10_gb(stack):
    bomb = bodies.zeros_zstd(10 << 30)
    refused(stack.post(bomb, headers={"Content-Encoding": "zstd"}), 413, error=TOO_LARGE["error"])


def test_zstd_window_too_large(stack):
    """A frame may ask the decoder for gigabytes of window."""
    body = bytes([0x28, 0xB5, 0x2F, 0xFD, 0, 21 << 3]) + bodies.zstd(b'{"message":"m"}')[6:]
    refused(stack.post(body, headers={"Content-Encoding": "zstd"}))


# ---- a length that lies

HEAD = {"X-Sentry-Auth": KEY, "Content-Type": "application/json"}
BODY = b'{"message":"length"}'


@pytest.mark.parametrize("length, statuses", [
    (len(BODY) + 5, (400, 408, None)), (len(BODY) - 5, (400,)), (-1, (400, 411, 413, None)),
    ("abc", (400, 411, None)), ("99999999999999999999999", (400, 413, None)), (0, (400,)),
    ("1e2", (400, 411, None)), ("+20", (400, 411, 202, None))])
def test_content_length_through_the_server(stack, a_good_one_after, length, statuses):
    answer = raw(stack.port, request_bytes("POST", "/api/v1/events", HEAD, BODY, length=length))
    assert (answer.status if answer else None) in statuses, answer
    if answer and answer.status == 202:
        a_good_one_after(1)


def test_announced_too_large(stack):
    """The server says it itself; the body is not sent."""
    answer = raw(stack.port, request_bytes("POST", "/api/v1/events", HEAD, b"", length=10 << 20))
    assert answer.status == 413


@pytest.mark.parametrize("length", [
    str(len(BODY) + 5), str(len(BODY) - 5), "-1", "abc", "1e2", "+20", "20 ", "0x14",
    "99999999999999999999999", "0"])
def test_content_length_past_the_server(stack, length):
    answer = stack.front.fastcgi(BODY, CONTENT_LENGTH=length)
    assert answer.status in (400, 413), answer
    assert "error" in answer.json()


@pytest.mark.parametrize("length", [None, ""])
def test_no_content_length_means_read_to_the_end(stack, a_good_one_after, length):
    answer = stack.front.fastcgi(BODY, CONTENT_LENGTH=length)
    assert answer.status == 202, answer
    a_good_one_after(1)


def test_nothing_where_something_was_announced(stack):
    """mod_fcgid with HTTP/2 does this: no error, no body."""
    assert stack.front.fastcgi(b"", CONTENT_LENGTH="20").status in (400, 411)


@pytest.mark.parametrize("end", ["close", "abort"])
def test_client_gone_in_mid_body(stack, end):
    stack.front.fastcgi(BODY[:8], end=end, CONTENT_LENGTH=str(len(BODY)))
    stack.front.fastcgi(BODY, end=end, CONTENT_LENGTH=str(len(BODY) + 1))


def test_too_large_without_length(stack):
    answer = stack.front.fastcgi(bodies.event_of(LIMIT + 1), CONTENT_LENGTH=None)
    refused(answer, 413, error=TOO_LARGE["error"])


def test_too_large_by_its_announcement_alone(stack):
    answer = stack.front.fastcgi(b"{", CONTENT_LENGTH=str(LIMIT + 1))
    refused(answer, 413, error=TOO_LARGE["error"])


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "x" * 500, None],
                         ids=range(4))
def test_content_type_does_not_matter(stack, a_good_one_after, kind):
    headers = {"X-Sentry-Auth": KEY, **({"Content-Type": kind} if kind else {})}
    answer = stack.request("POST", "/api/v1/events", headers, BODY)
    assert answer.status == 202, answer
    a_good_one_after(1)
