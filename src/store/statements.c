#include "store/statements.h"

#include <stddef.h>

#include "store/storing.h"

/* A unit of the limit for each thing asked for, in one row a project; the number of a
 * project with a minus is the window of its records.  All times are the
 * database's.  A window ends at window_end; the next begins with the first admission
 * after it.  A window never ends later than a whole one from now: so a shortened window,
 * or a clock set back, takes effect at once.  Rows are locked in project order. */
static const char admit[] =
    "INSERT INTO rate_windows AS r"
    " (project_id, window_end, used, cap, asked, granted, seen_at)"
    " SELECT w.project_id, t.now + make_interval(secs => w.seconds),"
    "  least(w.units, w.cap), w.cap, w.units, least(w.units, w.cap), t.now"
    " FROM (SELECT project_id, units,"
    "   (SELECT CASE WHEN project_id > 0 THEN rate_limit"
    "     ELSE rate_limit * 10 + 1000 END"
    "    FROM projects p WHERE p.id = abs(project_id)) AS cap,"
    "   (SELECT rate_window FROM projects p WHERE p.id = abs(project_id)) AS seconds"
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
    "  CASE WHEN u.project_id > 0 THEN p.rate_limit ELSE p.rate_limit * 10 + 1000 END,"
    "  u.units, u.units, t.now"
    " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])"
    "  AS u (project_id, units, left_ms)"
    " JOIN projects p ON p.id = abs(u.project_id)"
    " CROSS JOIN (SELECT clock_timestamp() AS now) t ORDER BY u.project_id"
    " ON CONFLICT (project_id) DO UPDATE SET"
    "  window_end = CASE WHEN r.window_end <= excluded.seen_at THEN excluded.window_end"
    "   ELSE r.window_end END,"
    "  used = CASE WHEN r.window_end <= excluded.seen_at THEN excluded.used"
    "   ELSE r.used + excluded.used END,"
    "  cap = excluded.cap, asked = excluded.asked, granted = excluded.granted,"
    "  seen_at = excluded.seen_at"
    " RETURNING r.project_id,"
    "  ceil(extract(epoch FROM r.window_end - r.seen_at) * 1000)::bigint, r.used, r.cap";

/* All that decides whether one event may come in. */
static const char door[] =
    "SELECT k.project_id, k.revoked_at IS NOT NULL, p.rate_limit, p.rate_window::bigint,"
    " coalesce(greatest(0, ceil(extract(epoch FROM r.window_end - clock_timestamp())"
    "  * 1000)), 0)::bigint, coalesce(r.used, 0)"
    " FROM api_keys k JOIN projects p ON p.id = k.project_id"
    " LEFT JOIN rate_windows r ON r.project_id = k.project_id"
    " WHERE k.key_value = $1::text";

static const char keys[] =
    "SELECT k.key_value, k.project_id, p.rate_limit, p.rate_window::bigint"
    " FROM api_keys k JOIN projects p ON p.id = k.project_id"
    " WHERE k.revoked_at IS NULL ORDER BY k.created_at DESC LIMIT $1::bigint";

/* Who has nothing left of the events' window, by today's limit. */
static const char exhausted[] =
    "SELECT r.project_id,"
    " ceil(extract(epoch FROM r.window_end - t.now) * 1000)::bigint"
    " FROM rate_windows r JOIN projects p ON p.id = r.project_id"
    " CROSS JOIN (SELECT clock_timestamp() AS now) t"
    " WHERE r.project_id = ANY ($1::bigint[]) AND r.used >= p.rate_limit"
    " AND r.window_end > t.now";

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

static const char forget[] =
    "WITH gone AS (DELETE FROM event_ids WHERE ctid = ANY (ARRAY("
    "  SELECT ctid FROM event_ids WHERE received_at < $1::timestamptz LIMIT $2::bigint))"
    " RETURNING 1) SELECT count(*) FROM gone";

/* Takes the ids of records that are not known yet: ids come in key order.  What has the
 * same id twice in one batch counts once. */
#define FRESH_RECORDS                                                   \
    "fresh AS ("                                                        \
    " INSERT INTO record_ids (project_id, id, received_at)"             \
    " SELECT DISTINCT ON (project_id, id) project_id, id, received_at"  \
    " FROM input ORDER BY project_id, id"                               \
    " ON CONFLICT (project_id, id) DO NOTHING RETURNING project_id, id" \
    "), taken AS ("                                                     \
    " SELECT DISTINCT ON (project_id, id) i.* FROM input i"             \
    " JOIN fresh f USING (project_id, id) ORDER BY project_id, id"      \
    ")"

static const char attachment[] =
    "INSERT INTO attachments (project_id, id, event_id, received_at, chunk, chunks,"
    "  filename, content_type, attachment_type, size, data)"
    " SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::timestamptz[],"
    "  $5::int[], $6::int[], $7::text[], $8::text[], $9::text[], $10::bigint[],"
    "  $11::bytea[]) AS i (project_id, id, event_id, received_at, chunk, chunks,"
    "   filename, content_type, attachment_type, size, data)"
    " ORDER BY project_id, event_id, id, chunk"
    " ON CONFLICT (project_id, event_id, id, chunk) DO NOTHING";

static const char user_report[] =
    "INSERT INTO user_reports (project_id, id, event_id, received_at, source, name,"
    "  email, comments, url)"
    " SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::timestamptz[],"
    "  $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])"
    "  AS i (project_id, id, event_id, received_at, source, name, email, comments, url)"
    " ORDER BY project_id, event_id, id"
    " ON CONFLICT (project_id, event_id, id) DO NOTHING";

/* A release that a client makes up for each session must not fill the table: beyond a
 * thousand names in one hour they are all one, with an empty name. */
static const char session[] =
    "WITH input AS ("
    " SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[],"
    "  $4::timestamptz[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],"
    "  $9::bigint[], $10::bigint[], $11::int[]) AS i (project_id, id, received_at, hour,"
    "   release, environment, total, crashed, errored, abnormal, user_bit)"
    "), " FRESH_RECORDS ", named AS ("
    " SELECT t.*, (SELECT true FROM sessions s WHERE s.project_id = t.project_id"
    "   AND s.hour = t.hour AND s.release = t.release"
    "   AND s.environment = t.environment) OR"
    "  (SELECT true FROM sessions s WHERE s.project_id = t.project_id"
    "   AND s.hour = t.hour OFFSET 999 LIMIT 1) IS NULL AS good FROM taken t"
    ") INSERT INTO sessions AS s (project_id, hour, release, environment, total, crashed,"
    "  errored, abnormal, users)"
    " SELECT project_id, hour, CASE WHEN good THEN release ELSE '' END AS release,"
    "  CASE WHEN good THEN environment ELSE '' END AS environment, sum(total)::bigint,"
    "  sum(crashed)::bigint, sum(errored)::bigint, sum(abnormal)::bigint,"
    "  bit_or(CASE WHEN user_bit IS NULL THEN B'0'::bit(16384)"
    "   ELSE set_bit(B'0'::bit(16384), user_bit, 1) END)"
    " FROM named GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    " ON CONFLICT (project_id, hour, release, environment) DO UPDATE SET"
    "  total = s.total + excluded.total, crashed = s.crashed + excluded.crashed,"
    "  errored = s.errored + excluded.errored,"
    "  abnormal = s.abnormal + excluded.abnormal, users = s.users | excluded.users";

/* What an SDK dropped of events stands in outcomes too. */
static const char client_report[] =
    "WITH input AS ("
    " SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[], $4::text[],"
    "  $5::text[], $6::bigint[]) AS i (project_id, id, received_at, reason, category,"
    "   quantity)"
    "), " FRESH_RECORDS
    ", summed AS (INSERT INTO outcomes AS o (project_id, minute, outcome, quantity)"
    " SELECT project_id, date_bin('1 minute', received_at, '2000-01-01 00:00:00+00'),"
    "  'sdk:' || reason, sum(quantity)::bigint FROM taken"
    " WHERE category IN ('error', 'default', 'security')"
    " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    " ON CONFLICT (project_id, minute, outcome, part) DO UPDATE SET"
    "  quantity = o.quantity + excluded.quantity)"
    " INSERT INTO client_reports AS c (project_id, reason, category, quantity, last_seen)"
    " SELECT project_id, reason, category, sum(quantity)::bigint, max(received_at)"
    " FROM taken GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    " ON CONFLICT (project_id, reason, category) DO UPDATE SET"
    "  quantity = c.quantity + excluded.quantity,"
    "  last_seen = greatest(c.last_seen, excluded.last_seen)";

static const char count[] =
    "WITH input AS ("
    " SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[],"
    "  $4::timestamptz[], $5::text[], $6::bigint[]) AS i (project_id, id, received_at,"
    "   hour, type, quantity)"
    "), " FRESH_RECORDS " INSERT INTO item_counts AS c (project_id, type, hour, quantity)"
    " SELECT project_id, type, hour, sum(quantity)::bigint"
    " FROM taken GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    " ON CONFLICT (project_id, type, hour) DO UPDATE SET"
    "  quantity = c.quantity + excluded.quantity";

static const char forget_records[] =
    "WITH gone AS (DELETE FROM record_ids WHERE ctid = ANY (ARRAY("
    "  SELECT ctid FROM record_ids WHERE received_at < $1::timestamptz LIMIT $2::bigint))"
    " RETURNING 1) SELECT count(*) FROM gone";

/* An attachment whose other chunks have not come in a day is none. */
static const char drop_incomplete[] =
    "WITH broken AS (SELECT project_id, event_id, id FROM attachments"
    "  WHERE chunks > 1 AND received_at < $1::timestamptz"
    "  AND received_at > $1::timestamptz - interval '30 days'"
    "  GROUP BY project_id, event_id, id, chunks HAVING count(*) < chunks"
    "  LIMIT $2::bigint),"
    " gone AS (DELETE FROM attachments a USING broken b"
    "  WHERE a.project_id = b.project_id AND a.event_id = b.event_id AND a.id = b.id"
    "  RETURNING 1) SELECT count(*) FROM gone";

/* A project that was removed meanwhile leaves nothing behind. */
static const char outcomes[] =
    "INSERT INTO outcomes AS o (project_id, minute, outcome, part, quantity)"
    " SELECT project_id, minute, outcome, $5::smallint, sum(quantity)::bigint"
    " FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::bigint[])"
    "  AS i (project_id, minute, outcome, quantity)"
    " WHERE project_id = 0 OR EXISTS (SELECT FROM projects p WHERE p.id = i.project_id)"
    " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    " ON CONFLICT (project_id, minute, outcome, part)"
    "  DO UPDATE SET quantity = o.quantity + excluded.quantity";

static const char origins[] = "SELECT origins FROM projects WHERE id = $1::bigint";

/* Who follows the events holds this lock, shared: so it cannot be had.  It goes with his
 * connection, and two writers that ask at once tell him once too often. */
static const char tell[] = "SELECT pg_notify('mesher_events', '') WHERE NOT"
                           " pg_try_advisory_xact_lock(hashtext('mesher tail'), 0)";

static const struct {
    const char *name, *sql;
} texts[STATEMENTS] = {
    [STATEMENT_PING] = {"ping", "SELECT 1"},
    [STATEMENT_SCHEMA] = {"schema",
                          "SELECT coalesce(max(version), 0)::int FROM schema_migrations"},
    [STATEMENT_KEY] = {"key", "SELECT project_id, revoked_at IS NOT NULL FROM api_keys"
                              " WHERE key_value = $1::text"},
    [STATEMENT_DOOR] = {"door", door},
    [STATEMENT_ADMIT] = {"admit", admit},
    [STATEMENT_SETTLE] = {"settle", settle},
    [STATEMENT_PROJECTS] =
        {"projects", "SELECT u.id FROM unnest($1::bigint[]) AS u (id)"
                     " WHERE EXISTS (SELECT FROM projects p WHERE p.id = abs(u.id))"},
    [STATEMENT_KEYS] = {"keys", keys},
    [STATEMENT_EXHAUSTED] = {"exhausted", exhausted},
    [STATEMENT_STORED] = {"stored", stored},
    [STATEMENT_REPLAYED] = {"replayed", replayed},
    [STATEMENT_STORE] = {"store", NULL}, /* too long for one literal: storing.h */
    [STATEMENT_FORGET] = {"forget", forget},
    [STATEMENT_ORIGINS] = {"origins", origins},
    [STATEMENT_ATTACHMENT] = {"attachment", attachment},
    [STATEMENT_USER_REPORT] = {"user_report", user_report},
    [STATEMENT_SESSION] = {"session", session},
    [STATEMENT_CLIENT_REPORT] = {"client_report", client_report},
    [STATEMENT_COUNT] = {"count", count},
    [STATEMENT_FORGET_RECORDS] = {"forget_records", forget_records},
    [STATEMENT_OUTCOMES] = {"outcomes", outcomes},
    [STATEMENT_DROP_INCOMPLETE] = {"drop_incomplete", drop_incomplete},
    [STATEMENT_TELL] = {"tell", tell},
};

const char *
statement_name(enum statement s)
{
    return texts[s].name;
}

const char *
statement_sql(enum statement s)
{
    return s == STATEMENT_STORE ? storing_sql() : texts[s].sql;
}
