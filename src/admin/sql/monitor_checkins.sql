-- The newest check-ins of monitor $2 of project $1, at most $3.
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
PREPARE monitor_checkins AS
SELECT
    id,
    environment,
    status,
    to_char(started_at AT TIME ZONE 'UTC', :'rfc3339'),
    round(duration_ms / 1000.0, 3),
    event_id
FROM monitor_checkins
WHERE project_id = $1::bigint AND slug = $2
ORDER BY started_at DESC, id DESC
LIMIT $3::bigint;
