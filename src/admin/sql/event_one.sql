-- $1 an id (uuid), $2 a project's number or name, or NULL: the event of each project that has one, with its
-- payload and fingerprint.  A project may have an id twice when it was sent again after a day; the newest event
-- is returned.
PREPARE event_one AS
SELECT DISTINCT ON (e.project_id) :event_shown, e.payload, encode(e.fingerprint, 'hex')
FROM events e
JOIN projects p ON p.id = e.project_id
WHERE e.id = $1::uuid
    AND e.project_id IN (SELECT id FROM projects)
    AND ($2::text IS NULL OR p.id::text = $2 OR p.name = $2)
ORDER BY e.project_id, e.received_at DESC
LIMIT 5;
