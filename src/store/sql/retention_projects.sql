-- Each project, and 0 for data without a project, with the times before which its events and its issues are
-- deleted; $1 is the current time.
PREPARE retention_projects AS
SELECT
    id,
    $1::timestamptz - days * interval '24 hours',
    $1::timestamptz - issue_days * interval '24 hours'
FROM (
    SELECT
        id,
        retention_days AS days,
        greatest(retention_days, issue_retention_days) AS issue_days
    FROM projects
    UNION ALL
    SELECT 0, 90, 90
) p
ORDER BY 1;
