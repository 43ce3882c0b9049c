"""Goal: one bug stays one issue whatever changes between two of its events, and two bugs stay two, for
variations of real events, which belong to others and stay where they are.  Of what they are called only
hashes are kept here: a change shows, the texts do not."""

import hashlib
import json
import random
import re
import subprocess

import pytest
from harness.stack import BUILD, clean_environment
from test_66_real_events import TEXTS

CTL = BUILD / "mesherctl"

pytestmark = pytest.mark.real_events

FOREIGN = ("site-packages", "dist-packages", "node_modules", "vendor", "/go/pkg/mod", "http:", "https:", "node:",
           "extension:", "blob:", "applewebdata:")


def group(event):
    """How Mesher groups an event, an object or bytes."""
    text = event if isinstance(event, bytes) else json.dumps(event).encode()
    done = subprocess.run([CTL, "--conf", "/dev/null", "--json", "rules", "test", "/dev/null", "-"], input=text,
                          env=clean_environment(), capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


GROUPS = {name: group(text) for name, text in TEXTS.items()}


# ---- what can be varied

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
    found = [holder.get("stacktrace") for holder in holders]
    found += [event.get("stacktrace"), event.get("sentry.interfaces.Stacktrace")]
    return [stack for stack in found if isinstance(stack, dict)]


def frames(event):
    return [frame for stack in stacks(event) for frame in stack.get("frames") or [] if isinstance(frame, dict)]


def family(event, frame):
    platform = frame.get("platform") or event.get("platform")
    return "native" if platform in ("native", "c", "objc", "cocoa", "swift", "rust") else platform


def lines(event, dice):
    for frame in frames(event):
        for name in ("lineno", "colno"):
            if frame.get(name) is not None:
                frame[name] = dice.randrange(1, 9999)


def shift(value, by):
    if isinstance(value, int) and not isinstance(value, bool):
        return value + by
    if isinstance(value, str) and value.startswith("0x"):
        return hex(int(value, 16) + by)
    return value


def addresses(event, dice):
    """Everything is loaded elsewhere."""
    by = dice.randrange(1, 4096) * 4096
    for frame in frames(event):
        for name in ("instruction_addr", "symbol_addr", "image_addr"):
            if name in frame:
                frame[name] = shift(frame[name], by)
    for image in (event.get("debug_meta") or {}).get("images") or []:
        if isinstance(image, dict) and "image_addr" in image:
            image["image_addr"] = shift(image["image_addr"], by)


def prefixes(event, dice):
    """The program is installed elsewhere."""
    root = f"/opt/releases/{dice.randrange(10 ** 9)}"
    for frame in frames(event):
        for name in ("abs_path", "filename"):
            path = frame.get(name)
            if isinstance(path, str) and path.startswith("/") and not any(word in path for word in FOREIGN):
                frame[name] = root + path


def hashes(event, dice):
    """Another build of the scripts, another mangling of Rust's names."""
    for frame in frames(event):
        digits = f"{dice.randrange(16 ** 8):08x}"
        for name in ("abs_path", "filename"):
            path = frame.get(name)
            if family(event, frame) in ("javascript", "node") and isinstance(path, str):
                frame[name] = re.sub(r"\.js$", f".{digits}.js", path)
        function = frame.get("function")
        if (event.get("platform") == "rust" or frame.get("platform") == "rust") and \
                isinstance(function, str) and not frame.get("raw_function"):
            frame["function"] = f"{function}::h{digits}{digits}"


def other_numbers(text, dice):
    """Numbers that are words of their own, but for codes of errors; none becomes so long that it is taken for
    something else."""
    def another(match):
        return str(dice.randrange(10 ** (len(match[0]) - 1), 10 ** len(match[0])))

    return re.sub(r"(?<![\w.:/-])(?<!code )[1-9]\d{0,3}(?![\w.:/%-])", another, text)


def parameters(event, dice):
    for exception in exceptions(event):
        if isinstance(exception.get("value"), str):
            exception["value"] = other_numbers(exception["value"], dice)
    for name in ("message", "logentry", "sentry.interfaces.Message"):
        entry = event.get(name)
        if isinstance(entry, str):
            event[name] = other_numbers(entry, dice)
        elif isinstance(entry, dict) and not entry.get("params") and isinstance(entry.get("formatted"), str):
            if not entry.get("message") or entry["message"] == entry["formatted"]:
                entry.pop("message", None)
                entry["formatted"] = other_numbers(entry["formatted"], dice)


def surroundings(event, dice):
    event.update(level="fatal", release=f"r{dice.random()}", server_name="other", environment="elsewhere",
                 user={"id": "17"}, extra={"x": dice.random()}, timestamp=1700000000, breadcrumbs=[])
    for frame in frames(event):
        frame.update(vars={"x": dice.random()}, pre_context=["x"], post_context=["y"])


SAME = [lines, addresses, prefixes, parameters, surroundings]


def parsed(name):
    return json.loads(TEXTS[name])


@pytest.mark.parametrize("name", TEXTS)
def test_one_bug_is_one_issue(name):
    wanted = GROUPS[name]
    dice = random.Random(name)
    for vary in SAME:
        event = parsed(name)
        vary(event, dice)
        found = group(event)
        assert found["fingerprint"] == wanted["fingerprint"], (vary.__name__, wanted, found)
    event = parsed(name)
    for vary in SAME:
        vary(event, dice)
    assert group(event)["fingerprint"] == wanted["fingerprint"]


@pytest.mark.parametrize("name", TEXTS)
def test_another_build_is_the_same_issue(name):
    event, other = parsed(name), parsed(name)
    hashes(event, random.Random(1))
    hashes(other, random.Random(2))
    assert group(event)["fingerprint"] == group(other)["fingerprint"]


def texts(found, kind):
    return [part["text"] for part in found["components"] if part["kind"] == kind]


@pytest.mark.parametrize("name", TEXTS)
def test_another_function_is_another_issue(name):
    counted = set(texts(GROUPS[name], "function"))
    for frame in {frame.get("function") for frame in frames(parsed(name))} & counted:
        if not re.fullmatch(r"[\w.$]+", frame):
            continue
        event = parsed(name)
        for other in frames(event):
            if other.get("function") == frame:
                other["function"] = other["raw_function"] = frame + "Other"
        found = group(event)
        if "sourcemap" not in json.dumps(event):
            assert found["fingerprint"] != GROUPS[name]["fingerprint"], frame


@pytest.mark.parametrize("name", TEXTS)
def test_another_type_is_another_issue(name):
    for i, exception in enumerate(exceptions(parsed(name))):
        mechanism = exception.get("mechanism") or {}
        if mechanism.get("is_exception_group") and mechanism.get("parent_id") is not None:
            continue  # only what is in it counts
        if exception.get("type") in texts(GROUPS[name], "type"):
            event = parsed(name)
            exceptions(event)[i]["type"] = "Other" + exception["type"]
            assert group(event)["fingerprint"] != GROUPS[name]["fingerprint"], i


@pytest.mark.parametrize("name", TEXTS)
def test_another_module_is_another_issue(name):
    for module in set(texts(GROUPS[name], "module")):
        event = parsed(name)
        for frame in frames(event):
            if frame.get("module") == module:
                frame["module"] = module + "other"
        found = group(event)
        assert module not in texts(found, "module") or event == parsed(name)
        assert event == parsed(name) or found["fingerprint"] != GROUPS[name]["fingerprint"], module


def kind_of(event):
    """What an event is about, by the eye: what it is called, without numbers."""
    return re.sub(r"\d+", "0", event["title"])


def test_no_two_unrelated_events_are_one_issue():
    """Some come twice, in two shapes: those may be one.  Events of which somebody took the names of all
    functions of the program's own are told by what is left."""
    issues = {}
    for name, found in GROUPS.items():
        if b"stripped_application_code" in TEXTS[name]:
            continue
        issues.setdefault(found["fingerprint"], []).append(name)
    for names in issues.values():
        assert len({kind_of(GROUPS[name]) for name in names}) == 1, names
    assert len(issues) >= 0.8 * sum(map(len, issues.values())), issues


def test_every_event_has_a_title():
    for name, found in GROUPS.items():
        assert found["title"] and len(found["title"]) <= 256 and "\n" not in found["title"], name
        if exceptions(parsed(name)):
            assert found["title"] != "<unlabeled event>", name


@pytest.mark.golden
def test_titles_culprits_and_groups(golden):
    """Each was read by eye when its hash was recorded."""
    def short(*words):
        return hashlib.sha256("|".join(word or "" for word in words).encode()).hexdigest()[:16]

    golden("real-events", "".join(f"{name} {short(found['title'], found['culprit'])} {found['fingerprint']}\n"
                                  for name, found in sorted(GROUPS.items())))
