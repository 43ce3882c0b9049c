-- Stores check-ins of monitors: $1 projects, $2 ids, $3 times of receipt, $4 slugs, $5 environments, $6 check-in ids
-- (NULL: none was sent), $7 status, $8 durations, $9 configurations (arrays); at most $10 monitors of a project, $11
-- environments of a monitor, $12 check-ins of an environment (int4); $13 part of outcomes (int2).  Check-ins of
-- further monitors and environments are counted but not stored; those that arrive at the same time may exceed this.
-- A report that ends a check-in without naming it ends the newest one in progress.  Rows are locked in the order
-- monitors, environments, check-ins, as by the ticker.
\ir fresh.psql

PREPARE check_in AS
WITH input AS (
    SELECT *
    FROM unnest(
        $1::bigint[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::bigint[],
        $9::text[]
    ) WITH ORDINALITY AS i (
        project_id, id, received_at, slug, environment, checkin_id, status, duration_ms, config, place
    )
),
:fresh,
taken AS (
    SELECT DISTINCT ON (project_id, id)
        i.*,
        EXISTS (SELECT FROM monitors m WHERE m.project_id = i.project_id AND m.slug = i.slug) AS known
    FROM input i
    JOIN fresh f USING (project_id, id)
    ORDER BY project_id, id
),
room AS (
    -- How many monitors there are of a project that has new ones.
    SELECT
        p.project_id,
        (
            SELECT count(*)
            FROM (SELECT FROM monitors m WHERE m.project_id = p.project_id LIMIT $10::int) there
        ) AS n
    FROM (SELECT DISTINCT project_id FROM taken WHERE NOT known) p
),
new_slugs AS (
    SELECT s.project_id, s.slug, room.n + row_number() OVER (PARTITION BY s.project_id ORDER BY s.slug) <= $10::int AS fits
    FROM (SELECT DISTINCT project_id, slug FROM taken WHERE NOT known) s
    JOIN room USING (project_id)
),
new_environments AS (
    SELECT
        v.*,
        row_number() OVER (PARTITION BY project_id, slug ORDER BY environment) + (
            SELECT count(*)
            FROM (
                SELECT
                FROM monitor_environments e
                WHERE e.project_id = v.project_id AND e.slug = v.slug
                LIMIT $11::int
            ) there
        ) <= $11::int AS fits
    FROM (SELECT DISTINCT project_id, slug, environment FROM taken) v
    WHERE NOT EXISTS (
        SELECT
        FROM monitor_environments e
        WHERE e.project_id = v.project_id AND e.slug = v.slug AND e.environment = v.environment
    )
),
placed AS (
    SELECT t.*, coalesce(s.fits, true) AND coalesce(v.fits, true) AS fits
    FROM taken t
    LEFT JOIN new_slugs s USING (project_id, slug)
    LEFT JOIN new_environments v USING (project_id, slug, environment)
),
monitor AS (
    INSERT INTO monitors AS m (project_id, slug, created_at, config, configured_at)
    SELECT DISTINCT ON (project_id, slug)
        project_id,
        slug,
        received_at,
        config::jsonb,
        CASE WHEN config IS NOT NULL THEN received_at END
    FROM placed
    WHERE fits
    ORDER BY project_id, slug, config IS NULL, received_at DESC, place DESC
    ON CONFLICT (project_id, slug) DO UPDATE SET
        config = excluded.config,
        configured_at = excluded.configured_at
    WHERE excluded.config IS DISTINCT FROM m.config
        AND excluded.configured_at > coalesce(m.configured_at, '-infinity')
    RETURNING 1
),
environment AS (
    INSERT INTO monitor_environments AS e (
        project_id, slug, environment, state, last_checkin_at, last_status, evaluate_at
    )
    SELECT
        project_id,
        slug,
        environment,
        'waiting',
        max(received_at),
        (array_agg(status ORDER BY received_at DESC, place DESC))[1],
        least(min(received_at), now())
    FROM placed
    WHERE fits AND (SELECT count(*) FROM monitor) >= 0
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (project_id, slug, environment) DO UPDATE SET
        last_checkin_at = greatest(e.last_checkin_at, excluded.last_checkin_at),
        last_status = CASE
            WHEN excluded.last_checkin_at >= e.last_checkin_at THEN excluded.last_status
            ELSE e.last_status
        END,
        evaluate_at = least(e.evaluate_at, excluded.evaluate_at)
    RETURNING 1
),
line AS (
    SELECT
        *,
        lag(status = 'in_progress') OVER env AS follows,
        lag(coalesce(checkin_id, id)) OVER env AS before,
        count(*) FILTER (WHERE checkin_id IS NULL AND status <> 'in_progress') OVER env AS ends
    FROM placed
    WHERE fits
    WINDOW env AS (PARTITION BY project_id, slug, environment ORDER BY received_at, place)
),
aimed AS (
    SELECT
        l.*,
        CASE
            WHEN l.checkin_id IS NOT NULL THEN l.checkin_id
            WHEN l.status = 'in_progress' THEN l.id
            WHEN l.follows THEN l.before
            WHEN l.ends = 1 THEN coalesce(
                (
                    SELECT c.id
                    FROM monitor_checkins c
                    WHERE c.project_id = l.project_id
                        AND c.slug = l.slug
                        AND c.environment = l.environment
                        AND c.status = 'in_progress'
                        AND c.started_at <= l.received_at
                    ORDER BY c.started_at DESC
                    LIMIT 1
                ),
                l.id
            )
            ELSE l.id
        END AS target
    FROM line l
),
merged AS (
    SELECT
        project_id,
        slug,
        environment,
        target AS id,
        (array_agg(status ORDER BY status = 'in_progress', received_at, place))[1] AS status,
        min(received_at) AS started_at,
        max(received_at) AS updated_at,
        (array_agg(duration_ms ORDER BY duration_ms IS NULL, received_at))[1] AS duration_ms
    FROM aimed
    GROUP BY 1, 2, 3, 4
),
newest AS (
    SELECT
        *,
        EXISTS (
            SELECT
            FROM monitor_checkins c
            WHERE (c.project_id, c.slug, c.environment, c.id) = (m.project_id, m.slug, m.environment, m.id)
        ) AS known
    FROM (
        SELECT
            *,
            row_number() OVER (PARTITION BY project_id, slug, environment ORDER BY started_at DESC, id DESC) AS rank
        FROM merged
    ) m
    WHERE rank <= $12::int AND (SELECT count(*) FROM environment) >= 0
),
trimmed AS (
    DELETE FROM monitor_checkins c
    USING (
        SELECT project_id, slug, environment, count(*) AS n
        FROM newest
        WHERE NOT known
        GROUP BY 1, 2, 3
    ) v
    WHERE c.project_id = v.project_id
        AND c.slug = v.slug
        AND c.environment = v.environment
        AND c.id IN (
            SELECT o.id
            FROM monitor_checkins o
            WHERE o.project_id = v.project_id AND o.slug = v.slug AND o.environment = v.environment
            ORDER BY o.started_at DESC, o.id DESC
            OFFSET $12::int - v.n
        )
        AND NOT EXISTS (
            SELECT
            FROM newest k
            WHERE (k.project_id, k.slug, k.environment, k.id) = (c.project_id, c.slug, c.environment, c.id)
        )
    RETURNING 1
),
stored AS (
    INSERT INTO monitor_checkins AS c (
        project_id, slug, environment, id, status, started_at, updated_at, duration_ms
    )
    SELECT project_id, slug, environment, id, status, started_at, updated_at, duration_ms
    FROM newest
    WHERE (SELECT count(*) FROM trimmed) >= 0
    ORDER BY project_id, slug, environment, id
    ON CONFLICT (project_id, slug, environment, id) DO UPDATE SET
        status = CASE
            WHEN c.status = 'in_progress' OR c.status = 'timeout' AND excluded.status <> 'in_progress'
            THEN excluded.status
            ELSE c.status
        END,
        started_at = least(c.started_at, excluded.started_at),
        updated_at = greatest(c.updated_at, excluded.updated_at),
        duration_ms = coalesce(excluded.duration_ms, c.duration_ms)
    RETURNING 1
)
INSERT INTO outcomes AS o (project_id, minute, outcome, part, quantity)
SELECT
    project_id,
    date_bin('1 minute', received_at, '2000-01-01 00:00:00+00'),
    CASE WHEN fits THEN 'check_in' ELSE 'check_in_dropped' END,
    $13::smallint,
    count(*)
FROM placed
WHERE (SELECT count(*) FROM stored) >= 0
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT (project_id, minute, outcome, part) DO UPDATE SET
    quantity = o.quantity + excluded.quantity;
