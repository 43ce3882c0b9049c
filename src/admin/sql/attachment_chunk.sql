-- Project $1, event $2, attachment $3: the bytes of its chunk $4.
PREPARE attachment_chunk AS
SELECT data
FROM attachments
WHERE project_id = $1::bigint AND event_id = $2::uuid AND id = $3::uuid AND chunk = $4::int;
