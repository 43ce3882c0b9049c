-- Creates the issue of the fingerprint $3 again, like issue $2 of project $1 but without events, with the number that
-- it had.
PREPARE unmerge_make_issue AS
WITH had AS MATERIALIZED (
    SELECT max(issue_id) AS id
    FROM issue_merges
    WHERE project_id = $1::bigint AND fingerprint = $3::bytea
),
given AS (
    INSERT INTO issue_numbers AS n (project_id, last, step)
    SELECT $1::bigint, 1 + coalesce((SELECT max(i.id) FROM issues i WHERE i.project_id = $1::bigint), 0), 1
    FROM had
    WHERE had.id IS NULL
    ON CONFLICT (project_id) DO UPDATE SET
        last = greatest(n.last, excluded.last - excluded.step) + excluded.step,
        step = excluded.step
    RETURNING last
)
INSERT INTO issues (project_id, id, fingerprint, title, culprit, level, event_count, first_seen, last_seen)
SELECT
    project_id,
    coalesce((SELECT id FROM had), (SELECT last FROM given)),
    $3::bytea,
    title,
    culprit,
    level,
    0,
    first_seen,
    last_seen
FROM issues
WHERE project_id = $1::bigint AND id = $2::bigint
ON CONFLICT (project_id, fingerprint) DO NOTHING;
