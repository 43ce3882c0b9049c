"""Goal: every command of mesherctl does what it says, as a table and as JSON, with its exit status (0 done,
1 failed, 2 wrong usage, 3 not found), results on stdout and all else on stderr."""

import json
import os
import re
import shutil
import subprocess
import uuid

import pytest
from harness.stack import CTL, SOURCE, clean_environment, run_ctl

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
COMMANDS = ["help", "migrate", "project add", "project list", "project show", "project set", "project remove",
            "key add", "key list", "key revoke", "event list", "event show", "event tail", "event explain", "rules test", "grouping rehearse",
            "issue list", "issue show", "issue resolve", "issue reopen", "issue ignore", "issue assign", "issue note",
            "issue merge", "issue unmerge", "issue delete", "issue discard", "stats", "top", "attachment list", "attachment get",
            "release list", "release show", "monitor list", "monitor show", "monitor delete", "status", "doctor", "send-test", "config", "maintenance", "reload", "restart", "stop"]


def fails(stack, status, *arguments, mentions=None, **kwargs):
    """Exit status, something on stderr, nothing on stdout."""
    done = stack.ctl_run(*arguments, **kwargs)
    assert done.returncode == status, done
    assert done.stdout == "" and done.stderr.strip(), done
    if mentions:
        assert mentions in done.stderr, done.stderr
    done = stack.ctl_run("--json", *arguments, **kwargs)
    assert (done.returncode, done.stdout) == (status, ""), done


# ---- usage

def test_no_command(stack):
    fails(stack, 2)


@pytest.mark.parametrize("arguments", [
    ["nothing"], ["project"], ["project", "nothing"], ["key"], ["event"], ["project", "add"],
    ["project", "add", "a", "b"], ["project", "add", "x", "--id", "zero"], ["project", "add", "x", "--id", "0"],
    ["project", "add", "x", "--id", "-1"], ["project", "add", ""], ["project", "show"], ["project", "set", "42"],
    ["project", "remove", "42"], ["key", "add"], ["key", "revoke"], ["key", "add", "42", "--key", "short"],
    ["key", "add", "42", "--key", "x" * 65], ["key", "add", "42", "--key", "with-dash-0123456789"],
    ["event", "list"], ["event", "show"], ["event", "list", "42", "--limit", "x"], ["status", "x"],
    ["migrate", "x"], ["--nothing"], ["project", "list", "--nothing"]], ids=" ".join)
def test_wrong_usage(stack, arguments):
    fails(stack, 2, *arguments)


OTHERS = [  # options that other commands have, and the words that come
    (["event", "list", "42", "--query", "x"], "event list: there is no option --query"),
    (["event", "list", "42", "--level=error"], "event list: there is no option --level"),
    (["event", "tail", "--level", "error"], "event tail: there is no option --level"),
    (["status", "--yes"], "status: there is no option --yes"),
    (["issue", "list", "--level", "foo"], '--level is one of fatal|error|warning|info|debug, not "foo"'),
    (["issue", "list", "--status", "open"], '--status is one of unresolved|resolved|ignored, not "open"'),
    (["issue", "list", "--sort", "title"], "--sort is one of last_seen|first_seen|count|users"),
    (["issue", "list", "--stauts", "x"], "there is no option --stauts; did you mean --status?"),
    (["issue", "list", "--limit"], "issue list: --limit needs a value"),
    (["project", "list", "-x"], "project list: there is no option -x"),
    (["event", "list"], "event list: PROJECT is missing"),
    (["issue", "merge", "WEB-1"], "issue merge: INTO is missing"),
    (["project", "set", "42"], "project set: KEY=VALUE is missing"),
    (["migrate", "x"], '"x" is one argument too many'),
    (["attachment", "get"], "attachment get: ID is missing"),
    (["attachment", "get", "a", "b", "c"], '"c" is one argument too many'),
    (["isue", "list"], 'there is no command "isue"; did you mean "issue"?'),
    (["issue", "reslove", "WEB-1"], 'there is no command "issue reslove"; did you mean "issue resolve"?'),
    (["releases", "--help"], 'there is no command "releases"; did you mean "release"?'),
    (["issue"], 'there is no command "issue"'),
    (["zzz"], 'there is no command "zzz"\n'),
    (["help", "issue", "zzz"], 'there is no command "issue zzz"\n'),
    (["help", "evnt"], 'did you mean "event"?'),
]


@pytest.mark.parametrize("arguments, text", OTHERS, ids=[" ".join(a) for a, _ in OTHERS])
def test_a_mistake_is_named(stack, arguments, text):
    """In one line, before the usage or the commands of the group."""
    done = stack.ctl_run(*arguments)
    assert done.returncode == 2 and done.stdout == "", done
    lines = done.stderr.splitlines()
    assert lines[0].startswith("mesherctl") and text in lines[0] + "\n", done.stderr
    assert len(lines) < 8, done.stderr
    if arguments[:1] == ["issue"] and "command" in text:
        assert lines[1].startswith("issue has: list, show, resolve, "), done.stderr


def test_help_of_a_group_and_by_word(stack):
    assert stack.ctl("help", "issue", "list") == stack.ctl("issue", "list", "--help")
    group = stack.ctl("help", "issue")
    assert group == stack.ctl("issue", "--help") and "mesherctl issue discard ISSUE --yes\n" in group
    assert stack.ctl("help") == stack.ctl("--help")
    assert run_ctl(None, "help", "issue", env={"MESHER_CONF": "/nowhere"}).returncode == 0, "needs no configuration"


def test_every_option_is_described(stack):
    for line in stack.ctl("help", "commands").splitlines():
        words = [w for w in line.split() if w.isalpha() and w.islower() or w.startswith("send-")][:2]
        text = stack.ctl("help", *words[:1 + (f"{words[0]} {words[-1]}" in COMMANDS)])
        for option in re.findall(r"--[a-z-]+", line):
            assert re.search(rf"^  {option}( \S+)?\s+\S", text, flags=re.M), (line, text)


def synopsis_of(macros):
    """Options with whether they take a value, and arguments, of a command in the manual."""
    words = re.sub(r"\b(Op|Oo|Oc|No|Ns|Cm|\||=|\.\.\.)(?= |$)", " ", macros).replace('"', " ").split()
    found, kind, option = [], None, None
    for word in words:
        if word in ("Fl", "Ar"):
            kind = word
        elif kind == "Fl":
            option = "--" + word.lstrip("-")
            found.append(option)
        elif kind == "Ar":
            found.append(word.upper())
    return found


def test_the_manual_has_each_command(stack):
    """As `mesherctl help` prints it: names, options and arguments."""
    manual = {}
    for line in (SOURCE / "man/mesherctl.8").read_text().splitlines():
        m = re.match(r"\.It Cm ((?:[a-z-]+ ?){1,2}?)((?: ?(?:Op|Oo|Ar|Fl|\|).*)?)$", line)
        if m:
            manual.setdefault(m[1].strip(), set()).update(w for w in synopsis_of(m[2]) if w.startswith("--"))
    for line in stack.ctl("help", "commands").splitlines():
        name = re.match(r"[a-z-]+( [a-z-]+)?", line)[0].strip()
        assert name in manual, name
        options = set(re.findall(r"--[a-z-]+", line)) - {"--by"}  # described once for all
        if name == "issue list":
            options -= {"--status", "--level", "--environment", "--release", "--query", "--since", "--assignee"}  # a list
        assert options == manual[name] - {"--by"}, name


@pytest.mark.golden
def test_help(stack, golden):
    golden("mesherctl-help", stack.ctl("--help"))


@pytest.mark.golden
@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each(stack, golden, command):
    text = stack.ctl(*command.split(), "--help")
    assert command in text
    golden("mesherctl-help-" + command.replace(" ", "-"), text)


def test_conf_by_environment(stack):
    done = run_ctl(None, "project", "list", env={"MESHER_CONF": str(stack.conf)})
    assert done.returncode == 0 and "web" in done.stdout


# ---- projects

def test_project_add_list_show(stack):
    made = stack.ctl_json("project", "add", "first of many")
    assert {"id", "name", "rate_limit", "rate_window", "key", "dsn"} <= set(made)
    assert re.fullmatch(r"mshr_[0-9a-f]{48}", made["key"])
    assert made["dsn"] == f"http://{made['key']}@127.0.0.1:8080/{made['id']}"
    assert (made["rate_limit"], made["rate_window"]) == (1000, 60)
    assert stack.post({"message": "m"}, key=made["key"]).status == 202
    listed = {p["id"]: p for p in stack.ctl_json("project", "list")}
    assert listed[made["id"]]["name"] == "first of many"
    for which in (made["id"], "first of many"):
        assert stack.ctl_json("project", "show", which)["id"] == made["id"]
    assert "first of many" in stack.ctl("project", "list")
    assert "first of many" in stack.ctl("project", "show", made["id"])


def test_project_id_and_name_are_taken(stack):
    stack.ctl("project", "add", "one more", "--id", 777)
    fails(stack, 1, "project", "add", "another", "--id", 777)
    fails(stack, 1, "project", "add", "one more")
    made = stack.ctl_json("project", "add", "after 777")
    assert made["id"] != 777
    # Ids that the database gives do not run into the one that was asked for.
    for n in range(3):
        stack.ctl("project", "add", f"after {n}")


def test_project_named_like_a_number(stack):
    """PROJECT is a number or a name: a name that is a number could be either."""
    done = stack.ctl_run("project", "add", "12345")
    assert done.returncode in (0, 2)
    if done.returncode == 0:
        assert stack.ctl_json("project", "show", "12345")["name"] == "12345"


def test_project_set(stack):
    made = stack.ctl_json("project", "add", "settable")
    got = stack.ctl_json("project", "set", "settable", "rate_limit=0", "rate_window=86400")
    assert (got["id"], got["rate_limit"], got["rate_window"]) == (made["id"], 0, 86400)
    got = stack.ctl_json("project", "set", made["id"], "rate_limit=2147483647")
    assert (got["rate_limit"], got["rate_window"]) == (2147483647, 86400)
    fails(stack, 2, "project", "set", "settable", "rate_limit=5", "rate_window=0")
    assert stack.ctl_json("project", "show", "settable")["rate_limit"] == 2147483647, "all or nothing"


def test_project_remove(stack):
    made = stack.ctl_json("project", "add", "to go")
    made_id = stack.post({"message": "m"}, key=made["key"]).json()["id"]
    fails(stack, 2, "project", "remove", "to go", mentions="--yes")
    stack.ctl("project", "remove", "to go", "--yes")
    fails(stack, 3, "project", "show", "to go")
    fails(stack, 3, "project", "remove", "to go", "--yes")
    fails(stack, 3, "event", "show", made_id)
    for table in ("events", "issues", "event_ids", "api_keys", "rate_windows"):
        assert stack.sql(f"SELECT count(*) FROM {table} WHERE project_id = %s", made["id"]) == [(0,)], table


@pytest.mark.parametrize("arguments", [
    ["project", "show", "nobody"], ["project", "show", "999999"], ["project", "set", "nobody", "rate_limit=1"],
    ["project", "remove", "nobody", "--yes"], ["key", "add", "nobody"], ["key", "list", "nobody"],
    ["key", "revoke", "mshr_" + "0" * 48], ["event", "list", "nobody"],
    ["event", "show", "00000000-0000-4000-8000-000000000000"],
    ["event", "show", "00000000-0000-4000-8000-000000000000", "--payload"]], ids=" ".join)
def test_not_found(stack, arguments):
    fails(stack, 3, *arguments)


@pytest.mark.parametrize("name", ["ä ö", "a\tb", "x" * 64, "'; DROP TABLE projects; --", '"quoted"'])
def test_odd_names(stack, name):
    done = stack.ctl_run("--json", "project", "add", name)
    if done.returncode == 0:
        assert json.loads(done.stdout)["name"] == name
        for line in stack.ctl("project", "list").splitlines():
            assert all(c >= " " for c in line)
    else:
        assert done.returncode == 2


def test_name_too_long(stack):
    fails(stack, 2, "project", "add", "x" * 1000)


# ---- keys

def test_keys(stack):
    made = stack.ctl_json("project", "add", "keys")
    second = stack.ctl_json("key", "add", "keys", "--label", "from the shop")
    assert second["project"] == made["id"] and second["label"] == "from the shop"
    assert second["revoked_at"] is None and second["dsn"].endswith(f"@127.0.0.1:8080/{made['id']}")
    own = stack.ctl_json("key", "add", made["id"], "--key", "A_key_of_my_own_16")
    assert own["key"] == "A_key_of_my_own_16"
    fails(stack, 1, "key", "add", made["id"], "--key", "A_key_of_my_own_16")
    listed = stack.ctl_json("key", "list", "keys")
    assert [k["key"] for k in listed] == [made["key"], second["key"], own["key"]]
    revoked = stack.ctl_json("key", "revoke", second["key"])
    assert TIME.fullmatch(revoked["revoked_at"])
    listed = {k["key"]: k for k in stack.ctl_json("key", "list", "keys")}
    assert listed[second["key"]]["revoked_at"] == revoked["revoked_at"]
    assert len(stack.ctl_json("key", "list")) > 3, "of all projects"
    text = stack.ctl("key", "list", "keys")
    at = listed[made["key"]]["created_at"]
    assert "from the shop" in text and f"{at[:10]} {at[11:19]} UTC" in text and at not in text
    again = stack.ctl_run("key", "revoke", second["key"])
    assert again.returncode == 0, "revoked is revoked"


def test_a_key_need_not_stand_in_the_command_line(stack):
    made = stack.ctl_json("project", "add", "quiet")
    other = stack.ctl_json("key", "add", made["id"])["key"]
    one, two = "same_beginning_1", "same_beginning_2"
    for key in (one, two):
        done = subprocess.run([CTL, "--conf", stack.conf, "--json", "key", "add", "quiet", "--key", "-"], text=True,
                              input=key + "\n", capture_output=True, env=clean_environment(), timeout=60, check=False)
        assert done.returncode == 0 and json.loads(done.stdout)["key"] == key, done.stderr
    for short in ("same_beginning_", other[:11], ""):
        refused = stack.ctl_run("key", "revoke", short)
        assert refused.returncode == 2 and "part of a key is not enough" in refused.stderr, short
    assert stack.ctl_run("key", "revoke", "same_beginnine_").returncode == 3
    assert stack.ctl_json("key", "revoke", other[:12])["key"] == other
    for text, key in ((two + "\n", two), (one[:-1] + "1\r\n", one)):
        done = subprocess.run([CTL, "--conf", stack.conf, "--json", "key", "revoke", "-"], text=True, input=text,
                              capture_output=True, env=clean_environment(), timeout=60, check=False)
        assert done.returncode == 0 and json.loads(done.stdout)["key"] == key, done.stderr
    left = [k["key"] for k in stack.ctl_json("key", "list", "quiet") if k["revoked_at"] is None]
    assert left == [made["key"]]


HOSTILE = "\x7f\x9b[2J\u061c\u200e\u200f\u2028\u202a\u202e\u2066\u2069 é"


def test_json_steers_no_terminal(stack):
    """What clients send reaches a terminal as \\uXXXX, and is the same to a parser; --payload is as it came."""
    body = json.dumps({"message": HOSTILE, "release": HOSTILE, "tags": {"k": HOSTILE}}, ensure_ascii=False)
    id_ = stack.post(body.encode()).json()["id"]
    stack.drain()
    for words in (("event", "show", id_), ("event", "list", 42), ("issue", "list", "web"), ("release", "list", "web"),
                  ("event", "explain", id_)):
        shown = stack.ctl("--json", *words)
        for c in HOSTILE.rstrip(" é"):
            assert c in "[2J" or c not in shown, (words, hex(ord(c)))
    assert json.loads(stack.ctl("--json", "event", "show", id_))["message"] == HOSTILE
    assert stack.payload(id_) == body.encode()


@pytest.mark.as_root
def test_root_that_becomes_the_spool_s_owner_gives_up_its_groups(stack):
    """The way to this spool is open to root's group alone: whoever has kept it gets there."""
    closed = stack.top / "closed"
    closed.mkdir(mode=0o750)
    (closed / "spool").mkdir(mode=0o700)
    os.chown(closed / "spool", 65534, 65534)
    conf = stack.write_conf(stack.top / "closed.conf", {"spool_dir": str(closed / "spool")})
    done = subprocess.run([CTL, "--conf", conf, "spool", "list"], env=clean_environment(), capture_output=True, text=True,
                          timeout=60, check=False, extra_groups=[0])
    assert done.returncode != 0 and "Permission denied" in done.stderr, done.stdout + done.stderr



# ---- events

def test_event_list_and_show(stack):
    project = stack.ctl_json("project", "add", "eventful")
    assert stack.ctl_json("event", "list", "eventful") == []
    ids = [stack.post({"message": f"letter {'abcde'[n]}", "level": "info", "tags": {"n": str(n)}, "user": {"id": n}},
                      key=project["key"]).json()["id"] for n in range(5)]
    listed = stack.ctl_json("event", "list", "eventful")
    assert [e["id"] for e in listed] == ids[::-1], "the newest first"
    assert [e["id"] for e in stack.ctl_json("event", "list", "eventful", "--limit", 2)] == ids[:2:-1]
    shown = stack.ctl_json("event", "show", ids[3])
    assert set(shown) >= {"id", "project", "issue", "level", "message", "title", "culprit", "transaction",
                          "timestamp", "received_at", "environment", "release", "platform", "server_name",
                          "user", "tags"}
    assert shown["id"] == ids[3] and shown["project"] == project["id"] and isinstance(shown["issue"], str)
    assert shown["message"] == "letter d" and shown["tags"] == {"n": "3"} and shown["user"] == "3"
    assert shown["environment"] is None and shown["transaction"] is None
    assert TIME.fullmatch(shown["timestamp"]) and TIME.fullmatch(shown["received_at"])
    assert [e["id"] for e in stack.ctl_json("event", "list", "eventful", "--issue", shown["issue"])] == [ids[3]]
    assert "letter d" in stack.ctl("event", "show", ids[3])
    assert "letter d" in stack.ctl("event", "list", "eventful")
    assert stack.ctl_json("event", "show", ids[3].replace("-", "").upper())["id"] == ids[3]
    fails(stack, 2, "event", "show", "not-an-id")


def test_events_are_drawn_for_people(stack):
    """One format of time, the stack, breadcrumbs with the time of day, and no JSON; lines have no blanks at their end."""
    sent = stack.post({"exception": [{"type": "KeyError", "value": "'sku'", "stacktrace": {"frames": [
        {"function": "price", "filename": "shop/prices.py", "lineno": 7, "in_app": True}]}}], "timestamp": 1777629600.5,
        "breadcrumbs": [{"timestamp": 1777629599.25, "message": "GET /cart"}, {"timestamp": "1777629598", "message": "text"},
                        {"timestamp": "2026-05-01T09:59:57Z", "message": "stamp"}, {"timestamp": 12, "message": "odd"}]}).json()["id"]
    text = stack.ctl("event", "show", sent)
    for part in ("happened        2026-05-01 10:00:00 UTC", "KeyError: 'sku'", "* price  shop/prices.py:7", "09:59:59  GET /cart",
                 "09:59:58  text", "09:59:57  stamp", "12  odd"):
        assert part in text, text
    assert "{" not in text and "1777629" not in text and not re.search(r"\dT\d", text), text
    listed = stack.ctl("event", "list", 42, "--limit", 3).splitlines()
    assert listed[0].split() == ["TIME", "ID", "LEVEL", "ISSUE", "TITLE", "CULPRIT"] and len(listed) > 1
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC  [0-9a-f-]{36}  error  +WEB-\d+ +KeyError", listed[1]), listed[1]
    assert not any(line.endswith(" ") for line in listed)


def test_an_id_in_several_projects(stack):
    made = str(uuid.uuid4())
    for name in ("left", "right"):
        key = stack.ctl_json("project", "add", name)["key"]
        assert stack.post({"message": name, "event_id": made}, key=key).status == 202
    done = stack.ctl_run("event", "show", made)
    numbers = [str(stack.ctl_json("project", "show", name)["id"]) for name in ("left", "right")]
    assert done.returncode == 1 and done.stdout == ""
    assert all(n in done.stderr or p in done.stderr for n, p in zip(numbers, ("left", "right")))
    for name in ("left", "right"):
        assert stack.ctl_json("event", "show", made, "--project", name)["message"] == name
    fails(stack, 3, "event", "show", made, "--project", "web")


def test_terminal_is_safe(stack):
    """What a client sent does not reach the terminal as control sequences."""
    project = stack.ctl_json("project", "add", "terminal")
    nasty = "\x1b[2J\x1b]0;x\x07 \r\n\t\x9b31m line"
    made = stack.post({"message": nasty, "tags": {"k": nasty}, "release": nasty}, key=project["key"]).json()["id"]
    for out in (stack.ctl("event", "list", "terminal"), stack.ctl("event", "show", made)):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]", out), repr(out)
    assert stack.ctl_json("event", "show", made)["message"] == nasty


# ---- status, output, trouble

def test_status(stack):
    got = stack.ctl_json("status")
    assert {"database", "writer", "spool", "children"} <= set(got)
    assert got["database"] != got["writer"] or got["database"]
    assert isinstance(got["children"], list)
    assert stack.ctl("status")


def test_status_needs_no_database(fresh, own_postgres):
    stack = fresh(server=own_postgres, responders=1)
    up = stack.ctl_json("status")
    own_postgres.stop()
    try:
        done = stack.ctl_run("--json", "status")
        assert done.returncode == 0
        assert json.loads(done.stdout)["database"] != up["database"]
        fails(stack, 1, "project", "list")
        assert stack.conninfo not in stack.ctl_run("project", "list").stderr
    finally:
        own_postgres.start()


def test_full_disk_is_a_failure(stack):
    with open("/dev/full", "w", encoding="ascii") as full:
        for arguments in (["project", "list"], ["--json", "project", "list"], ["--help"]):
            done = subprocess.run([shutil.which("env"), *map(str, ctl(stack, *arguments))], stdout=full,
                                  stderr=subprocess.PIPE, env=clean_environment(), timeout=20, check=False)
            assert done.returncode == 1 and done.stderr, arguments


def ctl(stack, *arguments):
    from harness.stack import CTL
    return [CTL, "--conf", stack.conf, *arguments]


# ---- migrate

@pytest.fixture
def empty(postgres):
    name = postgres.make_database("template0")
    yield name
    postgres.drop_database(name)


def migrate(postgres, name, sql=None):
    return run_ctl(postgres.conninfo(name), "--json", "migrate", env={"MESHER_SQL_DIR": str(sql)} if sql else None)


def test_migrate_twice(postgres, empty):
    first = migrate(postgres, empty)
    assert first.returncode == 0, first.stderr
    got = json.loads(first.stdout)
    count = len(list((SOURCE / "sql").glob("[0-9]*.sql")))
    assert len(got["applied"]) == count and got["schema"] == count
    again = migrate(postgres, empty)
    assert json.loads(again.stdout) == {"schema": count, "applied": []}
    assert postgres.sql(empty, "SELECT count(*) FROM schema_migrations") == [(count,)]


def test_migrate_many_at_once(postgres, empty):
    env = {**clean_environment(), "MESHER_DATABASE": postgres.conninfo(empty), "MESHER_SQL_DIR": str(SOURCE / "sql")}
    from harness.stack import CTL
    running = [subprocess.Popen([CTL, "--json", "migrate"], env=env, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE) for _ in range(8)]
    done = [(p.communicate(timeout=60), p.returncode) for p in running]
    assert [r for _, r in done] == [0] * 8, done
    applied = [number for (out, _), _ in done for number in json.loads(out)["applied"]]
    assert sorted(applied) == list(range(1, len(applied) + 1)) and applied, "each of them once"


def test_migrate_refuses_another_encoding(postgres, empty):
    name = f"{empty}_latin1"
    postgres.sql("postgres", f"CREATE DATABASE {name} OWNER mesher ENCODING LATIN1 LOCALE 'C' TEMPLATE template0")
    try:
        done = migrate(postgres, name)
        assert done.returncode != 0 and "encoding is LATIN1, not UTF8" in done.stderr, done
        assert postgres.sql(name, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    finally:
        postgres.drop_database(name)


def copy_sql(tmp_path):
    target = tmp_path / "sql"
    shutil.copytree(SOURCE / "sql", target)
    return target


def test_newer_schema_is_refused(postgres, empty, tmp_path):
    newer = copy_sql(tmp_path)
    (newer / "9000-future.sql").write_text("CREATE TABLE future (id int);\n")
    done = migrate(postgres, empty, newer)
    if done.returncode != 0:  # numbers must have no gap
        count = len(list((SOURCE / "sql").glob("[0-9]*.sql")))
        (newer / "9000-future.sql").rename(newer / f"{count + 1:04}-future.sql")
        done = migrate(postgres, empty, newer)
    assert done.returncode == 0, done.stderr
    done = migrate(postgres, empty)
    assert done.returncode == 1 and done.stdout == "" and "schema" in done.stderr, done


def test_altered_file_is_refused(postgres, empty, tmp_path):
    assert migrate(postgres, empty).returncode == 0
    altered = copy_sql(tmp_path)
    first = sorted(altered.glob("*.sql"))[0]
    first.write_text(first.read_text() + "\n-- altered\n")
    done = migrate(postgres, empty, altered)
    assert done.returncode == 1 and done.stdout == "" and first.name in done.stderr, done


def test_a_migration_that_fails_leaves_nothing(postgres, empty, tmp_path):
    broken = copy_sql(tmp_path)
    count = len(list(broken.glob("*.sql")))
    (broken / f"{count + 1:04}-broken.sql").write_text("CREATE TABLE half (id int);\nSELECT 1 / 0;\n")
    done = migrate(postgres, empty, broken)
    assert done.returncode == 1 and "broken" in done.stderr
    assert postgres.sql(empty, "SELECT to_regclass('half')") == [(None,)]
    assert postgres.sql(empty, "SELECT count(*) FROM schema_migrations") == [(count,)], "those before it stay"
    assert json.loads(migrate(postgres, empty).stdout)["applied"] == []


def test_migrate_without_a_directory(postgres, empty, tmp_path):
    done = migrate(postgres, empty, tmp_path / "none")
    assert done.returncode == 1 and done.stderr


def test_every_table_and_column_is_explained(stack):
    """Tables are an interface: each says what it is."""
    bare = stack.sql("SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
                     "WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition "
                     "AND obj_description(c.oid) IS NULL")
    assert bare == []
    assert stack.sql("SELECT relpersistence FROM pg_class WHERE relname = 'rate_windows'") == [("u",)]
    assert stack.sql("SELECT attstorage FROM pg_attribute WHERE attrelid = 'events'::regclass "
                     "AND attname = 'payload'") == [("e",)]
