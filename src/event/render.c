#include "event/render.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/display.h"
#include "base/limits.h"
#include "base/num.h"
#include "event/logentry.h"
#include "event/members.h"
#include "frames/trace.h"
#include "json/json.h"
#include "json/scan.h"
#include "scrub/scrub.h"

/* Frames shown of one stack trace, innermost first; and lines of code on either side of
 * the current one. */
#define RENDER_FRAMES 50
#define RENDER_CONTEXT 3

#define EXCEPTIONS_MAX 32U

/* The objects of a list, in reverse order. */
struct backwards {
    struct str *object;
    size_t count;
};

static int
read_backwards(struct arena *a, struct str list, size_t max, struct backwards *out,
               struct error *e)
{
    struct trace_walk w = trace_begin(list);
    struct str object;
    size_t all = 0;

    while (trace_next(&w, &object))
        all++;
    out->count = all < max ? all : max;
    out->object = arena_array(a, out->count, sizeof *out->object);
    if (out->object == NULL)
        return error_no_memory(e);
    w = trace_begin(list);
    for (size_t i = all; trace_next(&w, &object);)
        if (--i < out->count)
            out->object[i] = object;
    return 0;
}

/* A line of code with its number. */
static void
code_line(const struct render *r, int64_t number, struct str code, bool here)
{
    struct buf line = buf_init(LIMIT_MIB);

    buf_add_f(&line, "%s%6lld | ", here ? "  >" : "   ", (long long)number);
    buf_add_str(&line, code);
    render_line(r, buf_str(&line));
    buf_release(&line);
}

/* The lines of code around the location, if the client sent them. */
static int
code(const struct render *r, struct str frame, struct str here, int64_t line,
     struct error *e)
{
    static const struct str names[] = {STR_INIT("pre_context"), STR_INIT("post_context")};
    struct str around[COUNT_OF(names)], value, text;
    struct scan_iter it;
    int64_t n = 0, before = 0;

    if (json_pick(r->a, frame, names, COUNT_OF(names), around, e) != 0 ||
        json_scalar(r->a, here, &text, e) != 0)
        return -1;
    if (text.p == NULL)
        return 0;
    if (around[0].p == NULL || scan_type(around[0]) != SCAN_ARRAY)
        around[0] = STR("[]");
    for (it = scan_open(around[0]); scan_array_next(&it, &value);)
        before++;
    for (it = scan_open(around[0]); scan_array_next(&it, &value); n++) {
        struct str one;

        if (n < before - RENDER_CONTEXT)
            continue;
        if (json_scalar(r->a, value, &one, e) != 0)
            return -1;
        code_line(r, line - (before - n), one, false);
    }
    code_line(r, line, text, true);
    if (around[1].p == NULL || scan_type(around[1]) != SCAN_ARRAY)
        return 0;
    it = scan_open(around[1]);
    for (n = 1; n <= RENDER_CONTEXT && scan_array_next(&it, &value); n++) {
        if (json_scalar(r->a, value, &text, e) != 0)
            return -1;
        code_line(r, line + n, text, false);
    }
    return 0;
}

/* "* function  file:line:column  (module)". */
static int
place(const struct render *r, const struct trace_frame *f, bool in_app, struct error *e)
{
    static const enum trace_frame_field fields[] = {
        TRACE_FUNCTION, TRACE_FILENAME,         TRACE_ABS_PATH, TRACE_FRAME_MODULE,
        TRACE_PACKAGE,  TRACE_INSTRUCTION_ADDR, TRACE_LINENO,   TRACE_COLNO};
    struct str text[COUNT_OF(fields)], file;
    struct buf line = buf_init(LIMIT_MIB);

    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (json_scalar(r->a, f->field[fields[i]], &text[i], e) != 0)
            return -1;
    file = text[1].p != NULL ? text[1] : text[2].p != NULL ? text[2] : text[4];
    buf_add_text(&line, in_app ? "* " : "  ");
    buf_add_str(&line, text[0].p != NULL   ? text[0]
                       : text[5].p != NULL ? text[5]
                                           : STR("?"));
    if (file.p != NULL || text[3].p != NULL)
        buf_add_text(&line, "  ");
    buf_add_str(&line, file.p != NULL ? file : text[3]);
    for (size_t i = 6; i < COUNT_OF(fields); i++)
        if (text[i].p != NULL) {
            buf_add_char(&line, ':');
            buf_add_str(&line, text[i]);
        }
    if (in_app && r->colour)
        buf_add_text(r->out, "\033[1m");
    render_line(r, buf_str(&line));
    if (in_app && r->colour)
        buf_add_text(r->out, "\033[0m");
    buf_release(&line);
    return 0;
}

static bool
has_own(const struct stack *s, struct str object)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->frame[i].object.p == object.p)
            return frames_is_own(&s->frame[i]);
    return false;
}

/* Whether a frame is the program's, as grouping decided it. */
static bool
is_own(const struct frames *all, struct str object)
{
    for (size_t i = 0; i < all->exception_count; i++)
        if (has_own(&all->exceptions[i].stack, object))
            return true;
    return has_own(&all->thread, object) || has_own(&all->own, object);
}

static int
show_frame(const struct render *r, struct str object, struct error *e)
{
    struct trace_frame f;
    struct str number;
    int64_t line = 0;
    bool in_app;

    if (trace_frame(r->a, object, &f, e) != 0 ||
        json_scalar(r->a, f.field[TRACE_LINENO], &number, e) != 0)
        return -1;
    if (number.p == NULL || num_parse(number, 0, INT32_MAX, &line) != 0)
        line = 0;
    in_app = is_own(r->frames, object);
    if (place(r, &f, in_app, e) != 0)
        return -1;
    return in_app ? code(r, object, f.field[TRACE_CONTEXT_LINE], line, e) : 0;
}

static int
render_stacktrace(const struct render *r, struct str stacktrace, struct error *e)
{
    struct backwards frames;
    struct str list;

    if (stacktrace.p == NULL)
        return 0;
    if (trace_frames(r->a, stacktrace, &list, e) != 0 ||
        read_backwards(r->a, list, SIZE_MAX, &frames, e) != 0)
        return -1;
    for (size_t i = 0; i < frames.count && i < RENDER_FRAMES; i++)
        if (show_frame(r, frames.object[i], e) != 0)
            return -1;
    if (frames.count > RENDER_FRAMES) {
        char more[64];

        num_format((int64_t)(frames.count - RENDER_FRAMES), more);
        render_pair(r, STR("  further"), str_of(more));
    }
    return 0;
}

/* "TYPE: value", and how it was caught, if known. */
static int
show_exception(const struct render *r, struct str object, bool is_cause, struct error *e)
{
    struct trace_exception x;
    struct str type, value;
    struct buf line = buf_init(LIMIT_MIB);

    if (trace_exception(r->a, object, &x, e) != 0 ||
        json_scalar(r->a, x.field[TRACE_TYPE], &type, e) != 0 ||
        json_scalar(r->a, x.field[TRACE_VALUE], &value, e) != 0)
        return -1;
    if (value.p == NULL)
        value = x.field[TRACE_VALUE]; /* not a text: shown unchanged */
    render_heading(r, is_cause ? "caused by" : "exception");
    buf_add_str(&line, type.p == NULL ? STR("Error") : type);
    if (value.n > 0) {
        buf_add_text(&line, ": ");
        buf_add_str(&line, value);
    }
    render_text(r, 0, buf_str(&line));
    buf_release(&line);
    return render_stacktrace(r, x.field[TRACE_STACKTRACE], e);
}

static int
render_exceptions(const struct render *r, struct str exceptions, struct error *e)
{
    struct backwards list;
    struct str values;
    bool odd;

    if (trace_list(r->a, exceptions, &values, &odd, e) != 0 ||
        read_backwards(r->a, values, EXCEPTIONS_MAX, &list, e) != 0)
        return -1;
    for (size_t i = 0; i < list.count; i++)
        if (show_exception(r, list.object[i], i > 0, e) != 0)
            return -1;
    return 0;
}

#define NAME_COLUMNS 14U

/* Breadcrumbs shown: the last ones. */
#define CRUMBS_MAX 30U

/* Members shown of one object, and characters of one of their values. */
#define MEMBERS_MAX 64U
#define VALUE_CHARS 2000U

bool
render_is_json(struct str payload)
{
    struct str value;
    struct error ignored;

    return scan_value(payload, SCAN_DEPTH_MAX, &value, &ignored) == 0;
}

void
render_heading(const struct render *r, const char *text)
{
    buf_add_f(r->out, r->colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n", text);
}

void
render_line(const struct render *r, struct str line)
{
    (void)display_add(r->out, line, r->columns);
    buf_add_char(r->out, '\n');
}

/* Appends text after `used` columns of the first line; the next lines are indented by
 * blanks. */
static void
add_lines(const struct render *r, size_t blanks, struct str text)
{
    size_t room = r->columns == SIZE_MAX ? SIZE_MAX : r->columns - blanks;
    bool first = true;

    while (text.n > 0) {
        for (size_t i = 0; i < blanks && !first; i++)
            buf_add_char(r->out, ' ');
        first = false;
        (void)display_line(r->out, &text, room);
        buf_add_char(r->out, '\n');
    }
    if (first)
        buf_add_char(r->out, '\n');
}

void
render_text(const struct render *r, size_t blanks, struct str text)
{
    for (size_t i = 0; i < blanks; i++)
        buf_add_char(r->out, ' ');
    add_lines(r, blanks, text);
}

void
render_pair(const struct render *r, struct str name, struct str value)
{
    if (display_width(name) <= NAME_COLUMNS) {
        display_cell(r->out, name, NAME_COLUMNS, false);
        buf_add_text(r->out, "  ");
        add_lines(r, NAME_COLUMNS + 2, value);
        return;
    }
    render_line(r, name);
    render_text(r, NAME_COLUMNS + 2, value);
}

/* A value as text: scalars decoded, others as JSON; only as long as people read. */
static int
value_text(const struct render *r, struct str value, struct str *out, struct error *e)
{
    if (json_scalar(r->a, value, out, e) != 0)
        return -1;
    if (out->p == NULL)
        *out = value;
    if (out->n > VALUE_CHARS) {
        struct str head = {out->p, VALUE_CHARS};

        while (head.n > 0 && ((unsigned char)head.p[head.n] & 0xc0U) == 0x80U)
            head.n--;
        *out = head;
    }
    return 0;
}

/* Each member of an object, or each pair of a list, on its own line. */
static int
show_members(const struct render *r, const char *heading, struct str object,
             struct error *e)
{
    struct scan_iter it;
    struct str inside, value, name, text;

    if (object.p == NULL || scan_type(object) != SCAN_OBJECT)
        return 0;
    it = scan_open(object);
    for (size_t i = 0; i < MEMBERS_MAX && scan_object_next(&it, &inside, &value); i++) {
        if (i == 0)
            render_heading(r, heading);
        if (json_inside(r->a, inside, &name, e) != 0 ||
            value_text(r, value, &text, e) != 0)
            return -1;
        render_pair(r, name, text);
    }
    return 0;
}

/* A context is an object: "os name=Linux version=6.1". */
static int
show_contexts(const struct render *r, struct str contexts, struct error *e)
{
    struct scan_iter it;
    struct str inside, value, name;
    int rc = 0;

    if (contexts.p == NULL || scan_type(contexts) != SCAN_OBJECT)
        return 0;
    it = scan_open(contexts);
    for (size_t i = 0;
         rc == 0 && i < MEMBERS_MAX && scan_object_next(&it, &inside, &value); i++) {
        struct buf line = buf_init(LIMIT_MIB);
        struct scan_iter in;
        struct str key, part, text = STR_NONE;

        if (i == 0)
            render_heading(r, "contexts");
        rc = json_inside(r->a, inside, &name, e);
        if (rc == 0 && scan_type(value) != SCAN_OBJECT) {
            rc = value_text(r, value, &text, e);
            if (rc == 0)
                buf_add_str(&line, text);
        }
        if (scan_type(value) == SCAN_OBJECT)
            in = scan_open(value);
        while (rc == 0 && scan_type(value) == SCAN_OBJECT &&
               scan_object_next(&in, &key, &part)) {
            rc = json_inside(r->a, key, &key, e);
            if (rc == 0)
                rc = value_text(r, part, &text, e);
            if (rc != 0 || str_eq(key, STR("type")))
                continue;
            buf_add_text(&line, line.n > 0 ? "  " : "");
            buf_add_str(&line, key);
            buf_add_char(&line, '=');
            buf_add_str(&line, text);
        }
        if (rc == 0)
            render_pair(r, name, buf_str(&line));
        buf_release(&line);
    }
    return rc;
}

enum crumb {
    CRUMB_TIME,
    CRUMB_LEVEL,
    CRUMB_CATEGORY,
    CRUMB_TYPE,
    CRUMB_MESSAGE,
    CRUMB_DATA
};

/* Converts a time in seconds since 1970 to its time of day; returns `text` for anything
 * else. */
static struct str
time_of_number(struct str value, struct str text, char out[24])
{
    char digits[24];
    int64_t seconds;
    size_t n = 0;

    if (value.p == NULL ||
        (scan_type(value) != SCAN_NUMBER && scan_type(value) != SCAN_STRING))
        return text;
    while (n < text.n && n + 1 < sizeof digits && ascii_is_digit(text.p[n]))
        n++;
    if (n < 9 || (n < text.n && text.p[n] != '.') ||
        num_parse((struct str){text.p, n}, 0, 99999999999, &seconds) != 0)
        return text;
    seconds %= 86400;
    (void)snprintf(out, 24, "%02d:%02d:%02d", (int)(seconds / 3600),
                   (int)(seconds / 60 % 60), (int)(seconds % 60));
    return str_of(out);
}

/* "10:00:01  info  http  GET /cart". */
static int
show_crumb(const struct render *r, struct str object, struct error *e)
{
    static const struct str names[] = {STR_INIT("timestamp"), STR_INIT("level"),
                                       STR_INIT("category"),  STR_INIT("type"),
                                       STR_INIT("message"),   STR_INIT("data")};
    struct str value[COUNT_OF(names)], text[COUNT_OF(names)];
    struct buf line = buf_init(LIMIT_MIB);
    bool has_message;
    const char *t;
    char at[24];

    if (json_pick(r->a, object, names, COUNT_OF(names), value, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (value_text(r, value[i], &text[i], e) != 0)
            return -1;
    if (text[CRUMB_CATEGORY].n == 0)
        text[CRUMB_CATEGORY] = text[CRUMB_TYPE];
    has_message = text[CRUMB_MESSAGE].n > 0;
    if (!has_message)
        text[CRUMB_MESSAGE] = text[CRUMB_DATA];
    text[CRUMB_TIME] = time_of_number(value[CRUMB_TIME], text[CRUMB_TIME], at);
    /* Of an RFC 3339 time the time of day is enough. */
    t = text[CRUMB_TIME].n >= 19 ? memchr(text[CRUMB_TIME].p, 'T', 11) : NULL;
    if (t != NULL)
        text[CRUMB_TIME] = (struct str){t + 1, 8};
    for (size_t i = 0; i <= CRUMB_MESSAGE; i++) {
        if (i == CRUMB_TYPE || text[i].n == 0)
            continue;
        buf_add_text(&line, line.n > 0 ? "  " : "");
        buf_add_str(&line, text[i]);
    }
    /* The system that Mesher replaces sends data as a text, which holds JSON. */
    if (has_message && value[CRUMB_DATA].p != NULL &&
        scan_type(value[CRUMB_DATA]) == SCAN_STRING) {
        buf_add_text(&line, "  ");
        buf_add_str(&line, text[CRUMB_DATA]);
    }
    render_text(r, 0, buf_str(&line));
    buf_release(&line);
    return 0;
}

static int
show_breadcrumbs(const struct render *r, struct str member, struct error *e)
{
    struct str list, object;
    struct trace_walk w;
    size_t all = 0;
    bool odd;

    if (trace_list(r->a, member, &list, &odd, e) != 0)
        return -1;
    for (w = trace_begin(list); trace_next(&w, &object);)
        all++;
    if (all > 0)
        render_heading(r, all > CRUMBS_MAX ? "breadcrumbs, the last 30" : "breadcrumbs");
    for (w = trace_begin(list); trace_next(&w, &object); all--)
        if (all <= CRUMBS_MAX && show_crumb(r, object, e) != 0)
            return -1;
    return 0;
}

static int
show_message(const struct render *r, const struct str member[N_MEMBERS], struct error *e)
{
    struct str value = member[MEMBER_LOGENTRY].p != NULL ? member[MEMBER_LOGENTRY]
                       : member[MEMBER_SENTRY_MESSAGE].p != NULL
                           ? member[MEMBER_SENTRY_MESSAGE]
                           : member[MEMBER_MESSAGE];
    struct logentry message;

    if (value.p == NULL)
        return 0;
    if (logentry_read(r->a, value, true, &message, e) != 0)
        return -1;
    if (message.text.n > 0) {
        render_heading(r, "message");
        render_text(r, 0, message.text);
    }
    return 0;
}

/* Threads are only of interest where the exception has no frames of its own. */
static int
show_threads(const struct render *r, struct str member, struct error *e)
{
    struct str list, object, name;
    struct trace_thread t;
    struct trace_walk w;
    bool odd;

    if (trace_list(r->a, member, &list, &odd, e) != 0)
        return -1;
    for (w = trace_begin(list); trace_next(&w, &object);) {
        if (trace_thread(r->a, object, &t, e) != 0 ||
            value_text(r, t.field[TRACE_NAME], &name, e) != 0)
            return -1;
        if (t.field[TRACE_THREAD_STACKTRACE].p == NULL)
            continue;
        render_heading(r, "thread");
        if (name.n > 0)
            render_text(r, 0, name);
        if (render_stacktrace(r, t.field[TRACE_THREAD_STACKTRACE], e) != 0)
            return -1;
    }
    return 0;
}

static struct str
either(struct str a, struct str b)
{
    return a.p != NULL ? a : b;
}

static int
show(const struct render *r, const struct str m[N_MEMBERS], struct error *e)
{
    struct str exceptions = either(m[MEMBER_EXCEPTION], m[MEMBER_SENTRY_EXCEPTION]);
    struct str stacktrace = either(m[MEMBER_STACKTRACE], m[MEMBER_SENTRY_STACKTRACE]);

    if (show_message(r, m, e) != 0 || render_exceptions(r, exceptions, e) != 0)
        return -1;
    if (stacktrace.p != NULL) {
        render_heading(r, "stack trace");
        if (render_stacktrace(r, stacktrace, e) != 0)
            return -1;
    }
    if (show_threads(r, either(m[MEMBER_THREADS], m[MEMBER_SENTRY_THREADS]), e) != 0 ||
        show_breadcrumbs(r, m[MEMBER_BREADCRUMBS], e) != 0 ||
        show_members(r, "request", either(m[MEMBER_REQUEST], m[MEMBER_SENTRY_REQUEST]),
                     e) != 0 ||
        show_members(
            r, "user",
            either(either(m[MEMBER_USER], m[MEMBER_USER_CONTEXT]), m[MEMBER_SENTRY_USER]),
            e) != 0 ||
        show_contexts(r, m[MEMBER_CONTEXTS], e) != 0)
        return -1;
    return show_members(r, "extra", m[MEMBER_EXTRA], e);
}

static int
read_frames(struct render *r, const struct str m[N_MEMBERS], struct error *e)
{
    struct trace t = {.stacktrace =
                          either(m[MEMBER_STACKTRACE], m[MEMBER_SENTRY_STACKTRACE])};
    struct frames_source from = {.trace = &t,
                                 .sdk = m[MEMBER_SDK],
                                 .debug_meta = m[MEMBER_DEBUG_META],
                                 .modules = m[MEMBER_MODULES],
                                 .decide = r->decide,
                                 .rules = r->rules};
    struct frames *frames;
    bool odd;

    if (json_scalar(r->a, m[MEMBER_PLATFORM], &t.platform, e) != 0 ||
        trace_list(r->a, either(m[MEMBER_EXCEPTION], m[MEMBER_SENTRY_EXCEPTION]),
                   &t.exceptions, &odd, e) != 0 ||
        trace_list(r->a, either(m[MEMBER_THREADS], m[MEMBER_SENTRY_THREADS]), &t.threads,
                   &odd, e) != 0 ||
        frames_read(r->a, &from, &frames, e) != 0)
        return -1;
    r->frames = frames;
    return 0;
}

int
render_event(const struct render *r, struct str payload, struct error *e)
{
    struct str member[N_MEMBERS], object;
    struct notes *notes = arena_array(r->a, 1, sizeof *notes);
    struct render with_frames = *r;
    struct error bad;

    if (notes == NULL)
        return error_no_memory(e);
    if (scan_value(payload, SCAN_DEPTH_MAX, &object, &bad) != 0 ||
        scan_type(object) != SCAN_OBJECT) {
        render_heading(r, "payload");
        render_text(r, 0, payload);
        return 0;
    }
    notes_init(notes, r->a);
    if (members_read(r->a, object, notes, member, e) != 0 ||
        read_frames(&with_frames, member, e) != 0)
        return -1;
    return show(&with_frames, member, e);
}

int
render_removed(const struct render *r, struct str errors, struct error *e)
{
    static const struct str names[] = {STR_INIT("type"), STR_INIT("name"),
                                       STR_INIT("value")};
    struct str list, note, value[COUNT_OF(names)], text[COUNT_OF(names)];
    struct scan_iter it;
    struct error bad;
    bool any = false;

    if (scan_value(errors, SCAN_DEPTH_MAX, &list, &bad) != 0 ||
        scan_type(list) != SCAN_ARRAY)
        return 0;
    it = scan_open(list);
    while (scan_array_next(&it, &note)) {
        if (scan_type(note) != SCAN_OBJECT)
            continue;
        if (json_pick(r->a, note, names, COUNT_OF(names), value, e) != 0)
            return -1;
        for (size_t i = 0; i < COUNT_OF(names); i++)
            if (json_scalar(r->a, value[i], &text[i], e) != 0)
                return -1;
        if (!str_eq(text[0], STR(SCRUB_NOTE)))
            continue;
        if (!any)
            render_heading(r, "removed as secret");
        any = true;
        if (text[2].p == NULL)
            render_text(r, 0, text[1]);
        else
            render_pair(r, STR("and elsewhere"), text[2]);
    }
    return 0;
}
