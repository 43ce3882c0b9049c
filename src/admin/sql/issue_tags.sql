-- The five most frequent values of each tag among the latest $3 events of issue $2 of project $1.
PREPARE issue_tags AS
SELECT key, value, events
FROM (
    SELECT
        key,
        value,
        count(*) AS events,
        row_number() OVER (PARTITION BY key ORDER BY count(*) DESC, value) AS n
    FROM
        (
            SELECT tags
            FROM events
            WHERE project_id = $1::bigint AND issue_id = $2::bigint
            ORDER BY received_at DESC
            LIMIT $3::bigint
        ) latest,
        jsonb_each_text(coalesce(tags, '{}'))
    GROUP BY key, value
) t
WHERE n <= 5
ORDER BY key, n;
