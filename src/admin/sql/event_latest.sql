-- $1 project, $2 issue (numbers): the latest event of an issue, with its payload and fingerprint.
PREPARE event_latest AS
SELECT :event_shown, e.payload, encode(e.fingerprint, 'hex')
FROM events e
JOIN projects p ON p.id = e.project_id
WHERE e.project_id = $1::bigint AND e.issue_id = $2::bigint
ORDER BY e.received_at DESC
LIMIT 1;
