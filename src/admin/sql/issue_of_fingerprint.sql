-- The name of the issue of project $1 with the fingerprint $2.
PREPARE issue_of_fingerprint AS
SELECT p.slug || '-' || i.id
FROM issues i
JOIN projects p ON p.id = i.project_id
WHERE i.project_id = $1::bigint AND i.fingerprint = $2::bytea;
