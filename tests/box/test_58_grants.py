"""Goal: with contrib/grants.sql the writer and the responders work under a role that cannot read what they have
stored, and mesherctl under one that owns no table but the partitions; every statement has what it needs."""

import re
import subprocess

import psycopg2
import pytest
from harness import client
from harness.stack import BUILD, SOURCE, clean_environment
from harness.wait import wait_until

GRANTS = SOURCE / "contrib/grants.sql"
INGEST, ADMIN = "mesher_ingest", "mesher_admin"


def grant(stack):
    done = subprocess.run(["psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", GRANTS,
                           stack.postgres.conninfo(stack.database, "postgres")],
                          env=clean_environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done


def as_admin(stack, *arguments):
    return stack.ctl_run(*arguments, env={"MESHER_DATABASE": stack.postgres.conninfo(stack.database, ADMIN)})


def admin(stack, *arguments):
    done = as_admin(stack, *arguments)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


@pytest.fixture(scope="module")
def granted(stacks):
    """Writer and responders as mesher_ingest; granted twice, since that changes nothing."""
    stack = stacks(start=False, responders=2)
    grant(stack)
    grant(stack)
    admin(stack, "maintenance")
    stack.project, stack.key = 42, re.search(r"mshr_\w+", admin(stack, "project", "add", "web", "--id", 42))[0]
    stack.settings["database"] = stack.postgres.conninfo(stack.database, INGEST)
    stack.conf = stack.write_conf(stack.top / "mesher.conf", {})
    stack.start_writer()
    stack.add_front()
    return stack


def ingest(stack, query, *args):
    return stack.postgres.sql(stack.database, query, *args, user=INGEST)


ENVELOPE = ('{"event_id":"%s"}\n'
            '{"type":"event"}\n{"message":"of an envelope","user":{"id":"7"},"release":"a@1"}\n'
            '{"type":"attachment","filename":"a.txt","length":3}\nabc\n'
            '{"type":"session"}\n{"sid":"%s","status":"crashed","did":"u","attrs":{"release":"a@1"}}\n'
            '{"type":"client_report"}\n{"discarded_events":[{"reason":"queue_overflow","category":"error","quantity":2}]}\n'
            '{"type":"user_report"}\n{"event_id":"%s","name":"N","email":"e@example.org","comments":"C"}\n'
            '{"type":"transaction"}\n{"type":"transaction"}\n' % ("ab" * 16, "cd" * 16, "ab" * 16))


def test_ingestion_works(granted):
    assert granted.post({"message": "one"}).status == 202
    assert granted.bulk([{"message": f"bulk {n}"} for n in range(50)]).json()["accepted"] == 50
    answer = client.request(granted.port, "POST", "/api/42/envelope/", {"X-Sentry-Auth": granted.key}, ENVELOPE.encode())
    assert answer.status == 200, answer
    assert granted.post({"message": "one"}, key="mshr_" + "0" * 48).status == 401
    wait_until(lambda: granted.sql("SELECT 1 FROM outcomes WHERE outcome = 'unauthorized'"), 10, "told")
    assert granted.rows() == 52
    for table in ("attachments", "sessions", "client_reports", "user_reports", "item_counts", "releases", "issue_users"):
        assert granted.sql(f"SELECT count(*) FROM {table}")[0][0] > 0, table
    assert not granted.spooled() and "42501" not in granted.log()


def test_a_responder_without_a_writer_works(granted):
    front = granted.add_front(conf={"writer_socket": ""}, responders=1)
    granted.good(front)
    assert "42501" not in granted.log()


@pytest.mark.parametrize("query", [
    "SELECT payload FROM events", "SELECT message, tags, user_id FROM events", "SELECT * FROM events",
    "SELECT data FROM attachments", "SELECT comments, email FROM user_reports", "SELECT detail FROM issue_activity",
    "DELETE FROM events", "UPDATE events SET message = ''", "TRUNCATE events", "DROP TABLE events", "DELETE FROM issues",
    "UPDATE projects SET rate_limit = 1", "INSERT INTO projects (name, slug, rate_limit, rate_window) VALUES ('a', 'A', 1, 1)",
    "UPDATE api_keys SET revoked_at = NULL", "INSERT INTO api_keys (project_id, key_value) VALUES (42, 'a_key_of_my_own_1')",
    "CREATE TABLE mine ()", "DELETE FROM outcomes", "UPDATE schema_migrations SET checksum = ''",
    "INSERT INTO issue_discards VALUES (42, '', '', now())", "SET ROLE mesher_events", "SET ROLE mesher_admin"])
def test_ingestion_can_do_nothing_else(granted, query):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ingest(granted, query)


@pytest.mark.plain  # what is linked with is built so
def test_every_statement_has_what_it_needs(granted, tmp_path):
    """PostgreSQL looks at privileges when it explains, too; the texts are the program's own."""
    subprocess.run(["cc", "-std=c11", "-D_GNU_SOURCE", "-include", BUILD / "config.h", f"-I{SOURCE}/src", "-o",
                    tmp_path / "statements", SOURCE / "tests/box/statements.c", BUILD / "libmesher.a"],
                   check=True, capture_output=True, timeout=120)
    words = subprocess.run([tmp_path / "statements"], check=True, capture_output=True, timeout=20).stdout.decode().split("\0")
    statements = dict(zip(words[:-1:2], words[1::2]))
    assert {"ping", "store", "admit", "session", "replayed", "drop_incomplete"} <= set(statements)
    lacking = {}
    with granted.postgres.connect(granted.database, INGEST) as c, c.cursor() as cursor:
        for name, text in statements.items():
            parameters = max(map(int, re.findall(r"\$(\d+)", text)), default=0)
            nulls = "(" + ", ".join(["NULL"] * parameters) + ")" if parameters else ""
            try:
                cursor.execute(f"PREPARE s_{name} AS {text}")
                cursor.execute(f"EXPLAIN EXECUTE s_{name}{nulls}")
            except psycopg2.errors.InsufficientPrivilege as e:
                lacking[name] = str(e)
    assert not lacking, "a line of contrib/grants.sql is missing"


def test_mesherctl_works(granted):
    for words in (["project", "add", "second", "--id", 50], ["project", "set", 50, "rate_limit=7", "retention_days=30"],
                  ["key", "add", 50], ["project", "list"], ["key", "list"], ["event", "list", 42], ["issue", "list"],
                  ["issue", "note", "WEB-1", "seen"], ["issue", "resolve", "WEB-1"], ["issue", "reopen", "WEB-1"],
                  ["issue", "ignore", "WEB-1"], ["issue", "assign", "WEB-1", "ann"], ["issue", "merge", "WEB-1", "WEB-2"],
                  ["issue", "unmerge", "WEB-2"], ["issue", "discard", "WEB-3", "--yes"], ["release", "list", 42],
                  ["stats"], ["attachment", "list", "ab" * 16], ["project", "remove", 50, "--yes"], ["maintenance"]):
        done = as_admin(granted, *words)
        assert "permission denied" not in done.stderr and "42501" not in done.stderr, (words, done.stderr)
        assert done.returncode in (0, 3) or "usage" in done.stderr, (words, done.stderr)
    event = granted.accepted()
    granted.drain()
    assert '"message"' in admin(granted, "event", "show", event, "--payload")


def test_administration_owns_partitions_and_nothing_else(granted):
    """It makes them, drops old ones, and cannot change the tables."""
    partition = granted.sql("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass "
                            "ORDER BY 1 DESC LIMIT 1")[0][0]
    granted.sql(f"ALTER TABLE events DETACH PARTITION {partition}")
    granted.sql(f"DROP TABLE {partition}")
    admin(granted, "maintenance")
    assert granted.sql("SELECT to_regclass(%s) IS NOT NULL", partition) == [(True,)]
    granted.sql("CREATE TABLE events_20200101 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')")
    grant(granted)  # what a superuser made is given over by it
    admin(granted, "maintenance")
    assert granted.sql("SELECT to_regclass('events_20200101') IS NULL") == [(True,)]
    for query in ("ALTER TABLE projects ADD COLUMN x int", "DROP TABLE issues", "UPDATE schema_migrations SET checksum = ''"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            granted.postgres.sql(granted.database, query, user=ADMIN)


def test_a_day_without_a_partition_waits_in_the_spool(granted):
    """The ingest role makes none; the ticker does, and then the event is stored."""
    today = granted.sql("SELECT 'events_' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')")[0][0]
    granted.sql(f"ALTER TABLE events DETACH PARTITION {today}")
    granted.sql(f"ALTER TABLE {today} RENAME TO kept_away")
    answer = granted.post({"message": "of a day without a partition"})
    assert answer.status == 202 and granted.spooled()
    admin(granted, "maintenance")
    granted.drain()
    assert granted.sql("SELECT 1 FROM events WHERE message = 'of a day without a partition'")


def test_the_owner_migrates_and_the_next_tables_are_the_administrator_s(granted):
    """ALTER DEFAULT PRIVILEGES: what the owner makes later; it may alter events, too."""
    owner = granted.postgres.conninfo(granted.database)
    done = granted.ctl_run("migrate", env={"MESHER_DATABASE": owner})
    assert done.returncode == 0, done.stderr
    granted.postgres.sql(granted.database, "CREATE TABLE later (id bigint GENERATED BY DEFAULT AS IDENTITY)", user="mesher")
    granted.postgres.sql(granted.database, "ALTER TABLE events ADD COLUMN later text", user="mesher")
    granted.postgres.sql(granted.database, "INSERT INTO later DEFAULT VALUES", user=ADMIN)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ingest(granted, "SELECT * FROM later")
    granted.good()


def test_before_the_first_migration_it_says_so(fresh):
    stack = fresh(start=False, migrated=False)
    assert "run mesherctl migrate first" in grant(stack).stdout
