-- $1 projects (int8[]), $2 ids (uuid[]), $3 times of receipt (timestamptz[]): the positions of the events that
-- are stored.  Looks into the partitions around their time, because ids are kept for only one day.
PREPARE replayed AS
SELECT w.position
FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[])
    WITH ORDINALITY AS w (project_id, id, received_at, position)
WHERE (
    SELECT true
    FROM events e
    WHERE e.project_id = w.project_id
        AND e.id = w.id
        AND e.received_at > w.received_at - interval '24 hours'
        AND e.received_at < w.received_at + interval '24 hours'
    LIMIT 1
)
ORDER BY w.position;
