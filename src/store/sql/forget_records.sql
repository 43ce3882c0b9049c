-- Like forget, for the ids of records.
PREPARE forget_records AS
WITH gone AS (
    DELETE FROM record_ids
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM record_ids WHERE received_at < $1::timestamptz LIMIT $2::bigint
    ))
    RETURNING 1
)
SELECT count(*) FROM gone;
