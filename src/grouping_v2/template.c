#include "grouping_v2/template.h"

#include <string.h>

#include "base/budget.h"
#include "base/buf.h"
#include "base/limits.h"
#include "grouping_v2/function.h"
#include "grouping_v2/parameterize.h"
#include "grouping_v2/place.h"
#include "grouping_v2/stackframe.h"
#include "grouping_v2/title.h"
#include "json/json.h"

/* Values may be long, and a text may name one many times. */
#define EXPANDED_MAX_BYTES (64 * LIMIT_KIB)

enum variable {
    VARIABLE_TRANSACTION,
    VARIABLE_MESSAGE,
    VARIABLE_TYPE,
    VARIABLE_VALUE,
    VARIABLE_FUNCTION,
    VARIABLE_PATH,
    VARIABLE_FILENAME,
    VARIABLE_MODULE,
    VARIABLE_PACKAGE,
    VARIABLE_LEVEL,
    VARIABLE_LOGGER,
    N_VARIABLES
};

/* Each value is computed once, however often it is named; `general` is the value without
 * variable parts. */
struct template_values {
    struct template_value {
        bool known, has_general;
        struct str text, general;
    } of[N_VARIABLES];

    bool has_frame, frame_found;
    struct v2_trace_frame frame; /* the frame that crashed */
};

static const struct {
    struct str name;
    enum variable variable;
    const char *missing;
} variables[] = {
    {STR_INIT("transaction"), VARIABLE_TRANSACTION, "<no-transaction>"},
    {STR_INIT("message"), VARIABLE_MESSAGE, "<no-message>"},
    {STR_INIT("type"), VARIABLE_TYPE, "<no-type>"},
    {STR_INIT("error.type"), VARIABLE_TYPE, "<no-type>"},
    {STR_INIT("value"), VARIABLE_VALUE, "<no-value>"},
    {STR_INIT("error.value"), VARIABLE_VALUE, "<no-value>"},
    {STR_INIT("function"), VARIABLE_FUNCTION, "<no-function>"},
    {STR_INIT("stack.function"), VARIABLE_FUNCTION, "<no-function>"},
    {STR_INIT("path"), VARIABLE_PATH, "<no-abs-path>"},
    {STR_INIT("stack.abs_path"), VARIABLE_PATH, "<no-abs-path>"},
    {STR_INIT("stack.filename"), VARIABLE_FILENAME, "<no-filename>"},
    {STR_INIT("module"), VARIABLE_MODULE, "<no-module>"},
    {STR_INIT("stack.module"), VARIABLE_MODULE, "<no-module>"},
    {STR_INIT("package"), VARIABLE_PACKAGE, "<no-package>"},
    {STR_INIT("stack.package"), VARIABLE_PACKAGE, "<no-package>"},
    {STR_INIT("level"), VARIABLE_LEVEL, "<no-level>"},
    {STR_INIT("logger"), VARIABLE_LOGGER, "<no-logger>"},
};

/* Finds the first "{{ NAME }}" in text: the text before it, NAME, and the text after
 * it. */
static bool
find(struct str text, struct str *before, struct str *name, struct str *behind)
{
    const char *open = text.n == 0 ? NULL : memmem(text.p, text.n, "{{", 2), *close;
    size_t left;

    if (open == NULL)
        return false;
    left = (size_t)(text.p + text.n - open) - 2;
    close = memmem(open + 2, left, "}}", 2);
    if (close == NULL)
        return false;
    *before = (struct str){text.p, (size_t)(open - text.p)};
    *name = str_trim((struct str){open + 2, (size_t)(close - open) - 2});
    *behind = (struct str){close + 2, left - (size_t)(close - open)};
    return true;
}

bool
v2_template_is_default(struct str text)
{
    struct str before, name, behind;

    return find(text, &before, &name, &behind) && before.n == 0 && behind.n == 0 &&
           str_eq(name, STR("default"));
}

static int
of_frame(struct work *w, enum variable v, struct str *out, struct error *e)
{
    static const enum v2_trace_frame_field fields[][2] = {
        [VARIABLE_FUNCTION] = {V2_TRACE_FUNCTION, V2_TRACE_FUNCTION},
        [VARIABLE_PATH] = {V2_TRACE_ABS_PATH, V2_TRACE_FILENAME},
        [VARIABLE_FILENAME] = {V2_TRACE_FILENAME, V2_TRACE_ABS_PATH},
        [VARIABLE_MODULE] = {V2_TRACE_FRAME_MODULE, V2_TRACE_FRAME_MODULE},
        [VARIABLE_PACKAGE] = {V2_TRACE_PACKAGE, V2_TRACE_PACKAGE}};
    struct template_values *known = w->values;

    if (!known->has_frame &&
        v2_title_crash_frame(w->a, &w->trace, &known->frame, &known->frame_found, e) != 0)
        return -1;
    known->has_frame = true;
    for (size_t i = 0; known->frame_found && out->p == NULL && i < 2; i++)
        if (v2_trace_text(w->a, known->frame.field[fields[v][i]], out, e) != 0)
            return -1;
    if (v == VARIABLE_PACKAGE)
        *out = v2_place_base(*out);
    /* Arguments and hashes are removed from a native function's name. */
    if (v == VARIABLE_FUNCTION && out->p != NULL && w->v2_frames->family == FAMILY_NATIVE)
        return v2_function_clean_native(w->a, *out, out, e);
    return 0;
}

static int
value_of(struct work *w, const struct event *ev, enum variable v, struct str *out,
         struct error *e)
{
    *out = STR_NONE;
    switch (v) {
    case VARIABLE_TRANSACTION:
        *out = ev->transaction;
        break;
    case VARIABLE_MESSAGE:
        *out = w->message.text.p != NULL ? w->message.text : w->exception.value;
        break;
    case VARIABLE_TYPE:
        *out = w->exception.type;
        break;
    case VARIABLE_VALUE:
        *out = w->exception.value;
        break;
    case VARIABLE_LEVEL:
        *out = ev->level;
        break;
    case VARIABLE_LOGGER:
        return json_scalar(w->a, w->member[MEMBER_LOGGER], out, e);
    case VARIABLE_FUNCTION:
    case VARIABLE_PATH:
    case VARIABLE_FILENAME:
    case VARIABLE_MODULE:
    case VARIABLE_PACKAGE:
        return of_frame(w, v, out, e);
    case N_VARIABLES:
        break;
    }
    return 0;
}

/* The same, computed once. */
static int
known_value(struct work *w, const struct event *ev, enum variable v, bool exact,
            struct str *out, struct error *e)
{
    struct template_value *known = &w->values->of[v];

    if (!known->known && value_of(w, ev, v, &known->text, e) != 0)
        return -1;
    known->known = true;
    *out = known->text;
    if (out->n == 0 || exact || (v != VARIABLE_MESSAGE && v != VARIABLE_VALUE))
        return 0;
    if (!known->has_general &&
        v2_parameterize_text(w->a, known->text, &known->general, e) != 0)
        return -1;
    known->has_general = true;
    *out = known->general;
    return 0;
}

static int
put_tag(struct work *w, const struct event *ev, struct str name, struct buf *b,
        struct error *e)
{
    struct str text = STR_NONE;

    if (work_tag(w, name, &text, e) != 0)
        return -1;
    if (text.n == 0 && str_eq(name, STR("environment")))
        text = ev->environment;
    if (text.n > 0) {
        buf_add_str(b, text);
        return 0;
    }
    buf_add_text(b, "<no-value-for-tag-");
    buf_add_str(b, name);
    buf_add_char(b, '>');
    return 0;
}

static int
put_variable(struct work *w, const struct event *ev, struct str name, bool exact,
             struct buf *b, struct error *e)
{
    static const struct str tags = STR_INIT("tags.");
    struct str text;

    if (str_starts(name, tags))
        return put_tag(w, ev, (struct str){name.p + tags.n, name.n - tags.n}, b, e);
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        enum variable v = variables[i].variable;

        if (!str_eq(name, variables[i].name))
            continue;
        if (known_value(w, ev, v, exact, &text, e) != 0)
            return -1;
        buf_add_str(b, text.n > 0 ? text : str_of(variables[i].missing));
        return 0;
    }
    buf_add_text(b, "<unrecognized-variable-");
    buf_add_str(b, name);
    buf_add_char(b, '>');
    return 0;
}

int
v2_template_expand(struct work *w, const struct event *ev, struct str text, bool exact,
                   struct str *out, struct error *e)
{
    struct str before, name, behind;
    struct buf b = buf_init(EXPANDED_MAX_BYTES + text.n);
    int rc = 0;

    *out = text;
    budget_doing("replacing variables");
    if (!find(text, &before, &name, &behind))
        return 0;
    if (w->values == NULL)
        w->values = arena_array(w->a, 1, sizeof *w->values);
    if (w->values == NULL)
        return error_no_memory(e);
    while (rc == 0 && w->variables < LIMIT_VARIABLES &&
           find(text, &before, &name, &behind)) {
        w->variables++;
        buf_add_str(&b, before);
        rc = put_variable(w, ev, name, exact, &b, e);
        text = behind;
    }
    buf_add_str(&b, text);
    /* A text that is too long ends before the variable that exceeded the limit. */
    if (rc == 0 && arena_copy(w->a, buf_str(&b), out) != 0)
        rc = error_no_memory(e);
    buf_release(&b);
    return rc;
}
