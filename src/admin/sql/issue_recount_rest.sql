-- The same for the rest of issue $2 of project $1 after events went back to issue $3.  Its counters may include
-- events that are already deleted; those values are kept.
PREPARE issue_recount_rest AS
UPDATE issues i SET
    first_seen = CASE
        WHEN i.first_seen < m.first_seen THEN i.first_seen
        ELSE coalesce(a.first_seen, i.first_seen)
    END,
    last_seen = coalesce(a.last_seen, i.last_seen),
    title = coalesce(l.title, i.title),
    culprit = coalesce(l.culprit, i.culprit),
    last_release = coalesce(
        (
            SELECT release
            FROM events e
            WHERE e.project_id = i.project_id AND e.issue_id = i.id AND release IS NOT NULL
            ORDER BY received_at DESC
            LIMIT 1
        ),
        i.last_release
    ),
    first_release = CASE
        WHEN i.first_seen < m.first_seen THEN i.first_release
        ELSE coalesce(
            (
                SELECT release
                FROM events e
                WHERE e.project_id = i.project_id AND e.issue_id = i.id AND release IS NOT NULL
                ORDER BY received_at
                LIMIT 1
            ),
            i.first_release
        )
    END
FROM (
    SELECT min(received_at) AS first_seen, max(received_at) AS last_seen
    FROM events
    WHERE project_id = $1::bigint AND issue_id = $2::bigint
) a
LEFT JOIN (
    SELECT title, culprit
    FROM events
    WHERE project_id = $1::bigint AND issue_id = $2::bigint
    ORDER BY received_at DESC
    LIMIT 1
) l ON true
CROSS JOIN (
    SELECT first_seen FROM issues WHERE project_id = $1::bigint AND id = $3::bigint
) m
WHERE i.project_id = $1::bigint AND i.id = $2::bigint;
