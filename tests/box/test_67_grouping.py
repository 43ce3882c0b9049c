"""Goal: events of one bug are one issue through all doors, the administrator's rules decide where there are
any, and what made a group can be seen; a bad rule stops a program with file, line, column and reason."""

import json
import socket
import subprocess
import uuid

import pytest
from harness.fastcgi import cgi, environment
from harness.stack import CTL, FCGI, KEY, SOURCE, clean_environment

RULES = SOURCE / "conf/grouping.rules"
AUTH = {"X-Sentry-Auth": f"Sentry sentry_key={KEY}, sentry_version=7"}


def error(type_="Boom", value="it broke", function="run", **more):
    return {"platform": "python", "exception": {"values": [{"type": type_, "value": value, "stacktrace": {"frames": [
        {"module": "app", "function": function, "lineno": 7, "in_app": True}]}}]}, **more}


def send(stack, event):
    """Through the Sentry endpoint; gives the id."""
    event_id = uuid.uuid4().hex
    answer = stack.request("POST", "/api/42/store/", AUTH, json.dumps({**event, "event_id": event_id}).encode())
    assert answer.status == 200, answer
    return event_id


def native(stack, event):
    answer = stack.post({"message": "m", **event})
    assert answer.status == 202, answer
    return answer.json()["id"]


def issue_of(stack, event_id):
    return stack.row(event_id, "issue_id")[0]


def explained(stack, event_id):
    return stack.ctl_json("event", "explain", event_id)


def stored_fingerprint(stack, event_id):
    return stack.sql("SELECT encode(i.fingerprint, 'hex') FROM issues i JOIN events e ON e.project_id = i.project_id "
                     "AND e.issue_id = i.id WHERE e.id = %s", event_id)[0][0]


def try_rules(tmp_path, rules, event, *options):
    """mesherctl rules test, without a database."""
    path = tmp_path / "test.rules"
    path.write_text(rules) if isinstance(rules, str) else path.write_bytes(rules.read_bytes())
    return subprocess.run([CTL, "--conf", "/dev/null", *options, "rules", "test", path, "-"],
                          input=json.dumps(event), env=clean_environment(), capture_output=True, text=True,
                          timeout=20, check=False)


# ---- without rules

def test_one_bug_is_one_issue_through_all_doors(stack):
    one, two, other = send(stack, error()), native(stack, error(value="broke again")), send(stack, error(function="x"))
    assert issue_of(stack, one) == issue_of(stack, two) != issue_of(stack, other)


def test_explain_says_what_was_stored(stack):
    for event in [error(), {"message": "User 17 is gone"}, {"message": "x", "fingerprint": ["a", "{{ default }}"]},
                  {"message": "x", "logentry": {"message": "other %s", "params": ["a"]}}, {"checksum": "abc"}, {}]:
        event_id = send(stack, event)
        assert explained(stack, event_id)["fingerprint"] == stored_fingerprint(stack, event_id), event
    event_id = native(stack, {"message": "y", "logentry": {"message": "other"}})
    assert explained(stack, event_id)["fingerprint"] == stored_fingerprint(stack, event_id)


def test_explain_shows_the_components(stack):
    event_id = send(stack, error())
    shown = explained(stack, event_id)
    assert shown["version"] == 3 and shown["strategy"] == "exception" and shown["rule"] is None
    assert [(part["kind"], part["text"]) for part in shown["components"]] == [
        ("exception", ""), ("type", "Boom"), ("frame", ""), ("module", "app"), ("function", "run")]
    text = stack.ctl("event", "explain", event_id)
    assert "strategy     exception\n" in text and "    function  run\n" in text
    shown = explained(stack, send(stack, error(fingerprint=["{{ default }}", "\x1b[31m{{ type }}"])))
    assert shown["strategy"] == "fingerprint" and shown["default_strategy"] == "exception"
    assert [part["kind"] for part in shown["components"]] == ["default", "part"]
    assert "\x1b" not in stack.ctl("event", "explain", send(stack, {"message": "\x1b[31mred"}))


def test_explain_wants_an_event(stack):
    assert stack.ctl_run("event", "explain").returncode == 2
    assert stack.ctl_run("event", "explain", uuid.uuid4().hex).returncode == 3


# ---- rules

SAMPLES = [
    (error("OperationalError", "x could not connect to y", tags={"environment": "prod"}), 6,
     ["database-down", "prod"], "The database is down"),
    (error("Error", exception={"values": [{"type": "E", "stacktrace": {"frames": [
        {"abs_path": "chrome-extension://abc/x.js", "function": "f"}]}}]}), 9, ["browser-extension"],
     "An extension of the browser"),
    (error("ReadTimeout", "after 17 s", "charge_card"), 13, ["payment-timeout", "charge_card"],
     "ReadTimeout: after 17 s"),
    (error(logger="billing.jobs", tags=[["tenant", "acme"]]), 16, None, "Boom: it broke"),
    (error(), None, None, "Boom: it broke"),
]


@pytest.mark.parametrize("event, line, parts, title", SAMPLES)
def test_the_sample(tmp_path, event, line, parts, title):
    done = try_rules(tmp_path, RULES, event, "--json")
    shown = json.loads(done.stdout)
    assert (shown["rule"], shown["title"]) == (line, title)
    if parts:
        assert [part["text"] for part in shown["components"]] == parts


def test_rules_test_for_people(tmp_path):
    done = try_rules(tmp_path, "type:Boom -> a {{ level }}", error(level="fatal"))
    assert done.returncode == 0 and done.stdout.startswith("rule         line 1\nstrategy     rule\n")
    assert "  part  a\n  part  fatal\n" in done.stdout


@pytest.mark.parametrize("rules, reason", [("type:A", "line 1, column 7: -> is missing"),
                                           ("\n\nnope:A -> b", "line 3, column 1: no field is called nope")])
def test_rules_test_says_what_is_wrong(tmp_path, rules, reason):
    done = try_rules(tmp_path, rules, error())
    assert (done.returncode, done.stdout) == (1, "") and f"test.rules: {reason}" in done.stderr


def test_rules_test_wants_files(tmp_path):
    done = subprocess.run([CTL, "--conf", "/dev/null", "rules", "test", tmp_path / "no.rules", "-"], input="{}",
                          env=clean_environment(), capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1 and "no.rules: " in done.stderr
    done = try_rules(tmp_path, "", [])
    assert done.returncode == 1 and "must be a JSON object" in done.stderr


VENDOR = {"platform": "python", "exception": {"values": [{"type": "Boom", "value": "x", "stacktrace": {"frames": [
    {"module": "app", "function": "run", "filename": "app.py", "in_app": True},
    {"module": "vendor.cart", "function": "add", "filename": "vendor/cart.py", "in_app": False}]}}]}}


def frame_rule(tmp_path, rules):
    """(owner of each frame, newest first, why of the newest, culprit, fingerprint)"""
    shown = json.loads(try_rules(tmp_path, rules, VENDOR, "--json").stdout)
    frames = shown["frames"]
    return [f["owner"] for f in frames], frames[0]["why"], shown["culprit"], shown["fingerprint"]


def test_rules_decide_whose_code_a_frame_is(tmp_path):
    plain = frame_rule(tmp_path, "module:other -> +app\n")
    assert plain[:3] == (["library", "program"], "in_app is false", "app in run")
    own = frame_rule(tmp_path, "# ours\nmodule:vendor.* -> +app\n")
    assert own[0] == ["program", "program"] and own[1] == "a rule with +app" and own[2] == "vendor.cart in add"
    foreign = frame_rule(tmp_path, "module:app function:run -> -app\nmodule:vendor.* -> +app\n")
    assert foreign[0] == ["program", "library"] and foreign[2] == "vendor.cart in add"
    first = frame_rule(tmp_path, "module:vendor.cart -> -app\nmodule:vendor.* -> +app\n")
    assert first[0] == plain[0] and first[1] == "a rule with -app" and first[2:] == plain[2:]
    assert len({one[3] for one in (plain, own, foreign)}) == 3


def test_rules_decide(fresh, tmp_path):
    rules = tmp_path / "own.rules"
    rules.write_text('type:Boom -> mine {{ tags.k }} title="Mine in {{ stack.function }}"\n')
    stack = fresh(conf={"grouping_rules": str(rules)})
    one, two = send(stack, error(tags={"k": "v"})), native(stack, error(function="other", tags={"k": "v"}))
    other, none = send(stack, error(tags={"k": "w"})), send(stack, error("Bang"))
    assert issue_of(stack, one) == issue_of(stack, two)
    assert len({issue_of(stack, i) for i in (one, other, none)}) == 3
    assert stack.row(one, "title")[0] == "Mine in run"
    shown = explained(stack, one)
    assert (shown["strategy"], shown["rule"]) == ("rule", 1)
    assert shown["fingerprint"] == shown["stored_fingerprint"] == stored_fingerprint(stack, one)
    assert "stored with" not in stack.ctl("event", "explain", one)
    # What it was stored with stays when the rules are others.
    rules.write_text("type:Boom -> another\n")
    then, now = shown, explained(stack, one)
    assert now["stored_fingerprint"] == then["fingerprint"] != now["fingerprint"]
    assert f"stored with  {then['fingerprint']}, by other rules" in stack.ctl("event", "explain", one)


@pytest.mark.parametrize("program", ["cgi", "fcgi", "ws", "ctl"])
def test_a_bad_rule_stops_a_program(tmp_path, program):
    rules, conf = tmp_path / "bad.rules", tmp_path / "mesher.conf"
    rules.write_text("type:A -> b\ntype:\n")
    conf.write_text(f'grouping_rules = "{rules}"\nlog_target = "stderr"\n')
    reason = "bad.rules: line 2, column 6: a pattern is missing"
    if program == "cgi":
        values = {**clean_environment(), "MESHER_CONF": str(conf)}
        _, answer, err = cgi(FCGI, environment(CONTENT_LENGTH="0"), b"", values)
        assert answer is not None and answer.status == 503
        assert reason in err
        return
    argv = {"fcgi": [FCGI, "--conf", conf], "ws": [FCGI.parent / "mesher-ws", "--conf", conf],
            "ctl": [CTL, "--conf", "/dev/null", "rules", "test", rules, "/dev/null"]}[program]
    with socket.socket(socket.AF_UNIX) as listening:  # as a responder has it
        listening.bind(str(tmp_path / "s"))
        listening.listen()
        done = subprocess.run(argv, env=clean_environment(), stdin=listening, capture_output=True, text=True,
                              timeout=20, check=False)
    assert done.returncode == (1 if program == "ctl" else 100), done
    assert reason in done.stderr
