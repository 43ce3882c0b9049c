-- Creates project $1 (name) with the number $2, or the next one, rate_limit $3, rate_window $4 and a first
-- key $5.  Its slug is its name in capitals, followed by its number if another project has that slug.
PREPARE project_add AS
WITH word AS (
    SELECT
        coalesce(
            nullif(left(trim('-' FROM upper(regexp_replace($1, '[^0-9A-Za-z]+', '-', 'g'))), 16), ''),
            'P'
        ) AS slug
),
made AS (
    INSERT INTO projects (id, name, slug, rate_limit, rate_window)
    SELECT
        n.id,
        $1,
        CASE
            WHEN EXISTS (SELECT FROM projects p WHERE p.slug = word.slug)
            THEN word.slug || '-' || n.id
            ELSE word.slug
        END,
        $3::bigint,
        $4::int
    FROM word, (SELECT coalesce($2::bigint, nextval('projects_id_seq')) AS id) n
    RETURNING id
),
keyed AS (
    INSERT INTO api_keys (project_id, key_value)
    SELECT id, $5
    FROM made
)
SELECT id
FROM made;
