#include "store/storing.h"

#include <string.h>

#include "base/error.h"

#define SQL_MAX 16384U

/* What an event does to an issue that is not unresolved, in the update of its row.
 * excluded.woken_at is the last of the events that may reopen a resolved one. */
#define WAKES                                                                       \
    "CASE known.status WHEN 'resolved' THEN excluded.woken_at >= known.resolved_at" \
    " WHEN 'ignored' THEN excluded.last_seen > known.ignored_until"                 \
    "  OR known.event_count + excluded.event_count >= known.ignored_until_count"    \
    " ELSE false END"

/* May the event l reopen an issue that was resolved, row x of alias?  A release that was
 * not seen before is as old as the event, and one that has the fix, not seen yet, as the
 * decision. */
#define MAY_REOPEN(alias)                                              \
    "((" alias ".x).resolved_in IS NULL OR l.release IS NULL"          \
    " OR coalesce((SELECT r.first_seen FROM releases r"                \
    "   WHERE r.project_id = l.project_id AND r.release = l.release)," \
    "  l.received_at)"                                                 \
    " >= coalesce((SELECT r.first_seen FROM releases r"                \
    "   WHERE r.project_id = l.project_id AND r.release = (" alias     \
    ".x).resolved_in), (" alias ".x).resolved_at))"

#define LEVELS "'debug info warning error fatal'"

/* One group commit.  $1 to $8: for each event its project, id, time of receipt, number of
 * its group, release, level, mark of its user, bytes of its payload.  $9 to $12: the
 * groups, which are the fingerprints of the batch, each once and in key order: project,
 * fingerprint, title, culprit. $13 to $26: the other columns of the events.  $27: an id
 * that was received before this moment may be used again.  $28: our part of outcomes.
 *
 * What is rare (merged, discarded, resolved, a new release, a new user) costs a probe of
 * an index for each group: by a subquery, since a join would read the whole table.
 *
 * fresh: an id that is not known, or only from before $27, is taken.  counted: the events
 * of each issue.  prepared: what is known of it, and whether an event may wake it.
 * touched: one upsert a batch; nextval only where there is no row yet, so that ids have
 * no gaps.  Rows go in key order everywhere, and tables in an order that the text fixes,
 * so that two writers cannot deadlock. */
/* C promises literals of 4095 bytes. */
static const char *const pieces[] = {
    "WITH groups AS MATERIALIZED ("
    " SELECT g.*, coalesce(g.merged, g.fingerprint) AS target,"
    "  (SELECT true FROM issue_discards d WHERE d.project_id = g.project_id"
    "   AND d.fingerprint IN (g.fingerprint, g.merged) LIMIT 1) AS dropped"
    " FROM (SELECT u.*, (SELECT m.into_fingerprint FROM issue_merges m"
    "    WHERE m.project_id = u.project_id AND m.fingerprint = u.fingerprint) AS merged"
    "   FROM unnest($9::bigint[], $10::bytea[], $11::text[], $12::text[])"
    "    WITH ORDINALITY AS u (project_id, fingerprint, title, culprit, number)"
    "   OFFSET 0) g"
    "), input AS ("
    " SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[], $4::bigint[],"
    "  $5::text[], $6::text[], $7::bigint[], $8::bigint[]) WITH ORDINALITY AS i"
    "  (project_id, id, received_at, number, release, level, mark, size, position)"
    "), fresh AS ("
    " INSERT INTO event_ids AS known (project_id, id, received_at)"
    " SELECT project_id, id, received_at FROM input"
    " ON CONFLICT (project_id, id) DO UPDATE SET received_at = excluded.received_at"
    "  WHERE known.received_at < $27 AND known.received_at < excluded.received_at"
    " RETURNING project_id, id"
    "), taken AS MATERIALIZED ("
    " SELECT i.*, g.fingerprint, g.target, g.dropped FROM input i"
    " JOIN fresh f ON f.project_id = i.project_id AND f.id = i.id"
    " JOIN groups g ON g.number = i.number"
    "), live AS MATERIALIZED ("
    " SELECT * FROM taken WHERE dropped IS NULL"
    "), counted AS ("
    " SELECT project_id, target, count(*) AS events, min(received_at) AS first_seen,"
    "  max(received_at) AS last_seen, max(number) AS number,"
    "  max(strpos(" LEVELS ", level)) AS level,"
    "  array_agg(release ORDER BY received_at) FILTER (WHERE release IS NOT NULL)"
    "   AS releases FROM live GROUP BY project_id, target"
    "), prepared AS MATERIALIZED ("
    " SELECT c.*, CASE (c.x).status WHEN 'ignored' THEN c.last_seen WHEN 'resolved' THEN"
    "   (SELECT max(l.received_at) FROM live l WHERE l.project_id = c.project_id"
    "     AND l.target = c.target AND " MAY_REOPEN(
        "c") ") END AS wakes"
             " FROM (SELECT counted.*, (SELECT i FROM issues i"
             "    WHERE i.project_id = counted.project_id AND i.fingerprint = "
             "counted.target) AS x"
             "   FROM counted OFFSET 0) c",
    "), touched AS ("
    " INSERT INTO issues AS known (project_id, id, fingerprint, title, culprit, level,"
    "  event_count, first_seen, last_seen, first_release, last_release, woken_at)"
    " SELECT p.project_id, coalesce((p.x).id, nextval('issues_id_seq')), p.target,"
    "  g.title, g.culprit, split_part(substr(" LEVELS ", p.level), ' ', 1), p.events,"
    "  p.first_seen, p.last_seen, p.releases[1], p.releases[cardinality(p.releases)],"
    "  p.wakes"
    " FROM prepared p JOIN groups g ON g.number = p.number"
    " ORDER BY p.project_id, p.target"
    " ON CONFLICT (project_id, fingerprint) DO UPDATE SET"
    "  event_count = known.event_count + excluded.event_count,"
    "  first_seen = least(known.first_seen, excluded.first_seen),"
    "  last_seen = greatest(known.last_seen, excluded.last_seen),"
    "  title = excluded.title, culprit = excluded.culprit,"
    "  level = CASE WHEN strpos(" LEVELS ", excluded.level)"
    "   > strpos(" LEVELS ", known.level) THEN excluded.level ELSE known.level END,"
    "  first_release = coalesce(known.first_release, excluded.first_release),"
    "  last_release = CASE WHEN excluded.last_seen >= known.last_seen"
    "   THEN coalesce(excluded.last_release, known.last_release)"
    "   ELSE coalesce(known.last_release, excluded.last_release) END,"
    "  woken_at = CASE WHEN " WAKES
    "   THEN coalesce(excluded.woken_at, excluded.last_seen) ELSE known.woken_at END,"
    "  resolved_at = CASE WHEN " WAKES " THEN NULL ELSE known.resolved_at END,"
    "  resolved_in = CASE WHEN " WAKES " THEN NULL ELSE known.resolved_in END,"
    "  ignored_until = CASE WHEN " WAKES " THEN NULL ELSE known.ignored_until END,"
    "  ignored_until_count = CASE WHEN " WAKES
    "   THEN NULL ELSE known.ignored_until_count END,"
    "  status = CASE WHEN " WAKES " THEN 'unresolved' ELSE known.status END"
    " RETURNING project_id, fingerprint, id, status, woken_at"
    "), made AS ("
    " INSERT INTO events (project_id, id, received_at, issue_id, \"timestamp\", level,"
    "  title, message, culprit, environment, release, platform, \"transaction\","
    "  server_name, user_id, tags, payload, type, value, errors, fingerprint)"
    " SELECT l.project_id, l.id, l.received_at, t.id, d.at, l.level, d.title, d.message,"
    "  d.culprit, d.environment, l.release, d.platform, d.transaction, d.server_name,"
    "  d.user_id, d.tags, d.payload, d.type, d.value, d.errors, l.fingerprint"
    " FROM unnest($13::timestamptz[], $14::text[], $15::text[], $16::text[], $17::text[],"
    "  $18::text[], $19::text[], $20::text[], $21::text[], $22::jsonb[], $23::bytea[],"
    "  $24::text[], $25::text[], $26::jsonb[]) WITH ORDINALITY"
    "  AS d (at, title, message, culprit, environment, platform, transaction,"
    "   server_name, user_id, tags, payload, type, value, errors, position)"
    " JOIN live l ON l.position = d.position"
    " JOIN touched t ON t.project_id = l.project_id AND t.fingerprint = l.target",
    "), hours AS ("
    " INSERT INTO issue_hours AS h (project_id, issue_id, hour, events)"
    " SELECT l.project_id, t.id,"
    "  date_bin('1 hour', l.received_at, '2000-01-01 00:00:00+00'), count(*)"
    " FROM live l JOIN touched t ON t.project_id = l.project_id"
    "  AND t.fingerprint = l.target GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    " ON CONFLICT (project_id, issue_id, hour)"
    "  DO UPDATE SET events = h.events + excluded.events"
    "), users AS ("
    " INSERT INTO issue_users AS u (project_id, issue_id, register, rank)"
    " SELECT * FROM (SELECT l.project_id, t.id, (l.mark >> 6)::smallint AS register,"
    "   max(l.mark & 63)::smallint AS rank"
    "  FROM live l JOIN touched t ON t.project_id = l.project_id"
    "   AND t.fingerprint = l.target WHERE l.mark IS NOT NULL GROUP BY 1, 2, 3"
    "  OFFSET 0) n"
    " WHERE coalesce((SELECT o.rank FROM issue_users o WHERE o.project_id = n.project_id"
    "   AND o.issue_id = n.id AND o.register = n.register), 0) < n.rank"
    " ORDER BY 1, 2, 3 ON CONFLICT (project_id, issue_id, register)"
    "  DO UPDATE SET rank = excluded.rank WHERE u.rank < excluded.rank"
    "), named AS ("
    " INSERT INTO releases AS r (project_id, release, first_seen)"
    " SELECT * FROM (SELECT project_id, release, min(received_at) AS first_seen"
    "  FROM live WHERE release IS NOT NULL GROUP BY 1, 2 OFFSET 0) n"
    " WHERE coalesce((SELECT o.first_seen FROM releases o"
    "   WHERE o.project_id = n.project_id AND o.release = n.release), 'infinity')"
    "  > n.first_seen"
    " ORDER BY 1, 2 ON CONFLICT (project_id, release)"
    "  DO UPDATE SET first_seen = excluded.first_seen"
    "  WHERE r.first_seen > excluded.first_seen"
    "), told AS ("
    " INSERT INTO issue_activity (project_id, issue_id, at, kind, detail)"
    " SELECT t.project_id, t.id, p.wakes,"
    "  CASE (p.x).status WHEN 'resolved' THEN 'regression' ELSE 'unignored' END,"
    "  CASE (p.x).status WHEN 'resolved' THEN (SELECT l.release FROM live l"
    "   WHERE l.project_id = p.project_id AND l.target = p.target"
    "   AND l.received_at = p.wakes AND " MAY_REOPEN(
        "p") " LIMIT 1) END"
             " FROM prepared p JOIN touched t ON t.project_id = p.project_id"
             "  AND t.fingerprint = p.target AND t.woken_at = p.wakes"
             " WHERE p.wakes IS NOT NULL AND t.status = 'unresolved'"
             "), summed AS ("
             " INSERT INTO outcomes AS o (project_id, minute, outcome, part, quantity, "
             "bytes)"
             " SELECT project_id, date_bin('1 minute', received_at, '2000-01-01 "
             "00:00:00+00'),"
             "  CASE WHEN dropped THEN 'discarded' ELSE 'accepted' END, $28::smallint, "
             "count(*),"
             "  sum(CASE WHEN dropped THEN 0 ELSE size::int END)"
             " FROM taken GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
             " ON CONFLICT (project_id, minute, outcome, part) DO UPDATE SET"
             "  quantity = o.quantity + excluded.quantity, bytes = o.bytes + "
             "excluded.bytes"
             ") SELECT position FROM taken"};

const char *
storing_sql(void)
{
    static char sql[SQL_MAX];
    size_t n = 0;

    if (sql[0] != '\0')
        return sql;
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        size_t length = strlen(pieces[i]);

        CHECK(n + length < sizeof sql);
        (void)memcpy(sql + n, pieces[i], length + 1);
        n += length;
    }
    return sql;
}
