-- Stores user reports: $1 projects, $2 ids, $3 events, $4 times of receipt, $5 sources, $6 names, $7 e-mail
-- addresses, $8 comments, $9 URLs (arrays).  Stores at most a hundred about one event; reports that arrive at
-- the same time may exceed this.
PREPARE user_report AS
INSERT INTO user_reports (project_id, id, event_id, received_at, source, name, email, comments, url)
SELECT *
FROM unnest(
    $1::bigint[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[],
    $6::text[], $7::text[], $8::text[], $9::text[]
) AS i (project_id, id, event_id, received_at, source, name, email, comments, url)
WHERE (
    SELECT true
    FROM user_reports u
    WHERE u.project_id = i.project_id AND u.event_id = i.event_id
    OFFSET 99
    LIMIT 1
) IS NULL
ORDER BY project_id, event_id, id
ON CONFLICT (project_id, event_id, id) DO NOTHING;
