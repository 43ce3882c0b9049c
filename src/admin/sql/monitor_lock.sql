-- Locks the monitor that has waited longest for an evaluation due at $1, and returns its key: project, slug,
-- environment.  Skips those that others hold.
PREPARE monitor_lock AS
SELECT project_id, slug, environment
FROM monitor_environments
WHERE evaluate_at <= $1::timestamptz
ORDER BY evaluate_at
LIMIT 1
FOR UPDATE SKIP LOCKED;
