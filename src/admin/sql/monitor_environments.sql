-- The environments of monitor $2 of project $1 (number or name).
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
PREPARE monitor_environments AS
SELECT
    environment,
    state,
    failing::text,
    to_char(last_checkin_at AT TIME ZONE 'UTC', :'rfc3339'),
    to_char(expected_at AT TIME ZONE 'UTC', :'rfc3339'),
    problem
FROM monitor_environments
WHERE project_id = (SELECT id FROM projects WHERE id::text = $1 OR name = $1) AND slug = $2
ORDER BY environment;
