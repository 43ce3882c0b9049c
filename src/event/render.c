#include "event/render.h"

#include <stdint.h>
#include <string.h>

#include "base/display.h"
#include "base/limits.h"
#include "event/logentry.h"
#include "event/members.h"
#include "event/render_trace.h"
#include "event/trace.h"
#include "json/json.h"
#include "json/scan.h"

#define NAME_COLUMNS 14U

/* Breadcrumbs that are shown: the last ones. */
#define CRUMBS_MAX 30U

/* Members of one object, and characters of one of their values. */
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

/* The lines of text after `used` columns of the first one; the next begin with blanks. */
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

/* A value as text: scalars decoded, the rest as its JSON; not longer than is read. */
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

/* Each member of an object, or each pair of a list, on a line. */
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

/* A context is an object of its own: "os  name=Linux version=6.1". */
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

/* "10:00:01  info  http  GET /cart". */
static int
show_crumb(const struct render *r, struct str object, struct error *e)
{
    static const struct str names[] = {STR_INIT("timestamp"), STR_INIT("level"),
                                       STR_INIT("category"),  STR_INIT("type"),
                                       STR_INIT("message"),   STR_INIT("data")};
    struct str value[COUNT_OF(names)], text[COUNT_OF(names)];
    struct buf line = buf_init(LIMIT_MIB);
    const char *t;

    if (json_pick(r->a, object, names, COUNT_OF(names), value, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (value_text(r, value[i], &text[i], e) != 0)
            return -1;
    if (text[CRUMB_CATEGORY].n == 0)
        text[CRUMB_CATEGORY] = text[CRUMB_TYPE];
    if (text[CRUMB_MESSAGE].n == 0)
        text[CRUMB_MESSAGE] = text[CRUMB_DATA];
    /* Of a time in RFC 3339 the hours are enough. */
    t = text[CRUMB_TIME].n >= 19 ? memchr(text[CRUMB_TIME].p, 'T', 11) : NULL;
    if (t != NULL)
        text[CRUMB_TIME] = (struct str){t + 1, 8};
    for (size_t i = 0; i <= CRUMB_MESSAGE; i++) {
        if (i == CRUMB_TYPE || text[i].n == 0)
            continue;
        buf_add_text(&line, line.n > 0 ? "  " : "");
        buf_add_str(&line, text[i]);
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
show_message(const struct render *r, const struct str member[MEMBER_COUNT],
             struct error *e)
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
show(const struct render *r, const struct str m[MEMBER_COUNT], struct error *e)
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

int
render_event(const struct render *r, struct str payload, struct error *e)
{
    struct str member[MEMBER_COUNT], object;
    struct notes *notes = arena_array(r->a, 1, sizeof *notes);
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
    if (members_read(r->a, object, notes, member, e) != 0)
        return -1;
    return show(r, member, e);
}
