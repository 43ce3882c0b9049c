-- Deletes the counts of new issues and releases of past hours; $1 is the current time.
PREPARE retention_new_counts AS
WITH gone AS (
    DELETE FROM new_counts
    WHERE hour < $1::timestamptz - interval '2 hours'
    RETURNING 1
)
SELECT count(*)
FROM gone;
