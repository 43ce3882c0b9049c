-- The server's version, clock (microseconds since 1970), the number of connections that this role may have,
-- whether the server is a standby, database and role.
PREPARE server_info AS
SELECT
    current_setting('server_version_num'),
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
    least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
        nullif(r.rolconnlimit, -1),
        nullif(b.datconnlimit, -1)
    ),
    pg_is_in_recovery()::int,
    b.datname,
    r.rolname
FROM pg_roles r, pg_database b
WHERE r.rolname = current_user AND b.datname = current_database();
