-- Budgets of bytes.
--
-- As in the first migration: project_id in every key, nothing in ON CONFLICT that is not immutable.

ALTER TABLE projects ADD COLUMN byte_limit bigint NOT NULL DEFAULT 268435456
    CHECK (byte_limit BETWEEN 0 AND 1099511627776);
COMMENT ON COLUMN projects.byte_limit IS 'bytes of events and attachments, as they are stored, in one window; 0 refuses all';
COMMENT ON COLUMN projects.rate_limit IS 'events in one window; 0 refuses all, also what is stored beside events';
COMMENT ON COLUMN rate_windows.project_id IS 'with a minus: the window of what is stored beside events, ten times as wide and 1000 more';

CREATE UNLOGGED TABLE byte_windows (
    project_id bigint      PRIMARY KEY,
    window_end timestamptz NOT NULL,
    used       bigint      NOT NULL,
    cap        bigint      NOT NULL,
    asked      bigint      NOT NULL,
    granted    bigint      NOT NULL,
    seen_at    timestamptz NOT NULL
) WITH (fillfactor = 20);
COMMENT ON TABLE byte_windows IS 'as rate_windows, in bytes: of events and what is stored beside them';
COMMENT ON COLUMN byte_windows.window_end IS 'the database''s clock';
COMMENT ON COLUMN byte_windows.used IS 'bytes taken in this window';
COMMENT ON COLUMN byte_windows.cap IS 'the project''s byte_limit at the last admission';
COMMENT ON COLUMN byte_windows.asked IS 'bytes that the last admission asked for';
COMMENT ON COLUMN byte_windows.granted IS 'bytes that the last admission got';
COMMENT ON COLUMN byte_windows.seen_at IS 'time of the last admission, the database''s clock';

COMMENT ON COLUMN outcomes.outcome IS 'accepted, duplicate, rate_limited, malformed, too_large, encoding, discarded, poison, unauthorized; attachment, attachment_rate_limited, attachment_dropped (beyond what one event may have); or sdk: and the reason that an SDK gave for what it did not send';
COMMENT ON COLUMN outcomes.quantity IS 'events; attachments where the outcome says so';
COMMENT ON COLUMN outcomes.bytes IS 'of accepted events and attachments: bytes that are stored';

ALTER TABLE projects
    ADD COLUMN issue_limit bigint NOT NULL DEFAULT 10000 CHECK (issue_limit BETWEEN 0 AND 1000000),
    ADD COLUMN issue_retention_days integer NOT NULL DEFAULT 0 CHECK (issue_retention_days BETWEEN 0 AND 3650);
COMMENT ON COLUMN projects.issue_limit IS 'new issues in an hour; what is beyond them is one issue';
COMMENT ON COLUMN projects.issue_retention_days IS 'days after its last event at which an issue that nobody touched is removed; 0: as retention_days';
COMMENT ON COLUMN projects.retention_days IS 'days after which events are removed; issues: see issue_retention_days';

CREATE UNLOGGED TABLE new_counts (
    project_id bigint      NOT NULL,
    kind       text        NOT NULL,
    hour       timestamptz NOT NULL,
    used       bigint      NOT NULL,
    PRIMARY KEY (project_id, kind, hour)
) WITH (fillfactor = 50);
COMMENT ON TABLE new_counts IS 'new things of a project in an hour, for their limits; maintenance removes the past ones';
COMMENT ON COLUMN new_counts.kind IS 'issue or release';
COMMENT ON COLUMN new_counts.hour IS 'begin of the hour, UTC, the database''s clock';
COMMENT ON COLUMN new_counts.used IS 'how many there were';

-- Lists of issues by an index.  An index of last_seen or event_count itself would be written at every batch; these
-- change once an hour, and with the digits of the count, and the rest of the order is sorted within them.
ALTER TABLE issues
    ADD COLUMN last_hour timestamptz GENERATED ALWAYS AS (date_bin('1 hour', last_seen, '2000-01-01 00:00:00+00')) STORED,
    ADD COLUMN count_class integer GENERATED ALWAYS AS
        (CASE WHEN event_count < 10 THEN event_count ELSE 8 + length(event_count::text) END) STORED;
COMMENT ON COLUMN issues.last_hour IS 'the hour of last_seen, for an index that is seldom written';
COMMENT ON COLUMN issues.count_class IS 'of event_count up to 9 the number, of more 8 and its digits; for an index that is seldom written';
CREATE INDEX issues_last ON issues (project_id, last_hour);
CREATE INDEX issues_status ON issues (project_id, status, last_hour);
CREATE INDEX issues_last_of_all ON issues (last_hour);
CREATE INDEX issues_first ON issues (project_id, first_seen);
CREATE INDEX issues_count ON issues (project_id, count_class);
