-- Deletes the oldest $3 events of issue $2 of project $1 with their attachments and user reports; returns a row
-- for each event.
PREPARE issue_events_delete AS
WITH picked AS MATERIALIZED (
    SELECT id, received_at
    FROM events
    WHERE project_id = $1::bigint AND issue_id = $2::bigint
    ORDER BY received_at
    LIMIT $3::bigint
),
gone AS (
    DELETE FROM events e
    USING picked p
    WHERE e.project_id = $1::bigint AND e.id = p.id AND e.received_at = p.received_at
    RETURNING e.id
),
files AS (
    DELETE FROM attachments a
    USING gone g
    WHERE a.project_id = $1::bigint AND a.event_id = g.id
),
reports AS (
    DELETE FROM user_reports u
    USING gone g
    WHERE u.project_id = $1::bigint AND u.event_id = g.id
)
SELECT
FROM gone;
