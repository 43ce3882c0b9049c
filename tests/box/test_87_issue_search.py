"""Goal: lists of issues are filtered by the environments and releases of their events, and by the words of their
messages, from tables of issues alone, which stay right through merges, deletion and retention."""

import pytest
from harness.stack import SOURCE, run_ctl


def send(stack, name, message=None, **members):
    """Sends an event to the issue NAME; returns the issue."""
    event = {"message": message or name, "fingerprint": [name], **members}
    answer = stack.post(event)
    assert answer.status == 202, answer
    number = stack.sql("SELECT issue_id FROM events WHERE id = %s", answer.json()["id"])[0][0]
    return f"WEB-{number}"


def found(stack, *arguments):
    return {i["id"] for i in stack.ctl_json("issue", "list", *arguments)}


def facets(stack, issue):
    return set(stack.sql("SELECT kind, value FROM issue_facets WHERE issue_id = %s", int(issue.split("-")[1])))


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param)


def test_environments_and_releases(stack):
    a = send(stack, "facets a", environment="staging", release="web@1")
    b = send(stack, "facets b", environment="production", release="web@2")
    assert send(stack, "facets a", environment="production") == a
    none = send(stack, "facets none")
    assert found(stack, 42, "--environment", "staging") == {a}
    assert found(stack, "--environment", "staging") == {a}, "over all projects"
    assert found(stack, 42, "--environment", "production") == {a, b}
    assert found(stack, 42, "--release", "web@2") == {b} and found(stack, 42, "--release", "web") == set()
    assert found(stack, 42, "--release", "web@1", "--environment", "production") == {a}, "not of one event"
    assert found(stack, 42, "--release", "web@2", "--sort", "users") == {b}
    assert facets(stack, none) == set()


def test_another_project_is_not_found(stack):
    stack.ctl("project", "add", "elsewhere", "--id", 78)
    stack.sql("INSERT INTO issue_facets SELECT 78, n, 'environment', 'only here', now() FROM generate_series(1, 9) n")
    assert found(stack, 42, "--environment", "only here") == set()
    stack.ctl("project", "remove", "elsewhere", "--yes")


def test_many_values_of_one_batch(stack):
    events = [{"message": "m", "fingerprint": ["many"], "environment": f"e{n % 3}", "release": f"r{n % 40}"} for n in range(80)]
    assert stack.bulk(events).status == 202
    number = stack.sql("SELECT DISTINCT issue_id FROM events WHERE environment = 'e2'")[0][0]
    assert len(facets(stack, f"WEB-{number}")) == 43


def test_a_row_is_written_once_a_day(stack):
    issue = send(stack, "daily", environment="daily")
    seen = "SELECT xmin::text, last_day = (now() AT TIME ZONE 'UTC')::date FROM issue_facets WHERE value = 'daily'"
    before = stack.sql(seen)
    send(stack, "daily", environment="daily")
    assert stack.sql(seen) == before
    stack.sql("UPDATE issue_facets SET last_day = last_day - 1 WHERE value = 'daily'")
    send(stack, "daily", environment="daily")
    assert [day for _, day in stack.sql(seen)] == [True] and facets(stack, issue) == {("environment", "daily")}


@pytest.mark.parametrize("words, is_found", [
    ("timeout", True), ("TIMEOUT hose", True), ("hose timeout", True), ("reading", True), ("nozzle", False), ("hose%", False),
    ("h_se", False), ("100%", True), ("a\\b", True), ("snake_case", True), ("\\", True), ("ÄRGER", True), ("second line", True)])
def test_words_of_the_message(stack, words, is_found):
    """Also of its later lines, which no title has; signs of patterns are letters like others."""
    issue = send(stack, "words", "timeout of a hose\nwhile reading the second line: 100% a\\b snake_case Ärger")
    assert (issue in found(stack, 42, "--query", words)) == is_found


def test_words_of_the_exception(stack):
    value = "x" * 600 + " needle\nin its second line"
    issue = send(stack, "exception", exception={"values": [{"type": "HayError", "value": value}]})
    assert found(stack, 42, "--query", "hayerror needle") == found(stack, 42, "--query", "needle line") == {issue}


@pytest.mark.parametrize("end", [1999, 2000, 2001])
def test_text_has_a_limit(stack, end):
    """Of 2000 characters: a word that ends beyond it is not found."""
    word = f"end{end}"
    issue = send(stack, f"limit {end}", "title\n" + "y" * (end - 14) + " " + word)
    assert found(stack, 42, "--query", word) == ({issue} if end <= 2000 else set())


def test_merge_and_unmerge(stack):
    a = send(stack, "merge a", "first\napple", environment="env a", release="rel a")
    b = send(stack, "merge b", "second\nbanana", environment="env b")
    stack.ctl("issue", "merge", a, b)
    assert found(stack, 42, "--environment", "env a") == found(stack, 42, "--release", "rel a") == {b}
    assert found(stack, 42, "--query", "apple banana") == {b}
    assert stack.sql("SELECT 1 FROM issue_facets WHERE issue_id = %s", int(a.split("-")[1])) == []
    assert send(stack, "merge a", environment="env c") == b
    stack.ctl("issue", "unmerge", a)
    assert facets(stack, a) == {("environment", "env a"), ("release", "rel a"), ("environment", "env c")}
    assert facets(stack, b) == {("environment", "env b")}
    assert a in found(stack, 42, "--query", "apple")


def test_delete_and_again(stack):
    issue = send(stack, "again", "again\ncherry", environment="again")
    stack.ctl("issue", "delete", issue, "--yes")
    assert facets(stack, issue) == set() and found(stack, 42, "--query", "cherry") == set()
    again = send(stack, "again", "again\ncherry", environment="again")
    assert again != issue and found(stack, 42, "--query", "cherry") == {again}


def test_retention(stack):
    """A day is over before its values go; the text goes with the issue."""
    stack.ctl("project", "set", "web", "retention_days=7", "issue_retention_days=30")
    send(stack, "kept", "kept\nkeepsake", environment="kept")
    for back in (7, 8):
        stack.sql("INSERT INTO issue_facets SELECT 42, 4711, 'release', %s, (now() AT TIME ZONE 'UTC')::date - %s", f"b{back}", back)
    stack.ctl("maintenance")
    assert {v for _, v in facets(stack, "WEB-4711")} == {"b7"}
    old = send(stack, "old", "old\nheirloom")
    stack.sql("UPDATE issues SET last_seen = now() - interval '31 days' WHERE id = %s", int(old.split("-")[1]))
    stack.sql("DELETE FROM events WHERE issue_id = %s", int(old.split("-")[1]))
    stack.ctl("maintenance")
    assert found(stack, 42, "--query", "heirloom") == set()
    assert stack.sql("SELECT 1 FROM issue_texts WHERE body LIKE %s", "%heirloom%") == []
    assert found(stack, 42, "--query", "keepsake") and found(stack, 42, "--environment", "kept")


def test_text_that_retention_removes(stack):
    """Of an issue that somebody worked on only the number stays, where secrets were not removed."""
    stack.ctl("project", "set", "web", "scrub=off")
    issue = send(stack, "noted", "noted\nsouvenir")
    number = int(issue.split("-")[1])
    stack.ctl("issue", "note", issue, "mine")
    stack.sql("UPDATE issues SET last_seen = now() - interval '31 days' WHERE id = %s", number)
    stack.ctl("maintenance")
    assert stack.sql("SELECT 1 FROM issue_texts WHERE issue_id = %s", number) == []
    assert stack.sql("SELECT title FROM issues WHERE id = %s", number) == [("(its text was removed)",)]


def test_an_upgrade_fills_them(postgres, tmp_path):
    """From the events that are there."""
    name = postgres.make_database("template0")
    try:
        for file in sorted((SOURCE / "sql").glob("000[1-7]-*.sql")):
            (tmp_path / file.name).write_bytes(file.read_bytes())
        assert run_ctl(postgres.conninfo(name), "migrate", env={"MESHER_SQL_DIR": str(tmp_path)}).returncode == 0
        postgres.sql(name, "CREATE TABLE events_all PARTITION OF events DEFAULT")
        postgres.sql(name, """
            INSERT INTO events (project_id, id, received_at, "timestamp", issue_id, level, title, payload, environment, release,
              message, value) SELECT 42, gen_random_uuid(), now() - n * interval '1 day', now(), 1 + n % 2, 'error', 't', 'x',
              CASE WHEN n < 6 THEN 'e' || n % 3 END, 'r1', CASE WHEN n % 2 = 0 THEN 'Message ' || n END, 'Value' FROM generate_series(0, 9) n""")
        assert run_ctl(postgres.conninfo(name), "migrate", env={"MESHER_SQL_DIR": str(SOURCE / "sql")}).returncode == 0
        day = "(now() AT TIME ZONE 'UTC')::date - last_day"
        assert postgres.sql(name, f"SELECT issue_id, kind, value, {day} FROM issue_facets ORDER BY 1, 2, 3") == [
            (1, "environment", "e0", 0), (1, "environment", "e1", 4), (1, "environment", "e2", 2), (1, "release", "r1", 0),
            (2, "environment", "e0", 3), (2, "environment", "e1", 1), (2, "environment", "e2", 5), (2, "release", "r1", 1)]
        assert postgres.sql(name, "SELECT issue_id, body FROM issue_texts ORDER BY 1") == [(1, "message 8 value"), (2, "value")]
    finally:
        postgres.drop_database(name)
