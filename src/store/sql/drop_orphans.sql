-- Deletes the attachments, received before $1 (timestamptz), of at most $2 (int8) events that never arrived;
-- returns the number of rows.  Events of the days around them are looked up by key.
PREPARE drop_orphans AS
WITH old AS (
    SELECT DISTINCT project_id, event_id, min(received_at) AS at
    FROM attachments
    WHERE received_at < $1::timestamptz AND received_at > $1::timestamptz - interval '3 days'
    GROUP BY 1, 2
),
gone AS (
    DELETE FROM attachments a
    USING (
        SELECT o.project_id, o.event_id
        FROM old o
        WHERE NOT EXISTS (
            SELECT
            FROM events e
            WHERE e.project_id = o.project_id
                AND e.id = o.event_id
                AND e.received_at > o.at - interval '31 days'
                AND e.received_at < o.at + interval '2 days'
        )
        LIMIT $2::bigint
    ) l
    WHERE a.project_id = l.project_id AND a.event_id = l.event_id
    RETURNING 1
)
SELECT count(*) FROM gone;
