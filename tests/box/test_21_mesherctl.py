"""Goal: every command of mesherctl does what it says, as a table and as JSON, with its exit status (0 done,
1 failed, 2 wrong usage, 3 not found), results on stdout and all else on stderr."""

import json
import re
import shutil
import subprocess
import uuid

import pytest
from harness.stack import SOURCE, clean_environment, run_ctl

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
COMMANDS = ["migrate", "project add", "project list", "project show", "project set", "project remove",
            "key add", "key list", "key revoke", "event list", "event show", "event tail", "event explain", "rules test",
            "issue list", "issue show", "issue resolve", "issue reopen", "issue ignore", "issue assign", "issue note",
            "issue merge", "issue unmerge", "issue delete", "issue discard", "stats", "top", "attachment list", "attachment get",
            "release list", "release show", "status", "doctor", "send-test", "config", "maintenance", "reload", "restart", "stop"]


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
    assert "from the shop" in stack.ctl("key", "list", "keys")
    again = stack.ctl_run("key", "revoke", second["key"])
    assert again.returncode == 0, "revoked is revoked"


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
    applied = [json.loads(out)["applied"] for (out, _), _ in done]
    assert sorted(map(len, applied))[:-1] == [0] * 7 and max(map(len, applied)) > 0


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
