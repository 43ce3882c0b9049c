-- Returns a row if a project has the name $1 or the number $2.
PREPARE project_taken AS
SELECT
FROM projects
WHERE name = $1 OR id = $2::bigint;
