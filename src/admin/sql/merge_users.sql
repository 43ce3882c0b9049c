-- Adds the users of issue $2 to those of issue $3, both of project $1.
PREPARE merge_users AS
INSERT INTO issue_users AS known (project_id, issue_id, register, rank)
SELECT project_id, $3::bigint, register, rank
FROM issue_users
WHERE project_id = $1::bigint AND issue_id = $2::bigint
ON CONFLICT (project_id, issue_id, register) DO UPDATE SET
    rank = greatest(known.rank, excluded.rank);
