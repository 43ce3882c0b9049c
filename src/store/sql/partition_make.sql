-- Creates a partition of events, if it does not exist.  The owner of events owns it, so that any role that may
-- create partitions may also drop those of another role, and a migration may change them all
-- (contrib/grants.sql).  toast_tuple_target: a compressed payload of a few KiB stays in its row, where it costs
-- one insert instead of three or four.  store/partitions.c fills in its name and days, for example:
--   :lock = 7239421801
--   :name = events_20991231
--   :day = 2099-12-31
--   :next = 2100-01-01
SELECT pg_advisory_xact_lock(:lock);
DO $make$
DECLARE
    other text;
BEGIN
    IF to_regclass(:'name') IS NULL OR NOT EXISTS (
        SELECT
        FROM pg_inherits
        WHERE inhparent = 'events'::regclass AND inhrelid = to_regclass(:'name')
    ) THEN
        CREATE TABLE IF NOT EXISTS :name (
            LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMMENTS
        ) WITH (toast_tuple_target = 8160);
        ALTER TABLE events ATTACH PARTITION :name
            FOR VALUES FROM (':day 00:00:00+00') TO (':next 00:00:00+00');
        SELECT p.relowner::regrole INTO other
        FROM pg_class p, pg_class c
        WHERE p.oid = 'events'::regclass AND c.oid = :'name'::regclass AND p.relowner <> c.relowner;
        IF other IS NOT NULL THEN
            EXECUTE 'ALTER TABLE :name OWNER TO ' || other;
        END IF;
    END IF;
END
$make$;
