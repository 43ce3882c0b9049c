#include "store/statements.h"

#include <stddef.h>

/* A unit of the limit for each thing asked for, in one row a project.  All times are the
 * database's.  A window ends at window_end; the next begins with the first admission
 * after it.  A window never ends later than a whole one from now: so a shortened window,
 * or a clock set back, takes effect at once.  Rows are locked in project order. */
static const char admit[] =
    "INSERT INTO rate_windows AS r"
    " (project_id, window_end, used, cap, asked, granted, seen_at)"
    " SELECT w.project_id, t.now + make_interval(secs => w.seconds),"
    "  least(w.units, w.cap), w.cap, w.units, least(w.units, w.cap), t.now"
    " FROM (SELECT project_id, units,"
    "   (SELECT rate_limit FROM projects p WHERE p.id = project_id) AS cap,"
    "   (SELECT rate_window FROM projects p WHERE p.id = project_id) AS seconds"
    "   FROM unnest($1::bigint[], $2::bigint[]) AS u (project_id, units)) w"
    " CROSS JOIN (SELECT clock_timestamp() AS now) t"
    " WHERE w.cap IS NOT NULL ORDER BY w.project_id"
    " ON CONFLICT (project_id) DO UPDATE SET"
    "  window_end = CASE WHEN r.window_end <= excluded.seen_at THEN excluded.window_end"
    "   ELSE least(r.window_end, excluded.window_end) END,"
    "  used = CASE WHEN r.window_end <= excluded.seen_at THEN excluded.granted"
    "   ELSE r.used + greatest(0, least(excluded.asked, excluded.cap - r.used)) END,"
    "  granted = CASE WHEN r.window_end <= excluded.seen_at THEN excluded.granted"
    "   ELSE greatest(0, least(excluded.asked, excluded.cap - r.used)) END,"
    "  cap = excluded.cap, asked = excluded.asked, seen_at = excluded.seen_at"
    " RETURNING r.project_id, r.granted,"
    "  ceil(extract(epoch FROM r.window_end - r.seen_at) * 1000)::bigint, r.used, r.cap";

/* Units that were taken elsewhere while this database was away.  Where the window that it
 * remembers has ended, the one that was opened meanwhile takes its place. */
static const char settle[] =
    "INSERT INTO rate_windows AS r"
    " (project_id, window_end, used, cap, asked, granted, seen_at)"
    " SELECT u.project_id, t.now + make_interval(secs => u.left_ms / 1000.0), u.units,"
    "  p.rate_limit, u.units, u.units, t.now"
    " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])"
    "  AS u (project_id, units, left_ms)"
    " JOIN projects p ON p.id = u.project_id"
    " CROSS JOIN (SELECT clock_timestamp() AS now) t ORDER BY u.project_id"
    " ON CONFLICT (project_id) DO UPDATE SET"
    "  window_end = CASE WHEN r.window_end <= excluded.seen_at THEN excluded.window_end"
    "   ELSE r.window_end END,"
    "  used = CASE WHEN r.window_end <= excluded.seen_at THEN excluded.used"
    "   ELSE r.used + excluded.used END,"
    "  cap = excluded.cap, asked = excluded.asked, granted = excluded.granted,"
    "  seen_at = excluded.seen_at";

static const char keys[] =
    "SELECT k.key_value, k.project_id, p.rate_limit, p.rate_window::bigint"
    " FROM api_keys k JOIN projects p ON p.id = k.project_id"
    " WHERE k.revoked_at IS NULL ORDER BY k.created_at DESC LIMIT $1::bigint";

static const char stored[] =
    "SELECT w.position FROM unnest($1::bigint[], $2::uuid[])"
    " WITH ORDINALITY AS w (project_id, id, position)"
    " WHERE (SELECT true FROM event_ids i" /* not EXISTS: that would become a hash join */
    "  WHERE i.project_id = w.project_id AND i.id = w.id)"
    " ORDER BY w.position";

/* Whose id stands in a partition near the time at which it was received. */
static const char replayed[] =
    "SELECT w.position FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[])"
    " WITH ORDINALITY AS w (project_id, id, received_at, position)"
    " WHERE (SELECT true FROM events e"
    "  WHERE e.project_id = w.project_id AND e.id = w.id"
    "  AND e.received_at > w.received_at - interval '24 hours'"
    "  AND e.received_at < w.received_at + interval '24 hours' LIMIT 1)"
    " ORDER BY w.position";

/* One group commit.  $1 to $4: for each event its project, id, time of receipt and
 * fingerprint.  $5: an id that was received before this moment may be used again.  $6 to
 * $10: the issues of the batch, each once and in key order: project, fingerprint, title,
 * culprit, level.  $11 to $23: the other columns of the events.
 *
 * fresh: an id that is not known, or only from before $5, is taken; ids come in key
 * order.  counted: the events of each issue.  touched: one upsert a batch, in key order,
 * so that two writers cannot deadlock; nextval only where there is no row yet, so that
 * ids have no gaps. */
static const char store[] =
    "WITH input AS ("
    " SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[], $4::bytea[])"
    "  WITH ORDINALITY AS i (project_id, id, received_at, fingerprint, position)"
    "), fresh AS ("
    " INSERT INTO event_ids AS known (project_id, id, received_at)"
    " SELECT project_id, id, received_at FROM input"
    " ON CONFLICT (project_id, id) DO UPDATE SET received_at = excluded.received_at"
    "  WHERE known.received_at < $5 AND known.received_at < excluded.received_at"
    " RETURNING project_id, id"
    "), taken AS ("
    " SELECT i.* FROM input i JOIN fresh f USING (project_id, id)"
    "), counted AS ("
    " SELECT project_id, fingerprint, count(*) AS events, min(received_at) AS first_seen,"
    "  max(received_at) AS last_seen FROM taken GROUP BY project_id, fingerprint"
    "), touched AS ("
    " INSERT INTO issues AS known (project_id, id, fingerprint, title, culprit, level,"
    "  event_count, first_seen, last_seen)"
    " SELECT project_id, coalesce((SELECT x.id FROM issues x"
    "   WHERE x.project_id = g.project_id AND x.fingerprint = g.fingerprint),"
    "   nextval('issues_id_seq')),"
    "  fingerprint, g.title, g.culprit, g.level, c.events, c.first_seen, c.last_seen"
    " FROM unnest($6::bigint[], $7::bytea[], $8::text[], $9::text[], $10::text[])"
    "  WITH ORDINALITY AS g (project_id, fingerprint, title, culprit, level, position)"
    " JOIN counted c USING (project_id, fingerprint)"
    " ORDER BY g.position"
    " ON CONFLICT (project_id, fingerprint) DO UPDATE SET"
    "  event_count = known.event_count + excluded.event_count,"
    "  first_seen = least(known.first_seen, excluded.first_seen),"
    "  last_seen = greatest(known.last_seen, excluded.last_seen),"
    "  title = excluded.title, culprit = excluded.culprit,"
    "  level = CASE WHEN strpos('debug info warning error fatal', excluded.level)"
    "   > strpos('debug info warning error fatal', known.level)"
    "   THEN excluded.level ELSE known.level END"
    " RETURNING project_id, fingerprint, id"
    "), made AS ("
    " INSERT INTO events (project_id, id, received_at, issue_id, \"timestamp\", level, "
    "title,"
    "  message, culprit, environment, release, platform, \"transaction\", server_name,"
    "  user_id, tags, payload)"
    " SELECT k.project_id, k.id, k.received_at, t.id, d.at, d.level, d.title, d.message,"
    "  d.culprit, d.environment, d.release, d.platform, d.transaction, d.server_name,"
    "  d.user_id, d.tags, d.payload"
    " FROM unnest($11::timestamptz[], $12::text[], $13::text[], $14::text[], $15::text[],"
    "  $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[],"
    "  $22::jsonb[], $23::bytea[]) WITH ORDINALITY"
    "  AS d (at, level, title, message, culprit, environment, release, platform,"
    "   transaction, server_name, user_id, tags, payload, position)"
    " JOIN taken k USING (position)"
    " JOIN touched t ON t.project_id = k.project_id AND t.fingerprint = k.fingerprint"
    ") SELECT position FROM taken";

static const char forget[] =
    "WITH gone AS (DELETE FROM event_ids WHERE ctid = ANY (ARRAY("
    "  SELECT ctid FROM event_ids WHERE received_at < $1::timestamptz LIMIT $2::bigint))"
    " RETURNING 1) SELECT count(*) FROM gone";

static const struct {
    const char *name, *sql;
} texts[STATEMENTS] = {
    [STATEMENT_PING] = {"ping", "SELECT 1"},
    [STATEMENT_SCHEMA] = {"schema",
                          "SELECT coalesce(max(version), 0)::int FROM schema_migrations"},
    [STATEMENT_KEY] = {"key", "SELECT project_id, revoked_at IS NOT NULL FROM api_keys"
                              " WHERE key_value = $1::text"},
    [STATEMENT_ADMIT] = {"admit", admit},
    [STATEMENT_SETTLE] = {"settle", settle},
    [STATEMENT_PROJECTS] = {"projects",
                            "SELECT id FROM projects WHERE id = ANY ($1::bigint[])"},
    [STATEMENT_KEYS] = {"keys", keys},
    [STATEMENT_STORED] = {"stored", stored},
    [STATEMENT_REPLAYED] = {"replayed", replayed},
    [STATEMENT_STORE] = {"store", store},
    [STATEMENT_FORGET] = {"forget", forget},
};

const char *
statement_name(enum statement s)
{
    return texts[s].name;
}

const char *
statement_sql(enum statement s)
{
    return texts[s].sql;
}
