-- $1 project (int8): its scrubbing settings, inbound filters, and whether it has old issues.
PREPARE scrubbing AS
SELECT scrub, scrub_ip, scrub_fields, safe_fields, filters, old_issues
FROM projects
WHERE id = $1::bigint;
