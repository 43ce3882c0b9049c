-- Resolves issue $2 of project $1, in release $4 if not NULL, as user $3; returns a row if the issue exists.
PREPARE issue_resolve AS
WITH changed AS (
    UPDATE issues SET
        status = 'resolved',
        resolved_at = clock_timestamp(),
        resolved_in = $4,
        ignored_until = NULL,
        ignored_until_count = NULL
    WHERE project_id = $1::bigint
        AND id = $2::bigint
        AND (status <> 'resolved' OR resolved_in IS DISTINCT FROM $4)
        AND $5::text IS NULL
    RETURNING 1
),
told AS (
    INSERT INTO issue_activity (project_id, issue_id, at, kind, actor, detail)
    SELECT $1::bigint, $2::bigint, clock_timestamp(), 'resolved', $3, $4
    FROM changed
)
SELECT
FROM issues
WHERE project_id = $1::bigint AND id = $2::bigint;
