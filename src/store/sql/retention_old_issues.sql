-- Forgets that project $1 has issues of an older version of grouping once the last one has expired ($2, a time, is that
-- of the other steps); returns the number of projects.
PREPARE retention_old_issues AS
WITH done AS (
    UPDATE projects p SET old_issues = false
    WHERE p.id = $1::bigint
        AND p.old_issues
        AND $2::timestamptz IS NOT NULL
        AND NOT EXISTS (
            SELECT
            FROM issues i
            WHERE i.project_id = p.id AND i.fingerprint >= '\x01'::bytea AND i.fingerprint < '\x03'::bytea
        )
    RETURNING 1
)
SELECT count(*) FROM done;
