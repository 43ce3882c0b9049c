-- Issue $2 of project $1.
\ir issue_columns.psql
PREPARE issue_one AS
SELECT :issue_columns
FROM (
    SELECT
        i.*,
        p.slug,
        :users_estimate AS users,
        'l' || (extract(epoch FROM i.last_seen) * 1000000)::bigint || '.' || i.id AS token
    FROM issues i
    JOIN projects p ON p.id = i.project_id
    WHERE i.project_id = $1::bigint AND i.id = $2::bigint
) i;
