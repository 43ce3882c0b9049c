-- Adds the numbers of items that SDKs report as dropped: $1 projects, $2 ids, $3 times of receipt,
-- $4 reasons, $5 categories, $6 quantities (arrays).  Dropped events are also outcomes.
PREPARE client_report AS
WITH input AS (
    SELECT *
    FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::bigint[])
        AS i (project_id, id, received_at, reason, category, quantity)
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
),
summed AS (
    INSERT INTO outcomes AS o (project_id, minute, outcome, quantity)
    SELECT
        project_id,
        date_bin('1 minute', received_at, '2000-01-01 00:00:00+00'),
        'sdk:' || reason,
        sum(quantity)::bigint
    FROM taken
    WHERE category IN ('error', 'default', 'security')
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (project_id, minute, outcome, part) DO UPDATE SET
        quantity = o.quantity + excluded.quantity
)
INSERT INTO client_reports AS c (project_id, reason, category, quantity, last_seen)
SELECT project_id, reason, category, sum(quantity)::bigint, max(received_at)
FROM taken
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT (project_id, reason, category) DO UPDATE SET
    quantity = c.quantity + excluded.quantity,
    last_seen = greatest(c.last_seen, excluded.last_seen);
