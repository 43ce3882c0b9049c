-- Adds units that were taken elsewhere while this database was unavailable: $1 projects, $2 units taken,
-- $3 ms to the window's end (int8[]).  If the stored window has ended, the window that was opened meanwhile
-- replaces it.
\ir settle.psql

PREPARE settle AS
INSERT INTO rate_windows AS r (project_id, window_end, used, cap, asked, granted, seen_at)
SELECT
    u.project_id,
    t.now + make_interval(secs => u.left_ms / 1000.0),
    u.units,
    CASE WHEN project_id > 0 OR rate_limit = 0 THEN rate_limit ELSE rate_limit * 10 + 1000 END,
    :settled;
