-- Project $1, event $2, received in the last day: the name of its issue.
PREPARE server_test_event AS
SELECT p.slug || '-' || e.issue_id
FROM events e
JOIN projects p ON p.id = e.project_id
WHERE e.project_id = $1::bigint AND e.id = $2::uuid AND e.received_at > now() - interval '1 day';
