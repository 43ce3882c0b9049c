/* mesherctl issue resolve, reopen, ignore, assign, note, merge, unmerge, delete, discard
 */
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "admin/discard.h"
#include "admin/issues.h"
#include "admin/lifecycle.h"
#include "admin/merge.h"
#include "base/jsonout.h"
#include "base/num.h"
#include "cmd/ctl.h"

/* Returns the acting user: --by, else the login name. */
static const char *
actor(const struct ctl *c)
{
    const struct passwd *me = c->option.by == NULL ? getpwuid(getuid()) : NULL;

    return me == NULL || me->pw_name[0] == '\0' ? c->option.by : me->pw_name;
}

/* Finds the issue given by the first word. */
static int
begin(struct ctl *c, size_t words, struct issue_ref *issue, struct lifecycle *l,
      struct error *e)
{
    if (c->words != words)
        return ctl_usage(e);
    *l = (struct lifecycle){c->db, issue, actor(c)};
    return issue_ref_find(c->db, c->word[0], issue, e);
}

/* Appends the current state of the issue. */
static int
show_issue(struct ctl *c, const struct issue_ref *issue, struct error *e)
{
    static const enum issues_column brief[] = {ISSUES_STATUS, ISSUES_ASSIGNEE,
                                               ISSUES_TITLE};
    struct table t;

    if (issues_one(c->db, issue, &t, e) != 0)
        return -1;
    if (c->json) {
        ctl_json_row(&c->out, &t, 0, ISSUES_SHOWN);
        buf_add_char(&c->out, '\n');
    } else {
        ctl_clean(&c->out, table_value(&t, 0, ISSUES_ID));
        for (size_t i = 0; i < COUNT_OF(brief); i++) {
            struct str s = table_value(&t, 0, brief[i]);

            if (s.p == NULL)
                continue;
            buf_add_text(&c->out, "  ");
            ctl_clean(&c->out, s);
        }
        buf_add_char(&c->out, '\n');
    }
    table_release(&t);
    return 0;
}

int
ctl_issue_resolve(struct ctl *c, struct error *e)
{
    const char *release = c->option.in_next ? LIFECYCLE_NEXT_RELEASE : c->option.in;
    struct issue_ref issue;
    struct lifecycle l;

    if (c->option.in_next && c->option.in != NULL)
        return ctl_usage(e);
    if (c->option.in != NULL && c->option.in[0] == '\0')
        return error_set(e, ERROR_MALFORMED, "--in must name a release");
    if (begin(c, 1, &issue, &l, e) != 0 || lifecycle_resolve(&l, release, e) != 0)
        return -1;
    return show_issue(c, &issue, e);
}

int
ctl_issue_reopen(struct ctl *c, struct error *e)
{
    struct issue_ref issue;
    struct lifecycle l;

    if (begin(c, 1, &issue, &l, e) != 0 || lifecycle_reopen(&l, e) != 0)
        return -1;
    return show_issue(c, &issue, e);
}

int
ctl_issue_ignore(struct ctl *c, struct error *e)
{
    char until[32];
    struct issue_ref issue;
    struct lifecycle l;
    int64_t ignored;

    if (c->option.until != NULL &&
        ctl_moment("--until", c->option.until, true, until, e) != 0)
        return -1;
    if (c->option.count != NULL &&
        num_parse(str_of(c->option.count), 1, INT32_MAX, &ignored) != 0)
        return error_set(e, ERROR_MALFORMED, "--count must be 1 to %d", INT32_MAX);
    if (begin(c, 1, &issue, &l, e) != 0 ||
        lifecycle_ignore(&l, c->option.until == NULL ? NULL : until, c->option.count,
                         e) != 0)
        return -1;
    return show_issue(c, &issue, e);
}

int
ctl_issue_assign(struct ctl *c, struct error *e)
{
    struct issue_ref issue;
    struct lifecycle l;

    if (begin(c, c->option.nobody ? 1 : 2, &issue, &l, e) != 0 ||
        lifecycle_assign(&l, c->option.nobody ? NULL : c->word[1], e) != 0)
        return -1;
    return show_issue(c, &issue, e);
}

int
ctl_issue_note(struct ctl *c, struct error *e)
{
    struct issue_ref issue;
    struct lifecycle l;

    if (begin(c, 2, &issue, &l, e) != 0 || lifecycle_note(&l, c->word[1], e) != 0)
        return -1;
    return show_issue(c, &issue, e);
}

/* Appends the result and the number of events. */
static void
add_result(struct ctl *c, const char *what, const char *id, const char *prefix, int64_t n)
{
    if (c->json) {
        buf_add_char(&c->out, '{');
        jsonout_text(&c->out, "id", str_of(id));
        jsonout_number(&c->out, what, n);
        buf_add_text(&c->out, "}\n");
    } else {
        buf_add_f(&c->out, "%s%s, %lld events %s\n", prefix, id, (long long)n, what);
    }
}

int
ctl_issue_merge(struct ctl *c, struct error *e)
{
    struct issue_ref issue, into;
    struct lifecycle l;
    int64_t moved;

    if (begin(c, 2, &issue, &l, e) != 0 ||
        issue_ref_find(c->db, c->word[1], &into, e) != 0 ||
        merge_issues(&l, &into, &moved, e) != 0)
        return -1;
    add_result(c, "moved", into.name, "into ", moved);
    return 0;
}

int
ctl_issue_unmerge(struct ctl *c, struct error *e)
{
    struct issue_ref made;
    int64_t moved;

    if (merge_undo(c->db, c->word[0], actor(c), &moved, &made, e) != 0)
        return -1;
    add_result(c, "moved", made.name, "out to ", moved);
    return 0;
}

static int
remove_issue(struct ctl *c, bool for_good, struct error *e)
{
    struct issue_ref issue;
    struct lifecycle l;
    int64_t removed;

    if (c->words == 1 && !c->option.yes)
        return error_set(e, ERROR_MALFORMED,
                         "this removes all events of %.60s: add --yes", c->word[0]);
    if (begin(c, 1, &issue, &l, e) != 0 ||
        discard_issue(c->db, &issue, for_good, &removed, e) != 0)
        return -1;
    add_result(c, "removed", issue.name, "", removed);
    return 0;
}

int
ctl_issue_delete(struct ctl *c, struct error *e)
{
    return remove_issue(c, false, e);
}

int
ctl_issue_discard(struct ctl *c, struct error *e)
{
    return remove_issue(c, true, e);
}
