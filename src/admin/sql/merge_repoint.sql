-- Redirects the fingerprints that were merged into the source, $2, to the target, $3, so that chains never
-- arise.
PREPARE merge_repoint AS
UPDATE issue_merges SET into_fingerprint = $3::bytea
WHERE project_id = $1::bigint AND into_fingerprint = $2::bytea;
