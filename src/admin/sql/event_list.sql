-- $1 project (number), $2 NULL, $3 maximum: the latest events of a project.
PREPARE event_list AS
SELECT :event_shown
FROM events e
JOIN projects p ON p.id = e.project_id
WHERE e.project_id = $1::bigint AND $2::bigint IS NULL
ORDER BY e.received_at DESC
LIMIT $3::bigint;
