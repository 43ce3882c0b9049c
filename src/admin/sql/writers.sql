-- The transactions that are writing issues now, as a list of virtual transactions; given $1, those in that
-- list.
PREPARE writers AS
SELECT coalesce(string_agg(virtualtransaction, ','), '')
FROM pg_locks
WHERE locktype = 'relation'
    AND mode = 'RowExclusiveLock'
    AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND relation = 'issues'::regclass
    AND pid <> pg_backend_pid()
    AND ($1::text IS NULL OR virtualtransaction = ANY (string_to_array($1, ',')));
