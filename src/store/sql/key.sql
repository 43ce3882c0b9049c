-- $1 key (text): its project (int8), and whether it was revoked (bool).
PREPARE key AS
SELECT project_id, revoked_at IS NOT NULL
FROM api_keys
WHERE key_value = $1::text;
