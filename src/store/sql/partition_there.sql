-- Returns a row if $1 is a partition of events.
PREPARE partition_there AS
SELECT
FROM pg_inherits
WHERE inhparent = 'events'::regclass AND inhrelid = to_regclass($1);
