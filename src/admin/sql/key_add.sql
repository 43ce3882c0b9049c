-- Adds the key $2 with the label $3 to project $1 (number or name).
PREPARE key_add AS
INSERT INTO api_keys (project_id, key_value, label)
SELECT id, $2, $3
FROM projects
WHERE id = (SELECT id FROM projects WHERE id::text = $1 OR name = $1)
RETURNING 1;
