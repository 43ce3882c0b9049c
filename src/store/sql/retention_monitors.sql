-- Deletes at most 1000 monitors of project $1 in environments without a check-in since $2, with their check-ins, and
-- monitors without any environment; returns the number of the former.
PREPARE retention_monitors AS
WITH gone AS (
    DELETE FROM monitor_environments
    WHERE ctid = ANY (ARRAY(
        SELECT ctid
        FROM monitor_environments
        WHERE project_id = $1::bigint AND last_checkin_at < $2::timestamptz
        LIMIT 1000
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING project_id, slug, environment
),
checkins AS (
    DELETE FROM monitor_checkins c
    USING gone g
    WHERE (c.project_id, c.slug, c.environment) = (g.project_id, g.slug, g.environment)
),
monitor AS (
    DELETE FROM monitors m
    WHERE m.project_id = $1::bigint
        AND m.created_at < $2::timestamptz
        AND NOT EXISTS (
            SELECT
            FROM monitor_environments e
            WHERE (e.project_id, e.slug) = (m.project_id, m.slug)
                AND (e.project_id, e.slug, e.environment) NOT IN (SELECT project_id, slug, environment FROM gone)
        )
)
SELECT count(*)
FROM gone;
