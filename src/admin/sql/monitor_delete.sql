-- Deletes monitor $2 of project $1 with its check-ins; returns a row if there was one.
PREPARE monitor_delete AS
WITH gone AS (
    DELETE FROM monitors WHERE project_id = $1::bigint AND slug = $2
    RETURNING slug
),
environments AS (
    DELETE FROM monitor_environments
    WHERE project_id = $1::bigint AND slug = (SELECT slug FROM gone)
    RETURNING 1
),
checkins AS (
    DELETE FROM monitor_checkins
    WHERE project_id = $1::bigint
        AND slug = (SELECT slug FROM gone)
        AND (SELECT count(*) FROM environments) >= 0
)
SELECT slug
FROM gone;
