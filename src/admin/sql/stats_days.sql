-- Outcomes of the last $2 days of project $1 (number), or of all: see stats_days() in admin/stats.h.
PREPARE stats_days AS
SELECT
    o.project_id,
    p.name,
    to_char(o.day, 'YYYY-MM-DD'),
    coalesce(sum(quantity) FILTER (WHERE outcome = 'accepted'), 0)::bigint,
    coalesce(
        sum(quantity) FILTER (
            WHERE outcome NOT IN ('accepted', 'duplicate')
            AND outcome NOT LIKE 'sdk:%'
            AND outcome NOT LIKE 'attachment%'
            AND outcome NOT LIKE 'session%'
            AND outcome NOT LIKE 'check_in%'
        ),
        0
    )::bigint,
    sum(bytes)::bigint,
    coalesce(
        json_object_agg(outcome, quantity ORDER BY outcome) FILTER (WHERE outcome <> 'accepted'), '{}'
    )
FROM (
    SELECT
        project_id,
        (minute AT TIME ZONE 'UTC')::date AS day,
        outcome,
        sum(quantity)::bigint AS quantity,
        sum(bytes) AS bytes
    FROM outcomes
    WHERE ($1::bigint IS NULL OR project_id = $1::bigint)
        AND minute >= date_trunc('day', now(), 'UTC') - ($2::int - 1) * interval '1 day'
    GROUP BY 1, 2, 3
) o
LEFT JOIN projects p ON p.id = o.project_id
GROUP BY o.project_id, p.name, o.day
ORDER BY o.day DESC, o.project_id;
