-- Adds items that are only counted: $1 projects, $2 ids, $3 times of receipt, $4 hours, $5 types,
-- $6 quantities (arrays).
PREPARE counted AS
WITH input AS (
    SELECT *
    FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::bigint[])
        AS i (project_id, id, received_at, hour, type, quantity)
),
fresh AS (
    -- Ids that are not stored yet, in key order; an id that occurs twice in a batch counts once.
    INSERT INTO record_ids (project_id, id, received_at)
    SELECT DISTINCT ON (project_id, id) project_id, id, received_at
    FROM input
    ORDER BY project_id, id
    ON CONFLICT (project_id, id) DO NOTHING
    RETURNING project_id, id
),
taken AS (
    SELECT DISTINCT ON (project_id, id) i.*
    FROM input i
    JOIN fresh f USING (project_id, id)
    ORDER BY project_id, id
)
INSERT INTO item_counts AS c (project_id, type, hour, quantity)
SELECT project_id, type, hour, sum(quantity)::bigint
FROM taken
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT (project_id, type, hour) DO UPDATE SET
    quantity = c.quantity + excluded.quantity;
