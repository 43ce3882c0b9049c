-- Adds items that are only counted: $1 projects, $2 ids, $3 times of receipt, $4 hours, $5 types,
-- $6 quantities (arrays).
\ir fresh.psql

PREPARE counted AS
WITH input AS (
    SELECT *
    FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::bigint[])
        AS i (project_id, id, received_at, hour, type, quantity)
),
:fresh,
:taken
INSERT INTO item_counts AS c (project_id, type, hour, quantity)
SELECT project_id, type, hour, sum(quantity)::bigint
FROM taken
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT (project_id, type, hour) DO UPDATE SET
    quantity = c.quantity + excluded.quantity;
