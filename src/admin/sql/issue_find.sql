-- Issue $2 (number) of the project with slug $1 (in any letter case; NULL: of any project) and number $3 (or NULL):
-- project, number,
-- fingerprint and name of up to two, and the name that was asked for.  A merged one is the issue that it was merged
-- into.
PREPARE issue_find AS
SELECT i.project_id, i.id, i.fingerprint, p.slug || '-' || i.id, p.slug || '-' || $2::bigint
FROM projects p
JOIN LATERAL (
    SELECT project_id, id, fingerprint
    FROM issues
    WHERE project_id = p.id AND id = $2::bigint
    UNION
    SELECT t.project_id, t.id, t.fingerprint
    FROM issue_merges m
    JOIN issues t ON t.project_id = m.project_id AND t.fingerprint = m.into_fingerprint
    WHERE m.project_id = p.id
        AND m.issue_id = $2::bigint
        AND NOT EXISTS (SELECT FROM issues s WHERE s.project_id = p.id AND s.id = $2::bigint)
) i ON true
WHERE ($1::text IS NULL OR p.slug = upper($1)) AND ($3::bigint IS NULL OR p.id = $3::bigint)
LIMIT 2;
