-- The merged fingerprints and the issues that contain them: fingerprint $1, all of the issue named $2, or the one
-- that had this name.  An
-- interrupted unmerge is no longer in issue_merges, but still in the activity of its issue.
PREPARE unmerge_list AS
SELECT m.fingerprint, p.slug || '-' || i.id
FROM issue_merges m
JOIN projects p ON p.id = m.project_id
JOIN issues i ON i.project_id = m.project_id AND i.fingerprint = m.into_fingerprint
WHERE NOT m.of_update
    AND (m.fingerprint = $1::bytea OR p.slug || '-' || i.id = $2::text OR p.slug || '-' || m.issue_id = $2::text)
UNION
SELECT i.fingerprint, a.detail
FROM issues i
JOIN LATERAL (
    SELECT detail
    FROM issue_activity a
    WHERE a.project_id = i.project_id AND a.issue_id = i.id AND kind = 'unmerged'
    ORDER BY id DESC
    LIMIT 1
) a ON true
WHERE i.fingerprint = $1::bytea
ORDER BY 1;
