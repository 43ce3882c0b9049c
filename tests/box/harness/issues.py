"""Writes issues and their events directly to a database, for tests of commands that only read them."""

import hashlib
import json

COUNTED = """
SELECT i.id FROM issues i LEFT JOIN (SELECT project_id, issue_id, count(*) AS n FROM events GROUP BY 1, 2) e
  ON e.project_id = i.project_id AND e.issue_id = i.id
WHERE i.event_count <> coalesce(e.n, 0) AND (%s::text IS NULL OR i.title LIKE %s)
UNION SELECT e.issue_id FROM events e WHERE NOT EXISTS (SELECT FROM issues i
  WHERE i.project_id = e.project_id AND i.id = e.issue_id)"""

ADDED_UP = """
SELECT i.id FROM issues i LEFT JOIN (SELECT project_id, issue_id, sum(events) AS n FROM issue_hours GROUP BY 1, 2) h
  ON h.project_id = i.project_id AND h.issue_id = i.id
WHERE i.event_count <> coalesce(h.n, 0) AND i.title LIKE %s"""


def fingerprint(name):
    return hashlib.md5(name.encode()).digest()


def make_issue(stack, name, title=None, project=42, **columns):
    """Creates an issue without events; returns its name for mesherctl.  Columns are SQL."""
    values = {"title": None, "culprit": "NULL", "level": "'error'", "status": "'unresolved'", "event_count": "0",
              "first_seen": "now()", "last_seen": "now()", **columns}
    values["title"] = "%s"
    made = stack.sql(f"INSERT INTO issues (project_id, id, fingerprint, {', '.join(values)})"
                     " SELECT %s, (SELECT coalesce(max(id), 0) + 1 FROM issues), %s,"
                     f" {', '.join(values.values())} RETURNING id",
                     project, fingerprint(name), title or name)[0][0]
    slug = stack.sql("SELECT slug FROM projects WHERE id = %s", project)[0][0]
    return f"{slug}-{made}"


def raw_payload(event):
    """A zstd frame that holds the event uncompressed."""
    body = json.dumps(event).encode()
    assert len(body) < 256
    return bytes.fromhex("28b52ffd20") + bytes([len(body)]) + (len(body) << 3 | 1).to_bytes(3, "little") + body


def make_partitions(stack, days):
    """Creates the partitions of the last days: the writer creates only those of the coming days."""
    for back in range(days + 1):
        day, name, after = stack.sql("SELECT d::date::text, to_char(d, 'YYYYMMDD'), (d + interval '1 day')::date::text"
                                     " FROM (SELECT now() AT TIME ZONE 'UTC' - %s * interval '1 day') t (d)", back)[0]
        stack.sql(f"CREATE TABLE IF NOT EXISTS events_{name} PARTITION OF events"
                  f" FOR VALUES FROM ('{day} 00:00:00+00') TO ('{after} 00:00:00+00')")


def fill(stack, issue, count, project=42, minutes=1, users=0, **columns):
    """Adds events to an issue, spaced the given number of minutes apart back from now, and counts them as the writer
    does."""
    make_partitions(stack, (count * minutes + 1439) // 1440)
    number = int(issue.rsplit("-", 1)[1])
    names = "".join(f", {c}" for c in columns)
    values = "".join(f", {v}" for v in columns.values())
    stack.sql(f"""
        WITH made AS (INSERT INTO events (project_id, id, received_at, "timestamp", issue_id, level, title, payload,
            fingerprint, user_id{names})
          SELECT %s, gen_random_uuid(), t.at, t.at, i.id, i.level, i.title, %s, i.fingerprint,
            CASE WHEN %s > 0 THEN 'user ' || n %% greatest(%s, 1) END{values}
          FROM generate_series(0, %s - 1) n, issues i,
            LATERAL (SELECT now() - n * interval '1 minute' * %s AS at) t
          WHERE i.project_id = %s AND i.id = %s RETURNING received_at),
        hours AS (INSERT INTO issue_hours AS h (project_id, issue_id, hour, events)
          SELECT %s, %s, date_trunc('hour', received_at, 'UTC'), count(*) FROM made GROUP BY 3
          ON CONFLICT (project_id, issue_id, hour) DO UPDATE SET events = h.events + excluded.events)
        UPDATE issues SET event_count = event_count + %s,
          first_seen = least(first_seen, now() - (%s - 1) * interval '1 minute' * %s)
        WHERE project_id = %s AND id = %s""",
              project, raw_payload({"message": issue}), users, users, count, minutes, project, number, project, number,
              count, count, minutes, project, number)


def counts_are_right(stack, title=None):
    """Checks that every issue (with such a title) counts exactly its events, and that every event has an issue."""
    return stack.sql(COUNTED, title, title) == []


def hours_add_up(stack, title):
    return stack.sql(ADDED_UP, title) == []


def count(stack, issue):
    """Returns the number of events that the issue claims, and the actual number."""
    number = int(issue.rsplit("-", 1)[1])
    return (stack.sql("SELECT event_count FROM issues WHERE id = %s", number)[0][0],
            stack.sql("SELECT count(*) FROM events WHERE issue_id = %s", number)[0][0])
