-- Adds the text of issue $2 to that of issue $3, both of project $1, if it is another one.
PREPARE merge_texts AS
INSERT INTO issue_texts AS known (project_id, issue_id, body)
SELECT project_id, $3::bigint, body
FROM issue_texts
WHERE project_id = $1::bigint AND issue_id = $2::bigint
ON CONFLICT (project_id, issue_id) DO UPDATE SET
    body = left(known.body || ' ' || excluded.body, 2000)
WHERE strpos(known.body, excluded.body) = 0;
