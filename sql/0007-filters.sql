-- Inbound filters of a project.

ALTER TABLE projects ADD COLUMN filters text NOT NULL DEFAULT '' CHECK (length(filters) <= 1000);
COMMENT ON COLUMN projects.filters IS 'which events are not wanted, separated by commas: browser-extensions, localhost, legacy-browsers, web-crawlers, message:PATTERN, release:PATTERN; none; empty: browser-extensions for reports of browsers';

COMMENT ON COLUMN outcomes.outcome IS 'accepted, duplicate, rate_limited, malformed, too_large, encoding, discarded, poison, unauthorized; filtered: and the inbound filter; session_out_of_range (sessions, not events); attachment, attachment_rate_limited, attachment_dropped (beyond what one event may have); or sdk: and the reason that an SDK gave for what it did not send';
