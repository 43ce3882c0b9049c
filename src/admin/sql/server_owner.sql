-- Who owns Mesher's tables, and the schema they are in: owner, schema, whether this role acts for the owner, whether
-- it may create partitions (it acts for the owner of events and may create tables in that schema).
PREPARE server_owner AS
SELECT
    pg_get_userbyid(c.relowner),
    n.nspname,
    pg_has_role(c.relowner, 'USAGE')::int,
    (
        has_schema_privilege(n.oid, 'CREATE')
        AND (
            SELECT pg_has_role(e.relowner, 'USAGE')
            FROM pg_class e
            WHERE e.oid = to_regclass('events')
        )
    )::int
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass('schema_migrations');
