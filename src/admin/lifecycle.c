#include "admin/lifecycle.h"

#include "admin/sql.h"
#include "admin/transaction.h"
#include "base/utf8.h"

static int
check_chars(const char *what, const char *text, size_t min, size_t max, struct error *e)
{
    struct str s = str_of(text);
    size_t chars;

    if (text == NULL)
        return 0;
    if (!utf8_valid(s, NULL))
        return error_set(e, ERROR_MALFORMED, "%s is not UTF-8", what);
    chars = utf8_count(s);
    if (chars >= min && chars <= max)
        return 0;
    return error_set(e, ERROR_MALFORMED, "%s must have %zu to %zu characters", what, min,
                     max);
}

/* Runs a statement whose first parameters are project, issue, actor. */
static int
change(const struct lifecycle *l, const char *sql, const char *first, const char *second,
       struct error *e)
{
    const char *const params[] = {l->issue->project, l->issue->id, l->actor, first,
                                  second};
    int64_t rows;

    if (check_chars("a name", l->actor, 1, LIFECYCLE_NAME_CHARS, e) != 0 ||
        transaction_do(l->db, sql, params, COUNT_OF(params), &rows, e) != 0)
        return -1;
    if (rows > 0)
        return 0;
    return error_set(e, ERROR_NOT_FOUND, "no such issue: %s", l->issue->name);
}

int
lifecycle_resolve(const struct lifecycle *l, const char *release, struct error *e)
{
    if (check_chars("a release", release, 0, LIFECYCLE_NAME_CHARS, e) != 0)
        return -1;
    return change(l, admin_sql_issue_resolve, release, NULL, e);
}

int
lifecycle_reopen(const struct lifecycle *l, struct error *e)
{
    return change(l, admin_sql_issue_reopen, NULL, NULL, e);
}

int
lifecycle_ignore(const struct lifecycle *l, const char *until, const char *count,
                 struct error *e)
{
    return change(l, admin_sql_issue_ignore, until, count, e);
}

int
lifecycle_assign(const struct lifecycle *l, const char *name, struct error *e)
{
    if (check_chars("a name", name, 1, LIFECYCLE_NAME_CHARS, e) != 0)
        return -1;
    return change(l, admin_sql_issue_assign, name, NULL, e);
}

int
lifecycle_note(const struct lifecycle *l, const char *text, struct error *e)
{
    if (check_chars("a note", text, 1, LIFECYCLE_NOTE_CHARS, e) != 0)
        return -1;
    return change(l, admin_sql_issue_note, text, NULL, e);
}
