-- $1 project, $2 fingerprint of the source, $3 of the target: returns a row if the target is itself merged into
-- another issue.
PREPARE merge_target_is_merged AS
SELECT
FROM issue_merges
WHERE project_id = $1::bigint AND fingerprint = $3::bytea AND $2::bytea IS NOT NULL;
