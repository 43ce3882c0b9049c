#include "grouping_v2/title.h"

#include <string.h>

#include "json/json.h"

static struct str
absent_if_empty(struct str s)
{
    return s.n == 0 ? STR_NONE : s;
}

static bool
is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '.' || c == '$';
}

/* "Type: text" from clients with one field for both. */
static void
split_value(struct title_exception *x)
{
    size_t n = 0;

    while (n < x->value.n && is_word(x->value.p[n]))
        n++;
    if (n == 0 || x->value.n - n < 2 || memcmp(x->value.p + n, ": ", 2) != 0)
        return;
    x->type = (struct str){x->value.p, n};
    x->value = absent_if_empty((struct str){x->value.p + n + 2, x->value.n - n - 2});
}

int
v2_title_read(struct arena *a, const struct v2_trace_exception *from,
              struct title_exception *out, struct error *e)
{
    static const struct str names[] = {STR_INIT("synthetic")};
    struct str mechanism = from->field[V2_TRACE_MECHANISM], synthetic = STR_NONE;

    if (json_scalar(a, from->field[V2_TRACE_TYPE], &out->type, e) != 0 ||
        json_scalar(a, from->field[V2_TRACE_VALUE], &out->value, e) != 0)
        return -1;
    if (mechanism.p != NULL && scan_type(mechanism) == SCAN_OBJECT &&
        json_pick(a, mechanism, names, 1, &synthetic, e) != 0)
        return -1;
    if (out->value.p == NULL) /* an object, an array */
        out->value = from->field[V2_TRACE_VALUE];
    out->type = absent_if_empty(out->type);
    out->value = absent_if_empty(out->value);
    if (out->type.p == NULL)
        split_value(out);
    out->synthetic = synthetic.p != NULL && scan_type(synthetic) == SCAN_TRUE;
    out->thrown = NULL;
    out->found = out->type.p != NULL || out->value.p != NULL;
    return 0;
}

int
v2_title_exception(struct arena *a, struct str exceptions, struct title_exception *out,
                   struct error *e)
{
    struct v2_trace_walk w = v2_trace_begin(exceptions);
    struct str object;

    *out = (struct title_exception){.found = false};
    while (v2_trace_next(&w, &object)) {
        struct v2_trace_exception x;
        struct title_exception one = {.found = false};

        if (v2_trace_exception(a, object, &x, e) != 0 ||
            v2_title_read(a, &x, &one, e) != 0)
            return -1;
        if (one.found)
            *out = one;
    }
    return 0;
}

static bool
is_true(struct str value)
{
    return value.p != NULL && scan_type(value) == SCAN_TRUE;
}

/* The frames of the last exception that has any, else those of the event. */
static int
last_frames(struct arena *a, const struct trace *t, struct str *out, struct error *e)
{
    struct v2_trace_walk w = v2_trace_begin(t->exceptions);
    struct str object, frames;

    if (v2_trace_frames(a, t->stacktrace, out, e) != 0)
        return -1;
    while (v2_trace_next(&w, &object)) {
        struct v2_trace_exception x;

        if (v2_trace_exception(a, object, &x, e) != 0 ||
            v2_trace_frames(a, x.field[V2_TRACE_STACKTRACE], &frames, e) != 0)
            return -1;
        if (frames.p != NULL)
            *out = frames;
    }
    return 0;
}

/* The frames of the only thread; absent when there are more. */
static int
only_thread(struct arena *a, struct str threads, struct str *out, struct error *e)
{
    struct v2_trace_walk w = v2_trace_begin(threads);
    struct str object, other;
    struct v2_trace_thread thread;

    *out = STR_NONE;
    if (!v2_trace_next(&w, &object) || v2_trace_next(&w, &other))
        return 0;
    if (v2_trace_thread(a, object, &thread, e) != 0)
        return -1;
    return v2_trace_frames(a, thread.field[V2_TRACE_THREAD_STACKTRACE], out, e);
}

int
v2_title_crash_frame(struct arena *a, const struct trace *t, struct v2_trace_frame *out,
                     bool *found, struct error *e)
{
    struct str frames, object, function;
    struct v2_trace_walk w;
    bool own = false;

    *found = false;
    if (last_frames(a, t, &frames, e) != 0 ||
        (frames.p == NULL && only_thread(a, t->threads, &frames, e) != 0))
        return -1;
    w = v2_trace_begin(frames);
    while (v2_trace_next(&w, &object)) {
        struct v2_trace_frame f;

        if (v2_trace_frame(a, object, &f, e) != 0 ||
            v2_trace_text(a, f.field[V2_TRACE_FUNCTION], &function, e) != 0)
            return -1;
        if (is_true(f.field[V2_TRACE_IN_APP]) && function.p != NULL &&
            !str_eq(function, STR("<redacted>")) && !str_eq(function, STR("<unknown>")))
            own = true;
        else if (own)
            continue;
        *out = f;
        *found = true;
    }
    return 0;
}
