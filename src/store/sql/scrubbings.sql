-- The same as scrubbing.sql tells, of all projects whose settings are not the defaults.
PREPARE scrubbings AS
SELECT id, scrub, scrub_ip, scrub_fields, safe_fields, filters, old_issues
FROM projects
WHERE NOT scrub OR scrub_ip OR scrub_fields <> '' OR safe_fields <> '' OR filters <> '' OR old_issues
ORDER BY id;
