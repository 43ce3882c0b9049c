-- Notes in an issue that it was part of another one before a new version of grouping, once.  $1 projects (int8[]),
-- $2 new fingerprints, $3 those of the version before (bytea[]), of events that were stored.
PREPARE split AS
INSERT INTO issue_activity (project_id, issue_id, at, kind, detail)
SELECT i.project_id, i.id, clock_timestamp(), 'split', p.slug || '-' || o.id || ': ' || o.title
FROM (
    SELECT DISTINCT ON (project_id, new) project_id, new, old
    FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS u (project_id, new, old)
    ORDER BY project_id, new
) u
JOIN issue_merges m
    ON m.project_id = u.project_id AND m.fingerprint = u.old AND m.of_update AND m.into_fingerprint <> u.new
JOIN issues i ON i.project_id = u.project_id AND i.fingerprint = u.new
JOIN issues o ON o.project_id = u.project_id AND o.fingerprint = m.into_fingerprint
JOIN projects p ON p.id = u.project_id
WHERE NOT EXISTS (
    SELECT FROM issue_activity a WHERE a.project_id = i.project_id AND a.issue_id = i.id AND a.kind = 'split'
)
ORDER BY 1, 2;
