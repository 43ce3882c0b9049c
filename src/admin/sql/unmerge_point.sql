-- Sends new events with the fingerprint $3 to their own issue again; notes in both issues that user $5 took it
-- out of issue $2, named $4, of project $1.
PREPARE unmerge_point AS
WITH undone AS (
    DELETE FROM issue_merges
    WHERE project_id = $1::bigint AND fingerprint = $3::bytea
    RETURNING 1
)
INSERT INTO issue_activity (project_id, issue_id, at, kind, actor, detail)
SELECT i.project_id, v.issue_id, clock_timestamp(), 'unmerged', $5::text, v.other
FROM issues i
JOIN projects p ON p.id = i.project_id
CROSS JOIN undone
CROSS JOIN LATERAL (
    VALUES (i.id, $4::text), ($2::bigint, p.slug || '-' || i.id)
) AS v (issue_id, other)
WHERE i.project_id = $1::bigint AND i.fingerprint = $3::bytea;
