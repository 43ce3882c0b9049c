-- Assigns issue $2 of project $1 to $4, as user $3; returns a row if the issue exists.
PREPARE issue_assign AS
WITH changed AS (
    UPDATE issues SET assignee = $4
    WHERE project_id = $1::bigint
        AND id = $2::bigint
        AND assignee IS DISTINCT FROM $4
        AND $5::text IS NULL
    RETURNING 1
),
told AS (
    INSERT INTO issue_activity (project_id, issue_id, at, kind, actor, detail)
    SELECT $1::bigint, $2::bigint, clock_timestamp(), 'assigned', $3, $4
    FROM changed
)
SELECT
FROM issues
WHERE project_id = $1::bigint AND id = $2::bigint;
