#!/usr/bin/python3
"""generate.py DATABASE [--events N] [--issues N] [--days N]: fills an empty, migrated database for project 42.

All in the server, with generate_series: two million events take some minutes.  Some issues have most of the events, as
it is in life: event n goes to the issue with the number issues * r^4, r a random number below 1."""

import argparse

import psycopg2

PARTITION = """
CREATE TABLE IF NOT EXISTS events_{name} PARTITION OF events FOR VALUES FROM ('{day} 00:00:00+00') TO ('{after} 00:00:00+00')"""

ISSUES = """
INSERT INTO issues (project_id, id, fingerprint, title, culprit, level, event_count, first_seen, last_seen)
SELECT 42, n, decode(md5(n::text), 'hex'), 'ValueError: number ' || n || ' is none', 'shop.views in view_' || n %% 97,
  (array['error', 'warning', 'fatal', 'info'])[1 + n %% 4], 0, now(), now() - interval '1 year'
FROM generate_series(1, %(issues)s) n"""

# A frame that says {"message":"x"}, uncompressed.
EVENTS = """
INSERT INTO events (project_id, id, received_at, "timestamp", issue_id, level, title, message, environment, release,
  platform, user_id, tags, payload, fingerprint)
SELECT 42, gen_random_uuid(), at, at, i.id, i.level, i.title, i.title,
  (array['production', 'staging', 'test'])[1 + (n %% 1000 > 900)::int + (n = 77)::int], 'shop@' || n %% 20, 'python',
  'user ' || n %% 5000, '{"browser":"Firefox"}', '\\x28b52ffd200f790000' || '{"message":"x"}'::bytea, i.fingerprint
FROM (SELECT n, %(day)s::timestamptz + random() * %(span)s::interval AS at,
    1 + floor(%(issues)s * power(random(), 4))::bigint AS k FROM generate_series(%(from)s, %(to)s) n) e
JOIN issues i ON i.project_id = 42 AND i.id = e.k + (SELECT min(id) - 1 FROM issues WHERE project_id = 42)"""

COUNTERS = """
WITH counted AS (SELECT issue_id, count(*) AS n, min(received_at) AS first, max(received_at) AS last
  FROM events WHERE project_id = 42 GROUP BY 1)
UPDATE issues i SET event_count = n, first_seen = first, last_seen = last FROM counted c
WHERE i.project_id = 42 AND i.id = c.issue_id;
INSERT INTO issue_hours SELECT 42, issue_id, date_trunc('hour', received_at, 'UTC'), count(*) FROM events
  WHERE project_id = 42 GROUP BY 1, 2, 3;
INSERT INTO issue_users SELECT 42, issue_id, ('x' || substr(md5(user_id), 1, 8))::bit(32)::int & 1023,
  max(1 + (('x' || substr(md5(user_id), 9, 8))::bit(32)::int & 7)) FROM events WHERE project_id = 42 GROUP BY 1, 2, 3;
INSERT INTO issue_facets SELECT project_id, issue_id, v.kind, v.value, max((received_at AT TIME ZONE 'UTC')::date) FROM events,
  LATERAL (VALUES ('environment', environment), ('release', release)) v (kind, value) WHERE project_id = 42 GROUP BY 1, 2, 3, 4;
INSERT INTO issue_texts SELECT project_id, id, lower(title || ' in line ' || repeat(md5(id::text) || ' ', 5)) FROM issues"""


def generate(conninfo, events, issues, days):
    """Commits by day."""
    connection = psycopg2.connect(conninfo)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("INSERT INTO projects (id, name, slug, rate_limit, rate_window) VALUES (42, 'web', 'WEB', 1000, 60)"
                   " ON CONFLICT (id) DO NOTHING")
    cursor.execute(ISSUES, {"issues": issues})
    done = 0
    for back in range(days - 1, -1, -1):
        cursor.execute("SELECT d::date::text, to_char(d, 'YYYYMMDD'), (d + interval '1 day')::date::text,"
                       " least(interval '1 day', now() AT TIME ZONE 'UTC' - date_trunc('day', d))::text"
                       " FROM (SELECT now() AT TIME ZONE 'UTC' - %s * interval '1 day') t (d)", (back,))
        day, name, after, span = cursor.fetchone()
        cursor.execute(PARTITION.format(day=day, name=name, after=after))
        upto = events * (days - back) // days
        cursor.execute(EVENTS, {"day": day + " 00:00:00+00", "span": span, "issues": issues, "from": done + 1, "to": upto})
        done = upto
    cursor.execute(COUNTERS)
    for table in ("events", "issues", "issue_hours", "issue_users", "issue_facets", "issue_texts"):
        cursor.execute(f"VACUUM ANALYZE {table}")
    connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", help="a connection string of libpq")
    parser.add_argument("--events", type=int, default=2000000)
    parser.add_argument("--issues", type=int, default=20000)
    parser.add_argument("--days", type=int, default=7)
    options = parser.parse_args()
    generate(options.database, options.events, options.issues, options.days)


if __name__ == "__main__":
    main()
