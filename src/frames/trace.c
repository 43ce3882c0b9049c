#include "frames/trace.h"

#include "json/json.h"

static bool
is_list(struct str value)
{
    enum scan_type type = scan_type(value);

    return type == SCAN_ARRAY || type == SCAN_OBJECT;
}

/* An empty list or object counts as absent. */
static bool
is_empty(struct str value)
{
    struct scan_iter it = scan_open(value);
    struct str name, inside;

    return scan_type(value) == SCAN_ARRAY ? !scan_array_next(&it, &inside)
                                          : !scan_object_next(&it, &name, &inside);
}

int
trace_list(struct arena *a, struct str value, struct str *out, bool *odd, struct error *e)
{
    static const struct str names[] = {STR_INIT("values")};
    struct str list = value;

    *out = STR_NONE;
    *odd = value.p != NULL && !is_list(value);
    if (value.p == NULL || *odd || is_empty(value))
        return 0;
    if (scan_type(value) == SCAN_OBJECT) {
        if (json_pick(a, value, names, 1, &list, e) != 0)
            return -1;
        if (list.p == NULL)
            list = value;
    }
    *odd = !is_list(list);
    if (!*odd && !is_empty(list))
        *out = list;
    return 0;
}

struct trace_walk
trace_begin(struct str list)
{
    struct trace_walk w = {{NULL, NULL}, STR_NONE};

    if (list.p != NULL && scan_type(list) == SCAN_ARRAY)
        w.it = scan_open(list);
    else
        w.one = list;
    return w;
}

bool
trace_next(struct trace_walk *w, struct str *object)
{
    if (w->it.p == NULL) {
        *object = w->one;
        w->one = STR_NONE;
        return object->p != NULL && scan_type(*object) == SCAN_OBJECT;
    }
    while (scan_array_next(&w->it, object))
        if (scan_type(*object) == SCAN_OBJECT)
            return true;
    return false;
}

int
trace_exception(struct arena *a, struct str object, struct trace_exception *out,
                struct error *e)
{
    static const struct str names[N_TRACE_EXCEPTION_FIELDS] = {
        STR_INIT("type"),       STR_INIT("value"),     STR_INIT("module"),
        STR_INIT("stacktrace"), STR_INIT("mechanism"), STR_INIT("thread_id")};
    static const struct str others[] = {STR_INIT("type_name"), STR_INIT("module_name")};
    struct str found[COUNT_OF(others)];

    if (json_pick(a, object, names, COUNT_OF(names), out->field, e) != 0)
        return -1;
    if (out->field[TRACE_TYPE].p != NULL)
        return 0;
    if (json_pick(a, object, others, COUNT_OF(others), found, e) != 0)
        return -1;
    out->field[TRACE_TYPE] = found[0];
    if (out->field[TRACE_MODULE].p == NULL)
        out->field[TRACE_MODULE] = found[1];
    return 0;
}

int
trace_thread(struct arena *a, struct str object, struct trace_thread *out,
             struct error *e)
{
    static const struct str names[N_TRACE_THREAD_FIELDS] = {
        STR_INIT("id"), STR_INIT("name"), STR_INIT("crashed"), STR_INIT("current"),
        STR_INIT("stacktrace")};

    return json_pick(a, object, names, COUNT_OF(names), out->field, e);
}

int
trace_frame(struct arena *a, struct str object, struct trace_frame *out, struct error *e)
{
    static const struct str names[N_TRACE_FRAME_FIELDS] = {
        STR_INIT("function"),     STR_INIT("raw_function"), STR_INIT("module"),
        STR_INIT("filename"),     STR_INIT("abs_path"),     STR_INIT("package"),
        STR_INIT("in_app"),       STR_INIT("lineno"),       STR_INIT("colno"),
        STR_INIT("context_line"), STR_INIT("platform"),     STR_INIT("instruction_addr"),
        STR_INIT("data"),         STR_INIT("image_addr")};
    static const struct str other = STR_INIT("function_name");

    if (json_pick(a, object, names, COUNT_OF(names), out->field, e) != 0)
        return -1;
    return out->field[TRACE_FUNCTION].p != NULL
               ? 0
               : json_pick(a, object, &other, 1, &out->field[TRACE_FUNCTION], e);
}

int
trace_frames(struct arena *a, struct str stacktrace, struct str *out, struct error *e)
{
    static const struct str names[] = {STR_INIT("frames")};

    *out = stacktrace;
    if (stacktrace.p != NULL && scan_type(stacktrace) == SCAN_OBJECT &&
        json_pick(a, stacktrace, names, 1, out, e) != 0)
        return -1;
    if (out->p != NULL && (scan_type(*out) != SCAN_ARRAY || is_empty(*out)))
        *out = STR_NONE;
    return 0;
}

int
trace_text(struct arena *a, struct str value, struct str *out, struct error *e)
{
    *out = STR_NONE;
    if (value.p == NULL || scan_type(value) != SCAN_STRING)
        return 0;
    if (json_string(a, value, out, e) != 0)
        return -1;
    if (out->n == 0 || str_eq(*out, STR("?")))
        *out = STR_NONE;
    return 0;
}

int
trace_type(struct arena *a, const struct trace_exception *from, struct str *type,
           struct str *value, struct error *e)
{
    if (json_scalar(a, from->field[TRACE_TYPE], type, e) != 0 ||
        json_scalar(a, from->field[TRACE_VALUE], value, e) != 0)
        return -1;
    if (value->p == NULL) /* an object, an array */
        *value = from->field[TRACE_VALUE];
    *type = trace_or_absent(*type);
    *value = trace_or_absent(*value);
    return 0;
}
