-- Adds sessions of releases: $1 projects, $2 ids, $3 times of receipt, $4 hours, $5 releases,
-- $6 environments, $7 to $10 total, crashed, errored, abnormal, $11 bits of the users (arrays).  A client that
-- invents a release for each session must not fill the table: after a thousand names in one hour, all further
-- ones are counted under an empty name.
-- A session has one outcome, the worst one known of it, in whatever order they arrive.  A row that is only about
-- the outcome of one session has a total of 0, and an id that differs from the other ids of this session in the
-- last byte, a letter: c, a or e (97, 99, 101 are a, c, e).
\ir fresh.psql

PREPARE session AS
WITH input AS (
    SELECT *
    FROM unnest(
        $1::bigint[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[],
        $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::int[]
    ) AS i (
        project_id, id, received_at, hour, release, environment,
        total, crashed, errored, abnormal, user_bit
    )
),
:fresh,
:taken,
told AS (
    -- What was known of a session before, and what the other rows say.
    SELECT
        t.*,
        bool_or(t.crashed > 0) OVER session AS crashes,
        bool_or(t.abnormal > 0) OVER session AS ends,
        (
            SELECT true
            FROM record_ids r
            WHERE r.project_id = t.project_id
                AND r.id = encode(set_byte(uuid_send(t.id), 15, 99), 'hex')::uuid
        ) AS had_crashed,
        (
            SELECT true
            FROM record_ids r
            WHERE r.project_id = t.project_id
                AND r.id = encode(set_byte(uuid_send(t.id), 15, 97), 'hex')::uuid
        ) AS had_ended,
        (
            SELECT true
            FROM record_ids r
            WHERE r.project_id = t.project_id
                AND r.id = encode(set_byte(uuid_send(t.id), 15, 101), 'hex')::uuid
        ) AS had_erred,
        (
            SELECT true
            FROM sessions s
            WHERE s.project_id = t.project_id
                AND s.hour = t.hour
                AND s.release = t.release
                AND s.environment = t.environment
        ) AS is_there
    FROM taken t
    WHERE t.total = 0
    WINDOW session AS (PARTITION BY t.project_id, set_byte(uuid_send(t.id), 15, 0))
),
counted AS (
    SELECT project_id, hour, release, environment, total, crashed, errored, abnormal, user_bit
    FROM taken
    WHERE total > 0
    UNION ALL
    SELECT
        project_id,
        hour,
        release,
        environment,
        0,
        crashed,
        CASE
            WHEN errored > 0 AND (had_crashed OR had_ended OR crashes OR ends) THEN 0
            WHEN crashed > 0 AND had_erred AND had_ended IS NULL AND is_there THEN -1
            WHEN abnormal > 0 AND had_erred AND had_crashed IS NULL AND NOT crashes AND is_there THEN -1
            ELSE errored
        END,
        CASE
            WHEN abnormal > 0 AND (had_crashed OR crashes) THEN 0
            WHEN crashed > 0 AND had_ended AND is_there THEN -1
            ELSE abnormal
        END,
        user_bit
    FROM told
),
named AS (
    SELECT
        t.*,
        (
            SELECT true
            FROM sessions s
            WHERE s.project_id = t.project_id
                AND s.hour = t.hour
                AND s.release = t.release
                AND s.environment = t.environment
        ) OR (
            SELECT true
            FROM sessions s
            WHERE s.project_id = t.project_id AND s.hour = t.hour
            OFFSET 999
            LIMIT 1
        ) IS NULL AS good
    FROM counted t
)
INSERT INTO sessions AS s (
    project_id, hour, release, environment, total, crashed, errored, abnormal, users
)
SELECT
    project_id,
    hour,
    CASE WHEN good THEN release ELSE '' END AS release,
    CASE WHEN good THEN environment ELSE '' END AS environment,
    sum(total)::bigint,
    sum(crashed)::bigint,
    sum(errored)::bigint,
    sum(abnormal)::bigint,
    bit_or(
        CASE
            WHEN user_bit IS NULL THEN B'0'::bit(16384)
            ELSE set_bit(B'0'::bit(16384), user_bit, 1)
        END
    )
FROM named
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
ON CONFLICT (project_id, hour, release, environment) DO UPDATE SET
    total = s.total + excluded.total,
    crashed = s.crashed + excluded.crashed,
    errored = greatest(s.errored + excluded.errored, 0),
    abnormal = greatest(s.abnormal + excluded.abnormal, 0),
    users = s.users | excluded.users;
