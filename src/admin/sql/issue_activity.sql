-- The activity of issue $2 of project $1, the oldest first.
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
PREPARE issue_activity AS
SELECT to_char(at AT TIME ZONE 'UTC', :'rfc3339'), kind, actor, detail
FROM issue_activity
WHERE project_id = $1::bigint AND issue_id = $2::bigint
ORDER BY id;
