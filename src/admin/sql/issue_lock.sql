-- Locks the row of issue $2 of project $1; a batch that was running is then committed.
PREPARE issue_lock AS
SELECT
FROM issues
WHERE project_id = $1::bigint AND id = $2::bigint
FOR UPDATE;
