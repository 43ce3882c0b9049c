-- $1 projects (int8[]): the projects whose event window has no units left under their present limit, and
-- the ms to its end.
PREPARE exhausted AS
SELECT r.project_id, ceil(extract(epoch FROM r.window_end - t.now) * 1000)::bigint
FROM rate_windows r
JOIN projects p ON p.id = r.project_id
CROSS JOIN (SELECT clock_timestamp() AS now) t
WHERE r.project_id = ANY ($1::bigint[])
    AND r.used >= p.rate_limit
    AND r.window_end > t.now;
