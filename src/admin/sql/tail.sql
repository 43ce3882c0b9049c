-- The latest events of project $1 (number; NULL: all) received later than $3 s before $2, at most $4.
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
PREPARE tail AS
SELECT
    e.id,
    p.id,
    p.slug || '-' || e.issue_id,
    e.level,
    e.title,
    to_char(e.received_at AT TIME ZONE 'UTC', :'rfc3339')
FROM projects p
CROSS JOIN LATERAL (
    SELECT id, issue_id, level, title, received_at
    FROM events
    WHERE project_id = p.id AND received_at > $2::timestamptz - $3::int * interval '1 second'
    ORDER BY received_at DESC
    LIMIT $4::bigint
) e
WHERE $1::bigint IS NULL OR p.id = $1::bigint
ORDER BY e.received_at DESC
LIMIT $4::bigint;
