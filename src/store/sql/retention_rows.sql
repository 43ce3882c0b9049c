-- Deletes at most 1000 rows of project $1 before $2 and returns their number.  store/retention.c fills in the
-- table and its time column, for example:
--   :table = attachments
--   :time = received_at
PREPARE retention_rows AS
WITH gone AS (
    DELETE FROM :table
    WHERE ctid = ANY (ARRAY(
        SELECT ctid
        FROM :table
        WHERE project_id = $1::bigint AND :time < $2::timestamptz
        LIMIT 1000
    ))
    RETURNING 1
)
SELECT count(*)
FROM gone;
