-- The environments of monitor $2 of project $1.
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
WHERE project_id = $1::bigint AND slug = $2
ORDER BY environment;
