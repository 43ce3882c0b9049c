-- Deletes at most 1000 hours of issues before $1 and returns their number.
PREPARE retention_hours AS
WITH gone AS (
    DELETE FROM issue_hours
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM issue_hours WHERE hour < $1::timestamptz LIMIT 1000
    ))
    RETURNING 1
)
SELECT count(*)
FROM gone;
