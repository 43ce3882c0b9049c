-- The latest complete attachment with the id $2, or of event $1 with the id or file name $2, of project $3
-- (number or name; NULL: all).
PREPARE attachment_find AS
SELECT project_id, event_id, id, chunks
FROM attachments
WHERE ($1::uuid IS NULL OR event_id = $1::uuid)
    AND (id::text = $2 OR replace(id::text, '-', '') = $2 OR ($1 IS NOT NULL AND filename = $2))
    AND project_id IN (SELECT id FROM projects WHERE $3::text IS NULL OR id::text = $3 OR name = $3)
GROUP BY project_id, event_id, id, chunks
HAVING count(*) = chunks
ORDER BY min(received_at) DESC
LIMIT 1;
