-- Deletes project $1 (number or name) and everything that belongs to it.
PREPARE project_remove AS
WITH p AS (
    SELECT (SELECT id FROM projects WHERE id::text = $1 OR name = $1) AS id
),
a AS (DELETE FROM api_keys WHERE project_id = (SELECT id FROM p)),
b AS (DELETE FROM rate_windows WHERE abs(project_id) = (SELECT id FROM p)),
bb AS (DELETE FROM byte_windows WHERE project_id = (SELECT id FROM p)),
bc AS (DELETE FROM new_counts WHERE project_id = (SELECT id FROM p)),
g AS (DELETE FROM record_ids WHERE project_id = (SELECT id FROM p)),
h AS (DELETE FROM attachments WHERE project_id = (SELECT id FROM p)),
i AS (DELETE FROM user_reports WHERE project_id = (SELECT id FROM p)),
j AS (DELETE FROM sessions WHERE project_id = (SELECT id FROM p)),
k AS (DELETE FROM client_reports WHERE project_id = (SELECT id FROM p)),
l AS (DELETE FROM item_counts WHERE project_id = (SELECT id FROM p)),
m AS (DELETE FROM issue_hours WHERE project_id = (SELECT id FROM p)),
n AS (DELETE FROM issue_users WHERE project_id = (SELECT id FROM p)),
na AS (DELETE FROM issue_facets WHERE project_id = (SELECT id FROM p)),
nb AS (DELETE FROM issue_texts WHERE project_id = (SELECT id FROM p)),
o AS (DELETE FROM issue_merges WHERE project_id = (SELECT id FROM p)),
q AS (DELETE FROM issue_discards WHERE project_id = (SELECT id FROM p)),
r AS (DELETE FROM issue_activity WHERE project_id = (SELECT id FROM p)),
ra AS (DELETE FROM monitors WHERE project_id = (SELECT id FROM p)),
rb AS (DELETE FROM monitor_environments WHERE project_id = (SELECT id FROM p)),
rc AS (DELETE FROM monitor_checkins WHERE project_id = (SELECT id FROM p)),
s AS (DELETE FROM releases WHERE project_id = (SELECT id FROM p)),
t AS (DELETE FROM outcomes WHERE project_id = (SELECT id FROM p)),
c AS (DELETE FROM event_ids WHERE project_id = (SELECT id FROM p)),
d AS (DELETE FROM events WHERE project_id = (SELECT id FROM p)),
fa AS (DELETE FROM issue_numbers WHERE project_id = (SELECT id FROM p)),
f AS (DELETE FROM issues WHERE project_id = (SELECT id FROM p))
DELETE FROM projects
WHERE id = (SELECT id FROM p)
RETURNING 1;
