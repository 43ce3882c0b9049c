-- Locks issues $2 and $3 of project $1, in key order.
PREPARE merge_lock_issues AS
SELECT
FROM issues
WHERE project_id = $1::bigint AND id IN ($2::bigint, $3::bigint)
ORDER BY fingerprint
FOR UPDATE;
