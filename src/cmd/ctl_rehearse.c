/* mesherctl grouping rehearse */
#include <stdio.h>
#include <string.h>

#include "admin/events.h"
#include "admin/issue_ref.h"
#include "base/arena.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "base/num.h"
#include "cmd/ctl.h"
#include "cmd/rehearsal.h"
#include "event/event.h"
#include "grouping/fingerprint.h"
#include "grouping/grouping.h"
#include "grouping/rules.h"

#define FIRST_BYTES (1 * LIMIT_MIB)
#define EVENT_MAX_BYTES (512 * LIMIT_MIB)
#define CELLS_MAX_BYTES (1024 * LIMIT_MIB)
#define SAMPLE_DEFAULT 10000
#define SAMPLE_MAX 10000000
#define PAGE 200

/* Issues, and parts of one, that are printed for people. */
#define SHOWN 50U
#define PARTS_SHOWN 5U

/* A rehearsal in progress. */
struct run {
    struct ctl *c;
    char project[24];
    char since[32];
    struct rules *rules;
    struct arena *a; /* for one event */
    struct rehearsal seen;
    int64_t left;   /* events to read */
    int64_t unread; /* events that could not be parsed */
    char newest[40], oldest[40], id[40];
};

/* Groups a stored event; native clients' events may have been read by other rules. */
static int
group(struct run *r, struct str payload, struct str message, struct event *ev,
      struct error *e)
{
    const struct event_sentry how = {.python = true, .sent_at_us = EVENT_NO_TIME};
    const struct grouping_settings g = {.rules = r->rules};
    struct error ignored;

    if (grouping_parse_sentry(r->a, payload, &how, &g, ev, e) != 0)
        return -1;
    if (message.p == NULL || str_eq(message, ev->message) ||
        grouping_parse(r->a, payload, 0, &g, ev, &ignored) == 0)
        return 0;
    return grouping_parse_sentry(r->a, payload, &how, &g, ev, e);
}

static int
take_event(struct run *r, const struct table *t, size_t row, struct buf *payload,
           struct error *e)
{
    struct rehearsal_cell cell = {.issue = table_value(t, row, EVENTS_PAGE_ISSUE),
                                  .stored = table_value(t, row, EVENTS_PAGE_FINGERPRINT),
                                  .event = table_value(t, row, EVENTS_PAGE_ID)};
    struct event ev;
    struct error why;

    buf_clear(payload, LIMIT_MIB);
    if (events_page_payload(t, row, payload, &why) != 0 ||
        group(r, buf_str(payload), table_value(t, row, EVENTS_PAGE_MESSAGE), &ev, &why) !=
            0) {
        r->unread++;
        arena_reset(r->a);
        return 0;
    }
    (void)memcpy(cell.print, ev.fingerprint, sizeof cell.print);
    cell.title = ev.title;
    cell.culprit = ev.culprit;
    if (rehearsal_add(&r->seen, &cell, e) != 0)
        return -1;
    arena_reset(r->a);
    return 0;
}

/* Reads a page; sets *more while there may be others. */
static int
read_page(struct run *r, struct buf *payload, bool *more, struct error *e)
{
    char limit[24];
    const struct events_page page = {.project = r->project,
                                     .before = r->oldest[0] == '\0' ? NULL : r->oldest,
                                     .before_id = r->id,
                                     .since = r->since[0] == '\0' ? NULL : r->since,
                                     .limit = limit};
    struct table t;
    int rc = 0;

    (void)snprintf(limit, sizeof limit, "%lld",
                   (long long)(r->left < PAGE ? r->left : PAGE));
    if (events_page(r->c->db, &page, &t, e) != 0)
        return -1;
    for (size_t i = 0; i < t.row_count && rc == 0; i++)
        rc = take_event(r, &t, i, payload, e);
    if (rc == 0 && t.row_count > 0) {
        if (r->newest[0] == '\0')
            str_copy(table_value(&t, 0, EVENTS_PAGE_TIME), r->newest, sizeof r->newest);
        str_copy(table_value(&t, t.row_count - 1, EVENTS_PAGE_TIME), r->oldest,
                 sizeof r->oldest);
        str_copy(table_value(&t, t.row_count - 1, EVENTS_PAGE_ID), r->id, sizeof r->id);
    }
    r->left -= (int64_t)t.row_count;
    *more = t.row_count == PAGE && r->left > 0;
    table_release(&t);
    return rc;
}

static int
read_all(struct run *r, struct error *e)
{
    struct buf payload = buf_init(EVENT_MAX_BYTES);
    bool more = true;
    int rc = 0;

    while (rc == 0 && more)
        rc = read_page(r, &payload, &more, e);
    buf_release(&payload);
    return rc;
}

static void
print_cell(struct buf *out, const struct rehearsal_cell *cell, bool with_issue)
{
    buf_add_f(out, "    %lld of ", (long long)cell->events);
    ctl_clean(out, with_issue ? cell->issue : cell->title);
    if (!with_issue && cell->culprit.n > 0) {
        buf_add_text(out, ", ");
        ctl_clean(out, cell->culprit);
    }
    buf_add_text(out, ", such as ");
    ctl_clean(out, cell->event);
    buf_add_char(out, '\n');
}

static void
print_cells(struct buf *out, const struct rehearsal *s, size_t from, size_t to,
            bool with_issue)
{
    for (size_t i = from; i < to && i < from + PARTS_SHOWN; i++)
        print_cell(out, s->cells[i], with_issue);
    if (to - from > PARTS_SHOWN)
        buf_add_f(out, "    and %zu more\n", to - from - PARTS_SHOWN);
}

static size_t
print_splits(struct buf *out, const struct rehearsal *s)
{
    size_t n = 0;

    for (size_t from = 0, to; from < s->count; from = to) {
        to = rehearsal_end_of_issue(s, from);
        if (to - from < 2 || n++ >= SHOWN)
            continue;
        if (n == 1)
            buf_add_text(out, "\nIssues that would split:\n");
        buf_add_text(out, "  ");
        ctl_clean(out, s->cells[from]->issue);
        buf_add_f(out, " into %zu:\n", to - from);
        print_cells(out, s, from, to, false);
    }
    if (n > SHOWN)
        buf_add_f(out, "  and %zu more\n", n - SHOWN);
    return n;
}

static size_t
print_joins(struct buf *out, const struct rehearsal *s)
{
    size_t n = 0;

    for (size_t from = 0, to; from < s->count; from = to) {
        to = rehearsal_end_of_print(s, from);
        if (!rehearsal_joins(s, from, to) || n++ >= SHOWN)
            continue;
        if (n == 1)
            buf_add_text(out, "\nIssues that would be one:\n");
        buf_add_text(out, "  ");
        ctl_clean(out, s->cells[from]->title);
        if (s->cells[from]->culprit.n > 0) {
            buf_add_text(out, ", ");
            ctl_clean(out, s->cells[from]->culprit);
        }
        buf_add_text(out, "\n");
        print_cells(out, s, from, to, true);
    }
    if (n > SHOWN)
        buf_add_f(out, "  and %zu more\n", n - SHOWN);
    return n;
}

static void
print_text(struct run *r)
{
    struct buf *out = &r->c->out;
    size_t splits, joins;

    rehearsal_sort_by_issue(&r->seen);
    buf_add_f(out, "%lld events of %zu issues were grouped again",
              (long long)r->seen.events, rehearsal_issues(&r->seen));
    if (r->newest[0] != '\0') {
        char from[32], to[32];

        buf_add_text(out, ", received from ");
        ctl_clean(out, ctl_time(str_of(r->oldest), from));
        buf_add_text(out, " to ");
        ctl_clean(out, ctl_time(str_of(r->newest), to));
    }
    buf_add_text(out, ".  Nothing was changed.\n");
    if (r->unread > 0)
        buf_add_f(out, "%lld events could not be read.\n", (long long)r->unread);
    splits = print_splits(out, &r->seen);
    rehearsal_sort_by_print(&r->seen);
    joins = print_joins(out, &r->seen);
    buf_add_f(out, "\n%zu issues would split, %zu times several would be one.\n", splits,
              joins);
}

static void
json_cells(struct buf *out, const struct rehearsal *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct rehearsal_cell *cell = s->cells[i];
        char hex[2 * FINGERPRINT_BYTES + 1];

        fingerprint_hex(cell->print, hex);
        buf_add_text(out, i == from ? "{" : ",{");
        jsonout_text(out, "issue", cell->issue);
        jsonout_text(out, "stored_fingerprint", cell->stored);
        jsonout_text(out, "fingerprint", str_of(hex));
        jsonout_number(out, "events", cell->events);
        jsonout_text(out, "event", cell->event);
        jsonout_text(out, "title", cell->title);
        jsonout_text(out, "culprit", cell->culprit);
        buf_add_char(out, '}');
    }
}

static void
print_json(struct run *r)
{
    const struct rehearsal *s = &r->seen;
    struct buf *out = &r->c->out;
    bool first = true;

    rehearsal_sort_by_issue(&r->seen);
    buf_add_char(out, '{');
    jsonout_number(out, "events", s->events);
    jsonout_number(out, "unread", r->unread);
    jsonout_number(out, "issues", (int64_t)rehearsal_issues(s));
    jsonout_name(out, "splits");
    buf_add_char(out, '[');
    for (size_t from = 0, to; from < s->count; from = to) {
        to = rehearsal_end_of_issue(s, from);
        if (to - from < 2)
            continue;
        buf_add_text(out, first ? "[" : ",[");
        first = false;
        json_cells(out, s, from, to);
        buf_add_char(out, ']');
    }
    buf_add_char(out, ']');
    rehearsal_sort_by_print(&r->seen);
    jsonout_name(out, "joins");
    buf_add_char(out, '[');
    first = true;
    for (size_t from = 0, to; from < s->count; from = to) {
        to = rehearsal_end_of_print(s, from);
        if (!rehearsal_joins(s, from, to))
            continue;
        buf_add_text(out, first ? "[" : ",[");
        first = false;
        json_cells(out, s, from, to);
        buf_add_char(out, ']');
    }
    buf_add_text(out, "]}\n");
}

static int
begin(struct run *r, struct error *e)
{
    struct ctl *c = r->c;
    const char *rules =
        c->option.rules == NULL ? c->conf->grouping_rules : c->option.rules;

    r->left = SAMPLE_DEFAULT;
    if (c->option.sample != NULL &&
        num_parse(str_of(c->option.sample), 1, SAMPLE_MAX, &r->left) != 0)
        return error_set(e, ERROR_MALFORMED, "--sample must be 1 to %d", SAMPLE_MAX);
    /* A period is read as a whole. */
    if (c->option.since != NULL && c->option.sample == NULL)
        r->left = SAMPLE_MAX;
    if (c->option.since != NULL &&
        ctl_moment("since", c->option.since, false, r->since, e) != 0)
        return -1;
    return issue_ref_project(c->db, c->word[0], r->project, e) != 0 ||
                   rules_load(rules, &r->rules, e) != 0
               ? -1
               : 0;
}

int
ctl_grouping_rehearse(struct ctl *c, struct error *e)
{
    struct run r = {.c = c, .a = arena_new(FIRST_BYTES, EVENT_MAX_BYTES)};
    struct arena *cells = arena_new(FIRST_BYTES, CELLS_MAX_BYTES);
    int rc = r.a == NULL || cells == NULL ? error_no_memory(e) : 0;

    rehearsal_init(&r.seen, cells);
    if (rc == 0)
        rc = begin(&r, e);
    if (rc == 0)
        rc = read_all(&r, e);
    if (rc == 0)
        (c->json ? print_json : print_text)(&r);
    rehearsal_release(&r.seen);
    rules_free(r.rules);
    arena_free(cells);
    arena_free(r.a);
    return rc;
}
