-- $1 projects (int8[]), negated for the windows of records: those that exist.
PREPARE projects AS
SELECT u.id
FROM unnest($1::bigint[]) AS u (id)
WHERE EXISTS (SELECT FROM projects p WHERE p.id = abs(u.id));
