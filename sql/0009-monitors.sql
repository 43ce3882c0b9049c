-- Monitors: check-ins of periodic jobs, and what is expected of them.
--
-- As in the first migration: project_id in every key, nothing in ON CONFLICT that is not immutable.

CREATE TABLE monitors (
    project_id    bigint      NOT NULL,
    slug          text        NOT NULL CHECK (length(slug) BETWEEN 1 AND 128),
    created_at    timestamptz NOT NULL,
    config        jsonb,
    configured_at timestamptz,
    PRIMARY KEY (project_id, slug)
);
COMMENT ON TABLE monitors IS 'periodic jobs that check in, at most 1000 of a project';
COMMENT ON COLUMN monitors.config IS 'type (crontab, interval), value and unit of the schedule, timezone, checkin_margin and max_runtime in minutes, failure_issue_threshold and recovery_threshold; NULL: no schedule, check-ins are only recorded';
COMMENT ON COLUMN monitors.configured_at IS 'time of receipt of the check-in that brought config';

CREATE TABLE monitor_environments (
    project_id      bigint      NOT NULL,
    slug            text        NOT NULL,
    environment     text        NOT NULL,
    state           text        NOT NULL CHECK (state IN ('waiting', 'ok', 'failed', 'missed', 'timeout')),
    failing         boolean     NOT NULL DEFAULT false,
    failures        bigint      NOT NULL DEFAULT 0,
    successes       bigint      NOT NULL DEFAULT 0,
    last_checkin_at timestamptz NOT NULL,
    last_status     text        NOT NULL,
    expected_at     timestamptz,
    expected_from   timestamptz,
    evaluate_at     timestamptz,
    configured_at   timestamptz,
    problem         text,
    PRIMARY KEY (project_id, slug, environment)
) WITH (fillfactor = 50);
CREATE INDEX monitor_environments_due ON monitor_environments (evaluate_at) WHERE evaluate_at IS NOT NULL;
COMMENT ON TABLE monitor_environments IS 'a monitor in one environment, at most 50 of a monitor';
COMMENT ON COLUMN monitor_environments.state IS 'what became of the last check-in that is finished or was missed; waiting: there is none yet';
COMMENT ON COLUMN monitor_environments.failing IS 'failures are reported: failure_issue_threshold was reached, and recovery_threshold not since';
COMMENT ON COLUMN monitor_environments.failures IS 'consecutive ones, including the last; 0 after a success';
COMMENT ON COLUMN monitor_environments.successes IS 'likewise';
COMMENT ON COLUMN monitor_environments.last_checkin_at IS 'time of receipt';
COMMENT ON COLUMN monitor_environments.last_status IS 'of that check-in, as sent';
COMMENT ON COLUMN monitor_environments.expected_at IS 'when the next check-in is expected; NULL: no schedule';
COMMENT ON COLUMN monitor_environments.expected_from IS 'start of the check-in, or expected time of the missed one, from which expected_at was computed';
COMMENT ON COLUMN monitor_environments.evaluate_at IS 'when the ticker must look at it again; NULL: not before the next check-in';
COMMENT ON COLUMN monitor_environments.configured_at IS 'monitors.configured_at of the configuration that the ticker has seen';
COMMENT ON COLUMN monitor_environments.problem IS 'what is wrong with the configuration; NULL: nothing';

CREATE TABLE monitor_checkins (
    project_id   bigint      NOT NULL,
    slug         text        NOT NULL,
    environment  text        NOT NULL,
    id           uuid        NOT NULL,
    status       text        NOT NULL CHECK (status IN ('ok', 'in_progress', 'error', 'missed', 'timeout')),
    judged       text,
    started_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    duration_ms  bigint,
    expected_at  timestamptz,
    event_id     uuid,
    event_due_at timestamptz,
    PRIMARY KEY (project_id, slug, environment, id)
) WITH (fillfactor = 70);
CREATE INDEX monitor_checkins_due ON monitor_checkins (event_due_at) WHERE event_due_at IS NOT NULL;
COMMENT ON TABLE monitor_checkins IS 'the newest 100 check-ins of a monitor in an environment, including the missed ones';
COMMENT ON COLUMN monitor_checkins.id IS 'check_in_id as sent, else made by Mesher';
COMMENT ON COLUMN monitor_checkins.judged IS 'the status that the ticker has counted; NULL: none yet';
COMMENT ON COLUMN monitor_checkins.started_at IS 'time of receipt of its first report; of a missed one the expected time';
COMMENT ON COLUMN monitor_checkins.updated_at IS 'time of receipt of its last report';
COMMENT ON COLUMN monitor_checkins.duration_ms IS 'as sent, in milliseconds';
COMMENT ON COLUMN monitor_checkins.expected_at IS 'of a missed one';
COMMENT ON COLUMN monitor_checkins.event_id IS 'of the event that reports the failure; NULL: not reported';
COMMENT ON COLUMN monitor_checkins.event_due_at IS 'from when on the ticker tries to store this event; NULL: it is stored, or there is none';

COMMENT ON COLUMN outcomes.outcome IS 'accepted, duplicate, rate_limited, malformed, too_large, encoding, discarded, poison, unauthorized; filtered: and the inbound filter; session_out_of_range (sessions, not events); attachment, attachment_rate_limited, attachment_dropped (beyond what one event may have); check_in, check_in_rate_limited, check_in_invalid, check_in_dropped (of a monitor or an environment beyond the limit); or sdk: and the reason that an SDK gave for what it did not send';
