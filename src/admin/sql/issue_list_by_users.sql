-- Like issue_list, by the number of users: issues of project $1 (number; NULL: all): with status $2, level $3,
-- an event of environment $4 and of release $5, assignee $6, all words of $7 in the title or the text, last seen since $8
-- (NULL: any); after $9 and $10, the position at which the previous page ended; at most $11.
--
-- The page is selected first, in an order that has an index; the rest is then looked up.
--
-- admin/issues.c fills in the order, for example:
--   :letter = u
--   :number = u.users
--   :order_by = u.users
--   :order_again = i.users
--   :project_is = i.project_id = $1::bigint
--   :follows = $9::bigint IS NULL AND $10::bigint IS NULL
\ir issue_columns.psql
\ir issue_filters.psql
PREPARE issue_list_by_users AS
SELECT :issue_columns
FROM (
    SELECT
        i.*,
        p.slug,
        u.users AS users,
        :'letter' || :number || '.' || i.id AS token
    FROM issues i
    JOIN projects p ON p.id = i.project_id
    :join_texts
    :join_users
    WHERE :project_is
        :issue_filters
        AND :follows
    ORDER BY :order_by DESC, i.id DESC
    LIMIT $11::bigint
) i
ORDER BY :order_again DESC, i.id DESC;
