-- $1 projects (int8[]), $2 ids (uuid[]): the positions, from 1, of the events that are stored.  Uses a
-- subquery, since an EXISTS would become a hash join over all ids.
PREPARE stored AS
SELECT w.position
FROM unnest($1::bigint[], $2::uuid[]) WITH ORDINALITY AS w (project_id, id, position)
WHERE (SELECT true FROM event_ids i WHERE i.project_id = w.project_id AND i.id = w.id)
ORDER BY w.position;
