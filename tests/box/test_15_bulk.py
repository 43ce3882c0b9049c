"""Goal: each event of a bulk is judged on its own, in the order sent, from 0 to 101 of them, as an array
and as lines; the answer tells which is which."""

import json
import re

import pytest
from harness import bodies
from harness.client import encode
from harness.wait import wait_until

NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param)


def events(n):
    return [{"message": f"bulk {i}", "level": "info"} for i in range(n)]


def lines(items):
    return b"".join(encode(i) + b"\n" for i in items)


def send(stack, items, form):
    if form == "array":
        return stack.bulk(items)
    return stack.bulk(lines(items), headers=NDJSON)


def check(answer, status, accepted, rejected):
    assert answer.status == status, answer
    body = answer.json()
    assert (body["accepted"], body["rejected"]) == (accepted, rejected)
    assert len(body["results"]) == accepted + rejected
    for r in body["results"]:
        assert set(r) == {"id"} or ({"error", "status"} <= set(r)), r
    if status == 202:
        assert body["status"] == "accepted"
    return body["results"]


@pytest.mark.parametrize("form", ["array", "lines"])
@pytest.mark.parametrize("n", [1, 2, 99, 100])
def test_all_good(stack, form, n):
    before = stack.rows()
    results = check(send(stack, events(n), form), 202, n, 0)
    assert len({r["id"] for r in results}) == n
    assert stack.rows() == before + n
    for i, r in enumerate(results):
        assert stack.row(r["id"], "message") == (f"bulk {i}",)


@pytest.mark.parametrize("form", ["array", "lines"])
def test_too_many(stack, form):
    before = stack.rows()
    answer = send(stack, events(101), form)
    assert answer.status == 400 and "100" in answer.json()["error"]
    assert stack.rows() == before
    stack.good()


@pytest.mark.parametrize("body, headers", [
    (b"[]", {}), (b"", {}), (b"", NDJSON), (b"\n\r\n \n", NDJSON), (b" ", {}), (b"null", {}), (b"{}", {}),
    (b'{"message":"one"}', {}), (b'[{"message":"a"}', {}), (b'[{"message":"a"},]', {}),
    (b'[{"message":"a"}] x', {}), (b"[" * 100000, {})],
    ids=["array", "body", "lines", "blank-lines", "blank", "null", "object", "event", "cut", "comma",
         "after", "deep"])
def test_nothing_to_take(stack, body, headers):
    before = stack.rows()
    answer = stack.bulk(body, headers=headers)
    assert answer.status == 400, answer
    assert answer.json()["error"]
    assert stack.rows() == before
    stack.good()


@pytest.mark.parametrize("form", ["array", "lines"])
def test_the_third_is_bad(stack, form):
    items = [*events(2), {"message": "x", "level": "loud"}, {"message": "after"}]
    before = stack.rows()
    results = check(send(stack, items, form), 202, 3, 1)
    assert results[2]["status"] == 400 and re.search(r"\blevel\b", results[2]["error"])
    assert [("id" in r) for r in results] == [True, True, False, True]
    assert stack.rows() == before + 3


@pytest.mark.parametrize("form", ["array", "lines"])
def test_all_bad(stack, form):
    before = stack.rows()
    answer = send(stack, [{}, {"message": 5}, 7], form)
    assert answer.status == 400
    assert "missing required field: message" in answer.body.decode() and answer.json()["error"]
    assert stack.rows() == before
    stack.good()


@pytest.mark.parametrize("item", [b"null", b"5", b'"x"', b"[]", b"{}", b'{"message":"a","tags":5}'])
def test_bad_items_of_every_kind(stack, item):
    results = check(stack.bulk(b'[{"message":"a"},' + item + b',{"message":"b"}]'), 202, 2, 1)
    assert results[1]["status"] == 400


@pytest.mark.parametrize("line", [b"{", b"x", b'{"message":"a"}{"message":"b"}', b'{"message":"\xff"}', b"null",
                                  b'[{"message":"a"}]', b'{"message":"a\x00"}'])
def test_a_bad_line_is_alone(stack, line):
    results = check(stack.bulk(b'{"message":"a"}\n' + line + b'\n{"message":"b"}', headers=NDJSON), 202, 2, 1)
    assert results[1]["status"] == 400


def test_lines_of_every_form(stack):
    body = b'\n{"message":"a"}\r\n\r\n  {"message":"b"}  \n{"message":"no newline"}'
    results = check(stack.bulk(body, headers={"Content-Type": "application/x-ndjson; charset=utf-8"}), 202, 3, 0)
    assert stack.payload(results[1]["id"]).strip() == b'{"message":"b"}'


def test_payload_of_an_item_is_its_own_text(stack):
    first, second = b'{"message": "a",\n "z":1.0}', b'{"z":"]","message":"b"}'
    results = check(stack.bulk(b" [ " + first + b" ,\n" + second + b"]\n"), 202, 2, 0)
    assert [stack.payload(r["id"]) for r in results] == [first, second]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_compressed(stack, coding):
    body = getattr(bodies, coding)(encode(events(50)))
    check(stack.bulk(body, headers={"Content-Encoding": coding}), 202, 50, 0)


def test_one_too_large(stack):
    """An event in a bulk may not be larger than one alone."""
    body = b"[" + bodies.event_of(1048577) + b',{"message":"small"}]'
    results = check(stack.bulk(body), 202, 1, 1)
    assert results[0]["status"] == 413


def test_up_to_5_mib(stack):
    one = bodies.event_of(1048000)
    body = b"[" + b",".join([one] * 5) + b"]"
    check(stack.bulk(body + b" " * (5242880 - len(body))), 202, 5, 0)
    answer = stack.bulk(body + b" " * (5242881 - len(body)))
    assert answer.status == 413
    assert answer.json() == {"error": "payload too large: limit is 5242880 bytes"}
    stack.good()


def test_bomb(stack):
    answer = stack.bulk(bodies.zeros_zstd(1 << 30), headers={"Content-Encoding": "zstd"})
    assert answer.status == 413
    stack.good()


def test_same_id_twice_in_one(stack):
    twice = {"message": "twice", "event_id": "0123456789abcdef0123456789abcdee"}
    before = stack.rows()
    results = check(stack.bulk([twice, {"message": "other"}, twice]), 202, 3, 0)
    assert results[0] == results[2]
    assert stack.rows() == before + 2


def test_limits_are_configurable(fresh):
    stack = fresh(conf={"bulk_max_events": 3, "bulk_max_bytes": 1048576})
    assert stack.bulk(events(3)).status == 202
    answer = stack.bulk(events(4))
    assert answer.status == 400 and "3" in answer.json()["error"]
    assert stack.bulk(b"[" + b" " * 1048576 + b"]").status == 413


@pytest.mark.parametrize("mode", ["writer", "direct"])
def test_limit_reached_inside(fresh, mode):
    stack = fresh(mode, rate_limit=10)
    stack.post({"message": "first"})
    answer = stack.bulk(events(15))
    results = check(answer, 202, 9, 6)
    assert [r.get("status") for r in results] == [None] * 9 + [429] * 6
    assert all(r["error"] == "rate limited" for r in results[9:])
    assert stack.rows() == 10
    answer = stack.bulk(events(3))
    assert answer.status == 429
    assert int(answer.header("Retry-After")) > 0
    assert stack.rows() == 10


def test_order_of_results_with_limit_and_bad_ones(fresh):
    """A bad item of a known key costs a unit like any other."""
    stack = fresh(rate_limit=4)
    items = [{"message": "a"}, {}, {"message": "b"}, {"message": 1}, {"message": "c"}, {"message": "d"}]
    results = json.loads(stack.bulk(items).body)["results"]
    assert [r.get("status") for r in results][1] == 400
    stored = sum("id" in r for r in results)
    assert stored == stack.rows() <= 4
    wait_until(lambda: stack.used() == 4, 5, "all units used")
