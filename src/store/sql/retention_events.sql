-- Deletes at most 1000 events of project $1 received before $2, all of one day, the oldest, so that only one
-- partition is read.  Returns their number.
PREPARE retention_events AS
WITH span AS MATERIALIZED (
    SELECT
        at,
        least(
            $2::timestamptz, date_bin('1 day', at, '2000-01-01 00:00:00+00') + interval '24 hours'
        ) AS til
    FROM (
        SELECT min(received_at) AS at
        FROM events
        WHERE project_id = $1::bigint AND received_at < $2::timestamptz
    ) f
),
gone AS (
    DELETE FROM events
    WHERE project_id = $1::bigint
        AND received_at >= (SELECT at FROM span)
        AND received_at < (SELECT til FROM span)
        AND ctid = ANY (ARRAY(
            SELECT ctid
            FROM events
            WHERE project_id = $1::bigint
                AND received_at >= (SELECT at FROM span)
                AND received_at < (SELECT til FROM span)
            LIMIT 1000
        ))
    RETURNING 1
)
SELECT count(*)
FROM gone;
