-- Environments, releases and words of issues, by which lists of issues are filtered.
--
-- As in the first migration: project_id in every key, nothing in ON CONFLICT that is not immutable.

CREATE TABLE issue_facets (
    project_id bigint NOT NULL,
    issue_id   bigint NOT NULL,
    kind       text   NOT NULL CHECK (kind IN ('environment', 'release')),
    value      text   NOT NULL,
    last_day   date   NOT NULL,
    PRIMARY KEY (project_id, issue_id, kind, value)
);
CREATE INDEX issue_facets_value ON issue_facets (kind, value, project_id, issue_id);
CREATE INDEX issue_facets_day ON issue_facets (project_id, last_day);
COMMENT ON TABLE issue_facets IS 'environments and releases of the events of an issue';
COMMENT ON COLUMN issue_facets.last_day IS 'day of receipt (UTC) of the last such event: a row is written once a day';

CREATE TABLE issue_texts (
    project_id bigint NOT NULL,
    issue_id   bigint NOT NULL,
    body       text   NOT NULL CHECK (length(body) <= 2000),
    PRIMARY KEY (project_id, issue_id)
);
COMMENT ON TABLE issue_texts IS 'words by which an issue is found, besides those of its title';
COMMENT ON COLUMN issue_texts.body IS 'message, type and value of the event that made the issue, in lower case';

INSERT INTO issue_facets
SELECT e.project_id, e.issue_id, v.kind, v.value, max((e.received_at AT TIME ZONE 'UTC')::date)
FROM events e
CROSS JOIN LATERAL (VALUES ('environment', e.environment), ('release', e.release)) AS v (kind, value)
WHERE v.value IS NOT NULL
GROUP BY 1, 2, 3, 4;

INSERT INTO issue_texts
SELECT DISTINCT ON (e.project_id, e.issue_id)
    e.project_id, e.issue_id, left(lower(concat_ws(' ', e.message, e.type, e.value)), 2000)
FROM events e
WHERE concat_ws(' ', e.message, e.type, e.value) <> ''
ORDER BY e.project_id, e.issue_id, e.received_at;
