-- Deletes the chunks of at most $2 (int8) attachments that were incomplete at $1 (timestamptz); returns the
-- number of rows.
PREPARE drop_incomplete AS
WITH broken AS (
    SELECT project_id, event_id, id
    FROM attachments
    WHERE chunks > 1
        AND received_at < $1::timestamptz
        AND received_at > $1::timestamptz - interval '30 days'
    GROUP BY project_id, event_id, id, chunks
    HAVING count(*) < chunks
    LIMIT $2::bigint
),
gone AS (
    DELETE FROM attachments a
    USING broken b
    WHERE a.project_id = b.project_id AND a.event_id = b.event_id AND a.id = b.id
    RETURNING 1
)
SELECT count(*) FROM gone;
