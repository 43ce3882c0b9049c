-- Deletes at most 1000 issues of project $1 whose last event was before $2 and that nobody changed, with all
-- counters; returns their number.  An event that arrives meanwhile creates a new issue.
PREPARE retention_issues AS
WITH due AS MATERIALIZED (
    SELECT i.id
    FROM issues i
    WHERE i.project_id = $1::bigint
        AND i.last_hour < $2::timestamptz
        AND i.last_seen < $2::timestamptz
        AND i.status = 'unresolved'
        AND i.assignee IS NULL
        AND NOT EXISTS (
            SELECT FROM issue_activity a WHERE a.project_id = i.project_id AND a.issue_id = i.id
        )
        AND NOT EXISTS (
            SELECT
            FROM issue_merges m
            WHERE m.project_id = i.project_id AND m.into_fingerprint = i.fingerprint
        )
    LIMIT 1000
    FOR UPDATE SKIP LOCKED
),
h AS (
    DELETE FROM issue_hours
    WHERE project_id = $1::bigint AND issue_id IN (SELECT id FROM due)
),
u AS (
    DELETE FROM issue_users
    WHERE project_id = $1::bigint AND issue_id IN (SELECT id FROM due)
),
f AS (
    DELETE FROM issue_facets
    WHERE project_id = $1::bigint AND issue_id IN (SELECT id FROM due)
),
x AS (
    DELETE FROM issue_texts
    WHERE project_id = $1::bigint AND issue_id IN (SELECT id FROM due)
),
gone AS (
    DELETE FROM issues
    WHERE project_id = $1::bigint AND id IN (SELECT id FROM due)
    RETURNING 1
)
SELECT count(*)
FROM gone;
