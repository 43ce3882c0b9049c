-- $1 project, $2 issue, $3 registers, $4 their ranks (smallint[]).
PREPARE issue_users_add AS
INSERT INTO issue_users (project_id, issue_id, register, rank)
SELECT $1::bigint, $2::bigint, *
FROM unnest($3::smallint[], $4::smallint[]);
