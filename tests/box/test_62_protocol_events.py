"""Goal: cases P76 to P90 of the protocol's checklist: every shape of an event makes the same columns."""

import datetime
import json

import pytest
from harness.sentry import auth, envelope, event, item, new_id

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param)


BOOM = {"type": "Boom", "value": "it went"}


@pytest.mark.parametrize("shape", [[BOOM], {"values": [BOOM]}, BOOM, {"values": BOOM}, [None, {}, BOOM],
                                   {"values": [{"type": "Cause"}, BOOM, None]}])
@pytest.mark.parametrize("name", ["exception", "sentry.interfaces.Exception"])
def test_p76_shapes_of_an_exception(sdk, shape, name):
    ev = {"event_id": new_id(), name: shape}
    assert sdk.kept(ev, "title, type, value, message") == ("Boom: it went", "Boom", "it went", None)


@pytest.mark.parametrize("exception, row", [
    ({"type": "T"}, ("T", "T", None)), ({"value": "v"}, ("v", None, "v")),
    ({"value": "ValueError: v"}, ("ValueError: v", "ValueError", "v")),
    ({"value": "two words: v"}, ("two words: v", None, "two words: v")),
    ({"type": "T", "value": {"a": [1]}}, ("T: {\"a\": [1]}", "T", "{\"a\": [1]}")),
    ({"type": "T", "value": 42}, ("T: 42", "T", "42")), ({"type": 7, "value": "v"}, ("7: v", "7", "v")),
    ({"type": "T", "value": "\n\n first \nsecond"}, ("T: first", "T", "\n\n first \nsecond")),
    ({"type": "", "value": ""}, ("hi", None, None)), ({}, ("hi", None, None)), ([], ("hi", None, None)),
    ("boom", ("hi", None, None)), (7, ("hi", None, None))])
def test_p76_type_and_value(sdk, exception, row):
    assert sdk.kept(event(exception=exception), "title, type, value") == row


@pytest.mark.parametrize("tags", [{"a": 1}, [["a", 1]], [["a", "1"], None, ["b"], "x", ["c", None]],
                                  '{"a": 1}', {"a": 1, "b": None, "c": {}, "d": []}])
def test_p77_shapes_of_tags(sdk, tags):
    assert sdk.kept(event(tags=tags), "tags") == ({"a": "1"},)


def test_p78_booleans_in_tags(sdk):
    assert sdk.kept(event(tags={"b": True, "c": False, "d": 1.5}), "tags") == (
        {"b": "True", "c": "False", "d": "1.5"},)


def test_tags_fill_the_environment(sdk):
    assert sdk.kept(event(tags={"environment": "qa"}), "environment, tags") == ("qa", {"environment": "qa"})
    assert sdk.kept(event(tags={"environment": "qa"}, environment="prod"), "environment") == ("prod",)


@pytest.mark.parametrize("sent, kept", [
    ("critical", "fatal"), ("log", "info"), ("warn", "warning"), ("WARNING", "warning"), ("err", "error"),
    ("trace", "debug"), ("notice", "info"), ("alert", "fatal"), ("emergency", "fatal"), (10, "debug"),
    (20, "info"), (30, "warning"), (40, "error"), (50, "fatal"), ("30", "warning"), ("bogus", "error"),
    (None, "error"), ("", "error"), (35, "error"), ([], "error"), (True, "error")])
def test_p79_levels(sdk, sent, kept):
    assert sdk.kept(event(level=sent), "level") == (kept,)


def test_p79_no_level(sdk):
    assert sdk.kept(event(), "level, errors") == ("error", None)


def stamp(at, form):
    return at.strftime(form)


@pytest.mark.parametrize("form", [
    lambda t: t.strftime("%Y-%m-%dT%H:%M:%S"), lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ"),
    lambda t: t.strftime("%Y-%m-%dT%H:%M:%S+00:00"), lambda t: t.strftime("%Y-%m-%d %H:%M:%S"),
    lambda t: (t + datetime.timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S.0000000+02:00"),
    lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.000000000Z"), lambda t: int(t.timestamp()),
    lambda t: t.timestamp(), lambda t: str(int(t.timestamp())), lambda t: int(t.timestamp() * 1000)])
def test_p80_times(sdk, form):
    at = NOW - datetime.timedelta(hours=1)
    assert sdk.kept(event(timestamp=form(at)), "timestamp, errors") == (at, None)


def age(sdk, ev):
    row = sdk.kept(ev, "extract(epoch FROM received_at - timestamp)::float, errors")
    return row[0], {e["type"] for e in row[1] or []}


@pytest.mark.parametrize("shift, kept, note", [
    (datetime.timedelta(days=-40), 0, {"past_timestamp"}), (datetime.timedelta(minutes=2), 0, {"future_timestamp"}),
    (datetime.timedelta(days=-29), 29 * 86400, set()), (datetime.timedelta(seconds=30), -30, set())])
def test_p81_range_of_times(sdk, shift, kept, note):
    got, notes = age(sdk, event(timestamp=(datetime.datetime.now(datetime.timezone.utc) + shift).isoformat()))
    assert abs(got - kept) < 20 and notes == note


@pytest.mark.parametrize("drift, shifted", [(7200, True), (-7200, True), (54 * 60, False), (56 * 60, True)])
def test_p81_drift_of_the_senders_clock(sdk, stack, drift, shifted):
    """The event happened a minute before it was sent, by a clock that is wrong by `drift`."""
    sent = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=drift)
    ev = event(timestamp=(sent - datetime.timedelta(seconds=60)).timestamp())
    answer = sdk.envelope(item("event", ev), sent_at=sent.isoformat())
    assert answer.status == 200
    got, errors = stack.row(ev["event_id"], "extract(epoch FROM received_at - timestamp)::float, errors")
    if shifted:
        assert abs(got - 60) < 20 and errors[0]["type"] == "clock_drift"
    elif drift > 0:
        assert abs(got - 60 - drift) < 20 and errors is None


def test_p81_drift_by_sentry_timestamp(sdk):
    sent = datetime.datetime.now().timestamp() - 7200
    for said in (int(sent), sent, int(sent * 1000)):
        answer = sdk.store(event(timestamp=sent - 60), auth(extra=f"sentry_version=7, sentry_timestamp={said}"))
        row = sdk.stack.row(answer.json()["id"], "extract(epoch FROM received_at - timestamp)::float")
        assert abs(row[0] - 60) < 20


@pytest.mark.parametrize("sent", ["yesterday", "2024-13-01T00:00:00", {}, [], True, 1e300, ""])
def test_times_that_are_none(sdk, sent):
    got, notes = age(sdk, event(timestamp=sent))
    assert abs(got) < 20 and notes == {"invalid_data"}


@pytest.mark.parametrize("name", ["logentry", "sentry.interfaces.Message", "message"])
@pytest.mark.parametrize("entry, title", [
    ({"message": "a %s", "params": ["b"]}, "a b"), ({"message": "a %(x)s %(y)d", "params": {"x": "b", "y": 7}}, "a b 7"),
    ({"message": "a %r %.2f%%", "params": ["b", 1.5]}, "a 'b' 1.50%"), ({"message": "a {} {}", "params": ["b", 2]}, "a b 2"),
    ({"message": "a {1} {0}", "params": ["b", "c"]}, "a c b"), ({"message": "a {x}", "params": {"x": None}}, "a None"),
    ({"message": "a %s", "params": []}, "a %s"), ({"message": "a %s %s", "params": ["b"]}, "a %s %s"),
    ({"message": "a %s", "params": ["b", "c"]}, "a %s"), ({"message": "a %d", "params": "b"}, "a %d"),
    ({"message": "a %s", "formatted": "formatted", "params": ["b"]}, "formatted"), ({"message": "a"}, "a")])
def test_p82_templates(sdk, name, entry, title):
    assert sdk.kept({"event_id": new_id(), name: entry}, "title, message") == (title, title)


@pytest.mark.parametrize("sent, title", [
    ({"formatted": "x"}, "x"), ("x", "x"), (42, "42"), ([1, "a"], '[1, "a"]'), (True, "true"),
    (False, "<unlabeled event>"), (None, "<unlabeled event>"), ("", "<unlabeled event>"), ({}, "<unlabeled event>")])
def test_p83_shapes_of_a_message(sdk, sent, title):
    assert sdk.kept({"event_id": new_id(), "message": sent}) == (title,)


def test_p84_nul_and_lone_surrogates(sdk, stack):
    body = b'{"message":"a\\u0000b\\ud800c","tags":{"t\\u0000":"v\\udc00"},"user":{"id":"\\u0000"}}'
    answer = sdk.store(body)
    assert answer.status == 200
    title, tags = stack.row(answer.json()["id"], "title, tags")
    assert title.replace("\ufffd", "") == "abc" and tags
    assert stack.payload(answer.json()["id"]) == body


def test_bytes_that_are_no_utf8(sdk, stack):
    body = b'{"message":"caf\xe9 \xff","extra":{"\xe9":1}}'
    answer = sdk.store(body)
    assert (answer.status, stack.row(answer.json()["id"], "title")) == (200, ("caf\ufffd \ufffd",))
    assert stack.payload(answer.json()["id"]) == body


@pytest.mark.parametrize("depth, status", [(100, 200), (127, 200), (128, 200), (129, 400)])
def test_p85_nesting(sdk, depth, status):
    body = b'{"message":"deep","extra":' + b'{"a":' * (depth - 2) + b"{}" + b"}" * (depth - 1)
    assert sdk.store(body).status == status


def issue(sdk, **members):
    return sdk.kept(event(**members), "issue_id")[0]


def test_p86_fingerprints(sdk):
    same = [["a", 1, True, None], ["a", 1.9, True], ["a", "1", "True"], ["a", {}, 1, [], True, 1e300]]
    assert len({issue(sdk, fingerprint=f, message=str(n)) for n, f in enumerate(same)}) == 1
    assert issue(sdk, fingerprint="alone") == issue(sdk, fingerprint=["alone"], message="x")
    assert issue(sdk, fingerprint=["a", "bc"]) != issue(sdk, fingerprint=["ab", "c"])
    assert issue(sdk, fingerprint=[], message="d") == issue(sdk, fingerprint=["{{default}}"], message="d")


WRONG = {"user": "x", "tags": 5, "extra": "x", "breadcrumbs": 3, "exception": "boom", "sdk": 1, "level": {},
         "timestamp": [], "release": {}, "environment": 5, "platform": [], "server_name": {}, "transaction": 7,
         "culprit": [], "fingerprint": 9, "contexts": "c", "modules": [], "request": "r", "threads": 5,
         "stacktrace": 3, "logger": {}, "debug_meta": 1, "message": "kept", "type": 5, "csp": 1, "logentry": None}


def test_p87_wrong_types_everywhere(sdk):
    title, errors = sdk.kept({"event_id": new_id(), **WRONG}, "title, errors")
    assert title == "kept"
    noted = {e["name"] for e in errors if e["type"] == "invalid_data"}
    assert noted == set(WRONG) - {"message", "logentry", "timestamp"} | {"timestamp"}
    assert {"type": "invalid_data", "name": "tags", "value": "5"} in errors


@pytest.mark.parametrize("name", [n for n in WRONG if n != "message"])
@pytest.mark.parametrize("value", [None, True, 7, -1.5e300, "x", "", [], [None], {}, {"a": {"b": []}}, [[1, 2], {}]])
def test_p87_any_type_anywhere(sdk, name, value):
    assert sdk.store(event(**{name: value})).status == 200


def test_an_event_may_be_empty(sdk):
    for body in ("{}", '{"level":"info"}', " {} \n"):
        answer = sdk.store(body)
        assert sdk.stack.row(answer.json()["id"], "title") == ("<unlabeled event>",)


@pytest.mark.parametrize("user, kept", [
    ({"ip_address": "{{auto}}"}, "127.0.0.1"), ({"id": 7, "email": "e"}, "7"), ({"email": "e@x"}, "e@x"),
    ({"username": "u"}, "u"), ({"id": "", "ip_address": "1.2.3.4"}, "1.2.3.4"), ({"id": None}, None), ({}, None)])
def test_p88_users(sdk, user, kept):
    assert sdk.kept(event(user=user), "user_id") == (kept,)
    assert sdk.kept(event(**{"sentry.interfaces.User": user}), "user_id") == (kept,)


def test_p88_the_address_that_the_program_saw(sdk):
    ev = event(user={"ip_address": "{{auto}}"}, request={"env": {"REMOTE_ADDR": "192.0.2.7"}})
    assert sdk.kept(ev, "user_id") == ("192.0.2.7",)


def test_p89_long_texts_are_cut_with_a_note(sdk):
    message, errors = sdk.kept(event(message="ä" * 9000), "message, errors")
    assert message == "ä" * 8189 + "..." and errors == [{"type": "value_too_long", "name": "message"}]
    value, errors = sdk.kept(event(exception=[{"type": "T" * 300, "value": "v" * 9000}]), "value, errors")
    assert value == "v" * 8189 + "..." and len(errors) == 2
    release, environment = sdk.kept(event(release="r" * 201, environment="e" * 65), "release, environment")
    assert (release, environment) == ("r" * 197 + "...", "e" * 61 + "...")


@pytest.mark.parametrize("name, limit", [("message", 8192), ("release", 200), ("environment", 64),
                                         ("transaction", 200), ("server_name", 256), ("culprit", 200)])
def test_limits_of_columns(sdk, name, limit):
    for more in (-1, 0, 1):
        text = "x" * (limit + more)
        got, errors = sdk.kept(event(**{name: text}), f"{name}, errors")
        assert got == (text if more <= 0 else "x" * (limit - 3) + "...")
        assert (errors is None) == (more <= 0)


def frames(n, **members):
    return {"frames": [{"function": f"f{i}", "module": "m", "in_app": True, **members} for i in range(n)]}


def test_p90_many_frames(sdk, stack):
    ev = event(exception=[{**BOOM, "stacktrace": frames(300)}])
    assert sdk.kept(ev, "culprit") == ("m in f299",)
    assert len(json.loads(stack.payload(ev["event_id"]))["exception"][0]["stacktrace"]["frames"]) == 300


IN_APP = {"function": "ratio", "module": "app.calc", "in_app": True}
LIB = {"function": "wrap", "module": "django.utils", "filename": "x.py", "in_app": False}


@pytest.mark.parametrize("members, culprit", [
    ({"exception": [{**BOOM, "stacktrace": {"frames": [IN_APP, LIB]}}]}, "app.calc in ratio"),
    ({"exception": [{**BOOM, "stacktrace": {"frames": [LIB]}}]}, None),
    ({"exception": [{**BOOM, "stacktrace": {"frames": [IN_APP]}}, {"type": "X"}]}, "app.calc in ratio"),
    ({"stacktrace": {"frames": [IN_APP]}}, "app.calc in ratio"),
    ({"sentry.interfaces.Stacktrace": {"frames": [IN_APP]}}, "app.calc in ratio"),
    ({"stacktrace": {"frames": [IN_APP]}, "transaction": "/t"}, "/t"),
    ({"stacktrace": {"frames": [IN_APP]}, "transaction": "/t", "culprit": "c"}, "c"),
    ({"stacktrace": {"frames": [{"filename": "a.py"}]}}, "a.py"),
    ({"stacktrace": {"frames": [{"abs_path": "https://h/s/a.js", "function": "f"}]}, "platform": "javascript"}, "f (/s/a.js)"),
    ({"stacktrace": {"frames": [{"module": "m", "function": "?"}]}, "platform": "node"}, "m"),
    ({"stacktrace": {"frames": [{"function": "main"}]}, "platform": "native"}, "main"),
    ({"stacktrace": {"frames": [{"function": "f"}]}}, "f"), ({"stacktrace": {"frames": []}}, None),
    ({"stacktrace": {"frames": None}, "request": {"url": "https://h/x"}}, "https://h/x"),
    ({"sentry.interfaces.Http": {"url": "https://h/x"}}, "https://h/x"), ({}, None)])
def test_culprits(sdk, members, culprit):
    assert sdk.kept(event(**members), "culprit") == (culprit,)


def test_a_made_up_type_gives_way_to_the_function(sdk):
    x = {"type": "Error", "value": "x", "mechanism": {"type": "m", "synthetic": True},
         "stacktrace": {"frames": [{"function": "onLoad", "in_app": True}]}}
    assert sdk.kept(event(exception=[x], platform="cocoa"), "title, culprit") == ("onLoad", "onLoad")


@pytest.mark.parametrize("name", ["/", "a/b", "a\\b", ".", "..", "latest", "a\nb"])
def test_releases_that_are_none(sdk, name):
    assert sdk.kept(event(release=name), "release") == (None,)


def test_native_endpoints_are_as_strict_as_before(stack):
    """And share the code: title, culprit, type and value are the same."""
    got = stack.post({"exception": [{**BOOM, "stacktrace": {"frames": [IN_APP]}}]})
    assert stack.row(got.json()["id"], "title, culprit, type, value, errors") == (
        "Boom: it went", "app.calc in ratio", "Boom", "it went", None)
    for bad in ({"message": 7}, {"message": "m", "level": 30}, {"message": "m", "tags": 5}, {}):
        assert stack.post(bad).status == 400


def test_errors_are_shown(sdk, stack):
    ev = event(tags=5)
    sdk.store(ev)
    shown = stack.ctl_json("event", "show", ev["event_id"])
    assert shown["errors"] == [{"type": "invalid_data", "name": "tags", "value": "5"}]
    assert envelope(item("event", ev))
