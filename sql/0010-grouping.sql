-- Version 3 of grouping: issues of version 2 take over the fingerprints that it gives their events.
--
-- As in the first migration: project_id in every key, nothing in ON CONFLICT that is not immutable.

ALTER TABLE projects ADD COLUMN old_issues boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN projects.old_issues IS 'the project has issues whose fingerprints an older version of grouping made: events are stored with both fingerprints';
UPDATE projects p SET old_issues = true
WHERE EXISTS (
    SELECT FROM issues i WHERE i.project_id = p.id AND i.fingerprint >= '\x01'::bytea AND i.fingerprint < '\x03'::bytea
);

ALTER TABLE issue_merges ADD COLUMN of_update boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN issue_merges.of_update IS 'no merge: the issue had this fingerprint before a new version of grouping';

ALTER TABLE issue_activity DROP CONSTRAINT issue_activity_kind_check;
ALTER TABLE issue_activity ADD CONSTRAINT issue_activity_kind_check CHECK (kind IN (
    'regression', 'unignored', 'resolved', 'reopened', 'ignored', 'assigned', 'note', 'merged', 'unmerged', 'split'
));
