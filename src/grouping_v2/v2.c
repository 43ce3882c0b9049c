#include "grouping_v2/v2.h"

#include <string.h>

#include "base/budget.h"
#include "event/work.h"
#include "grouping/fingerprint.h"
#include "grouping_v2/chain.h"
#include "grouping_v2/parameterize.h"
#include "grouping_v2/stack.h"
#include "grouping_v2/stackframe.h"
#include "grouping_v2/template.h"
#include "grouping_v2/title.h"
#include "json/json.h"

/* Whole numbers up to here are exact in a double. */
#define WHOLE_DIGITS 15U

#define V2_VERSION 2

/* A default fingerprint under construction. */
struct making {
    struct v2_stack stack;
    bool done;
    enum stack_variant variant;
};

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
    struct v2_trace_walk walk = v2_trace_begin(w->trace.threads);
    struct str object;

    while (v2_trace_next(&walk, &object)) {
        struct v2_trace_thread t;
        struct seen_threads *of[] = {&all, NULL, NULL};

        if (v2_trace_thread(w->a, object, &t, e) != 0)
            return -1;
        of[1] = is_true(t.field[V2_TRACE_CRASHED]) ? &crashed : NULL;
        of[2] = is_true(t.field[V2_TRACE_CURRENT]) ? &current : NULL;
        for (size_t i = 0; i < COUNT_OF(of); i++)
            if (of[i] != NULL) {
                of[i]->count++;
                of[i]->stacktrace = t.field[V2_TRACE_THREAD_STACKTRACE];
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
    v2_stack_begin(&m->stack);
}

/* Exceptions, threads, the event's own stack trace: the first that has frames. */
static int
try_stacks(struct work *w, struct making *m, struct error *e)
{
    size_t frames[STACK_VARIANTS];
    bool counts;
    struct str stacks[2] = {STR_NONE, w->trace.stacktrace};

    if (v2_chain_add(&m->stack, w->v2_frames, w->trace.exceptions, &counts, e) != 0 ||
        choose_thread(w, &stacks[0], e) != 0)
        return -1;
    if (counts) {
        m->done = true;
        return 0;
    }
    for (int i = 0; i < 2; i++) {
        if (stacks[i].p == NULL)
            continue;
        restart(m);
        v2_stack_add(&m->stack, FINGERPRINT_STACK, STR(""));
        if (v2_stack_frames(&m->stack, w->v2_frames, stacks[i], frames, e) != 0)
            return -1;
        if (frames[STACK_ALL] == 0)
            continue;
        m->done = true;
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
        if (v2_trace_text(w->a, values[i], &values[i], e) != 0)
            return -1;
    if (values[0].p == NULL)
        values[0] = values[1];
    if (values[0].p == NULL && values[2].p == NULL)
        return 0;
    v2_stack_add(&m->stack, FINGERPRINT_TEMPLATE, values[0]);
    v2_stack_add(&m->stack, FINGERPRINT_TEMPLATE,
                 values[2].p == NULL ? STR_NONE : str_trim(values[2]));
    m->done = true;
    return 0;
}

/* The directive without the sources that the page allows, which vary. */
static void
add_report(struct work *w, struct making *m)
{
    struct str blamed = str_trim(w->blamed), word = str_cut(&blamed, ' ');

    v2_stack_add(&m->stack, FINGERPRINT_REPORT, w->report_kind);
    v2_stack_add(&m->stack, FINGERPRINT_REPORT, w->report_grouped);
    v2_stack_add(&m->stack, FINGERPRINT_REPORT, word);
    m->done = true;
}

static void
add_message(struct work *w, struct making *m)
{
    struct str text =
        w->message.template.p != NULL ? w->message.template : w->message.text;
    struct fingerprint *f = &m->stack.print[STACK_ALL];
    struct parameterize p;
    struct str piece;

    v2_parameterize_begin(&p, text);
    fingerprint_open(f, FINGERPRINT_MESSAGE);
    while (v2_parameterize_next(&p, &piece))
        fingerprint_put(f, piece);
    fingerprint_close(f);
    m->done = true;
}

static int
make_default(struct work *w, struct making *m, struct error *e)
{
    budget_doing("grouping");
    restart(m);
    m->done = false;
    if (try_stacks(w, m, e) != 0)
        return -1;
    if (!m->done) {
        restart(m);
        if (try_template(w, m, e) != 0)
            return -1;
    }
    if (!m->done && w->report.p != NULL)
        add_report(w, m);
    if (!m->done && w->message.text.p != NULL)
        add_message(w, m);
    if (!m->done) {
        v2_stack_add(&m->stack, FINGERPRINT_NOTHING, STR(""));
        m->done = true;
    }
    m->variant = v2_stack_chosen(&m->stack);
    return 0;
}

static int
by_default(struct work *w, uint8_t out[FINGERPRINT_BYTES], struct error *e)
{
    struct making m = {.done = false};

    if (make_default(w, &m, e) != 0)
        return -1;
    fingerprint_end(&m.stack.print[m.variant], out);
    return 0;
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
    if (by_default(p->w, p->by_default, e) != 0)
        return -1;
    fingerprint_hex(p->by_default, p->hex);
    p->has_default = true;
    return 0;
}

static int
add_text(struct parts *p, struct str text, struct error *e)
{
    if (v2_template_is_default(text)) {
        if (need_default(p, e) != 0)
            return -1;
        fingerprint_add(&p->f, FINGERPRINT_DEFAULT, str_of(p->hex));
        return 0;
    }
    if (v2_template_expand(p->w, p->ev, text, false, &text, e) != 0)
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
group_by_parts(struct parts *p, const struct rule *rule, uint8_t out[FINGERPRINT_BYTES],
               struct error *e)
{
    fingerprint_begin(&p->f, V2_VERSION, NULL);
    for (size_t i = 0; rule != NULL && i < rule->part_count; i++)
        if (add_text(p, rule->parts[i], e) != 0)
            return -1;
    if (rule == NULL && add_values(p, p->w->member[MEMBER_FINGERPRINT], e) != 0)
        return -1;
    if (p->given) {
        fingerprint_end(&p->f, out);
        return 0;
    }
    if (need_default(p, e) != 0)
        return -1;
    (void)memcpy(out, p->by_default, FINGERPRINT_BYTES);
    return 0;
}

/* In a group of equal exceptions, that exception gives the title. */
static int
choose_exception(struct work *w, struct error *e)
{
    struct v2_trace_exception x;
    struct str object;

    if (v2_title_exception(w->a, w->trace.exceptions, &w->exception, e) != 0 ||
        v2_chain_main(w->v2_frames, w->trace.exceptions, &object, e) != 0)
        return -1;
    if (object.p == NULL)
        return 0;
    return v2_trace_exception(w->a, object, &x, e) != 0 ||
                   v2_title_read(w->a, &x, &w->exception, e) != 0
               ? -1
               : 0;
}

static int
prepare_frames(struct work *w, struct error *e)
{
    w->v2_frames = arena_get(w->a, sizeof *w->v2_frames);
    if (w->v2_frames == NULL)
        return error_no_memory(e);
    *w->v2_frames = (struct stackframes){.a = w->a,
                                         .family = v2_family_of(w->trace.platform),
                                         .debug_meta = w->member[MEMBER_DEBUG_META]};
    return 0;
}

/* On a copy of the work: the event itself must not notice. */
int
grouping_v2(const struct work *work, const struct rule *rule, const struct event *ev,
            uint8_t out[FINGERPRINT_BYTES], struct error *e)
{
    struct work w = *work;
    struct parts p = {.w = &w, .ev = ev};
    struct str checksum;

    notes_init(&w.notes, w.a);
    w.variables = 0;
    w.values = NULL;
    budget_doing("grouping as version 2 did");
    if (prepare_frames(&w, e) != 0 || choose_exception(&w, e) != 0 ||
        json_scalar(w.a, w.member[MEMBER_CHECKSUM], &checksum, e) != 0)
        return -1;
    if (checksum.n == 0)
        return group_by_parts(&p, rule, out, e);
    fingerprint_begin(&p.f, V2_VERSION, NULL);
    fingerprint_add(&p.f, FINGERPRINT_CHECKSUM, checksum);
    fingerprint_end(&p.f, out);
    return 0;
}
