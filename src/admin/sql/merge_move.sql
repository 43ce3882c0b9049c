-- Moves at most $7 events of issue $2 of project $1 to issue $3, from the time $4 on: all, or those with the
-- fingerprint $5; an event without one gets $6.  Returns the number of events moved, the number read, and the
-- time of the last one.  The caller has locked both issues.
PREPARE merge_move AS
WITH picked AS MATERIALIZED (
    SELECT id, received_at
    FROM events
    WHERE project_id = $1::bigint
        AND issue_id = $2::bigint
        AND received_at >= $4::timestamptz
        AND ($5::bytea IS NULL OR fingerprint = $5::bytea)
    ORDER BY received_at
    LIMIT $7::bigint
),
moved AS (
    UPDATE events e SET
        issue_id = $3::bigint,
        fingerprint = coalesce(e.fingerprint, $6::bytea)
    FROM picked p
    WHERE e.project_id = $1::bigint
        AND e.id = p.id
        AND e.received_at = p.received_at
        AND e.issue_id = $2::bigint
    RETURNING e.received_at
),
hours AS (
    SELECT date_trunc('hour', received_at, 'UTC') AS hour, count(*) AS events
    FROM moved
    GROUP BY 1
),
taken AS (
    SELECT h.hour, least(h.events, m.events) AS events
    FROM issue_hours h
    JOIN hours m USING (hour)
    WHERE h.project_id = $1::bigint AND h.issue_id = $2::bigint
),
gone AS (
    UPDATE issue_hours h SET events = h.events - t.events
    FROM taken t
    WHERE h.project_id = $1::bigint AND h.issue_id = $2::bigint AND h.hour = t.hour
),
come AS (
    INSERT INTO issue_hours AS known (project_id, issue_id, hour, events)
    SELECT $1::bigint, $3::bigint, hour, events
    FROM taken
    ON CONFLICT (project_id, issue_id, hour) DO UPDATE SET events = known.events + excluded.events
),
counted AS (
    UPDATE issues SET
        event_count = event_count
            + CASE id WHEN $3::bigint THEN 1 ELSE -1 END * (SELECT count(*) FROM moved)
    WHERE project_id = $1::bigint AND id IN ($2::bigint, $3::bigint)
)
SELECT
    (SELECT count(*) FROM moved),
    (SELECT count(*) FROM picked),
    (SELECT max(received_at) FROM picked);
