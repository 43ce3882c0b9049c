-- Adds bytes that were taken elsewhere while this database was unavailable: $1 projects, $2 bytes taken,
-- $3 ms to the window's end (int8[]).  If the stored window has ended, the window that was opened meanwhile
-- replaces it.
PREPARE settle_bytes AS
INSERT INTO byte_windows AS r (project_id, window_end, used, cap, asked, granted, seen_at)
SELECT
    u.project_id,
    t.now + make_interval(secs => u.left_ms / 1000.0),
    u.units,
    byte_limit,
    u.units,
    u.units,
    t.now
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u (project_id, units, left_ms)
JOIN projects p ON p.id = abs(u.project_id)
CROSS JOIN (SELECT clock_timestamp() AS now) t
ORDER BY u.project_id
ON CONFLICT (project_id) DO UPDATE SET
    window_end = CASE
        WHEN r.window_end <= excluded.seen_at THEN excluded.window_end ELSE r.window_end
    END,
    used = CASE
        WHEN r.window_end <= excluded.seen_at THEN excluded.used ELSE r.used + excluded.used
    END,
    cap = excluded.cap,
    asked = excluded.asked,
    granted = excluded.granted,
    seen_at = excluded.seen_at
RETURNING
    r.project_id,
    ceil(extract(epoch FROM r.window_end - r.seen_at) * 1000)::bigint,
    r.used,
    r.cap;
