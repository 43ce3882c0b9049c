-- What Sentry's SDKs send: more columns of an event, and what is stored beside events.
--
-- As in the first migration: project_id in every key, nothing in ON CONFLICT that is not immutable.

ALTER TABLE projects ADD COLUMN origins text NOT NULL DEFAULT '*' CHECK (length(origins) <= 1000);
COMMENT ON COLUMN projects.origins IS 'pages that may send, by their origin, with commas between them; * is any';

ALTER TABLE events ADD COLUMN type text, ADD COLUMN value text, ADD COLUMN errors jsonb;
COMMENT ON COLUMN events.type IS 'of the outermost exception, like value; NULL for a message';
COMMENT ON COLUMN events.value IS 'cut at 8192 characters';
COMMENT ON COLUMN events.errors IS 'what was wrong with an event that was kept all the same: a list of type, name, value';

COMMENT ON COLUMN rate_windows.project_id IS 'with a minus: the window of what is stored beside events, ten times as wide and 1000 more';

CREATE TABLE record_ids (
    project_id  bigint      NOT NULL,
    id          uuid        NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (project_id, id)
);
CREATE INDEX record_ids_received ON record_ids USING brin (received_at) WITH (pages_per_range = 16);
COMMENT ON TABLE record_ids IS 'what was counted in the last 24 hours, so that nothing that comes again is counted twice; older ones are removed by maintenance';
COMMENT ON COLUMN record_ids.id IS 'made at the front door; for a session made of its own id and what is counted of it';

CREATE TABLE attachments (
    project_id      bigint      NOT NULL,
    event_id        uuid        NOT NULL,
    id              uuid        NOT NULL,
    chunk           integer     NOT NULL CHECK (chunk >= 0),
    chunks          integer     NOT NULL CHECK (chunks > chunk),
    received_at     timestamptz NOT NULL,
    filename        text        NOT NULL,
    content_type    text,
    attachment_type text        NOT NULL,
    size            bigint      NOT NULL CHECK (size >= 0),
    data            bytea       NOT NULL,
    PRIMARY KEY (project_id, event_id, id, chunk)
);
ALTER TABLE attachments ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE INDEX attachments_received ON attachments USING brin (received_at);
COMMENT ON TABLE attachments IS 'files that came with an event, in chunks of 256 KiB; the event may come later, or not at all';
COMMENT ON COLUMN attachments.id IS 'hash of name, type and content: the same file again is the same row';
COMMENT ON COLUMN attachments.chunk IS 'its number, from 0';
COMMENT ON COLUMN attachments.chunks IS 'how many there are of this file; while some are missing there is no attachment';
COMMENT ON COLUMN attachments.received_at IS 'when the front door took it';
COMMENT ON COLUMN attachments.size IS 'bytes of the whole file';
COMMENT ON COLUMN attachments.data IS 'the bytes of this chunk, as received';

CREATE TABLE user_reports (
    project_id  bigint      NOT NULL,
    event_id    uuid        NOT NULL,
    id          uuid        NOT NULL,
    received_at timestamptz NOT NULL,
    source      text        NOT NULL CHECK (source IN ('user_report', 'feedback')),
    name        text,
    email       text,
    comments    text,
    url         text,
    PRIMARY KEY (project_id, event_id, id)
);
COMMENT ON TABLE user_reports IS 'what users wrote about an event';
COMMENT ON COLUMN user_reports.event_id IS 'the event that it is about; of a feedback about none, its own id';
COMMENT ON COLUMN user_reports.id IS 'of a feedback its own id, else a hash of what was written';
COMMENT ON COLUMN user_reports.received_at IS 'when the front door took it';

CREATE TABLE sessions (
    project_id  bigint      NOT NULL,
    hour        timestamptz NOT NULL,
    release     text        NOT NULL,
    environment text        NOT NULL,
    total       bigint      NOT NULL,
    crashed     bigint      NOT NULL,
    errored     bigint      NOT NULL,
    abnormal    bigint      NOT NULL,
    users       bit(16384)  NOT NULL,
    PRIMARY KEY (project_id, hour, release, environment)
) WITH (fillfactor = 50);
COMMENT ON TABLE sessions IS 'sessions of a release, added up';
COMMENT ON COLUMN sessions.hour IS 'the hour in which they began, UTC';
COMMENT ON COLUMN sessions.release IS 'empty: of the releases beyond the thousandth in that hour';
COMMENT ON COLUMN sessions.environment IS 'empty: none was given';
COMMENT ON COLUMN sessions.errored IS 'ended with an error that was caught';
COMMENT ON COLUMN sessions.users IS 'a bit for the hash of each user; n of 16384 bits set mean about -16384 ln(1 - n/16384) users, within 3 % up to 50 000';

CREATE TABLE client_reports (
    project_id bigint      NOT NULL,
    reason     text        NOT NULL,
    category   text        NOT NULL,
    quantity   bigint      NOT NULL,
    last_seen  timestamptz NOT NULL,
    PRIMARY KEY (project_id, reason, category)
) WITH (fillfactor = 70);
COMMENT ON TABLE client_reports IS 'what SDKs say that they did not send, and why, added up';
COMMENT ON COLUMN client_reports.quantity IS 'events, sessions, … of that category';
COMMENT ON COLUMN client_reports.last_seen IS 'time of receipt of the last report';

CREATE TABLE item_counts (
    project_id bigint      NOT NULL,
    type       text        NOT NULL,
    hour       timestamptz NOT NULL,
    quantity   bigint      NOT NULL,
    PRIMARY KEY (project_id, type, hour)
) WITH (fillfactor = 70);
COMMENT ON TABLE item_counts IS 'items of envelopes that are counted and not kept';
COMMENT ON COLUMN item_counts.type IS 'as the envelope has it; unknown: of all types that Mesher does not know';
COMMENT ON COLUMN item_counts.hour IS 'the hour of receipt, UTC';
