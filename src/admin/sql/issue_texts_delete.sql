PREPARE issue_texts_delete AS
DELETE FROM issue_texts
WHERE project_id = $1::bigint AND issue_id = $2::bigint;
