-- Test projects of mesherctl doctor that a killed process left behind; a check takes at most a few minutes.
PREPARE server_test_projects AS
SELECT id
FROM projects
WHERE name LIKE 'mesherctl doctor %' AND created_at < now() - interval '15 minutes';
