#!/usr/bin/python3
"""table.py GROUP [-v] [--update] [--old] [--events DIR]: how often grouping is right, by language and by change.

Takes every recorded event (tests/corpus/sdk, tests/corpus/grouping, and DIR, of which nothing is kept),
changes what must not matter and what must, groups both with the program GROUP (tests/grouping/group) and prints a table:
for each change, how many of the events it could be made to are grouped right.  Exits with 1 if a number is below that of
tests/corpus/grouping.expected, which --update writes; the columns of --events are not in it.  -v names the events that
are grouped wrong; --old prints the table of version 2 of the algorithm.
"""
import base64
import collections
import copy
import glob
import gzip
import json
import os
import random
import re
import subprocess
import sys
import zlib

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXPECTED = os.path.join(TOP, "tests/corpus/grouping.expected")


# ---- the corpora

def unpack(head, body):
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    elif re.search(rb"content-encoding: *deflate", head, re.I):
        body = zlib.decompress(body)
    if body[:1] == b"{":
        return body
    try:
        body = base64.b64decode(body)
        return zlib.decompress(body) if body[:1] == b"x" else body
    except (ValueError, zlib.error):
        return body


def parsed(text):
    try:
        value = json.loads(text)
        return [value] if isinstance(value, dict) else []
    except ValueError:
        return []


def envelope(body):
    at = body.find(b"\n") + 1
    while 0 < at < len(body):
        end = body.find(b"\n", at)
        header = parsed(body[at:end if end >= 0 else len(body)])
        if end < 0 or not header:
            return
        size = header[0].get("length")
        if size is None:
            stop = body.find(b"\n", end + 1)
            size = (stop if stop >= 0 else len(body)) - end - 1
        if header[0].get("type") == "event":
            yield from parsed(body[end + 1:end + 1 + size])
        at = end + size + 2


def recorded(path):
    with open(path, "rb") as file:
        head, _, body = file.read().partition(b"\r\n\r\n")
    body = unpack(head, body)
    return list(envelope(body)) if b"/envelope" in head.split(b"\r\n")[0] else parsed(body)


def corpus():
    """Every event of the project's corpora, with its name."""
    for path in sorted(glob.glob(os.path.join(TOP, "tests/corpus/sdk/*/*.req"))):
        for i, event in enumerate(recorded(path)):
            yield f"{os.path.relpath(path, TOP)}#{i}", event
    with gzip.open(os.path.join(TOP, "tests/corpus/grouping/recorded.jsonl.gz"), "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)
    with open(os.path.join(TOP, "tests/corpus/grouping/pairs.json"), encoding="utf-8") as file:
        for pair in json.load(file):
            for i, event in enumerate(pair["events"]):
                yield f"{pair['name']}#{i}", event


def foreign(folder):
    for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
        with open(path, "rb") as file:
            yield from ((os.path.basename(path), event) for event in parsed(file.read()))


# ---- the parts of an event

def items(event, *names):
    for name in names:
        found = event.get(name)
        if isinstance(found, dict):
            found = found["values"] if "values" in found else [found]
        if found:
            return [item for item in found if isinstance(item, dict)]
    return []


def exceptions(event):
    return items(event, "exception", "sentry.interfaces.Exception")


def stacks(event):
    holders = exceptions(event) + items(event, "threads", "sentry.interfaces.Threads")
    found = [holder.get("stacktrace") for holder in holders] + [event.get("stacktrace")]
    return [s["frames"] for s in found if isinstance(s, dict) and isinstance(s.get("frames"), list)]


def frames(event):
    return [frame for stack in stacks(event) for frame in stack if isinstance(frame, dict)]


def language(event):
    platform = event.get("platform")
    names = " ".join(str(f.get("filename")) for f in frames(event))
    if platform in ("native", "c", "rust"):
        return "rust" if ".rs" in names or "rust" in str(event.get("sdk")) else "native"
    return {"javascript": "browser", "objc": "cocoa", "csharp": ".net", None: "other"}.get(platform, platform)


# ---- changes that must not matter; each returns whether it changed anything

def line_numbers(event, dice):
    found = [f for f in frames(event) if f.get("lineno") or f.get("colno")]
    for frame in found:
        frame.update({name: dice.randrange(1, 9999) for name in ("lineno", "colno") if frame.get(name)})
    return found


def addresses(event, dice):
    by, found = dice.randrange(1, 4096) * 4096, []
    images = [i for i in (event.get("debug_meta") or {}).get("images") or [] if isinstance(i, dict)]
    for thing in frames(event) + images:
        for name in ("instruction_addr", "symbol_addr", "image_addr"):
            if isinstance(thing.get(name), str) and thing[name].startswith("0x"):
                thing[name] = hex(int(thing[name], 16) + by)
                found.append(thing)
    return found


def ids_and_times(event, dice):
    event.update(event_id=f"{dice.getrandbits(128):032x}", timestamp=1700000000 + dice.randrange(10 ** 6))
    return True


def host_and_release(event, dice):
    event.update(server_name=f"web-{dice.randrange(99)}", release=f"app@{dice.random()}", environment="elsewhere",
                 user={"id": str(dice.random())}, extra={"x": dice.random()}, breadcrumbs=[])
    return True


def other_data(event, dice):
    """Another UUID, another address, another time at the end of each text."""
    texts = [f"{dice.getrandbits(32):08x}-1a2b-4c3d-8e4f-{dice.getrandbits(48):012x}", f"10.0.{dice.randrange(256)}.7:5432",
             f"2026-01-{dice.randrange(10, 28)}T10:00:00Z"]
    return append(event, " of ".join(texts))


def append(event, text):
    found = [x for x in exceptions(event) if isinstance(x.get("value"), str)]
    for exception in found:
        exception["value"] = exception["value"].split("\n")[0] + " at " + text
    for name in ("message", "logentry"):
        entry = event.get(name)
        if isinstance(entry, str) and entry:
            event[name] = entry.split("\n")[0] + " at " + text
            found.append(entry)
        elif isinstance(entry, dict) and isinstance(entry.get("formatted"), str) and not entry.get("params"):
            if entry.get("message") in (None, entry["formatted"]):
                entry.pop("message", None)
                entry["formatted"] = entry["formatted"].split("\n")[0] + " at " + text
                found.append(entry)
    return found


def installed_elsewhere(event, dice):
    root, found = f"/opt/releases/{dice.randrange(10 ** 9)}", []
    strange = re.compile(r"site-packages|dist-packages|node_modules|/vendor/|/pkg/mod/|/usr/|/rustc/|\.cargo|gems|/lib/|<")
    for frame in frames(event):
        path = frame.get("abs_path")
        if isinstance(path, str) and path.startswith("/") and not strange.search(path):
            frame["abs_path"] = root + path
            if frame.get("filename") == path:
                frame["filename"] = root + path
            found.append(frame)
    return found


def redeployed(event, dice):
    """Another hash in the names of bundles."""
    found = []
    if event.get("platform") not in ("javascript", "node"):
        return found
    for kind in (f"-{dice.getrandbits(32):08x}", f".{dice.getrandbits(80):020x}", "-K" + "".join(
            dice.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(7))):
        for frame in frames(event):
            for name in ("abs_path", "filename"):
                if isinstance(frame.get(name), str) and re.search(r"\w\.js$", frame[name]):
                    frame[name] = re.sub(r"(-[0-9a-f]{8}|\.[0-9a-f]{20}|-K[A-Z2-7]{7})?\.js$", kind + ".js", frame[name])
                    found.append(frame)
    return found


def key_order(event, dice):
    def turned(value):
        if isinstance(value, dict):
            pairs = list(value.items())
            dice.shuffle(pairs)
            return {name: turned(inside) for name, inside in pairs}
        return [turned(inside) for inside in value] if isinstance(value, list) else value

    pairs = turned(event)
    event.clear()
    event.update(pairs)
    return True


MIDDLEWARE = {
    "python": {"module": "django.utils.deprecation", "function": "__call__", "in_app": False,
               "abs_path": "/usr/lib/python3/dist-packages/django/utils/deprecation.py"},
    "browser": {"function": "dispatch", "in_app": True, "abs_path": "https://cdn.jsdelivr.net/npm/x@3/dist/x.js"},
    "node": {"function": "Layer.handle", "module": "express.lib.router:layer", "in_app": False,
             "abs_path": "/srv/node_modules/express/lib/router/layer.js"},
    "java": {"module": "org.springframework.web.filter.OncePerRequestFilter", "function": "doFilter"},
    "go": {"module": "github.com/gin-gonic/gin", "function": "LoggerWithConfig.func1", "in_app": True,
           "abs_path": "/go/pkg/mod/github.com/gin-gonic/gin@v1.12.0/logger.go"},
    "rust": {"function": "<tower::util::map_err::MapErr<S> as tower_service::Service<R>>::call", "in_app": True,
             "abs_path": "/root/.cargo/registry/src/index.crates.io-1949cf8c/tower-0.5.2/src/util/map_err.rs"},
    "native": {"function": "g_closure_invoke", "package": "/usr/lib/x86_64-linux-gnu/libgobject-2.0.so.0"},
    ".net": {"module": "Microsoft.AspNetCore.Builder.ExceptionHandlerMiddleware", "function": "Invoke", "in_app": True},
    "ruby": {"function": "call", "in_app": False, "abs_path": "/usr/lib/ruby/gems/3.1.0/gems/rack-2.2.4/lib/rack/head.rb"},
    "php": {"function": "Illuminate\\Pipeline\\Pipeline::then", "in_app": True, "abs_path": "/srv/vendor/laravel/p.php"},
    "cocoa": {"function": "-[UIControl sendAction:]", "package": "/System/Library/PrivateFrameworks/UIKitCore"},
}

SDK = {
    "python": {"module": "sentry_sdk.integrations.logging", "function": "emit", "in_app": False,
               "abs_path": "/srv/site-packages/sentry_sdk/integrations/logging.py"},
    "browser": {"function": "sentryWrapped", "in_app": True, "abs_path": "https://h.example/npm/@sentry/browser/helpers.js"},
    "node": {"function": "Scope.captureException", "in_app": False,
             "abs_path": "/srv/node_modules/@sentry/core/build/cjs/scope.js"},
    "java": {"module": "io.sentry.SentryClient", "function": "captureEvent"},
    "go": {"module": "github.com/getsentry/sentry-go", "function": "(*Hub).CaptureException", "in_app": True,
           "abs_path": "/go/pkg/mod/github.com/getsentry/sentry-go@v0.50.0/hub.go"},
    "rust": {"function": "sentry_core::hub::Hub::capture_event", "in_app": True},
    "native": {"function": "sentry__capture_event", "package": "/srv/app"},
    ".net": {"module": "Sentry.SentryClient", "function": "CaptureEvent", "in_app": True},
    "ruby": {"function": "capture", "in_app": False, "abs_path": "/usr/lib/ruby/gems/3.1.0/gems/sentry-ruby-5.1/lib/x.rb"},
    "php": {"function": "Sentry\\captureException", "in_app": True, "abs_path": "/srv/vendor/sentry/sentry/src/f.php"},
    "cocoa": {"function": "-[SentryClient captureEvent:]", "package": "/private/var/containers/Bundle/x.app/x"},
}


def in_stacks(event, table, at):
    """Adds a frame to each stack that has one of the program."""
    extra, found = table.get(language(event)), []
    for stack in stacks(event):
        if extra and any(isinstance(f, dict) and f.get("in_app") is not False for f in stack):
            stack.insert(at(stack), dict(extra))
            found.append(stack)
    return found


def other_middleware(event, dice):
    del dice
    return in_stacks(event, MIDDLEWARE, lambda stack: min(1, len(stack)))


def other_sdk_frames(event, dice):
    del dice
    return in_stacks(event, SDK, len)


def without_in_app(event, dice):
    """Only where all frames of the program lie outside of libraries' places, as SDKs without a word send them."""
    del dice
    found = [f for f in frames(event) if f.get("in_app") is not None]
    if language(event) in ("cocoa", "native", "other"):
        return []
    for frame in found:
        del frame["in_app"]
    return found


def trimpath(event, dice):
    del dice
    found = []
    for frame in frames(event):
        path = frame.get("abs_path")
        if event.get("platform") != "go" or not isinstance(path, str):
            continue
        short = re.sub(r"^.*/pkg/mod/|^/usr/local/go/src/|^.*/go/src/(?=runtime|net)", "", path)
        if short == path:
            short = f"{frame.get('module') or 'main'}/{path.split('/')[-1]}"
        frame["abs_path"] = short
        found.append(frame)
    return found


def reflection(event, dice):
    """The JVM calls a method that is often called by reflection through a class that it makes."""
    found = []
    if event.get("platform") != "java":
        return found
    for stack in stacks(event):
        for i, frame in enumerate(stack[:-1]):
            if str(frame.get("module")).startswith(("java.", "jdk.")) and frame.get("function") == "invoke":
                stack.insert(i, {"module": f"jdk.internal.reflect.GeneratedMethodAccessor{dice.randrange(1, 99)}",
                                 "function": "invoke"})
                found.append(stack)
                break
    return found


def closure_numbers(event, dice):
    """Where the line is known."""
    found = []
    for frame in frames(event):
        name = frame.get("function")
        if frame.get("context_line") and isinstance(name, str) and re.search(r"\.func\d+$", name):
            frame["function"] = re.sub(r"\d+$", str(dice.randrange(1, 99)), name)
            found.append(frame)
    return found


SAME = [line_numbers, addresses, ids_and_times, host_and_release, other_data, installed_elsewhere, redeployed, key_order,
        other_middleware, other_sdk_frames, without_in_app, trimpath, reflection, closure_numbers]


# Both events get data of this kind, each its own.
TWICE = [other_data, redeployed]


# ---- changes that must matter

def own(frame):
    path = str(frame.get("abs_path") or frame.get("filename"))
    module = str(frame.get("module"))
    return frame.get("in_app") and not re.search(
        r"packages/|node_modules|/pkg/mod/|\.cargo|/rustc/|/usr/|vendor|node:|@v\d|gems", path) and not re.match(
        r"sentry|std|core|alloc|net/|runtime|java|org\.spring|io\.sentry", module + str(frame.get("function")))


def other_function(event, dice):
    """Of the program's newest frame, in the outermost exception."""
    del dice
    if any(event.get(name) for name in ("fingerprint", "checksum")) or not exceptions(event):
        return []
    stack = (exceptions(event)[-1].get("stacktrace") or {}).get("frames") or []
    mechanism = exceptions(event)[-1].get("mechanism") or {}
    newest = [f for f in stack if own(f) and re.fullmatch(r"[A-Za-z]\w{3,}", str(f.get("function")))][-1:]
    if not newest or mechanism.get("is_exception_group") or newest[0] is not stack[-1]:
        return []
    newest[0]["function"] += "Other"
    newest[0].pop("raw_function", None)
    return newest


def other_type(event, dice):
    del dice
    found = exceptions(event)[-1:]
    mechanism = (found[0].get("mechanism") or {}) if found else {}
    if not found or not found[0].get("type") or ".go:" in found[0]["type"] or mechanism.get("synthetic") or event.get("fingerprint") or \
            mechanism.get("is_exception_group") or event.get("checksum"):
        return []
    found[0]["type"] = "Other" + found[0]["type"]
    return found


def other_message(event, dice):
    del dice
    if exceptions(event) or event.get("fingerprint") or event.get("checksum"):
        return []
    found = []
    for name in ("logentry", "message", "sentry.interfaces.Message"):
        entry = event.get(name)
        if isinstance(entry, str) and entry:
            event[name] = "something else: " + entry
            found.append(entry)
        if isinstance(entry, dict) and (entry.get("message") or entry.get("formatted")):
            for member in ("message", "formatted"):
                if isinstance(entry.get(member), str):
                    entry[member] = "something else: " + entry[member]
            found.append(entry)
    return found


OTHER = [other_function, other_type, other_message]


# ---- the table

def group(program, events, column=0):
    text = "".join(json.dumps(event) + "\n" for event in events)
    done = subprocess.run([program], input=text.encode(), stdout=subprocess.PIPE, check=True, timeout=600)
    lines = [line.split("\t") for line in done.stdout.decode().splitlines()]
    assert len(lines) == len(events), (len(lines), len(events))
    return [line[column] for line in lines]


def count(program, events, column=0):
    """{(change, language): [right, all]}, and the names of those that are wrong."""
    table, jobs, wrong = collections.defaultdict(lambda: [0, 0]), [], []
    for name, event in events:
        for change in SAME + OTHER:
            one, other = copy.deepcopy(event), copy.deepcopy(event)
            if change in TWICE:
                change(one, random.Random(change.__name__ + name))
            if change(other, random.Random(name + change.__name__)):
                jobs.append((name, one, other, change))
    before = group(program, [job[1] for job in jobs], column)
    after = group(program, [job[2] for job in jobs], column)
    for (name, event, _, change), one, two in zip(jobs, before, after):
        cell = table[change.__name__, language(event)]
        right = (one == two) == (change in SAME)
        cell[0] += right
        cell[1] += 1
        if not right:
            wrong.append(f"{change.__name__}: {name}")
    return table, wrong


def text_of(table):
    languages = sorted({key[1] for key in table})
    lines = [f"{'':19}" + "".join(f"{name:>10}" for name in languages)]
    for change in SAME + OTHER:
        cells = [table.get((change.__name__, name)) for name in languages]
        lines.append(f"{change.__name__:19}" + "".join(f"{'/'.join(map(str, c)) if c else '-':>10}" for c in cells))
    return "\n".join(lines) + "\n"


def parse_table(text):
    lines = text.splitlines()
    languages = lines[0].split()
    return {(line.split()[0], name): [int(n) for n in cell.split("/")]
            for line in lines[1:] for name, cell in zip(languages, line.split()[1:]) if cell != "-"}


def main(argv):
    program = argv[1]
    if "--old" in argv:
        print("Version 2, of the events that a change could be made to:\n\n" + text_of(count(program, list(corpus()), 1)[0]))
        return 0
    table, wrong = count(program, list(corpus()))
    print("Grouped right, of the events that a change could be made to:\n")
    print(text_of(table))
    if "-v" in argv:
        print("\n".join(wrong))
    if "--events" in argv:
        other, wrong = count(program, list(foreign(argv[argv.index("--events") + 1])))
        print("The same of other people's events:\n\n" + text_of(other))
        if "-v" in argv:
            print("\n".join(wrong))
    if "--update" in argv:
        with open(EXPECTED, "w", encoding="utf-8") as file:
            file.write(text_of(table))
        return 0
    with open(EXPECTED, encoding="utf-8") as file:
        expected = parse_table(file.read())
    worse = [f"{change} in {name}: {table.get((change, name), [0, 0])}, expected {cell}"
             for (change, name), cell in expected.items() if table.get((change, name), [0, 0])[0] < cell[0]]
    print("\n".join(["worse than tests/corpus/grouping.expected:"] + worse) if worse else
          "no worse than tests/corpus/grouping.expected")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
