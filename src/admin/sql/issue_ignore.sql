-- Ignores issue $2 of project $1 as user $3 until the time $4 or for $5 more events (NULL: no limit); returns a
-- row if the issue exists.
PREPARE issue_ignore AS
WITH changed AS (
    UPDATE issues SET
        status = 'ignored',
        resolved_at = NULL,
        resolved_in = NULL,
        ignored_until = $4::timestamptz,
        ignored_until_count = event_count + $5::bigint
    WHERE project_id = $1::bigint
        AND id = $2::bigint
        AND (
            status <> 'ignored'
            OR ignored_until IS DISTINCT FROM $4::timestamptz
            OR ignored_until_count IS DISTINCT FROM event_count + $5::bigint
        )
    RETURNING 1
),
told AS (
    INSERT INTO issue_activity (project_id, issue_id, at, kind, actor, detail)
    SELECT $1::bigint, $2::bigint, clock_timestamp(), 'ignored', $3, nullif(
        concat_ws(
            ', ',
            'until ' || to_char($4::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC'),
            $5::text || ' more events'
        ),
        ''
    )
    FROM changed
)
SELECT
FROM issues
WHERE project_id = $1::bigint AND id = $2::bigint;
