-- The partitions of events that are older than all projects' limits at $1, the oldest first; also those that an
-- earlier version detached before it was killed.
PREPARE retention_partitions AS
SELECT c.relname
FROM pg_class c
WHERE c.relname ~ '^events_[0-9]{8}$'
    AND c.relkind = 'r'
    AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'events'::regclass)
    AND (substr(c.relname, 8)::timestamp AT TIME ZONE 'UTC') + interval '24 hours'
        <= $1::timestamptz - interval '24 hours' * (SELECT max(retention_days) FROM projects)
ORDER BY 1;
