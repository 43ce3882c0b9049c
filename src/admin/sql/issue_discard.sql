-- From now on the writer drops events with a fingerprint of issue $2 of project $1.
PREPARE issue_discard AS
INSERT INTO issue_discards (project_id, fingerprint, title, discarded_at)
SELECT i.project_id, f.fingerprint, i.title, clock_timestamp()
FROM
    issues i,
    LATERAL (
        SELECT i.fingerprint
        UNION
        SELECT m.fingerprint
        FROM issue_merges m
        WHERE m.project_id = i.project_id AND m.into_fingerprint = i.fingerprint
    ) f
WHERE i.project_id = $1::bigint AND i.id = $2::bigint
ON CONFLICT (project_id, fingerprint) DO NOTHING;
