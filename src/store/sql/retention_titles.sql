-- Removes the texts of at most 1000 issues of project $1 that are kept, and whose last event was before $2;
-- returns their number.  The texts stay where secrets were removed before the issue was created.
\set removed '''(its text was removed)'''
PREPARE retention_titles AS
WITH due AS MATERIALIZED (
    SELECT i.id
    FROM issues i
    JOIN projects p ON p.id = i.project_id AND NOT p.scrub
    WHERE i.project_id = $1::bigint
        AND i.last_hour < $2::timestamptz
        AND i.last_seen < $2::timestamptz
        AND i.title <> :removed
    LIMIT 1000
    FOR UPDATE OF i SKIP LOCKED
),
x AS (
    DELETE FROM issue_texts
    WHERE project_id = $1::bigint AND issue_id IN (SELECT id FROM due)
),
gone AS (
    UPDATE issues SET title = :removed, culprit = NULL
    WHERE project_id = $1::bigint AND id IN (SELECT id FROM due)
    RETURNING 1
)
SELECT count(*)
FROM gone;
