-- Updates times, releases, title and level of issue $2 of project $1 from its events; an issue without events
-- does not change.
PREPARE issue_recount AS
UPDATE issues i SET
    first_seen = a.first_seen,
    last_seen = a.last_seen,
    level = a.level,
    title = l.title,
    culprit = l.culprit,
    first_release = (
        SELECT release
        FROM events e
        WHERE e.project_id = i.project_id AND e.issue_id = i.id AND release IS NOT NULL
        ORDER BY received_at
        LIMIT 1
    ),
    last_release = (
        SELECT release
        FROM events e
        WHERE e.project_id = i.project_id AND e.issue_id = i.id AND release IS NOT NULL
        ORDER BY received_at DESC
        LIMIT 1
    )
FROM (
    SELECT
        min(received_at) AS first_seen,
        max(received_at) AS last_seen,
        (array['debug', 'info', 'warning', 'error', 'fatal'])[
            max(array_position(array['debug', 'info', 'warning', 'error', 'fatal'], level))
        ] AS level
    FROM events
    WHERE project_id = $1::bigint AND issue_id = $2::bigint
) a,
(
    SELECT title, culprit
    FROM events
    WHERE project_id = $1::bigint AND issue_id = $2::bigint
    ORDER BY received_at DESC
    LIMIT 1
) l
WHERE i.project_id = $1::bigint AND i.id = $2::bigint;
