-- $1 a project's number or name, or NULL for all; $2 scheme and $3 rest of the public URL, for the DSNs.
PREPARE project_list AS
SELECT
    p.id,
    p.name,
    p.slug,
    p.rate_limit,
    p.rate_window,
    k.key_value,
    $2::text || k.key_value || '@' || $3::text || '/' || p.id,
    p.origins,
    p.retention_days,
    CASE WHEN p.scrub THEN 'on' ELSE 'off' END,
    CASE WHEN p.scrub_ip THEN 'on' ELSE 'off' END,
    p.scrub_fields,
    p.safe_fields,
    p.byte_limit,
    p.issue_limit,
    p.issue_retention_days,
    p.filters
FROM projects p
LEFT JOIN LATERAL (
    SELECT key_value
    FROM api_keys
    WHERE project_id = p.id AND revoked_at IS NULL
    ORDER BY created_at, key_value
    LIMIT 1
) k ON true
WHERE $1::text IS NULL OR p.id::text = $1 OR p.name = $1
ORDER BY p.id;
