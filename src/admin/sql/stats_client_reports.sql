-- The items that the SDKs of project $1 (number or name) report as dropped.
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
PREPARE stats_client_reports AS
SELECT reason, category, quantity, to_char(last_seen AT TIME ZONE 'UTC', :'rfc3339')
FROM client_reports
WHERE project_id = (SELECT id FROM projects WHERE id::text = $1 OR name = $1)
ORDER BY reason, category;
