-- Changes the settings of project $1 (number or name) whose parameters are not NULL.
PREPARE project_set AS
UPDATE projects SET
    name = coalesce($2, name),
    rate_limit = coalesce($3::bigint, rate_limit),
    rate_window = coalesce($4::int, rate_window),
    origins = coalesce($5, origins),
    retention_days = coalesce($6::int, retention_days),
    scrub = coalesce($7::boolean, scrub),
    scrub_ip = coalesce($8::boolean, scrub_ip),
    scrub_fields = coalesce($9, scrub_fields),
    safe_fields = coalesce($10, safe_fields),
    byte_limit = coalesce($11::bigint, byte_limit),
    issue_limit = coalesce($12::bigint, issue_limit),
    issue_retention_days = coalesce($13::int, issue_retention_days),
    filters = coalesce($14, filters)
WHERE id = (SELECT id FROM projects WHERE id::text = $1 OR name = $1)
RETURNING 1;
