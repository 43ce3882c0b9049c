-- The check-ins of monitor $1, $2 (project, slug) in environment $3 that were sent, in the order of their last reports:
-- id, status, status that was counted (empty: none), start and last report in seconds since 1970.
PREPARE monitor_reports AS
SELECT
    id,
    status,
    coalesce(judged, ''),
    floor(extract(epoch FROM started_at))::bigint,
    floor(extract(epoch FROM updated_at))::bigint
FROM monitor_checkins
WHERE project_id = $1::bigint AND slug = $2 AND environment = $3 AND status <> 'missed'
ORDER BY updated_at, id;
