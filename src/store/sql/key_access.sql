-- $1 key (text): all values that decide whether an event is accepted.  Project (int8), revoked (bool),
-- rate_limit, rate_window (s), ms left of its window (0: none is open), units used; byte_limit, and the ms left
-- and bytes used of the window for bytes (all int8).
PREPARE key_access AS
SELECT
    k.project_id,
    k.revoked_at IS NOT NULL,
    p.rate_limit,
    p.rate_window::bigint,
    coalesce(greatest(0, ceil(extract(epoch FROM r.window_end - clock_timestamp()) * 1000)), 0)::bigint,
    coalesce(r.used, 0),
    p.byte_limit,
    coalesce(greatest(0, ceil(extract(epoch FROM b.window_end - clock_timestamp()) * 1000)), 0)::bigint,
    coalesce(b.used, 0)
FROM api_keys k
JOIN projects p ON p.id = k.project_id
LEFT JOIN rate_windows r ON r.project_id = k.project_id
LEFT JOIN byte_windows b ON b.project_id = k.project_id
WHERE k.key_value = $1::text;
