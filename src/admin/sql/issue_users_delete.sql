PREPARE issue_users_delete AS
DELETE FROM issue_users
WHERE project_id = $1::bigint AND issue_id = $2::bigint;
