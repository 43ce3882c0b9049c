-- Adds the environments and releases of the events of issue $2 of project $1.
PREPARE issue_facets_add AS
INSERT INTO issue_facets (project_id, issue_id, kind, value, last_day)
SELECT e.project_id, e.issue_id, v.kind, v.value, max((e.received_at AT TIME ZONE 'UTC')::date)
FROM events e
CROSS JOIN LATERAL (
    VALUES ('environment', e.environment), ('release', e.release)
) AS v (kind, value)
WHERE e.project_id = $1::bigint AND e.issue_id = $2::bigint AND v.value IS NOT NULL
GROUP BY 1, 2, 3, 4;
