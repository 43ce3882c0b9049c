-- Complete attachments of event $1, or of all with NULL, of project $2 (number or name; NULL: all), the
-- latest first, at most $3.
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
PREPARE attachment_list AS
SELECT
    id,
    project_id,
    event_id,
    filename,
    content_type,
    attachment_type,
    size,
    to_char(min(received_at) AT TIME ZONE 'UTC', :'rfc3339')
FROM attachments
WHERE ($1::uuid IS NULL OR event_id = $1::uuid)
    AND project_id IN (SELECT id FROM projects WHERE $2::text IS NULL OR id::text = $2 OR name = $2)
GROUP BY project_id, event_id, id, filename, content_type, attachment_type, size, chunks
HAVING count(*) = chunks
ORDER BY min(received_at) DESC, filename, id
LIMIT $3::bigint;
