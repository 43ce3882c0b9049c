#include "event/render_trace.h"

#include <stdint.h>

#include "base/display.h"
#include "base/limits.h"
#include "base/num.h"
#include "event/trace.h"
#include "json/json.h"
#include "json/scan.h"

#define EXCEPTIONS_MAX 32U

/* The objects of a list, the last one first. */
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

/* The lines of code around the place, where the client sent them. */
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
    in_app =
        f.field[TRACE_IN_APP].p != NULL && scan_type(f.field[TRACE_IN_APP]) == SCAN_TRUE;
    if (place(r, &f, in_app, e) != 0)
        return -1;
    return in_app ? code(r, object, f.field[TRACE_CONTEXT_LINE], line, e) : 0;
}

int
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

/* "TYPE: value", with what is known of how it was caught. */
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
        value = x.field[TRACE_VALUE]; /* no text: as it stands */
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

int
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
