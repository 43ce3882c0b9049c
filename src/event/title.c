#include "event/title.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "event/normal.h"
#include "json/json.h"

#define PLACE_MAX_CHARS 250U

static struct str
absent_if_empty(struct str s)
{
    return s.n == 0 ? STR_NONE : s;
}

/* Sets *out to the concatenated pieces. */
static int
join(struct arena *a, const struct str *pieces, size_t count, struct str *out,
     struct error *e)
{
    size_t n = 0, at = 0;
    char *p;

    for (size_t i = 0; i < count; i++)
        n += pieces[i].n;
    p = arena_get(a, n);
    if (p == NULL)
        return error_no_memory(e);
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].n > 0)
            (void)memcpy(p + at, pieces[i].p, pieces[i].n);
        at += pieces[i].n;
    }
    *out = (struct str){p, n};
    return 0;
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
title_read(struct arena *a, const struct trace_exception *from,
           struct title_exception *out, struct error *e)
{
    static const struct str names[] = {STR_INIT("synthetic")};
    struct str mechanism = from->field[TRACE_MECHANISM], synthetic = STR_NONE;

    if (json_scalar(a, from->field[TRACE_TYPE], &out->type, e) != 0 ||
        json_scalar(a, from->field[TRACE_VALUE], &out->value, e) != 0)
        return -1;
    if (mechanism.p != NULL && scan_type(mechanism) == SCAN_OBJECT &&
        json_pick(a, mechanism, names, 1, &synthetic, e) != 0)
        return -1;
    if (out->value.p == NULL) /* an object, an array */
        out->value = from->field[TRACE_VALUE];
    out->type = absent_if_empty(out->type);
    out->value = absent_if_empty(out->value);
    if (out->type.p == NULL)
        split_value(out);
    out->synthetic = synthetic.p != NULL && scan_type(synthetic) == SCAN_TRUE;
    out->stacktrace = from->field[TRACE_STACKTRACE];
    out->found = out->type.p != NULL || out->value.p != NULL;
    return 0;
}

int
title_exception(struct arena *a, struct str exceptions, struct title_exception *out,
                struct error *e)
{
    struct trace_walk w = trace_begin(exceptions);
    struct str object;

    *out = (struct title_exception){.found = false};
    while (trace_next(&w, &object)) {
        struct trace_exception x;
        struct title_exception one = {.found = false};

        if (trace_exception(a, object, &x, e) != 0 || title_read(a, &x, &one, e) != 0)
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

/* The function in which a stack trace ends: that of the last in-app frame with a
 * function, else the last frame's. */
static int
crash_function(struct arena *a, struct str stacktrace, struct str *out, struct error *e)
{
    struct str frames, object, own = STR_NONE, last = STR_NONE;
    struct trace_walk w;

    if (trace_frames(a, stacktrace, &frames, e) != 0)
        return -1;
    w = trace_begin(frames);
    while (trace_next(&w, &object)) {
        struct trace_frame f;

        if (trace_frame(a, object, &f, e) != 0 ||
            trace_text(a, f.field[TRACE_FUNCTION], &last, e) != 0)
            return -1;
        if (is_true(f.field[TRACE_IN_APP]) && last.p != NULL &&
            !str_eq(last, STR("<redacted>")) && !str_eq(last, STR("<unknown>")))
            own = last;
    }
    *out = own.p != NULL ? own : last;
    return 0;
}

static bool
is_native(struct str platform)
{
    return str_eq(platform, STR("native")) || str_eq(platform, STR("objc")) ||
           str_eq(platform, STR("cocoa")) || str_eq(platform, STR("c"));
}

int
title_of_exception(struct arena *a, const struct trace *t,
                   const struct title_exception *x, struct str *out, struct error *e)
{
    struct str type = normal_first_line(x->type), line = normal_first_line(x->value);
    struct str function = STR_NONE;

    /* For a crash of native code, the function says more than a placeholder type. */
    if (x->synthetic && is_native(t->platform)) {
        if (crash_function(a, x->stacktrace.p != NULL ? x->stacktrace : t->stacktrace,
                           &function, e) != 0)
            return -1;
        *out = function;
        if (function.n > 0)
            return 0;
    }
    /* A message to which an SDK added a stack trace: the SDK left out the type. */
    if (x->synthetic && type.n == 0 && line.n > 0) {
        *out = line;
        return 0;
    }
    *out = type.n == 0 ? STR("Error") : type;
    if (line.n == 0)
        return 0;
    /* One character more shows that it was truncated. */
    return join(a,
                (const struct str[]){utf8_head(*out, LIMIT_TITLE_CHARS), STR(": "),
                                     utf8_head(line, LIMIT_TITLE_CHARS + 1)},
                3, out, e);
}

/* Returns the path of a URL; any other text unchanged. */
static struct str
without_host(struct str path)
{
    for (size_t i = 0; i + 2 < path.n && i < 16; i++) {
        if (memcmp(path.p + i, "://", 3) != 0)
            continue;
        for (size_t j = i + 3; j < path.n; j++)
            if (path.p[j] == '/')
                return (struct str){path.p + j, path.n - j};
        return path;
    }
    return path;
}

/* Returns the file of a frame without the query of its URL, which browsers and bundlers
 * add.  Elsewhere these characters are part of a name. */
static struct str
normal_source(struct str platform, struct str file)
{
    bool is_url = file.n > 0 && memmem(file.p, file.n, "://", 3) != NULL;

    if (!is_url && !str_eq(platform, STR("javascript")) && !str_eq(platform, STR("node")))
        return file;
    return is_url ? normal_url(file) : str_cut(&file, '?');
}

/* A frame as text; absent when it has no information. */
static int
place_of(struct arena *a, const struct trace *t, const struct trace_frame *f,
         struct str *out, struct error *e)
{
    struct str platform, function, module, file, path;

    *out = STR_NONE;
    if (trace_text(a, f->field[TRACE_FRAME_PLATFORM], &platform, e) != 0 ||
        trace_text(a, f->field[TRACE_FUNCTION], &function, e) != 0 ||
        trace_text(a, f->field[TRACE_FRAME_MODULE], &module, e) != 0 ||
        trace_text(a, f->field[TRACE_FILENAME], &file, e) != 0 ||
        trace_text(a, f->field[TRACE_ABS_PATH], &path, e) != 0)
        return -1;
    if (platform.p == NULL)
        platform = t->platform;
    function = function.p == NULL ? STR("?") : utf8_head(function, PLACE_MAX_CHARS);
    if (is_native(platform)) {
        *out = function;
        return 0;
    }
    if (file.p == NULL)
        file = without_host(normal_source(platform, path));
    file = normal_source(platform, file);
    module = module.p == NULL ? file : normal_source(platform, module);
    if (module.n == 0)
        return 0;
    module = utf8_head(module, PLACE_MAX_CHARS);
    if (str_eq(platform, STR("javascript")) || str_eq(platform, STR("node")))
        return join(a, (const struct str[]){function, STR("("), module, STR(")")}, 4, out,
                    e);
    return join(a, (const struct str[]){module, STR(" in "), function}, 3, out, e);
}

/* The last in-app frame with information, else the last frame. */
static int
culprit_of(struct arena *a, const struct trace *t, struct str frames, struct str *out,
           struct error *e)
{
    struct trace_walk w = trace_begin(frames);
    struct str object, last_object = STR_NONE, place;
    struct trace_frame f;

    *out = STR_NONE;
    while (trace_next(&w, &object)) {
        last_object = object;
        if (trace_frame(a, object, &f, e) != 0)
            return -1;
        if (!is_true(f.field[TRACE_IN_APP]))
            continue;
        if (place_of(a, t, &f, &place, e) != 0)
            return -1;
        if (place.p != NULL)
            *out = place;
    }
    if (out->p != NULL || last_object.p == NULL)
        return 0;
    return trace_frame(a, last_object, &f, e) != 0 ? -1 : place_of(a, t, &f, out, e);
}

/* The frames of the last exception that has any, else those of the event. */
static int
last_frames(struct arena *a, const struct trace *t, struct str *out, struct error *e)
{
    struct trace_walk w = trace_begin(t->exceptions);
    struct str object, frames;

    if (trace_frames(a, t->stacktrace, out, e) != 0)
        return -1;
    while (trace_next(&w, &object)) {
        struct trace_exception x;

        if (trace_exception(a, object, &x, e) != 0 ||
            trace_frames(a, x.field[TRACE_STACKTRACE], &frames, e) != 0)
            return -1;
        if (frames.p != NULL)
            *out = frames;
    }
    return 0;
}

int
title_culprit(struct arena *a, const struct trace *t, const struct title_exception *x,
              struct str *out, struct error *e)
{
    struct str frames;

    *out = STR_NONE;
    if (x->found && x->synthetic)
        return 0;
    if (last_frames(a, t, &frames, e) != 0)
        return -1;
    return culprit_of(a, t, frames, out, e);
}

/* The frames of the only thread; absent when there are more. */
static int
only_thread(struct arena *a, struct str threads, struct str *out, struct error *e)
{
    struct trace_walk w = trace_begin(threads);
    struct str object, other;
    struct trace_thread thread;

    *out = STR_NONE;
    if (!trace_next(&w, &object) || trace_next(&w, &other))
        return 0;
    if (trace_thread(a, object, &thread, e) != 0)
        return -1;
    return trace_frames(a, thread.field[TRACE_THREAD_STACKTRACE], out, e);
}

int
title_crash_frame(struct arena *a, const struct trace *t, struct trace_frame *out,
                  bool *found, struct error *e)
{
    struct str frames, object, function;
    struct trace_walk w;
    bool own = false;

    *found = false;
    if (last_frames(a, t, &frames, e) != 0 ||
        (frames.p == NULL && only_thread(a, t->threads, &frames, e) != 0))
        return -1;
    w = trace_begin(frames);
    while (trace_next(&w, &object)) {
        struct trace_frame f;

        if (trace_frame(a, object, &f, e) != 0 ||
            trace_text(a, f.field[TRACE_FUNCTION], &function, e) != 0)
            return -1;
        if (is_true(f.field[TRACE_IN_APP]) && function.p != NULL &&
            !str_eq(function, STR("<redacted>")) && !str_eq(function, STR("<unknown>")))
            own = true;
        else if (own)
            continue;
        *out = f;
        *found = true;
    }
    return 0;
}
