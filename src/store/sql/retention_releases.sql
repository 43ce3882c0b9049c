-- Deletes at most 1000 releases of project $1, first seen before $2, of which nothing is left; returns their
-- number.
PREPARE retention_releases AS
WITH gone AS (
    DELETE FROM releases
    WHERE project_id = $1::bigint
        AND release IN (
            SELECT r.release
            FROM releases r
            WHERE r.project_id = $1::bigint
                AND r.first_seen < $2::timestamptz
                AND NOT EXISTS (
                    SELECT FROM issues i WHERE i.project_id = $1::bigint AND i.last_release = r.release
                )
                AND NOT EXISTS (
                    SELECT FROM issues i WHERE i.project_id = $1::bigint AND i.first_release = r.release
                )
                AND NOT EXISTS (
                    SELECT FROM issues i WHERE i.project_id = $1::bigint AND i.resolved_in = r.release
                )
            LIMIT 1000
        )
    RETURNING 1
)
SELECT count(*)
FROM gone;
