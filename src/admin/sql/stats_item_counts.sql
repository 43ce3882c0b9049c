-- The items of project $1 (number or name) that are only counted.
\set rfc3339 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
PREPARE stats_item_counts AS
SELECT type, sum(quantity)::bigint, to_char(max(hour) AT TIME ZONE 'UTC', :'rfc3339')
FROM item_counts
WHERE project_id = (SELECT id FROM projects WHERE id::text = $1 OR name = $1)
GROUP BY type
ORDER BY type;
