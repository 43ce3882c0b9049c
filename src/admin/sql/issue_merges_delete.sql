-- $1 project, $2 issue, $3 its fingerprint: deletes the records of merges into it.
PREPARE issue_merges_delete AS
DELETE FROM issue_merges
WHERE project_id = $1::bigint AND $2::bigint > 0 AND into_fingerprint = $3::bytea;
