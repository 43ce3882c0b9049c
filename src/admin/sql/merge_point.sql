-- New events with the fingerprint of the source, $2, go to the target, $3; the number of the source leads there.
PREPARE merge_point AS
INSERT INTO issue_merges AS m (project_id, fingerprint, into_fingerprint, merged_at, issue_id)
SELECT
    $1::bigint,
    $2::bytea,
    $3::bytea,
    clock_timestamp(),
    (SELECT id FROM issues WHERE project_id = $1::bigint AND fingerprint = $2::bytea)
ON CONFLICT (project_id, fingerprint) DO UPDATE SET
    into_fingerprint = excluded.into_fingerprint,
    issue_id = coalesce(excluded.issue_id, m.issue_id);
