-- User reports about event $1, in project $2 (number or name; NULL: all).
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
PREPARE user_report_list AS
SELECT
    id,
    source,
    name,
    email,
    comments,
    url,
    to_char(received_at AT TIME ZONE 'UTC', :'rfc3339')
FROM user_reports
WHERE event_id = $1::uuid
    AND project_id IN (SELECT id FROM projects WHERE $2::text IS NULL OR id::text = $2 OR name = $2)
ORDER BY received_at, id;
