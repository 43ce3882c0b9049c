-- The keys of project $1 (number or name; NULL: all), or key $4 of them; $2 scheme and $3 rest of the
-- public URL, for the DSNs.  The last one
-- is for clients that demand a secret.
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
PREPARE key_list AS
SELECT
    project_id,
    key_value,
    $2::text || key_value || '@' || $3::text || '/' || project_id,
    label,
    to_char(created_at AT TIME ZONE 'UTC', :'rfc3339'),
    to_char(revoked_at AT TIME ZONE 'UTC', :'rfc3339'),
    $2::text || key_value || ':' || key_value || '@' || $3::text || '/' || project_id
FROM api_keys
WHERE ($1::text IS NULL OR project_id = (SELECT id FROM projects WHERE id::text = $1 OR name = $1))
    AND ($4::text IS NULL OR key_value = $4)
ORDER BY project_id, created_at, key_value;
