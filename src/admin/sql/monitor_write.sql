-- Writes what is known of monitor $1, $2 (project, slug) in environment $3: state $4 (NULL: as before), whether it is
-- failing $5, failures $6, successes $7; seconds since 1970 (0: none) of the expected check-in $8, since when $9, and
-- of the next evaluation $10; what is wrong $11 (NULL: nothing).
PREPARE monitor_write AS
UPDATE monitor_environments e
SET state = coalesce($4, e.state),
    failing = $5::boolean,
    failures = $6::bigint,
    successes = $7::bigint,
    expected_at = to_timestamp(nullif($8::bigint, 0)),
    expected_from = to_timestamp(nullif($9::bigint, 0)),
    evaluate_at = to_timestamp(nullif($10::bigint, 0)),
    problem = $11,
    configured_at = (SELECT configured_at FROM monitors m WHERE (m.project_id, m.slug) = (e.project_id, e.slug))
WHERE e.project_id = $1::bigint AND e.slug = $2 AND e.environment = $3;
