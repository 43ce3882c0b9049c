/* mesherctl event explain, rules test */
#include <string.h>
#include <unistd.h>

#include "admin/events.h"
#include "base/arena.h"
#include "base/io.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "cmd/ctl.h"
#include "event/event.h"
#include "frames/frames.h"
#include "grouping/fingerprint.h"
#include "grouping/grouping.h"
#include "grouping/match.h"
#include "grouping/rules.h"

#define FIRST_BYTES (1 * LIMIT_MIB)
#define MAX_BYTES (512 * LIMIT_MIB)
#define EVENT_MAX_BYTES (16 * LIMIT_MIB)
#define RECORD_MAX_BYTES (64 * LIMIT_MIB)

/* Components within a frame, an exception or a stack. */
static bool
is_inside(char kind)
{
    return kind != '\0' && strchr("MFfl", kind) != NULL;
}

/* Takes the next component off *rest. */
static bool
next_component(struct str *rest, char *kind, struct str *text)
{
    struct str one;

    if (rest->n == 0)
        return false;
    one = str_cut(rest, FINGERPRINT_END);
    if (one.n == 0)
        return false;
    *kind = one.p[0];
    *text = (struct str){one.p + 1, one.n - 1};
    return true;
}

static void
print_components(struct ctl *c, const char *title, const struct buf *components)
{
    struct str rest = buf_str(components), text;
    char kind;

    buf_add_f(&c->out, "%s:\n", title);
    while (next_component(&rest, &kind, &text)) {
        buf_add_f(&c->out, "%s%s", is_inside(kind) ? "    " : "  ",
                  fingerprint_name(kind));
        if (text.n > 0)
            buf_add_text(&c->out, "  ");
        ctl_clean(&c->out, text);
        buf_add_char(&c->out, '\n');
    }
}

static void
json_components(struct buf *out, const char *name, const struct buf *components)
{
    struct str rest = buf_str(components), text;
    char kind;

    jsonout_name(out, name);
    buf_add_char(out, '[');
    for (bool first = true; next_component(&rest, &kind, &text); first = false) {
        buf_add_text(out, first ? "{" : ",{");
        jsonout_text(out, "kind", str_of(fingerprint_name(kind)));
        jsonout_text(out, "text", text);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

/* Frames shown of a stack, the newest ones. */
#define FRAMES_SHOWN 200U

/* A frame, its owner and why; its name as sent, if another one counts. */
static void
print_frame(struct ctl *c, const struct stackframe *f)
{
    buf_add_f(&c->out, "  %-9s  ", owner_name(f->owner.owner));
    ctl_clean(&c->out, f->name.full.p != NULL ? f->name.full : STR("?"));
    if (f->module.p != NULL || f->path.p != NULL) {
        buf_add_text(&c->out, "  ");
        ctl_clean(&c->out, f->module.p != NULL ? f->module : f->path);
    }
    buf_add_text(&c->out, "  (");
    ctl_clean(&c->out, f->owner.why);
    buf_add_text(&c->out, f->is_cut ? "; newer than what raised it)" : ")");
    if (f->function.p != NULL && !str_eq(f->function, f->name.full)) {
        buf_add_text(&c->out, "  was ");
        ctl_clean(&c->out, f->function);
    }
    buf_add_char(&c->out, '\n');
}

static void
print_stack(struct ctl *c, const char *of, struct str name, const struct stack *s)
{
    if (s->count == 0)
        return;
    buf_add_f(&c->out, "frames of %s ", of);
    ctl_clean(&c->out, name);
    buf_add_text(&c->out, "newest first:\n");
    for (size_t i = s->count, n = 0; i > 0 && n < FRAMES_SHOWN; i--, n++)
        print_frame(c, &s->frame[i - 1]);
}

static void
print_frames(struct ctl *c, const struct frames *all)
{
    for (size_t i = all->exception_count; i > 0; i--) {
        const struct thrown *x = &all->exceptions[i - 1];

        print_stack(c, "exception", x->type, &x->stack);
    }
    print_stack(c, "the thread", STR_NONE, &all->thread);
    print_stack(c, "the event", STR_NONE, &all->own);
}

static void
json_stack(struct buf *out, const struct stack *s, bool *first)
{
    for (size_t i = s->count, n = 0; i > 0 && n < FRAMES_SHOWN; i--, n++) {
        const struct stackframe *f = &s->frame[i - 1];

        buf_add_text(out, *first ? "{" : ",{");
        *first = false;
        jsonout_text(out, "owner", str_of(owner_name(f->owner.owner)));
        jsonout_text(out, "why", f->owner.why);
        jsonout_raw(out, "cut", f->is_cut ? STR("true") : STR("false"));
        jsonout_text(out, "function", f->function);
        jsonout_text(out, "name", f->name.full);
        jsonout_text(out, "module", f->module);
        buf_add_char(out, '}');
    }
}

static void
json_frames(struct buf *out, const struct frames *all)
{
    bool first = true;

    jsonout_name(out, "frames");
    buf_add_char(out, '[');
    for (size_t i = all->exception_count; i > 0; i--)
        json_stack(out, &all->exceptions[i - 1].stack, &first);
    json_stack(out, &all->thread, &first);
    json_stack(out, &all->own, &first);
    buf_add_char(out, ']');
}

static void
print_json(struct ctl *c, const struct grouping_record *r, const struct event *ev,
           const char *hex, struct str stored)
{
    struct buf *out = &c->out;

    buf_add_char(out, '{');
    jsonout_number(out, "version", ev->fingerprint[0]);
    jsonout_text(out, "strategy", str_of(grouping_name(r->strategy)));
    if (r->rule == 0)
        jsonout_raw(out, "rule", STR("null"));
    else
        jsonout_number(out, "rule", (int64_t)r->rule);
    json_components(out, "components", &r->components);
    if (r->by_default != GROUPING_NONE) {
        jsonout_text(out, "default_strategy", str_of(grouping_name(r->by_default)));
        json_components(out, "default_components", &r->default_components);
    }
    json_frames(out, r->frames);
    jsonout_text(out, "fingerprint", str_of(hex));
    jsonout_text(out, "stored_fingerprint", stored);
    jsonout_text(out, "title", ev->title);
    jsonout_text(out, "culprit", ev->culprit);
    buf_add_text(out, "}\n");
}

static void
print_text(struct ctl *c, const struct grouping_record *r, const struct event *ev,
           const char *hex, struct str stored)
{
    if (r->rule > 0)
        buf_add_f(&c->out, "rule         line %zu\n", r->rule);
    buf_add_f(&c->out, "strategy     %s\nversion      %u\nfingerprint  %s\n",
              grouping_name(r->strategy), ev->fingerprint[0], hex);
    if (stored.p != NULL && !str_eq(stored, str_of(hex)))
        buf_add_f(&c->out, "stored with  %.*s, by other rules or another version\n",
                  (int)stored.n, stored.p);
    buf_add_text(&c->out, "title        ");
    ctl_clean(&c->out, ev->title);
    buf_add_text(&c->out, "\nculprit      ");
    ctl_clean(&c->out, ev->culprit);
    buf_add_char(&c->out, '\n');
    print_components(c, "components", &r->components);
    if (r->by_default != GROUPING_NONE) {
        buf_add_f(&c->out, "default is by %s, ", grouping_name(r->by_default));
        print_components(c, "components", &r->default_components);
    }
    print_frames(c, r->frames);
}

/* Determines by which rules a stored event was read; absent: Sentry's. */
static int
parse(struct arena *a, struct str json, struct str stored_message,
      const struct grouping_settings *grouping, struct event *ev, struct error *e)
{
    const struct event_sentry how = {.python = true, .sent_at_us = EVENT_NO_TIME};
    struct error ignored;

    if (grouping_parse_sentry(a, json, &how, grouping, ev, e) != 0)
        return -1;
    if (stored_message.p == NULL || str_eq(stored_message, ev->message))
        return 0;
    /* The native API prefers the other one in an event with a message and a log entry. */
    buf_clear(&grouping->record->components, 0);
    buf_clear(&grouping->record->default_components, 0);
    if (grouping_parse(a, json, 0, grouping, ev, &ignored) == 0)
        return 0;
    buf_clear(&grouping->record->components, 0);
    buf_clear(&grouping->record->default_components, 0);
    return grouping_parse_sentry(a, json, &how, grouping, ev, e);
}

/* Facts about a stored event; absent for others. */
struct stored {
    struct str message, fingerprint;
};

/* Groups the event and appends the explanation. */
static int
explain(struct ctl *c, struct str json, const struct stored *stored,
        const struct rules *rules, struct error *e)
{
    struct arena *a = arena_new(FIRST_BYTES, MAX_BYTES);
    struct grouping_record record;
    const struct grouping_settings grouping = {.rules = rules, .record = &record};
    struct event ev;
    int rc;

    if (a == NULL)
        return error_set(e, ERROR_SYSTEM, "out of memory");
    grouping_record_init(&record, RECORD_MAX_BYTES);
    rc = parse(a, json, stored->message, &grouping, &ev, e);
    if (rc == 0) {
        char hex[2 * FINGERPRINT_BYTES + 1];

        fingerprint_hex(ev.fingerprint, hex);
        (c->json ? print_json : print_text)(c, &record, &ev, hex, stored->fingerprint);
    }
    grouping_record_release(&record);
    arena_free(a);
    return rc;
}

int
ctl_frame_rules(struct ctl *c, struct render *r, struct rules **out, struct error *e)
{
    if (rules_load(c->conf->grouping_rules, out, e) != 0)
        return -1;
    r->decide = *out == NULL ? NULL : match_frame;
    r->rules = *out;
    return 0;
}

int
ctl_event_explain(struct ctl *c, struct error *e)
{
    struct buf payload = buf_init(c->out.max);
    struct rules *rules = NULL;
    struct stored stored;
    struct table t;
    int rc;

    if (events_one(c->db, c->word[0], c->option.project, &t, e) != 0)
        return -1;
    stored.message = table_value(&t, 0, 4);
    stored.fingerprint = table_value(&t, 0, EVENTS_STORED_FINGERPRINT);
    rc = rules_load(c->conf->grouping_rules, &rules, e);
    if (rc == 0)
        rc = events_payload(&t, &payload, e);
    if (rc == 0)
        rc = explain(c, buf_str(&payload), &stored, rules, e);
    rules_free(rules);
    buf_release(&payload);
    table_release(&t);
    return rc;
}

int
ctl_rules_test(struct ctl *c, struct error *e)
{
    struct buf json = buf_init(EVENT_MAX_BYTES);
    const struct stored none = {STR_NONE, STR_NONE};
    struct rules *rules = NULL;
    struct error why;
    const char *path;
    int rc;

    path = strcmp(c->word[1], "-") == 0 ? "/dev/stdin" : c->word[1];
    rc = rules_load(c->word[0], &rules, e);
    if (rc == 0)
        rc = io_read_file(path, &json, e);
    if (rc == 0 && explain(c, buf_str(&json), &none, rules, &why) != 0)
        rc = error_set(e, ERROR_CONFIG, "%.40s: %s", path, why.text);
    rules_free(rules);
    buf_release(&json);
    return rc;
}
