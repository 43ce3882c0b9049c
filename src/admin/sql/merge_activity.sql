-- Moves the activity of issue $2 to issue $3, both of project $1.
PREPARE merge_activity AS
UPDATE issue_activity SET issue_id = $3::bigint
WHERE project_id = $1::bigint AND issue_id = $2::bigint;
