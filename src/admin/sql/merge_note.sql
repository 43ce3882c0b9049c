-- Notes in issue $3 of project $1 that user $4 merged issue $2, named $5, into it.
PREPARE merge_note AS
INSERT INTO issue_activity (project_id, issue_id, at, kind, actor, detail)
SELECT project_id, $3::bigint, clock_timestamp(), 'merged', $4::text, $5::text || ': ' || title
FROM issues
WHERE project_id = $1::bigint AND id = $2::bigint;
