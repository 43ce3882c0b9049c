-- Sets a session's settings (store/session.h): $1 names, $2 values (text[]), $3 whether only until the end of the
-- transaction (bool), $4 the process that must run this, 0 for any (int4); in any other process, nothing is set.
-- Returns whether it was that process, and the server's clock (microseconds since 1970).
--
-- A setting that this server's version does not have is left out, and so is one that the role may not change.
-- synchronous_commit is changed only where it is off: any other value keeps a committed event.
PREPARE settings AS
SELECT
    $4::int IN (0, pg_backend_pid()),
    count(set_config(s.name, s.value, $3::bool)),
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
FROM unnest($1::text[], $2::text[]) AS s (name, value)
WHERE $4::int IN (0, pg_backend_pid())
    AND current_setting(s.name, true) <> s.value
    AND CASE s.name
        WHEN 'synchronous_commit' THEN current_setting(s.name) = 'off'
        WHEN 'session_replication_role' THEN has_parameter_privilege(s.name, 'SET')
        ELSE true
    END;
