-- Deletes at most 1000 environments and releases of issues of project $1 whose last day was over at $2; returns their
-- number.
PREPARE retention_facets AS
WITH gone AS (
    DELETE FROM issue_facets
    WHERE ctid = ANY (ARRAY(
        SELECT ctid
        FROM issue_facets
        WHERE project_id = $1::bigint AND last_day < ($2::timestamptz AT TIME ZONE 'UTC')::date
        LIMIT 1000
    ))
    RETURNING 1
)
SELECT count(*)
FROM gone;
