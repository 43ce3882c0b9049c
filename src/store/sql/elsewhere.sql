-- Where Mesher's tables are when the role's search_path does not lead to them: the schema and the search_path; no
-- row when it leads to some, or when there are none.
PREPARE elsewhere AS
SELECT n.nspname, current_setting('search_path')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE to_regclass('schema_migrations') IS NULL
    AND c.relname = 'schema_migrations'
    AND c.relkind = 'r'
    AND EXISTS (
        SELECT
        FROM pg_class e
        WHERE e.relnamespace = c.relnamespace AND e.relname = 'event_ids' AND e.relkind IN ('r', 'p')
    )
ORDER BY n.nspname = 'public' DESC, 1
LIMIT 1;
