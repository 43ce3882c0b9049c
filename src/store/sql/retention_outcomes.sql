-- Sums at most 1000 minutes of outcomes before $1 up to hours, which are part 16; so no row is deleted and
-- written by the same statement.  Returns their number.
PREPARE retention_outcomes AS
WITH gone AS (
    DELETE FROM outcomes
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM outcomes WHERE minute < $1::timestamptz AND part < 16 LIMIT 1000
    ))
    RETURNING *
),
hours AS (
    INSERT INTO outcomes AS o (project_id, minute, outcome, part, quantity, bytes)
    SELECT
        project_id,
        date_bin('1 hour', minute, '2000-01-01 00:00:00+00'),
        outcome,
        16,
        sum(quantity)::bigint,
        sum(bytes)::bigint
    FROM gone
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (project_id, minute, outcome, part) DO UPDATE SET
        quantity = o.quantity + excluded.quantity,
        bytes = o.bytes + excluded.bytes
)
SELECT count(*)
FROM gone;
