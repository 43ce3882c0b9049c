/* mesherctl issue show */
#include <stdio.h>
#include <string.h>

#include "admin/attachments.h"
#include "admin/events.h"
#include "admin/issues.h"
#include "base/display.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "base/num.h"
#include "cmd/ctl.h"
#include "event/render.h"
#include "grouping/rules.h"

/* Events whose tags are counted, and memory for an event with many frames. */
#define TAG_EVENTS "100"
#define ARENA_FIRST_BYTES (256 * LIMIT_KIB)
#define ARENA_MAX_BYTES (512 * LIMIT_MIB)

/* Everything about an issue; tables are empty where there is nothing. */
struct file {
    struct issue_ref issue;
    struct table row, event, tags, activity, merges, reports, attachments;
    struct buf payload;
};

static void
release(struct file *f)
{
    struct table *all[] = {&f->row,    &f->event,   &f->tags,       &f->activity,
                           &f->merges, &f->reports, &f->attachments};

    for (size_t i = 0; i < COUNT_OF(all); i++)
        table_release(all[i]);
    buf_release(&f->payload);
}

static int
read_file(struct ctl *c, struct file *f, struct error *e)
{
    const char *id;

    if (issue_ref_find(c->db, c->word[0], &f->issue, e) != 0 ||
        issues_one(c->db, &f->issue, &f->row, e) != 0 ||
        events_latest(c->db, f->issue.project, f->issue.id, &f->event, e) != 0 ||
        issues_tags(c->db, &f->issue, TAG_EVENTS, &f->tags, e) != 0 ||
        issues_activity(c->db, &f->issue, &f->activity, e) != 0 ||
        issues_merges(c->db, &f->issue, &f->merges, e) != 0)
        return -1;
    if (f->event.row_count == 0)
        return 0;
    id = table_value(&f->event, 0, 0).p;
    if (events_payload(&f->event, &f->payload, e) != 0 ||
        attachments_user_reports(c->db, id, f->issue.project, &f->reports, e) != 0)
        return -1;
    return attachments_list(c->db, id, f->issue.project, "100", &f->attachments, e);
}

/* ---- JSON */

static void
print_json(struct buf *out, const struct file *f)
{
    buf_add_char(out, '{');
    ctl_json_members(out, &f->row, 0, 0, ISSUES_SHOWN);
    ctl_json_member_rows(out, "tags", &f->tags);
    ctl_json_member_rows(out, "activity", &f->activity);
    ctl_json_member_rows(out, "merged", &f->merges);
    if (f->event.row_count == 0) {
        jsonout_raw(out, "latest_event", STR("null"));
    } else {
        jsonout_name(out, "latest_event");
        buf_add_char(out, '{');
        ctl_json_members(out, &f->event, 0, 0, N_EVENTS_COLUMNS);
        ctl_json_member_rows(out, "user_reports", &f->reports);
        ctl_json_member_rows(out, "attachments", &f->attachments);
        jsonout_raw(out, "payload",
                    render_is_json(buf_str(&f->payload)) ? buf_str(&f->payload)
                                                         : STR("null"));
        buf_add_char(out, '}');
    }
    buf_add_text(out, "}\n");
}

/* ---- text */

/* "name  value  more" when there is a value. */
static void
pair(const struct render *r, const char *name, struct str value, const char *before,
     struct str more)
{
    struct buf line = buf_init(LIMIT_MIB);

    if (value.p == NULL)
        return;
    buf_add_str(&line, value);
    if (more.n > 0) {
        buf_add_text(&line, before);
        buf_add_str(&line, more);
    }
    render_pair(r, str_of(name), buf_str(&line));
    buf_release(&line);
}

static void
print_head(const struct render *r, const struct table *t)
{
    struct str id = table_value(t, 0, ISSUES_ID);
    struct str resolved_in = table_value(t, 0, ISSUES_RESOLVED_IN);
    struct buf line = buf_init(LIMIT_MIB);
    char first[32], last[32], at[32];

    buf_add_str(&line, id);
    buf_add_text(&line, "  ");
    buf_add_str(&line, table_value(t, 0, ISSUES_STATUS));
    buf_add_text(&line, "  ");
    buf_add_str(&line, table_value(t, 0, ISSUES_LEVEL));
    render_line(r, buf_str(&line));
    buf_release(&line);
    if (r->colour)
        buf_add_text(r->out, "\033[1m");
    render_text(r, 0, table_value(t, 0, ISSUES_TITLE));
    if (r->colour)
        buf_add_text(r->out, "\033[0m");
    if (table_value(t, 0, ISSUES_CULPRIT).n > 0)
        render_text(r, 0, table_value(t, 0, ISSUES_CULPRIT));
    buf_add_char(r->out, '\n');
    pair(r, "events", table_value(t, 0, ISSUES_EVENTS), "", STR_NONE);
    pair(r, "users", table_value(t, 0, ISSUES_USERS), "", STR_NONE);
    pair(r, "first seen", ctl_time(table_value(t, 0, ISSUES_FIRST_SEEN), first), "  in ",
         table_value(t, 0, ISSUES_FIRST_RELEASE));
    pair(r, "last seen", ctl_time(table_value(t, 0, ISSUES_LAST_SEEN), last), "  in ",
         table_value(t, 0, ISSUES_LAST_RELEASE));
    pair(r, "assigned to", table_value(t, 0, ISSUES_ASSIGNEE), "", STR_NONE);
    pair(r, "resolved", ctl_time(table_value(t, 0, ISSUES_RESOLVED_AT), at), "  in ",
         resolved_in.p != NULL && resolved_in.n == 0 ? STR("the next release")
                                                     : resolved_in);
    pair(r, "ignored until", ctl_time(table_value(t, 0, ISSUES_IGNORED_UNTIL), at), "",
         STR_NONE);
    pair(r, "ignored until", table_value(t, 0, ISSUES_IGNORED_UNTIL_COUNT), " events",
         STR(" "));
}

/* "browser Firefox 67 %, Chrome 33 %": rows of the same tag are adjacent. */
static void
print_tags(const struct render *r, const struct table *t)
{
    size_t i = 0;

    if (t->row_count > 0)
        render_heading(r, "tags of the last " TAG_EVENTS " events");
    while (i < t->row_count) {
        struct str tag = table_value(t, i, 0);
        struct buf line = buf_init(LIMIT_MIB);

        for (; i < t->row_count && str_eq(table_value(t, i, 0), tag); i++) {
            buf_add_text(&line, line.n > 0 ? ", " : "");
            buf_add_str(&line, table_value(t, i, 1));
            buf_add_text(&line, " (");
            buf_add_str(&line, table_value(t, i, 2));
            buf_add_char(&line, ')');
        }
        render_pair(r, tag, buf_str(&line));
        buf_release(&line);
    }
}

static void
print_beside(const struct render *r, const struct file *f)
{
    if (f->reports.row_count > 0)
        render_heading(r, "user reports");
    for (size_t i = 0; i < f->reports.row_count; i++) {
        struct str name = table_value(&f->reports, i, 2);

        pair(r, "from", name.p == NULL ? STR("somebody") : name, "  ",
             table_value(&f->reports, i, 3));
        if (table_value(&f->reports, i, 4).n > 0)
            render_text(r, 2, table_value(&f->reports, i, 4));
    }
    if (f->attachments.row_count > 0)
        render_heading(r, "attachments");
    for (size_t i = 0; i < f->attachments.row_count; i++)
        pair(r, "file", table_value(&f->attachments, i, 3),
             "  bytes: ", table_value(&f->attachments, i, 6));
    if (f->merges.row_count > 0)
        render_heading(r, "merged into it");
    for (size_t i = 0; i < f->merges.row_count; i++)
        pair(r, "fingerprint", table_value(&f->merges, i, 0), "", STR_NONE);
}

static void
print_activity(const struct render *r, const struct table *t)
{
    if (t->row_count > 0)
        render_heading(r, "activity");
    for (size_t i = 0; i < t->row_count; i++) {
        struct buf line = buf_init(LIMIT_MIB);
        struct str detail = table_value(t, i, 3);
        char at[32];

        buf_add_str(&line, ctl_time(table_value(t, i, 0), at));
        buf_add_text(&line, "  ");
        buf_add_str(&line, table_value(t, i, 1));
        if (table_value(t, i, 2).p != NULL) {
            buf_add_text(&line, " by ");
            buf_add_str(&line, table_value(t, i, 2));
        }
        render_line(r, buf_str(&line));
        if (detail.n > 0)
            render_text(r, 2, detail);
        buf_release(&line);
    }
}

static int
print_text(struct ctl *c, const struct file *f, struct error *e)
{
    struct ctl_screen screen = ctl_screen();
    struct arena *a = arena_new(ARENA_FIRST_BYTES, ARENA_MAX_BYTES);
    struct render r = {
        .a = a, .out = &c->out, .columns = screen.columns, .colour = screen.colour};
    struct rules *rules = NULL;
    int rc;

    if (r.columns < RENDER_COLUMNS_MIN)
        r.columns = RENDER_COLUMNS_MIN;
    if (a == NULL)
        return error_set(e, ERROR_SYSTEM, "out of memory");
    rc = ctl_frame_rules(c, &r, &rules, e);
    print_head(&r, &f->row);
    if (rc == 0 && f->event.row_count > 0)
        rc = ctl_draw_event(&r, "latest event", &f->event, buf_str(&f->payload), e);
    print_tags(&r, &f->tags);
    print_beside(&r, f);
    print_activity(&r, &f->activity);
    rules_free(rules);
    arena_free(a);
    return rc;
}

int
ctl_issue_show(struct ctl *c, struct error *e)
{
    struct file f = {.payload = buf_init(256 * LIMIT_MIB)};
    int rc;

    rc = read_file(c, &f, e);
    if (rc == 0 && c->json)
        print_json(&c->out, &f);
    else if (rc == 0)
        rc = print_text(c, &f, e);
    release(&f);
    return rc;
}
