-- Adds the environments and releases of issue $2 to those of issue $3, both of project $1.
PREPARE merge_facets AS
INSERT INTO issue_facets AS known (project_id, issue_id, kind, value, last_day)
SELECT project_id, $3::bigint, kind, value, last_day
FROM issue_facets
WHERE project_id = $1::bigint AND issue_id = $2::bigint
ON CONFLICT (project_id, issue_id, kind, value) DO UPDATE SET
    last_day = greatest(known.last_day, excluded.last_day);
