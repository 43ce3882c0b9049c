-- At most $1 (int8) good keys, the newest first: key (text), project, rate_limit, rate_window (s),
-- byte_limit (int8).
PREPARE keys AS
SELECT k.key_value, k.project_id, p.rate_limit, p.rate_window::bigint, p.byte_limit
FROM api_keys k
JOIN projects p ON p.id = k.project_id
WHERE k.revoked_at IS NULL
ORDER BY k.created_at DESC
LIMIT $1::bigint;
