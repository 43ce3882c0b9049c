-- Notes that the event about check-in $4 of monitor $1, $2 (project, slug) in environment $3 needs no more attempts.
PREPARE monitor_told AS
UPDATE monitor_checkins
SET event_due_at = NULL
WHERE project_id = $1::bigint AND slug = $2 AND environment = $3 AND id = $4::uuid;
