-- $1 project (int8): the origins whose pages may send to it (text).
PREPARE origins AS
SELECT origins
FROM projects
WHERE id = $1::bigint;
