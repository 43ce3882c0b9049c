-- Detaches and drops a partition, in one transaction and in one process at a time: another one does nothing.
-- While this waits for the lock of events, nobody can store; so it waits for a moment only, which also ends a
-- deadlock with a process that locks both in the other order.  An earlier version may have left the partition
-- detached, or half detached.  Returns whether it is gone.
--   :drop_lock = 7239421803
--   :lock = 7239421801
--   :name = events_20991231
DO $drop$
DECLARE
    pending boolean;
BEGIN
    IF to_regclass(:'name') IS NULL OR NOT pg_try_advisory_xact_lock(:drop_lock) THEN
        RETURN;
    END IF;
    PERFORM set_config('lock_timeout', '200ms', true);
    PERFORM pg_advisory_xact_lock(:lock);
    SELECT inhdetachpending INTO pending
    FROM pg_inherits
    WHERE inhrelid = to_regclass(:'name');
    IF pending THEN
        ALTER TABLE events DETACH PARTITION :name FINALIZE;
    ELSIF NOT pending THEN
        ALTER TABLE events DETACH PARTITION :name;
    END IF;
    DROP TABLE :name;
END
$drop$;
SELECT to_regclass(:'name') IS NULL;
