-- Adds outcomes: $1 projects (int8[]), $2 minutes (timestamptz[]), $3 outcomes (text[]), $4 quantities
-- (int8[]), $5 part (int2).  Outcomes of a project that was removed meanwhile are not stored.
PREPARE outcomes AS
INSERT INTO outcomes AS o (project_id, minute, outcome, part, quantity)
SELECT project_id, minute, outcome, $5::smallint, sum(quantity)::bigint
FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::bigint[])
    AS i (project_id, minute, outcome, quantity)
WHERE project_id = 0 OR EXISTS (SELECT FROM projects p WHERE p.id = i.project_id)
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT (project_id, minute, outcome, part) DO UPDATE SET
    quantity = o.quantity + excluded.quantity;
