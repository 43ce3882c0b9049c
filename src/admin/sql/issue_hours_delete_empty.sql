PREPARE issue_hours_delete_empty AS
DELETE FROM issue_hours
WHERE project_id = $1::bigint AND issue_id = $2::bigint AND events = 0;
