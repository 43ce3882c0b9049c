-- Reopens issue $2 of project $1 as user $3; returns a row if the issue exists.
PREPARE issue_reopen AS
WITH changed AS (
    UPDATE issues SET
        status = 'unresolved',
        resolved_at = NULL,
        resolved_in = NULL,
        ignored_until = NULL,
        ignored_until_count = NULL
    WHERE project_id = $1::bigint
        AND id = $2::bigint
        AND status <> 'unresolved'
        AND $4::text IS NULL
        AND $5::text IS NULL
    RETURNING 1
),
told AS (
    INSERT INTO issue_activity (project_id, issue_id, at, kind, actor, detail)
    SELECT $1::bigint, $2::bigint, clock_timestamp(), 'reopened', $3, NULL
    FROM changed
)
SELECT
FROM issues
WHERE project_id = $1::bigint AND id = $2::bigint;
