-- Adds counts, times, releases and level of issue $2 to issue $3, both of project $1.
\set levels '''debug info warning error fatal'''
PREPARE merge_totals AS
UPDATE issues i SET
    event_count = i.event_count + s.event_count,
    first_release = CASE
        WHEN s.first_seen < i.first_seen THEN coalesce(s.first_release, i.first_release)
        ELSE coalesce(i.first_release, s.first_release)
    END,
    last_release = CASE
        WHEN s.last_seen > i.last_seen THEN coalesce(s.last_release, i.last_release)
        ELSE coalesce(i.last_release, s.last_release)
    END,
    first_seen = least(i.first_seen, s.first_seen),
    last_seen = greatest(i.last_seen, s.last_seen),
    level = CASE WHEN strpos(:levels, s.level) > strpos(:levels, i.level) THEN s.level ELSE i.level END
FROM issues s
WHERE i.project_id = $1::bigint
    AND i.id = $3::bigint
    AND s.project_id = $1::bigint
    AND s.id = $2::bigint;
