-- Release $2 of project $1 (number or name): a row for all environments together, then one for each.
\ir release_columns.psql
PREPARE release_one AS
SELECT
    nullif(environment, ''),
    :release_columns
FROM sessions
WHERE project_id = (SELECT id FROM projects WHERE id::text = $1 OR name = $1) AND release = $2
GROUP BY GROUPING SETS ((), (environment))
HAVING sum(total) IS NOT NULL
ORDER BY grouping(environment) DESC, environment;
