-- Charges units and bytes to the projects' limits: $1 projects, negated for their records, $2 units wanted;
-- $3 projects, $4 bytes wanted (int8[]).  Returns one row per project: granted, ms to the window's end, used and
-- limit, for units and for bytes.  All times are the database's.
--
-- A window ends at window_end; the next one begins with the first admission after that.  A window never ends
-- more than one full window from now: a shortened window, or a clock that was set back, takes effect at once.
-- Rows are locked in project order, and rows for bytes after rows for units, whatever the plan.

SELECT $changes$
    window_end = CASE
        WHEN r.window_end <= excluded.seen_at THEN excluded.window_end
        ELSE least(r.window_end, excluded.window_end)
    END,
    used = CASE
        WHEN r.window_end <= excluded.seen_at THEN excluded.granted
        ELSE r.used + greatest(0, least(excluded.asked, excluded.cap - r.used))
    END,
    granted = CASE
        WHEN r.window_end <= excluded.seen_at THEN excluded.granted
        ELSE greatest(0, least(excluded.asked, excluded.cap - r.used))
    END,
    cap = excluded.cap,
    asked = excluded.asked,
    seen_at = excluded.seen_at
$changes$ AS changes \gset

SELECT $row$
    w.project_id,
    t.now + make_interval(secs => w.seconds),
    least(w.units, w.cap),
    w.cap,
    w.units,
    least(w.units, w.cap),
    t.now
$row$ AS row \gset

SELECT $answer$
    r.project_id,
    r.granted,
    ceil(extract(epoch FROM r.window_end - r.seen_at) * 1000)::bigint AS left_ms,
    r.used,
    r.cap
$answer$ AS answer \gset

PREPARE admit AS
WITH t AS MATERIALIZED (
    SELECT clock_timestamp() AS now
),
units AS (
    INSERT INTO rate_windows AS r (project_id, window_end, used, cap, asked, granted, seen_at)
    SELECT :row
    FROM (
        SELECT
            project_id,
            units,
            (
                SELECT CASE
                    WHEN project_id > 0 OR rate_limit = 0 THEN rate_limit
                    ELSE rate_limit * 10 + 1000
                END
                FROM projects p
                WHERE p.id = abs(project_id)
            ) AS cap,
            (SELECT rate_window FROM projects p WHERE p.id = abs(project_id)) AS seconds
        FROM unnest($1::bigint[], $2::bigint[]) AS u (project_id, units)
    ) w
    CROSS JOIN t
    WHERE w.cap IS NOT NULL
    ORDER BY w.project_id
    ON CONFLICT (project_id) DO UPDATE SET :changes
    RETURNING :answer
),
bytes AS (
    INSERT INTO byte_windows AS r (project_id, window_end, used, cap, asked, granted, seen_at)
    SELECT :row
    FROM (
        SELECT
            project_id,
            units,
            (SELECT byte_limit FROM projects p WHERE p.id = abs(project_id)) AS cap,
            (SELECT rate_window FROM projects p WHERE p.id = abs(project_id)) AS seconds
        FROM unnest($3::bigint[], $4::bigint[]) AS u (project_id, units)
    ) w
    CROSS JOIN t
    WHERE w.cap IS NOT NULL AND (SELECT count(*) FROM units) >= 0
    ORDER BY w.project_id
    ON CONFLICT (project_id) DO UPDATE SET :changes
    RETURNING :answer
)
SELECT
    u.project_id,
    u.granted,
    u.left_ms,
    u.used,
    u.cap,
    coalesce(b.granted, 0),
    coalesce(b.left_ms, u.left_ms),
    coalesce(b.used, 0),
    coalesce(b.cap, 0)
FROM units u
LEFT JOIN bytes b ON b.project_id = abs(u.project_id);
