-- The highest applied migration (int4), or 0.
PREPARE schema AS
SELECT coalesce(max(version), 0)::int
FROM schema_migrations;
