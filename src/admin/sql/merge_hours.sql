-- Adds the hours of issue $2 to those of issue $3, both of project $1.
PREPARE merge_hours AS
INSERT INTO issue_hours AS known (project_id, issue_id, hour, events)
SELECT project_id, $3::bigint, hour, events
FROM issue_hours
WHERE project_id = $1::bigint AND issue_id = $2::bigint AND events > 0
ON CONFLICT (project_id, issue_id, hour) DO UPDATE SET events = known.events + excluded.events;
