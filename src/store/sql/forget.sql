-- Deletes at most $2 (int8) ids of events received before $1 (timestamptz); returns their number.
PREPARE forget AS
WITH gone AS (
    DELETE FROM event_ids
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM event_ids WHERE received_at < $1::timestamptz LIMIT $2::bigint
    ))
    RETURNING 1
)
SELECT count(*) FROM gone;
