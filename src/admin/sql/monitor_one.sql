-- Monitor $2 of project $1: its configuration.
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
PREPARE monitor_one AS
SELECT
    project_id,
    slug,
    config ->> 'type',
    config ->> 'value',
    config ->> 'unit',
    config ->> 'timezone',
    config ->> 'checkin_margin',
    config ->> 'max_runtime',
    config ->> 'failure_issue_threshold',
    config ->> 'recovery_threshold',
    to_char(created_at AT TIME ZONE 'UTC', :'rfc3339')
FROM monitors
WHERE project_id = $1::bigint AND slug = $2;
