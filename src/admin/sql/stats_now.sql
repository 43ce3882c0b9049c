-- What each project accepts at present, the busiest first: see enum stats_column in admin/stats.h.

SELECT $last_minute$
    minute >= date_trunc('minute', now()) - interval '1 minute' AND minute < date_trunc('minute', now())
$last_minute$ AS last_minute \gset

PREPARE stats_now AS
SELECT
    p.id,
    p.name,
    coalesce(o.total, 0),
    coalesce(o.minute, 0),
    coalesce(o.hour, 0),
    coalesce(o.refused, 0),
    (
        SELECT count(*)
        FROM issues i
        WHERE i.project_id = p.id AND i.first_seen > now() - interval '1 day'
    ),
    (SELECT count(*) FROM issues i WHERE i.project_id = p.id AND i.status = 'unresolved')
FROM projects p
LEFT JOIN (
    SELECT
        project_id,
        sum(quantity) FILTER (WHERE outcome = 'accepted')::bigint AS total,
        sum(quantity) FILTER (WHERE outcome = 'accepted' AND :last_minute)::bigint AS minute,
        sum(quantity) FILTER (
            WHERE outcome = 'accepted'
            AND minute >= date_trunc('minute', now()) - interval '60 minutes'
            AND minute < date_trunc('minute', now())
        )::bigint AS hour,
        sum(quantity) FILTER (
            WHERE outcome NOT IN ('accepted', 'duplicate')
            AND outcome NOT LIKE 'sdk:%'
            AND outcome NOT LIKE 'attachment%'
            AND outcome NOT LIKE 'session%'
            AND outcome NOT LIKE 'check_in%'
            AND :last_minute
        )::bigint AS refused
    FROM outcomes
    WHERE minute >= date_trunc('day', now(), 'UTC') - interval '1 day'
    GROUP BY 1
) o ON o.project_id = p.id
ORDER BY 4 DESC, 5 DESC, 1;
