-- One group commit: stores the events of a batch, and updates their issues.
--
--   $1 to $8    for each event: project, id, time of receipt, number of its group, release, level, mark of
--               its user, size of its payload in bytes
--   $9 to $12   the groups, which are the fingerprints of the batch, each once and in key order: project,
--               fingerprint, title, culprit
--   $13         an id that was received before this time may be used again
--   $14         this process's part of outcomes
--   $15 and on  the columns of src/wire/event_columns.h, an array each, in that order
--
-- Returns the positions, from 1, of the events whose ids are new.
--
-- Each rare case (merged, discarded, resolved, a new release, a new user) costs one index probe per group, by a
-- subquery, since a join would read the whole table.  Rows are written in key order everywhere, and tables in an
-- order that the text fixes, so that two writers cannot deadlock.

\set levels '''debug info warning error fatal'''

-- The issue that replaces a project's new issues beyond its limit in this hour; no algorithm generates its
-- fingerprint.
\set too_many '''\\x00746f6f6d616e796e65776973737565''::bytea'

-- Whether the event l may reopen a resolved issue, row x of c.  A release that was not seen before dates from
-- the event, and a release that has the fix but was not seen yet dates from the decision.
SELECT $may_reopen$
    (
        (c.x).resolved_in IS NULL
        OR l.release IS NULL
        OR coalesce(
            (SELECT r.first_seen FROM releases r WHERE r.project_id = l.project_id AND r.release = l.release),
            l.received_at
        ) >= coalesce(
            (
                SELECT r.first_seen
                FROM releases r
                WHERE r.project_id = l.project_id AND r.release = (c.x).resolved_in
            ),
            (c.x).resolved_at
        )
    )
$may_reopen$ AS may_reopen \gset

-- Whether an event changes the status of an issue that is not unresolved.  excluded.woken_at is the time of
-- the last event that may reopen a resolved one.
SELECT $wakes$
    CASE known.status
        WHEN 'resolved' THEN excluded.woken_at >= known.resolved_at
        WHEN 'ignored' THEN
            excluded.last_seen > known.ignored_until
            OR known.event_count + excluded.event_count >= known.ignored_until_count
        ELSE false
    END
$wakes$ AS wakes \gset

PREPARE store AS
WITH present AS MATERIALIZED (
    SELECT date_bin('1 hour', clock_timestamp(), '2000-01-01 00:00:00+00') AS hour
),
-- The groups with the fingerprint that they were merged into, and whether it has no issue yet.
kinds AS MATERIALIZED (
    SELECT
        g.*,
        (
            SELECT true FROM issues i WHERE i.project_id = g.project_id AND i.fingerprint = g.goal
        ) IS NULL AS is_new
    FROM (
        SELECT u.*, coalesce(m.into_fingerprint, u.fingerprint) AS goal
        FROM unnest($9::bigint[], $10::bytea[], $11::text[], $12::text[])
            WITH ORDINALITY AS u (project_id, fingerprint, title, culprit, number)
        LEFT JOIN LATERAL (
            SELECT m.into_fingerprint
            FROM issue_merges m
            WHERE m.project_id = u.project_id AND m.fingerprint = u.fingerprint
            OFFSET 0
        ) m ON true
        OFFSET 0
    ) g
),
-- The same with the fingerprint of the issue that they belong to, and whether that issue was discarded.
groups AS MATERIALIZED (
    SELECT
        k.*,
        (
            SELECT true
            FROM issue_discards d
            WHERE d.project_id = k.project_id AND d.fingerprint IN (k.fingerprint, k.goal, k.target)
            LIMIT 1
        ) AS dropped
    FROM (
        SELECT
            k.*,
            CASE
                WHEN k.is_new
                    AND row_number() OVER (PARTITION BY k.project_id, k.is_new ORDER BY k.number) > (
                        (SELECT p.issue_limit FROM projects p WHERE p.id = k.project_id) - coalesce(
                            (
                                SELECT c.used
                                FROM new_counts c, present t
                                WHERE c.project_id = k.project_id AND c.kind = 'issue' AND c.hour = t.hour
                            ),
                            0
                        )
                    )
                THEN :too_many
                ELSE k.goal
            END AS target
        FROM kinds k
        OFFSET 0
    ) k
),
input AS (
    SELECT *
    FROM unnest(
        $1::bigint[], $2::uuid[], $3::timestamptz[], $4::bigint[],
        $5::text[], $6::text[], $7::bigint[], $8::bigint[], :array_environment
    ) WITH ORDINALITY AS i (
        project_id, id, received_at, number, release, level, mark, size, environment, position
    )
),
-- Inserts the ids that are not stored, or only from before $13.
fresh AS (
    INSERT INTO event_ids AS known (project_id, id, received_at)
    SELECT project_id, id, received_at
    FROM input
    ON CONFLICT (project_id, id) DO UPDATE SET received_at = excluded.received_at
    WHERE known.received_at < $13 AND known.received_at < excluded.received_at
    RETURNING project_id, id
),
taken AS MATERIALIZED (
    SELECT i.*, g.fingerprint, g.target, g.dropped
    FROM input i
    JOIN fresh f ON f.project_id = i.project_id AND f.id = i.id
    JOIN groups g ON g.number = i.number
),
live AS MATERIALIZED (
    SELECT * FROM taken WHERE dropped IS NULL
),
-- The events of each issue.
counted AS (
    SELECT
        project_id,
        target,
        count(*) AS events,
        min(received_at) AS first_seen,
        max(received_at) AS last_seen,
        max(number) AS number,
        min(position) AS position,
        max(strpos(:levels, level)) AS level,
        array_agg(release ORDER BY received_at) FILTER (WHERE release IS NOT NULL) AS releases
    FROM live
    GROUP BY project_id, target
),
-- The same with the row x of the issue, and the last event that may change its status.
prepared AS MATERIALIZED (
    SELECT
        c.*,
        CASE (c.x).status
            WHEN 'ignored' THEN c.last_seen
            WHEN 'resolved' THEN (
                SELECT max(l.received_at)
                FROM live l
                WHERE l.project_id = c.project_id AND l.target = c.target AND :may_reopen
            )
        END AS wakes
    FROM (
        SELECT
            counted.*,
            (
                SELECT i
                FROM issues i
                WHERE i.project_id = counted.project_id AND i.fingerprint = counted.target
            ) AS x
        FROM counted
        OFFSET 0
    ) c
),
-- The numbers of the issues that have no row yet: the project's last number, and how many there are now.  A number
-- that an issue has already was given by a version that counted differently.
numbers AS (
    INSERT INTO issue_numbers AS n (project_id, last, step)
    SELECT
        w.project_id,
        w.step + coalesce((SELECT max(i.id) FROM issues i WHERE i.project_id = w.project_id), 0),
        w.step
    FROM (
        SELECT project_id, count(*) AS step
        FROM prepared
        WHERE (x).id IS NULL
        GROUP BY 1
        OFFSET 0
    ) w
    ORDER BY 1
    ON CONFLICT (project_id) DO UPDATE SET
        last = greatest(n.last, excluded.last - excluded.step) + excluded.step,
        step = excluded.step
    RETURNING project_id, last, step
),
-- One upsert per batch.
touched AS (
    INSERT INTO issues AS known (
        project_id, id, fingerprint, title, culprit, level, event_count,
        first_seen, last_seen, first_release, last_release, woken_at
    )
    SELECT
        p.project_id,
        coalesce(
            (p.x).id,
            n.last - n.step + row_number() OVER (PARTITION BY p.project_id, (p.x).id IS NULL ORDER BY p.number)
        ),
        p.target,
        CASE p.target WHEN :too_many THEN 'Too many new issues' ELSE g.title END,
        CASE p.target WHEN :too_many THEN 'beyond the limit of an hour' ELSE g.culprit END,
        split_part(substr(:levels, p.level), ' ', 1),
        p.events,
        p.first_seen,
        p.last_seen,
        p.releases[1],
        p.releases[cardinality(p.releases)],
        p.wakes
    FROM prepared p
    JOIN groups g ON g.number = p.number
    LEFT JOIN numbers n ON n.project_id = p.project_id
    ORDER BY p.project_id, p.target
    ON CONFLICT (project_id, fingerprint) DO UPDATE SET
        event_count = known.event_count + excluded.event_count,
        first_seen = least(known.first_seen, excluded.first_seen),
        last_seen = greatest(known.last_seen, excluded.last_seen),
        title = excluded.title,
        culprit = excluded.culprit,
        level = CASE
            WHEN strpos(:levels, excluded.level) > strpos(:levels, known.level) THEN excluded.level
            ELSE known.level
        END,
        first_release = coalesce(known.first_release, excluded.first_release),
        last_release = CASE
            WHEN excluded.last_seen >= known.last_seen
            THEN coalesce(excluded.last_release, known.last_release)
            ELSE coalesce(known.last_release, excluded.last_release)
        END,
        woken_at = CASE
            WHEN :wakes THEN coalesce(excluded.woken_at, excluded.last_seen)
            ELSE known.woken_at
        END,
        resolved_at = CASE WHEN :wakes THEN NULL ELSE known.resolved_at END,
        resolved_in = CASE WHEN :wakes THEN NULL ELSE known.resolved_in END,
        ignored_until = CASE WHEN :wakes THEN NULL ELSE known.ignored_until END,
        ignored_until_count = CASE WHEN :wakes THEN NULL ELSE known.ignored_until_count END,
        status = CASE WHEN :wakes THEN 'unresolved' ELSE known.status END
    RETURNING project_id, fingerprint, id, status, woken_at
),
-- The events with the numbers of their issues.
placed AS MATERIALIZED (
    SELECT l.*, t.id AS issue_id
    FROM live l
    JOIN touched t ON t.project_id = l.project_id AND t.fingerprint = l.target
),
made AS (
    INSERT INTO events (
        project_id, id, received_at, issue_id, level, release, fingerprint, :event_columns
    )
    SELECT
        l.project_id, l.id, l.received_at, l.issue_id, l.level, l.release, l.fingerprint, :event_values
    FROM unnest(:event_arrays) WITH ORDINALITY AS d (:event_columns, position)
    JOIN placed l ON l.position = d.position
),
hours AS (
    INSERT INTO issue_hours AS h (project_id, issue_id, hour, events)
    SELECT
        project_id,
        issue_id,
        date_bin('1 hour', received_at, '2000-01-01 00:00:00+00'),
        count(*)
    FROM placed
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (project_id, issue_id, hour) DO UPDATE SET events = h.events + excluded.events
),
users AS (
    INSERT INTO issue_users AS u (project_id, issue_id, register, rank)
    SELECT *
    FROM (
        SELECT
            project_id,
            issue_id,
            (mark >> 6)::smallint AS register,
            max(mark & 63)::smallint AS rank
        FROM placed
        WHERE mark IS NOT NULL
        GROUP BY 1, 2, 3
        OFFSET 0
    ) n
    WHERE coalesce(
        (
            SELECT o.rank
            FROM issue_users o
            WHERE o.project_id = n.project_id AND o.issue_id = n.issue_id AND o.register = n.register
        ),
        0
    ) < n.rank
    ORDER BY 1, 2, 3
    ON CONFLICT (project_id, issue_id, register) DO UPDATE SET rank = excluded.rank
    WHERE u.rank < excluded.rank
),
-- The environments and releases that an issue did not have today.
facets AS (
    INSERT INTO issue_facets AS f (project_id, issue_id, kind, value, last_day)
    SELECT project_id, issue_id, kind, value, max(last_day)
    FROM (
        SELECT p.project_id, p.issue_id, v.kind, v.value, p.last_day
        FROM (
            SELECT
                project_id,
                issue_id,
                environment,
                release,
                (max(received_at) AT TIME ZONE 'UTC')::date AS last_day
            FROM placed
            GROUP BY 1, 2, 3, 4
            OFFSET 0
        ) p
        CROSS JOIN LATERAL (
            VALUES ('environment', p.environment), ('release', p.release)
        ) AS v (kind, value)
        WHERE v.value IS NOT NULL
        OFFSET 0
    ) n
    WHERE coalesce(
        (
            SELECT o.last_day
            FROM issue_facets o
            WHERE o.project_id = n.project_id
                AND o.issue_id = n.issue_id
                AND o.kind = n.kind
                AND o.value = n.value
        ),
        '-infinity'
    ) < n.last_day
    GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (project_id, issue_id, kind, value) DO UPDATE SET last_day = excluded.last_day
    WHERE f.last_day < excluded.last_day
),
-- The words of new issues.
texts AS (
    INSERT INTO issue_texts (project_id, issue_id, body)
    SELECT *
    FROM (
        SELECT
            t.project_id,
            t.id,
            left(
                lower(concat_ws(
                    ' ',
                    (:array_message)[p.position],
                    (:array_type)[p.position],
                    (:array_value)[p.position]
                )),
                2000
            ) AS body
        FROM prepared p
        JOIN touched t ON t.project_id = p.project_id AND t.fingerprint = p.target
        WHERE (p.x).id IS NULL AND p.target <> :too_many
        OFFSET 0
    ) n
    WHERE body <> ''
    ORDER BY 1, 2
    ON CONFLICT (project_id, issue_id) DO NOTHING
),
-- The releases that are new, within the limit per hour, or older than the stored time.
names AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT
            n.*,
            row_number() OVER (PARTITION BY n.project_id, n.seen IS NULL ORDER BY n.release) AS nth
        FROM (
            SELECT
                l.*,
                (
                    SELECT o.first_seen
                    FROM releases o
                    WHERE o.project_id = l.project_id AND o.release = l.release
                ) AS seen
            FROM (
                SELECT project_id, release, min(received_at) AS first_seen
                FROM live
                WHERE release IS NOT NULL
                GROUP BY 1, 2
                OFFSET 0
            ) l
            OFFSET 0
        ) n
        WHERE coalesce(n.seen, 'infinity') > n.first_seen
    ) n
    WHERE n.seen IS NOT NULL
        OR n.nth <= (
            1000 - coalesce(
                (
                    SELECT c.used
                    FROM new_counts c, present t
                    WHERE c.project_id = n.project_id AND c.kind = 'release' AND c.hour = t.hour
                ),
                0
            )
        )
),
named AS (
    INSERT INTO releases AS r (project_id, release, first_seen)
    SELECT project_id, release, first_seen
    FROM names
    ORDER BY 1, 2
    ON CONFLICT (project_id, release) DO UPDATE SET first_seen = excluded.first_seen
    WHERE r.first_seen > excluded.first_seen
),
told AS (
    INSERT INTO issue_activity (project_id, issue_id, at, kind, detail)
    SELECT
        t.project_id,
        t.id,
        c.wakes,
        CASE (c.x).status WHEN 'resolved' THEN 'regression' ELSE 'unignored' END,
        CASE (c.x).status
            WHEN 'resolved' THEN (
                SELECT l.release
                FROM live l
                WHERE l.project_id = c.project_id
                    AND l.target = c.target
                    AND l.received_at = c.wakes
                    AND :may_reopen
                LIMIT 1
            )
        END
    FROM prepared c
    JOIN touched t
        ON t.project_id = c.project_id AND t.fingerprint = c.target AND t.woken_at = c.wakes
    WHERE c.wakes IS NOT NULL AND t.status = 'unresolved'
),
noted AS (
    INSERT INTO new_counts AS c (project_id, kind, hour, used)
    SELECT n.project_id, n.kind, t.hour, n.used
    FROM (
        SELECT project_id, 'issue' AS kind, count(*) AS used
        FROM prepared
        WHERE (x).id IS NULL AND target <> :too_many
        GROUP BY 1
        UNION ALL
        SELECT project_id, 'release', count(*)
        FROM names
        WHERE seen IS NULL
        GROUP BY 1
    ) n
    CROSS JOIN present t
    ORDER BY 1, 2
    ON CONFLICT (project_id, kind, hour) DO UPDATE SET used = c.used + excluded.used
),
summed AS (
    INSERT INTO outcomes AS o (project_id, minute, outcome, part, quantity, bytes)
    SELECT
        project_id,
        date_bin('1 minute', received_at, '2000-01-01 00:00:00+00'),
        CASE WHEN dropped THEN 'discarded' ELSE 'accepted' END,
        $14::smallint,
        count(*),
        sum(CASE WHEN dropped THEN 0 ELSE size::int END)
    FROM taken
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (project_id, minute, outcome, part) DO UPDATE SET
        quantity = o.quantity + excluded.quantity,
        bytes = o.bytes + excluded.bytes
)
SELECT position
FROM taken;
