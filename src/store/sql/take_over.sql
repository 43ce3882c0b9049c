-- Issues take over the fingerprints of a new version of grouping.  $1 projects (int8[]), $2 new fingerprints, $3 those
-- of the version before (bytea[]), of the events of a batch.  Returns the number of issues.
--
-- The first new fingerprint that comes with an old one becomes that issue's; the old one leads to it from then on
-- (issue_merges.of_update), for rows that were written before.  Other new fingerprints with the same old one are other
-- bugs, and get issues of their own (split.sql).  What was merged stays merged, and what was discarded stays discarded:
-- its new fingerprint leads to the old one.
-- A second writer waits for the first one's row, and then finds that it has another fingerprint.
PREPARE take_over AS
WITH input AS MATERIALIZED (
    SELECT DISTINCT u.project_id, u.new, u.old
    FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS u (project_id, new, old)
),
-- The new fingerprints that have no issue yet, with what their old ones were merged into.
wanted AS MATERIALIZED (
    SELECT i.*, m.into_fingerprint, coalesce(m.of_update, false) AS is_taken
    FROM input i
    LEFT JOIN issue_merges m ON m.project_id = i.project_id AND m.fingerprint = i.old
    WHERE NOT EXISTS (SELECT FROM issues n WHERE n.project_id = i.project_id AND n.fingerprint = i.new)
        AND NOT EXISTS (SELECT FROM issue_merges k WHERE k.project_id = i.project_id AND k.fingerprint = i.new)
),
chosen AS MATERIALIZED (
    SELECT DISTINCT ON (w.project_id, w.old) w.project_id, w.new, w.old
    FROM wanted w
    WHERE w.into_fingerprint IS NULL
        AND EXISTS (SELECT FROM issues o WHERE o.project_id = w.project_id AND o.fingerprint = w.old)
    ORDER BY w.project_id, w.old, w.new
),
taken AS (
    UPDATE issues i SET fingerprint = c.new
    FROM chosen c
    WHERE i.project_id = c.project_id AND i.fingerprint = c.old
    RETURNING i.project_id, c.new, c.old
),
remembered AS (
    INSERT INTO issue_merges (project_id, fingerprint, into_fingerprint, merged_at, of_update)
    SELECT project_id, old, new, clock_timestamp(), true
    FROM taken
    ORDER BY 1, 2
    ON CONFLICT (project_id, fingerprint) DO NOTHING
),
repointed AS (
    UPDATE issue_merges m SET into_fingerprint = t.new
    FROM taken t
    WHERE m.project_id = t.project_id AND m.into_fingerprint = t.old
),
followed AS (
    INSERT INTO issue_merges (project_id, fingerprint, into_fingerprint, merged_at)
    SELECT w.project_id, w.new, coalesce(t.new, w.into_fingerprint), clock_timestamp()
    FROM wanted w
    LEFT JOIN taken t ON t.project_id = w.project_id AND t.old = w.into_fingerprint
    WHERE w.into_fingerprint IS NOT NULL AND NOT w.is_taken
    ORDER BY 1, 2
    ON CONFLICT (project_id, fingerprint) DO NOTHING
),
discarded AS (
    INSERT INTO issue_merges (project_id, fingerprint, into_fingerprint, merged_at, of_update)
    SELECT w.project_id, w.new, w.old, clock_timestamp(), true
    FROM wanted w
    WHERE w.into_fingerprint IS NULL
        AND EXISTS (
            SELECT FROM issue_discards d WHERE d.project_id = w.project_id AND d.fingerprint = w.old
        )
    ORDER BY 1, 2
    ON CONFLICT (project_id, fingerprint) DO NOTHING
)
SELECT count(*) FROM taken;
