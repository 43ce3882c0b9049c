-- The fingerprints that were merged into the issue of project $1 with the fingerprint $2.
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
PREPARE issue_merges AS
SELECT encode(fingerprint, 'hex'), to_char(merged_at AT TIME ZONE 'UTC', :'rfc3339')
FROM issue_merges
WHERE project_id = $1::bigint AND into_fingerprint = $2::bytea AND NOT of_update
ORDER BY merged_at, fingerprint;
