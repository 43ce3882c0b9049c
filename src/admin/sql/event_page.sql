-- At most $5 events of project $1 with their payloads, newest first, received before $2 (with the id $3 at that time; NULL:
-- all) and not before $4 (NULL: all).
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
PREPARE event_page AS
SELECT
    e.id,
    to_char(e.received_at AT TIME ZONE 'UTC', :'rfc3339'),
    p.slug || '-' || e.issue_id,
    encode(e.fingerprint, 'hex'),
    e.message,
    e.payload
FROM events e
JOIN projects p ON p.id = e.project_id
WHERE e.project_id = $1::bigint
    AND ($2::timestamptz IS NULL OR (e.received_at, e.id) < ($2::timestamptz, $3::uuid))
    AND ($4::timestamptz IS NULL OR e.received_at >= $4::timestamptz)
ORDER BY e.received_at DESC, e.id DESC
LIMIT $5::bigint;
