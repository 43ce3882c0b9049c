-- Adds the numbers of items that SDKs report as dropped: $1 projects, $2 ids, $3 times of receipt,
-- $4 reasons, $5 categories, $6 quantities (arrays).  Dropped events are also outcomes.
\ir fresh.psql

PREPARE client_report AS
WITH input AS (
    SELECT *
    FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::bigint[])
        AS i (project_id, id, received_at, reason, category, quantity)
),
:fresh,
:taken,
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
