-- $1 the name of a PostgreSQL setting: its value, its source, and the file that has it, for a role that may know.
PREPARE server_setting AS
SELECT setting, source, coalesce(sourcefile, '')
FROM pg_settings
WHERE name = $1;
