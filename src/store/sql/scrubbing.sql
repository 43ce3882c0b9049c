-- $1 project (int8): its scrubbing settings and inbound filters.
PREPARE scrubbing AS
SELECT scrub, scrub_ip, scrub_fields, safe_fields, filters
FROM projects
WHERE id = $1::bigint;
