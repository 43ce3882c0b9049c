-- Counts check-in $4 of monitor $1, $2 (project, slug) in environment $3 with status $5; an event about it is due at
-- $6 (NULL: none).
PREPARE monitor_judge AS
UPDATE monitor_checkins
SET status = $5,
    judged = $5,
    event_id = CASE WHEN $6::timestamptz IS NULL THEN event_id ELSE gen_random_uuid() END,
    event_due_at = CASE WHEN $6::timestamptz IS NULL THEN event_due_at ELSE $6::timestamptz END
WHERE project_id = $1::bigint AND slug = $2 AND environment = $3 AND id = $4::uuid;
