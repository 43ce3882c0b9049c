-- Issue numbers within a project, and the numbers of merged issues.
--
-- As in the first migration: project_id in every key, nothing in ON CONFLICT that is not immutable.

CREATE TABLE issue_numbers (
    project_id bigint PRIMARY KEY,
    last       bigint NOT NULL,
    step       bigint NOT NULL
) WITH (fillfactor = 20);
COMMENT ON TABLE issue_numbers IS 'the last issue number of a project: numbers are not used again, also after an issue was deleted';
COMMENT ON COLUMN issue_numbers.step IS 'how many numbers the last batch took';

COMMENT ON COLUMN issues.id IS 'number within the project';

ALTER TABLE issue_merges ADD COLUMN issue_id bigint;
COMMENT ON COLUMN issue_merges.issue_id IS 'the number that the merged issue had: it leads to the other one, and comes back with unmerge; NULL: merged by a version before 0006';
CREATE INDEX issue_merges_issue ON issue_merges (project_id, issue_id);
