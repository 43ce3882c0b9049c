-- $1 project, $2 issue (numbers), $3 maximum: the latest events of an issue.
PREPARE event_list_of_issue AS
SELECT :event_shown
FROM events e
JOIN projects p ON p.id = e.project_id
WHERE e.project_id = $1::bigint AND e.issue_id = $2::bigint
ORDER BY e.received_at DESC
LIMIT $3::bigint;
