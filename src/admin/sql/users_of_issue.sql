-- The users of issue $2 of project $1, each once.
PREPARE users_of_issue AS
SELECT DISTINCT user_id
FROM events
WHERE project_id = $1::bigint AND issue_id = $2::bigint AND user_id IS NOT NULL;
