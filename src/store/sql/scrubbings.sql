-- The scrubbing settings and inbound filters of all projects whose settings are not the defaults.
PREPARE scrubbings AS
SELECT id, scrub, scrub_ip, scrub_fields, safe_fields, filters
FROM projects
WHERE NOT scrub OR scrub_ip OR scrub_fields <> '' OR safe_fields <> '' OR filters <> ''
ORDER BY id;
