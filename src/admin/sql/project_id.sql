-- $1 a project's number or name: its number.
PREPARE project_id AS
SELECT id
FROM projects
WHERE id::text = $1 OR name = $1;
