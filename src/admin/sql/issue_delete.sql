PREPARE issue_delete AS
DELETE FROM issues
WHERE project_id = $1::bigint AND id = $2::bigint;
