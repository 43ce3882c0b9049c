#include "grouping/grouping.h"

#include <string.h>

#include "base/budget.h"
#include "event/work.h"
#include "grouping/chain.h"
#include "grouping/fingerprint.h"
#include "grouping/match.h"
#include "grouping/parameterize.h"
#include "grouping/stack.h"
#include "grouping/stackframe.h"
#include "grouping/template.h"
#include "json/json.h"

/* Whole numbers up to here are exact in a double. */
#define WHOLE_DIGITS 15U

/* A default fingerprint under construction. */
struct making {
    struct stack stack;
    struct buf *seen; /* one for each variant, or NULL */
    enum grouping_strategy strategy;
    enum stack_variant variant;
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

static bool
is_true(struct str value)
{
    return value.p != NULL && scan_type(value) == SCAN_TRUE;
}

/* The threads of an event: their number, and the stack of the last one. */
struct seen_threads {
    size_t count;
    struct str stacktrace;
};

/* The only thread that crashed, else the only current one, else the only one. */
static int
choose_thread(struct work *w, struct str *out, struct error *e)
{
    struct seen_threads crashed = {0, STR_NONE}, current = crashed, all = crashed;
    struct trace_walk walk = trace_begin(w->trace.threads);
    struct str object;

    while (trace_next(&walk, &object)) {
        struct trace_thread t;
        struct seen_threads *of[] = {&all, NULL, NULL};

        if (trace_thread(w->a, object, &t, e) != 0)
            return -1;
        of[1] = is_true(t.field[TRACE_CRASHED]) ? &crashed : NULL;
        of[2] = is_true(t.field[TRACE_CURRENT]) ? &current : NULL;
        for (size_t i = 0; i < COUNT_OF(of); i++)
            if (of[i] != NULL) {
                of[i]->count++;
                of[i]->stacktrace = t.field[TRACE_THREAD_STACKTRACE];
            }
    }
    *out = STR_NONE;
    if (crashed.count == 1)
        *out = crashed.stacktrace;
    else if (current.count == 1)
        *out = current.stacktrace;
    else if (all.count == 1)
        *out = all.stacktrace;
    return 0;
}

static void
restart(struct making *m)
{
    for (int i = 0; m->seen != NULL && i < STACK_VARIANTS; i++)
        buf_clear(&m->seen[i], m->seen[i].max);
    stack_begin(&m->stack, m->seen);
}

/* Exceptions, threads, the event's own stack trace: the first that has frames. */
static int
try_stacks(struct work *w, struct making *m, struct error *e)
{
    size_t frames[STACK_VARIANTS];
    bool counts;
    struct str stacks[2] = {STR_NONE, w->trace.stacktrace};

    if (chain_add(&m->stack, w->frames, w->trace.exceptions, &counts, e) != 0 ||
        choose_thread(w, &stacks[0], e) != 0)
        return -1;
    if (counts) {
        m->strategy = GROUPING_EXCEPTION;
        return 0;
    }
    for (int i = 0; i < 2; i++) {
        if (stacks[i].p == NULL)
            continue;
        restart(m);
        stack_add(&m->stack, FINGERPRINT_STACK, STR(""));
        if (stack_frames(&m->stack, w->frames, stacks[i], frames, e) != 0)
            return -1;
        if (frames[STACK_ALL] == 0)
            continue;
        m->strategy = i == 0 ? GROUPING_THREADS : GROUPING_STACKTRACE;
        return 0;
    }
    return 0;
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
    stack_add(&m->stack, FINGERPRINT_TEMPLATE, values[0]);
    stack_add(&m->stack, FINGERPRINT_TEMPLATE,
              values[2].p == NULL ? STR_NONE : str_trim(values[2]));
    m->strategy = GROUPING_TEMPLATE;
    return 0;
}

/* The directive without the sources that the page allows, which vary. */
static void
add_report(struct work *w, struct making *m)
{
    struct str blamed = str_trim(w->blamed), word = str_cut(&blamed, ' ');

    stack_add(&m->stack, FINGERPRINT_REPORT, w->report_kind);
    stack_add(&m->stack, FINGERPRINT_REPORT, w->report_grouped);
    stack_add(&m->stack, FINGERPRINT_REPORT, word);
    m->strategy = GROUPING_REPORT;
}

static void
add_message(struct work *w, struct making *m)
{
    struct str text =
        w->message.template.p != NULL ? w->message.template : w->message.text;
    struct fingerprint *f = &m->stack.print[STACK_ALL];
    struct parameterize p;
    struct str piece;

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
    if (m->strategy == GROUPING_NONE && w->message.text.p != NULL)
        add_message(w, m);
    if (m->strategy == GROUPING_NONE) {
        stack_add(&m->stack, FINGERPRINT_NOTHING, STR(""));
        m->strategy = GROUPING_FALLBACK;
    }
    m->variant = stack_chosen(&m->stack);
    return 0;
}

/* The default fingerprint, and its components for the record. */
static int
by_default(struct work *w, struct grouping_record *record, uint8_t out[FINGERPRINT_BYTES],
           struct error *e)
{
    size_t max_bytes = record == NULL ? 0 : record->components.max;
    struct buf seen[STACK_VARIANTS] = {buf_init(max_bytes), buf_init(max_bytes)};
    struct making m = {.seen = record == NULL ? NULL : seen};
    int rc = make_default(w, &m, e);

    if (rc == 0)
        fingerprint_end(&m.stack.print[m.variant], out);
    if (rc == 0 && record != NULL) {
        record->by_default = m.strategy;
        buf_clear(&record->default_components, 0);
        buf_add_str(&record->default_components, buf_str(&seen[m.variant]));
    }
    for (int i = 0; i < STACK_VARIANTS; i++)
        buf_release(&seen[i]);
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

    fingerprint_begin(&p->f, r == NULL ? NULL : &r->components);
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

    fingerprint_begin(&f, r == NULL ? NULL : &r->components);
    fingerprint_add(&f, FINGERPRINT_CHECKSUM, checksum);
    fingerprint_end(&f, out->fingerprint);
    if (r != NULL)
        r->strategy = GROUPING_CHECKSUM;
}

/* In a group of equal exceptions, that exception gives the title. */
static int
choose_exception(struct work *w, struct error *e)
{
    struct trace_exception x;
    struct str object;

    if (chain_main(w->frames, w->trace.exceptions, &object, e) != 0)
        return -1;
    if (object.p == NULL)
        return 0;
    if (trace_exception(w->a, object, &x, e) != 0)
        return -1;
    if (title_read(w->a, &x, &w->exception, e) != 0)
        return -1;
    if (w->sentry != NULL)
        w->has_exception = w->exception.found;
    return 0;
}

static int
prepare_frames(struct work *w, struct error *e)
{
    w->frames = arena_get(w->a, sizeof *w->frames);
    if (w->frames == NULL)
        return error_no_memory(e);
    *w->frames = (struct stackframes){.a = w->a,
                                      .family = family_of(w->trace.platform),
                                      .debug_meta = w->member[MEMBER_DEBUG_META]};
    return 0;
}

int
grouping_event(struct work *w, const struct grouping_settings *g, struct event *out,
               struct error *e)
{
    struct parts p = {.w = w, .ev = out, .record = g == NULL ? NULL : g->record};
    const struct rule *rule = NULL;
    struct str checksum;

    if (prepare_frames(w, e) != 0 || choose_exception(w, e) != 0 ||
        columns_read_exception(w, out, e) != 0 ||
        json_scalar(w->a, w->member[MEMBER_CHECKSUM], &checksum, e) != 0 ||
        (g != NULL && g->rules != NULL && match_event(g->rules, w, out, &rule, e) != 0))
        return -1;
    if (rule != NULL && p.record != NULL)
        p.record->rule = rule->line;
    if (rule != NULL && rule->title.p != NULL &&
        template_expand(w, out, rule->title, true, &w->named, e) != 0)
        return -1;
    if (checksum.n == 0)
        return group_by_parts(&p, rule, out, e);
    group_by_checksum(p.record, checksum, out);
    return 0;
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
