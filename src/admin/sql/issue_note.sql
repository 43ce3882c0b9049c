-- Adds the note $4 to issue $2 of project $1, as user $3; returns a row if the issue exists.
PREPARE issue_note AS
WITH changed AS (
    SELECT 1
    FROM issues
    WHERE project_id = $1::bigint AND id = $2::bigint AND $5::text IS NULL
    FOR UPDATE
),
told AS (
    INSERT INTO issue_activity (project_id, issue_id, at, kind, actor, detail)
    SELECT $1::bigint, $2::bigint, clock_timestamp(), 'note', $3, $4
    FROM changed
)
SELECT
FROM issues
WHERE project_id = $1::bigint AND id = $2::bigint;
