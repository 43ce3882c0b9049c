-- Releases of project $1 (number or name) with sessions, the latest first, at most $2.
\ir release_columns.psql
PREPARE release_list AS
SELECT
    release,
    :release_columns
FROM sessions
WHERE project_id = (SELECT id FROM projects WHERE id::text = $1 OR name = $1)
GROUP BY release
ORDER BY max(hour) DESC, release
LIMIT $2::bigint;
