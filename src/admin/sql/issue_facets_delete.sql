PREPARE issue_facets_delete AS
DELETE FROM issue_facets
WHERE project_id = $1::bigint AND issue_id = $2::bigint;
