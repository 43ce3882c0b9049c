-- Adds the check-in of monitor $1, $2 (project, slug) in environment $3 that was expected at $4 (seconds since 1970) and
-- missed at $5; an event about it is due at $6 (NULL: none).  Keeps at most $7 check-ins.
PREPARE monitor_miss AS
WITH trimmed AS (
    DELETE FROM monitor_checkins c
    WHERE c.project_id = $1::bigint
        AND c.slug = $2
        AND c.environment = $3
        AND c.id IN (
            SELECT o.id
            FROM monitor_checkins o
            WHERE o.project_id = $1::bigint AND o.slug = $2 AND o.environment = $3
            ORDER BY o.started_at DESC, o.id DESC
            OFFSET $7::int - 1
        )
)
INSERT INTO monitor_checkins (
    project_id, slug, environment, id, status, judged, started_at, updated_at, expected_at, event_id, event_due_at
)
VALUES (
    $1::bigint, $2, $3,
    md5($1 || ' ' || $2 || ' ' || $3 || ' ' || $4)::uuid,
    'missed', 'missed', to_timestamp($4::bigint), $5::timestamptz, to_timestamp($4::bigint),
    CASE WHEN $6::timestamptz IS NULL THEN NULL ELSE gen_random_uuid() END,
    $6::timestamptz
)
ON CONFLICT (project_id, slug, environment, id) DO NOTHING;
