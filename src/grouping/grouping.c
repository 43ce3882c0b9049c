#include "grouping/grouping.h"

#include <string.h>

#include "base/budget.h"
#include "event/work.h"
#include "grouping/chain.h"
#include "grouping/fingerprint.h"
#include "grouping/match.h"
#include "grouping/parameterize.h"
#include "grouping/stack.h"
#include "grouping/template.h"
#include "json/json.h"

/* Whole numbers up to here are exact in a double. */
#define WHOLE_DIGITS 15U

/* A default fingerprint under construction. */
struct making {
    struct fingerprint print;
    struct buf *seen; /* receives the components, or NULL */
    enum grouping_strategy strategy;
};

const char *
grouping_name(enum grouping_strategy strategy)
{
    switch (strategy) {
    case GROUPING_NONE:
        return "none";
    case GROUPING_CHECKSUM:
        return "checksum";
    case GROUPING_RULE:
        return "rule";
    case GROUPING_FINGERPRINT:
        return "fingerprint";
    case GROUPING_EXCEPTION:
        return "exception";
    case GROUPING_THREADS:
        return "threads";
    case GROUPING_STACKTRACE:
        return "stacktrace";
    case GROUPING_TEMPLATE:
        return "template";
    case GROUPING_REPORT:
        return "report";
    case GROUPING_MESSAGE:
        return "message";
    case GROUPING_FALLBACK:
        return "fallback";
    }
    return "?";
}

void
grouping_record_init(struct grouping_record *r, size_t max_bytes)
{
    *r = (struct grouping_record){.components = buf_init(max_bytes),
                                  .default_components = buf_init(max_bytes)};
}

void
grouping_record_release(struct grouping_record *r)
{
    buf_release(&r->components);
    buf_release(&r->default_components);
}

static void
restart(struct making *m)
{
    if (m->seen != NULL)
        buf_clear(m->seen, m->seen->max);
    fingerprint_begin(&m->print, FINGERPRINT_VERSION, m->seen);
}

/* A message with a stack that an SDK attached is a message; the crash of a native program
 * may have one, too. */
static bool
is_message(const struct work *w)
{
    if (w->frames->exception_count > 0)
        return chain_is_message(w->frames);
    return w->message.text.p != NULL &&
           !(w->frames->thread_crashed && language_is_compiled(w->frames->language));
}

/* All frames of a stack if the program has none in it. */
static int
try_stack(struct work *w, struct making *m, const struct stack *s,
          enum grouping_strategy strategy, struct error *e)
{
    struct stack_added added;

    if (m->strategy != GROUPING_NONE || s->count == 0)
        return 0;
    restart(m);
    fingerprint_add(&m->print, FINGERPRINT_STACK, STR(""));
    if (stack_add(&m->print, w->frames, s, frames_has_own(s) ? STACK_OWN : STACK_ALL,
                  &added, e) != 0)
        return -1;
    if (added.frames > 0)
        m->strategy = strategy;
    return 0;
}

/* Exceptions, threads, the event's own stack trace: the first that has frames. */
static int
try_stacks(struct work *w, struct making *m, struct error *e)
{
    bool counts;

    if (is_message(w))
        return 0;
    if (chain_add(&m->print, w->frames, &counts, e) != 0)
        return -1;
    if (counts)
        m->strategy = GROUPING_EXCEPTION;
    return try_stack(w, m, &w->frames->thread, GROUPING_THREADS, e) != 0 ||
                   try_stack(w, m, &w->frames->own, GROUPING_STACKTRACE, e) != 0
               ? -1
               : 0;
}

static int
try_template(struct work *w, struct making *m, struct error *e)
{
    static const struct str names[] = {STR_INIT("filename"), STR_INIT("abs_path"),
                                       STR_INIT("context_line")};
    struct str values[COUNT_OF(names)], template = w->member[MEMBER_TEMPLATE];

    if (template.p == NULL)
        template = w->member[MEMBER_SENTRY_TEMPLATE];
    if (template.p == NULL)
        return 0;
    if (json_pick(w->a, template, names, COUNT_OF(names), values, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (trace_text(w->a, values[i], &values[i], e) != 0)
            return -1;
    if (values[0].p == NULL)
        values[0] = values[1];
    if (values[0].p == NULL && values[2].p == NULL)
        return 0;
    fingerprint_add(&m->print, FINGERPRINT_TEMPLATE, values[0]);
    fingerprint_add(&m->print, FINGERPRINT_TEMPLATE,
                    values[2].p == NULL ? STR_NONE : str_trim(values[2]));
    m->strategy = GROUPING_TEMPLATE;
    return 0;
}

/* The directive without the sources that the page allows, which vary. */
static void
add_report(struct work *w, struct making *m)
{
    struct str blamed = str_trim(w->blamed), word = str_cut(&blamed, ' ');

    fingerprint_add(&m->print, FINGERPRINT_REPORT, w->report_kind);
    fingerprint_add(&m->print, FINGERPRINT_REPORT, w->report_grouped);
    fingerprint_add(&m->print, FINGERPRINT_REPORT, word);
    m->strategy = GROUPING_REPORT;
}

static void
add_message(struct work *w, struct making *m)
{
    struct str text =
        w->message.template.p != NULL ? w->message.template : w->message.text;
    struct fingerprint *f = &m->print;
    struct parameterize p;
    struct str piece;

    if (text.p == NULL) /* a made-up exception has it */
        text = w->exception.value;
    parameterize_begin(&p, text);
    fingerprint_open(f, FINGERPRINT_MESSAGE);
    while (parameterize_next(&p, &piece))
        fingerprint_put(f, piece);
    fingerprint_close(f);
    m->strategy = GROUPING_MESSAGE;
}

static int
make_default(struct work *w, struct making *m, struct error *e)
{
    budget_doing("grouping");
    restart(m);
    m->strategy = GROUPING_NONE;
    if (try_stacks(w, m, e) != 0)
        return -1;
    if (m->strategy == GROUPING_NONE) {
        restart(m);
        if (try_template(w, m, e) != 0)
            return -1;
    }
    if (m->strategy == GROUPING_NONE && w->report.p != NULL)
        add_report(w, m);
    if (m->strategy == GROUPING_NONE && (w->message.text.p != NULL || is_message(w)))
        add_message(w, m);
    if (m->strategy == GROUPING_NONE) {
        fingerprint_add(&m->print, FINGERPRINT_NOTHING, STR(""));
        m->strategy = GROUPING_FALLBACK;
    }
    return 0;
}

/* The default fingerprint, and its components for the record. */
static int
by_default(struct work *w, struct grouping_record *record, uint8_t out[FINGERPRINT_BYTES],
           struct error *e)
{
    struct buf seen = buf_init(record == NULL ? 0 : record->components.max);
    struct making m = {.seen = record == NULL ? NULL : &seen};
    int rc = make_default(w, &m, e);

    if (rc == 0)
        fingerprint_end(&m.print, out);
    if (rc == 0 && record != NULL) {
        record->by_default = m.strategy;
        buf_clear(&record->default_components, 0);
        buf_add_str(&record->default_components, buf_str(&seen));
    }
    buf_release(&seen);
    return rc;
}

/* Sentry truncates numbers at the point; a number that a double cannot hold exactly does
 * not count. */
static struct str
whole_number(struct str text)
{
    size_t digits = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == 'e' || text.p[i] == 'E')
            return STR_NONE;
        if (text.p[i] == '.') {
            text.n = i;
            break;
        }
        digits += text.p[i] != '-';
    }
    return digits > WHOLE_DIGITS ? STR_NONE : text;
}

/* A list of parts under construction. */
struct parts {
    struct work *w;
    const struct event *ev;
    struct grouping_record *record;
    struct fingerprint f;
    bool given;       /* there is a part that is not the default */
    bool has_default; /* the default has been computed */
    char hex[2 * FINGERPRINT_BYTES + 1];
    uint8_t by_default[FINGERPRINT_BYTES];
};

static int
need_default(struct parts *p, struct error *e)
{
    if (p->has_default)
        return 0;
    if (by_default(p->w, p->record, p->by_default, e) != 0)
        return -1;
    fingerprint_hex(p->by_default, p->hex);
    p->has_default = true;
    return 0;
}

static int
add_text(struct parts *p, struct str text, struct error *e)
{
    if (template_is_default(text)) {
        if (need_default(p, e) != 0)
            return -1;
        fingerprint_add(&p->f, FINGERPRINT_DEFAULT, str_of(p->hex));
        return 0;
    }
    if (template_expand(p->w, p->ev, text, false, &text, e) != 0)
        return -1;
    fingerprint_add(&p->f, FINGERPRINT_GIVEN, text);
    p->given = true;
    return 0;
}

/* Adds a part from the client, as JSON. */
static int
add_value(struct parts *p, struct str value, struct error *e)
{
    enum scan_type type = scan_type(value);
    struct work *w = p->w;
    struct str text;

    if ((type == SCAN_OBJECT || type == SCAN_ARRAY) && w->sentry == NULL)
        return members_bad(MEMBER_FINGERPRINT, "a string or an array of strings", e);
    if (json_scalar(w->a, value, &text, e) != 0)
        return -1;
    if (type == SCAN_NUMBER && w->sentry != NULL)
        text = whole_number(text);
    if (text.p == NULL && type != SCAN_NULL && w->sentry != NULL)
        notes_add(&w->notes, NOTES_INVALID, STR("fingerprint"), value);
    return text.p == NULL ? 0 : add_text(p, text, e);
}

static int
add_values(struct parts *p, struct str list, struct error *e)
{
    struct scan_iter it;
    struct str value;

    if (list.p == NULL)
        return 0;
    if (scan_type(list) == SCAN_STRING)
        return add_value(p, list, e);
    it = scan_open(list);
    while (scan_array_next(&it, &value))
        if (add_value(p, value, e) != 0)
            return -1;
    return 0;
}

/* By a rule, else by the client's fingerprint, else by the content of the event. */
static int
group_by_parts(struct parts *p, const struct rule *rule, struct event *out,
               struct error *e)
{
    struct grouping_record *r = p->record;

    fingerprint_begin(&p->f, FINGERPRINT_VERSION, r == NULL ? NULL : &r->components);
    for (size_t i = 0; rule != NULL && i < rule->part_count; i++)
        if (add_text(p, rule->parts[i], e) != 0)
            return -1;
    if (rule == NULL && add_values(p, p->w->member[MEMBER_FINGERPRINT], e) != 0)
        return -1;
    if (p->given) {
        fingerprint_end(&p->f, out->fingerprint);
        if (r != NULL)
            r->strategy = rule != NULL ? GROUPING_RULE : GROUPING_FINGERPRINT;
        return 0;
    }
    if (need_default(p, e) != 0)
        return -1;
    (void)memcpy(out->fingerprint, p->by_default, FINGERPRINT_BYTES);
    if (r == NULL)
        return 0;
    r->strategy = r->by_default;
    r->by_default = GROUPING_NONE;
    buf_clear(&r->components, 0);
    buf_add_str(&r->components, buf_str(&r->default_components));
    buf_clear(&r->default_components, 0);
    return 0;
}

static void
group_by_checksum(struct grouping_record *r, struct str checksum, struct event *out)
{
    struct fingerprint f;

    fingerprint_begin(&f, FINGERPRINT_VERSION, r == NULL ? NULL : &r->components);
    fingerprint_add(&f, FINGERPRINT_CHECKSUM, checksum);
    fingerprint_end(&f, out->fingerprint);
    if (r != NULL)
        r->strategy = GROUPING_CHECKSUM;
}

/* The exception that gives the event its title. */
static int
choose_exception(struct work *w, struct error *e)
{
    const struct thrown *x;

    if (chain_main(w->frames, &x, e) != 0)
        return -1;
    if (x == NULL)
        return 0;
    w->exception = (struct title_exception){.found = true,
                                            .synthetic = x->synthetic,
                                            .type = x->type,
                                            .value = x->value,
                                            .thrown = x};
    if (w->sentry != NULL)
        w->has_exception = true;
    return 0;
}

static int
read_frames(struct work *w, const struct rules *rules, struct error *e)
{
    struct frames_source from = {.trace = &w->trace,
                                 .sdk = w->member[MEMBER_SDK],
                                 .debug_meta = w->member[MEMBER_DEBUG_META],
                                 .modules = w->member[MEMBER_MODULES],
                                 .decide = rules == NULL ? NULL : match_frame,
                                 .rules = rules};

    return frames_read(w->a, &from, &w->frames, e);
}

int
grouping_event(struct work *w, const struct grouping_settings *g, struct event *out,
               struct error *e)
{
    struct parts p = {.w = w, .ev = out, .record = g == NULL ? NULL : g->record};
    const struct rule *rule = NULL;
    struct str checksum;

    if (read_frames(w, g == NULL ? NULL : g->rules, e) != 0 ||
        choose_exception(w, e) != 0 || columns_read_exception(w, out, e) != 0 ||
        json_scalar(w->a, w->member[MEMBER_CHECKSUM], &checksum, e) != 0 ||
        (g != NULL && g->rules != NULL && match_event(g->rules, w, out, &rule, e) != 0))
        return -1;
    if (p.record != NULL)
        p.record->frames = w->frames;
    if (rule != NULL && p.record != NULL)
        p.record->rule = rule->line;
    if (rule != NULL && rule->title.p != NULL &&
        template_expand(w, out, rule->title, true, &w->named, e) != 0)
        return -1;
    if (checksum.n > 0)
        group_by_checksum(p.record, checksum, out);
    else if (group_by_parts(&p, rule, out, e) != 0)
        return -1;
    out->has_old_fingerprint = g != NULL && g->older != NULL;
    return out->has_old_fingerprint ? g->older(w, rule, out, out->old_fingerprint, e) : 0;
}

int
grouping_parse(struct arena *a, struct str json, int64_t received_at_us,
               const struct grouping_settings *g, struct event *out, struct error *e)
{
    struct work w;

    if (event_parse(&w, a, json, received_at_us, out, e) != 0 ||
        grouping_event(&w, g, out, e) != 0)
        return -1;
    return event_finish(&w, out, e);
}

int
grouping_parse_sentry(struct arena *a, struct str json, const struct event_sentry *how,
                      const struct grouping_settings *g, struct event *out,
                      struct error *e)
{
    struct work w;

    if (event_parse_sentry(&w, a, json, how, out, e) != 0 ||
        grouping_event(&w, g, out, e) != 0)
        return -1;
    return event_finish(&w, out, e);
}
