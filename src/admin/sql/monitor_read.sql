-- What is known of monitor $1, $2 (project, slug) in environment $3, with times in seconds since 1970 (0: none): whether
-- it is failing, its failures and successes, the expected check-in and since when, the time of the configuration and
-- whether it is new; the configuration: type, value and unit of the schedule, zone, margin and longest run in minutes,
-- thresholds of failures and of recovery (NULL: none).
PREPARE monitor_read AS
SELECT
    e.failing,
    e.failures,
    e.successes,
    coalesce(floor(extract(epoch FROM e.expected_at)), 0)::bigint,
    coalesce(floor(extract(epoch FROM e.expected_from)), 0)::bigint,
    coalesce(floor(extract(epoch FROM m.configured_at)), 0)::bigint,
    e.configured_at IS DISTINCT FROM m.configured_at,
    m.config ->> 'type',
    m.config ->> 'value',
    m.config ->> 'unit',
    coalesce(m.config ->> 'timezone', 'UTC'),
    m.config ->> 'checkin_margin',
    m.config ->> 'max_runtime',
    m.config ->> 'failure_issue_threshold',
    m.config ->> 'recovery_threshold'
FROM monitor_environments e
LEFT JOIN monitors m USING (project_id, slug)
WHERE e.project_id = $1::bigint AND e.slug = $2 AND e.environment = $3;
