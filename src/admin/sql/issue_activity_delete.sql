PREPARE issue_activity_delete AS
DELETE FROM issue_activity
WHERE project_id = $1::bigint AND issue_id = $2::bigint;
