"""costly: the most expensive inputs of a mebibyte that we could think of, for each endpoint, and their time.

A responder of its own behind lighttpd takes each input some times; shown are the milliseconds of its processor time (user and
system) for one, the least of the runs.  Run by hand:

    MESHER_BUILD=build /usr/bin/python3 tests/bench/costly.py"""

import base64
import gzip
import json
import os
import pathlib
import sys
import tempfile
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "box"))

from harness.postgres import Postgres  # noqa: E402
from harness.sentry import auth, envelope, item, new_id  # noqa: E402
from harness.stack import KEY, Stack, run_ctl  # noqa: E402

MEBIBYTE = 1 << 20
TIMES = 3


def filled(head, unit, tail, size=MEBIBYTE):
    """As many units as fit; %d in one is its number."""
    out, n = [head], len(head) + len(tail)
    for i in range(size):
        piece = unit % i if "%d" in unit else unit
        if n + len(piece) > size:
            break
        n += len(piece)
        out.append(piece)
    return "".join(out + [tail]).encode()


def events():
    half = MEBIBYTE // 2
    frames = '{"platform":"%s","exception":[{"type":"T","stacktrace":{"frames":[{}'

    def of(platform, frame):
        return filled(frames % platform, frame, "]}}]}")
    return {
        "conversions": json.dumps({"logentry": {"message": "x" + "%s" * 170000, "params": [""] * 170000}}).encode(),
        "names of parameters": json.dumps({"logentry": {"message": "x" + "%(a)s" * 20000,
                                                        "params": {f"b{i}": "" for i in range(55000)}}}).encode(),
        "variables": json.dumps({"message": "m 1 " * 200000, "fingerprint": ["{{message}}"] * 120}).encode(),
        "members": filled('{"message":"m"', ',"a%d":1', "}"),
        "escaped members": filled('{"message":"m"', ',"\\u0061%d":1', "}").replace(b"%%", b"%"),
        "the same member": filled('{"message":"m"', ',"message":"%d"', "}"),
        "brackets": filled('{"message":"m","extra":[0', ",[[[[]]]]", "]}"),
        "tags": filled('{"message":"m","tags":{"a":1', ',"t%d":"x"', "}}"),
        "exceptions": filled('{"exception":[{"type":"T"}', ',{"type":"T%d","value":"v %d"}'.replace("%d", "9"), "]}"),
        "threads": filled('{"message":"m","threads":[{"id":0}', ',{"id":%d,"stacktrace":{"frames":[{}]}}', "]}"),
        "python frames": of("python", ',{"function":"f%d","in_app":true,"context_line":" a  b "}'),
        "javascript frames": of("javascript", ',{"function":"a.b.c [as d]","abs_path":"https://a/b.js?c","data":{"sourcemap":1}}'),
        "native frames": of("native", ',{"function":"a::b<c<d>>(e)","package":"/a/b","instruction_addr":"0x%d"}'),
        "java frames": of("java", ',{"module":"a.b$$Lambda$%d","function":"lambda$a$0"}'),
        "breadcrumbs": filled('{"message":"m","breadcrumbs":[{}', ',{"message":"b","data":{"a":[]}}', "]}"),
        "variables of frames": filled('{"message":"m","stacktrace":{"frames":[{"vars":{"a":1', ',"v%d":"x=1"', "}}]}}"),
        "headers": filled('{"message":"m","request":{"headers":[["a","b"]', ',["h%d","v"]', "]}}"),
        "a message of e-mails": filled('{"message":"', "a@b.cd ", '"}'),
        "a message of digits": filled('{"message":"', "4111 ", '"}'),
        "a message of cards": filled('{"message":"', "4111111111111111 ", '"}'),
        "a message of pairs": filled('{"message":"', "password=a ", '"}'),
        "a message of URLs": filled('{"message":"', "a://b:c@d ", '"}'),
        "a message of dots": filled('{"message":"', "a.", '"}'),
        "a message of at signs": filled('{"message":"', "@", '"}'),
        "a message of quotes": filled('{"message":"', "=' ", '"}'),
        "a message of escapes": filled('{"message":"', "\\u0041", '"}'),
        "a message of é": ('{"message":"' + "é" * (half - 20) + '"}').encode(),
        "JSON in a text": filled('{"message":"m","request":{"data":"{', '\\"a%d\\":1,', '\\"z\\":1}"}}'),
        "a query": filled('{"message":"m","request":{"query_string":"a=1', "&b%d=2", '"}}'),
        "random": json.dumps({"message": "m", "extra": {"x": os.urandom(half - 100).hex()}}).encode(),
        "blanks": b'{"message":"m"' + b" " * (MEBIBYTE - 15) + b"}",
        "no JSON": filled('{"message":"m","extra":[0', ",[[[[]]]]", ""),
    }


def bombs():
    """What a mebibyte, or less, becomes."""
    sessions = [item("sessions", {"attrs": {"release": f"r{i}"}, "aggregates": [{"exited": 1}] * 100}) for i in range(100)]
    reports = item("client_report", filled('{"discarded_events":[{}', ',{"reason":"r","category":"error","quantity":1}', "]}", 400000))
    return {
        "attachments of nulls, 100 MiB": gzip.compress(envelope(
            *(item("attachment", bytes(19 << 20), filename=f"{i}") for i in range(5)), event_id=new_id())),
        "an item of 100 MiB": gzip.compress(envelope(item("attachment", bytes(99 << 20), filename="a"), event_id=new_id())),
        "1000 items": envelope(*(item("event", {"message": f"m {i}"}) for i in range(1000)), event_id=new_id()),
        "sessions": envelope(*sessions), "client reports": envelope(reports),
        "items of unknown types": envelope(*(item("thing", b"x" * 900) for _ in range(1000))),
        "transactions": envelope(*(item("transaction", {"type": "transaction", "spans": [{"a": 1}] * 20}) for _ in range(1000))),
    }


def forms():
    def part(name, value, filename=""):
        return f'--B\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n{value}\r\n'
    dump = part("upload_file_minidump", "MDMP" + "x" * 1000, '; filename="a"')
    fields = "".join(part(f"sentry[{i:x}]", "v" * 900) for i in range(999))
    return {"1000 fields": (fields + dump + "--B--\r\n").encode(),
            "a boundary that almost is": (part("sentry", "\r\n--A" * 200000) + dump + "--B--\r\n").encode()}


def inputs():
    head = {"X-Sentry-Auth": KEY, "Content-Type": "application/json"}
    for name, body in events().items():
        assert len(body) <= MEBIBYTE, (name, len(body))
        yield "events", name, "/api/v1/events", head, body
        yield "envelope", name, "/api/42/envelope/", auth(), envelope(item("event", body))
        yield "store", name, "/api/42/store/", auth(), base64.b64encode(zlib.compress(body))
    for name in ("members", "python frames", "a message of e-mails"):
        one = events()[name]
        yield "bulk", name + ", 5 of them", "/api/v1/events/bulk", head, b"[" + b",".join([one[:]] * 5) + b"]"
    yield "bulk", "100 small ones", "/api/v1/events/bulk", head, json.dumps([{"message": f"m {i}", "extra": {"a": "b" * 9000}}
                                                                             for i in range(100)]).encode()
    for name, body in bombs().items():
        zipped = {**auth(), "Content-Encoding": "gzip"} if body[:2] == b"\x1f\x8b" else auth()
        yield "envelope", name, "/api/42/envelope/", zipped, body
    for name, body in forms().items():
        yield "minidump", name, "/api/42/minidump/?sentry_key=" + KEY, {"Content-Type": "multipart/form-data; boundary=B"}, body
    report = filled('[{"type":"csp-violation","body":{"documentURL":"u","effectiveDirective":"d","blockedURL":"b"}}',
                    ',{"type":"csp-violation","body":{"documentURL":"u%d","effectiveDirective":"d","blockedURL":"b"}}', "]")
    yield "security", "violations", "/api/42/security/?sentry_key=" + KEY, {"Content-Type": "application/reports+json"}, report


def ticks(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def main():
    with tempfile.TemporaryDirectory(prefix="mcostly-", dir="/tmp") as name:
        top = pathlib.Path(name)
        top.chmod(0o755)
        postgres = Postgres(top / "pg")
        postgres.start()
        postgres.make_template(run_ctl)
        stack = Stack(postgres, top / "s", responders=1).start()
        found = {}
        try:
            for endpoint, what, path, headers, body in inputs():
                took = []
                for _ in range(TIMES):
                    before = ticks(stack.front.responders[0])
                    status = stack.request("POST", path, headers, body, timeout=120).status
                    took.append((ticks(stack.front.responders[0]) - before) * 1000 // os.sysconf("SC_CLK_TCK"))
                assert status < 500, (endpoint, what, status)
                found.setdefault(endpoint, []).append((min(took), what, status, len(body)))
        finally:
            stack.stop()
            postgres.stop()
    for endpoint, rows in found.items():
        for ms, what, status, size in sorted(rows, reverse=True)[:4]:
            print(f"{endpoint:10} {ms:5} ms  {status}  {size:9} bytes  {what}")


if __name__ == "__main__":
    main()
