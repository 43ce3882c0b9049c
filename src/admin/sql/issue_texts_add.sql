-- Makes the text of issue $2 of project $1 from its first event.
PREPARE issue_texts_add AS
INSERT INTO issue_texts (project_id, issue_id, body)
SELECT project_id, issue_id, left(lower(concat_ws(' ', message, type, value)), 2000)
FROM events
WHERE project_id = $1::bigint
    AND issue_id = $2::bigint
    AND concat_ws(' ', message, type, value) <> ''
ORDER BY received_at
LIMIT 1;
