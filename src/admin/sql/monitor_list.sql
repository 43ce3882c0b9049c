-- The monitors of project $1, by environment.
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
PREPARE monitor_list AS
SELECT
    e.slug,
    e.environment,
    e.state,
    CASE m.config ->> 'type'
        WHEN 'crontab' THEN (m.config ->> 'value') || ' ' || (m.config ->> 'timezone')
        WHEN 'interval' THEN 'every ' || (m.config ->> 'value') || ' ' || (m.config ->> 'unit')
    END,
    to_char(e.last_checkin_at AT TIME ZONE 'UTC', :'rfc3339'),
    to_char(e.expected_at AT TIME ZONE 'UTC', :'rfc3339')
FROM monitor_environments e
LEFT JOIN monitors m USING (project_id, slug)
WHERE e.project_id = $1::bigint
ORDER BY e.slug, e.environment;
