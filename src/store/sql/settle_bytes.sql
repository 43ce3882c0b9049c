-- Adds bytes that were taken elsewhere while this database was unavailable: $1 projects, $2 bytes taken,
-- $3 ms to the window's end (int8[]).  If the stored window has ended, the window that was opened meanwhile
-- replaces it.
\ir settle.psql

PREPARE settle_bytes AS
INSERT INTO byte_windows AS r (project_id, window_end, used, cap, asked, granted, seen_at)
SELECT
    u.project_id,
    t.now + make_interval(secs => u.left_ms / 1000.0),
    u.units,
    byte_limit,
    :settled;
