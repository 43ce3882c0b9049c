-- grants.sql: creates two roles besides the owner of Mesher's tables, each with only the privileges it needs.
--
--   psql -X -v ON_ERROR_STOP=1 -d mesher -f contrib/grants.sql
--
-- Run it as a superuser, or as the owner with CREATEROLE, after `mesherctl migrate`, and again after each upgrade
-- that migrates.  It may be run at any time: it first revokes all privileges.
--
-- mesher_ingest  For mesher-writer, and responders without one: stores events, cannot read them.
-- mesher_admin   For mesherctl and the ticker (mesherctl maintenance): all rows of all tables; may create no
--                tables except the partitions of events.
-- The owner      For mesherctl migrate.
--
-- Only the owner of events can create and drop a partition, and the owner can read all of it.  So the ingest role
-- creates none: the ticker creates them days in advance (partitions_ahead), and an event for a day without a
-- partition waits in the spool.  To make this possible, events belongs to mesher_events, a role that cannot log
-- in; the owner and mesher_admin are members of it.

\set QUIET on

SELECT max(tableowner) AS owner, count(*) = 0 AS missing FROM pg_tables
    WHERE schemaname = 'public' AND tablename = 'projects' \gset
\if :missing
\echo 'grants: there is no table public.projects here: run mesherctl migrate first'
\quit
\endif

BEGIN;

-- The roles have no passwords: pg_hba.conf, or ALTER ROLE … PASSWORD, controls how they log in.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mesher_events') THEN
        CREATE ROLE mesher_events NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mesher_ingest') THEN
        CREATE ROLE mesher_ingest LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mesher_admin') THEN
        CREATE ROLE mesher_admin LOGIN;
    END IF;
END $$;

-- The first owner of events remains the owner of all other tables; this is how the script finds it again.
GRANT mesher_events TO :"owner", mesher_admin;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM mesher_ingest, mesher_admin;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM mesher_ingest, mesher_admin;
REVOKE ALL ON SCHEMA public FROM mesher_ingest, mesher_admin;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO :"owner";

-- ---- events and its partitions

GRANT USAGE, CREATE ON SCHEMA public TO mesher_events, mesher_admin;
ALTER TABLE events OWNER TO mesher_events;
DO $$
DECLARE
    name regclass;
BEGIN
    FOR name IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'events'::regclass LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO mesher_events', name);
    END LOOP;
END $$;

-- ---- administration, including tables of later migrations

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO mesher_admin;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO mesher_admin;
REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM mesher_admin;
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO mesher_admin;
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO mesher_admin;

-- ---- ingestion: the tables that the statements of src/store/statements.c use

GRANT USAGE ON SCHEMA public TO mesher_ingest;
GRANT SELECT ON schema_migrations, projects, api_keys, issue_merges, issue_discards TO mesher_ingest;
GRANT SELECT, INSERT, UPDATE ON rate_windows, byte_windows, new_counts, issue_numbers, issues, issue_hours, issue_users, releases,
    outcomes, sessions, client_reports, item_counts, issue_facets, monitors, monitor_environments TO mesher_ingest;
GRANT INSERT, UPDATE ON issue_merges TO mesher_ingest;
GRANT SELECT (project_id, issue_id, kind), INSERT ON issue_activity TO mesher_ingest;
GRANT INSERT ON issue_texts TO mesher_ingest;
GRANT SELECT (project_id, issue_id) ON issue_texts TO mesher_ingest;
-- Ids are deleted after a day.
GRANT SELECT, INSERT, UPDATE, DELETE ON event_ids TO mesher_ingest;
GRANT SELECT, INSERT, DELETE ON record_ids TO mesher_ingest;
-- Of check-ins the newest hundred are kept.
GRANT SELECT, INSERT, UPDATE, DELETE ON monitor_checkins TO mesher_ingest;
-- Data from clients is written but never read; its keys show whether it is stored.
GRANT INSERT ON events, attachments, user_reports TO mesher_ingest;
GRANT SELECT (project_id, id, received_at) ON events TO mesher_ingest;
GRANT SELECT (project_id, event_id, id) ON user_reports TO mesher_ingest;
-- The writer removes attachments that still lack chunks after a day.
GRANT SELECT (project_id, event_id, id, chunk, chunks, received_at), DELETE ON attachments TO mesher_ingest;

COMMIT;
