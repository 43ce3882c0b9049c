-- Takes at most $2 check-ins whose events are due at $1, so that nobody else does for a minute: project, slug,
-- environment, check-in, status, its time and, of a missed one, the time for which it was expected; the event, whether
-- it is stored already (ids of events are known for a day only), and the configuration.
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
PREPARE monitor_events AS
WITH taken AS (
    UPDATE monitor_checkins c
    SET event_due_at = $1::timestamptz + interval '1 minute'
    FROM (
        SELECT project_id, slug, environment, id
        FROM monitor_checkins
        WHERE event_due_at <= $1::timestamptz
        ORDER BY event_due_at
        LIMIT $2::int
        FOR UPDATE SKIP LOCKED
    ) due
    WHERE (c.project_id, c.slug, c.environment, c.id) = (due.project_id, due.slug, due.environment, due.id)
    RETURNING c.*
)
SELECT
    t.project_id,
    t.slug,
    t.environment,
    t.id,
    t.status,
    to_char(t.started_at AT TIME ZONE 'UTC', :'rfc3339'),
    to_char(t.expected_at AT TIME ZONE 'UTC', :'rfc3339'),
    t.event_id,
    EXISTS (
        SELECT
        FROM events v
        WHERE v.project_id = t.project_id
            AND v.id = t.event_id
            AND v.received_at >= t.updated_at - interval '1 day'
    ),
    m.config
FROM taken t
LEFT JOIN monitors m USING (project_id, slug)
ORDER BY t.updated_at, t.id;
