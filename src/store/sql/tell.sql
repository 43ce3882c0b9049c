-- Notifies the followers of events: a follower holds this lock in shared mode, so that it cannot be taken here.
-- The lock ends with the follower's connection; two writers that try at the same time notify once too often.
PREPARE tell AS
SELECT pg_notify('mesher_events', '')
WHERE NOT pg_try_advisory_xact_lock(hashtext('mesher tail'), 0);
