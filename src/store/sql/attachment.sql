-- Stores chunks of attachments: $1 projects, $2 ids, $3 events, $4 times of receipt, $5 chunks, $6 their
-- numbers, $7 filenames, $8 content types, $9 types, $10 sizes, $11 data (arrays); the maximum number of chunks,
-- $12 for an event that is stored and $13 for one that is not stored yet (int4); $14 part of outcomes (int2).
-- Chunks beyond the maximum are counted but not stored.
PREPARE attachment AS
WITH input AS (
    SELECT
        i.*,
        CASE
            WHEN (SELECT true FROM event_ids k WHERE k.project_id = i.project_id AND k.id = i.event_id)
            THEN $12::int ELSE $13::int
        END >= (
            SELECT count(*)
            FROM (
                SELECT
                FROM attachments a
                WHERE a.project_id = i.project_id AND a.event_id = i.event_id
                LIMIT $12::int
            ) there
        ) + row_number() OVER (PARTITION BY i.project_id, i.event_id ORDER BY i.id, i.chunk) AS fits
    FROM unnest(
        $1::bigint[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::int[], $6::int[], $7::text[],
        $8::text[], $9::text[], $10::bigint[], $11::bytea[]
    ) AS i (
        project_id, id, event_id, received_at, chunk, chunks, filename,
        content_type, attachment_type, size, data
    )
),
kept AS (
    INSERT INTO attachments (
        project_id, id, event_id, received_at, chunk, chunks, filename,
        content_type, attachment_type, size, data
    )
    SELECT
        project_id, id, event_id, received_at, chunk, chunks, filename,
        content_type, attachment_type, size, data
    FROM input
    WHERE fits
    ORDER BY project_id, event_id, id, chunk
    ON CONFLICT (project_id, event_id, id, chunk) DO NOTHING
    RETURNING project_id, event_id, id, chunk
)
INSERT INTO outcomes AS o (project_id, minute, outcome, part, quantity, bytes)
SELECT
    project_id,
    date_bin('1 minute', received_at, '2000-01-01 00:00:00+00'),
    outcome,
    $14::smallint,
    sum((chunk = 0)::int),
    sum(n)
FROM (
    SELECT i.project_id, i.received_at, i.chunk, octet_length(i.data) AS n, 'attachment' AS outcome
    FROM kept
    JOIN input i USING (project_id, event_id, id, chunk)
    UNION ALL
    SELECT project_id, received_at, chunk, 0, 'attachment_dropped'
    FROM input
    WHERE NOT fits
) c
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT (project_id, minute, outcome, part) DO UPDATE SET
    quantity = o.quantity + excluded.quantity,
    bytes = o.bytes + excluded.bytes;
