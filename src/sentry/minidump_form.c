#include "sentry/minidump_form.h"

#include "base/jsonout.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "json/scan.h"

static const char crash[] =
    "\"exception\":{\"values\":[{\"type\":\"Minidump\",\"value\":\"Minidump\","
    "\"mechanism\":{\"type\":\"minidump\",\"handled\":false,\"synthetic\":true}}]}";

struct minidump_field {
    struct minidump_field *next;
    struct str name;
    size_t at;
};

void
minidump_form_init(struct minidump_form *f, struct arena *arena, struct buf *values,
                   size_t max_bytes)
{
    *f = (struct minidump_form){.arena = arena, .values = values};
    f->end = &f->first;
    buf_clear(values, SIZE_MAX);
    values->max = max_bytes;
}

int
minidump_form_field(struct minidump_form *f, struct str name, struct error *e)
{
    struct minidump_field *field = arena_get(f->arena, sizeof *field);

    if (field == NULL || arena_copy(f->arena, name, &name) != 0)
        return error_no_memory(e);
    *field = (struct minidump_field){NULL, name, f->values->n};
    *f->end = field;
    f->end = &field->next;
    return 0;
}

static struct str
value_of(const struct minidump_form *f, const struct minidump_field *field)
{
    size_t to = field->next == NULL ? f->values->n : field->next->at;

    return (struct str){f->values->data == NULL ? "" : f->values->data + field->at,
                        to - field->at};
}

/* What stands between the first brackets of "sentry[a][b]"; absent for other names.
 * *inner is "b", absent in "sentry[a]". */
static struct str
bracket(struct str name, struct str *inner)
{
    struct str rest = name, outer = str_cut(&rest, '[');

    *inner = STR_NONE;
    if (!str_eq(outer, STR("sentry")) || rest.p == NULL)
        return STR_NONE;
    outer = str_cut(&rest, ']');
    if (rest.n > 1 && rest.p[0] == '[') {
        rest = (struct str){rest.p + 1, rest.n - 1};
        *inner = str_cut(&rest, ']');
    }
    return outer;
}

static bool
is_json_field(struct str name)
{
    return str_eq(name, STR("sentry")) || str_starts(name, STR("sentry__"));
}

static void
add_pair(struct buf *b, struct str name, struct str value)
{
    if (!utf8_valid(name, NULL) || !utf8_valid(value, NULL))
        return;
    if (b->n > 0 && b->data[b->n - 1] != '{')
        buf_add_char(b, ',');
    jsonout_string(b, name);
    buf_add_char(b, ':');
    jsonout_string(b, value);
}

/* Was this outer name written already, with an earlier field? */
static bool
is_repeated(const struct minidump_form *f, const struct minidump_field *field,
            struct str outer)
{
    struct str inner;

    for (const struct minidump_field *at = f->first; at != field; at = at->next)
        if (str_eq(bracket(at->name, &inner), outer))
            return true;
    return false;
}

/* All "sentry[outer][…]" as one object. */
static void
add_nested(const struct minidump_form *f, struct str outer, struct buf *b)
{
    if (!utf8_valid(outer, NULL))
        return;
    buf_add_char(b, ',');
    jsonout_string(b, outer);
    buf_add_text(b, ":{");
    for (const struct minidump_field *at = f->first; at != NULL; at = at->next) {
        struct str inner;

        if (str_eq(bracket(at->name, &inner), outer) && inner.p != NULL)
            add_pair(b, inner, value_of(f, at));
    }
    buf_add_char(b, '}');
}

static void
add_members(const struct minidump_form *f, struct buf *b)
{
    for (const struct minidump_field *at = f->first; at != NULL; at = at->next) {
        struct str inner, outer = bracket(at->name, &inner);

        if (outer.p == NULL || is_repeated(f, at, outer))
            continue;
        if (inner.p == NULL)
            add_pair(b, outer, value_of(f, at));
        else
            add_nested(f, outer, b);
    }
}

static void
add_extra(const struct minidump_form *f, struct buf *b)
{
    buf_add_text(b, ",\"extra\":{");
    for (const struct minidump_field *at = f->first; at != NULL; at = at->next) {
        struct str inner;

        if (!is_json_field(at->name) && bracket(at->name, &inner).p == NULL)
            add_pair(b, at->name, value_of(f, at));
    }
    buf_add_char(b, '}');
}

/* What the client wrote itself comes last, since of two members with one name the last
 * counts; a text that is no object is left out. */
static void
add_json(const struct minidump_form *f, struct buf *b)
{
    struct buf text = buf_init(f->values->max);
    struct str object;
    struct error ignored;

    for (const struct minidump_field *at = f->first; at != NULL; at = at->next)
        if (is_json_field(at->name))
            buf_add_str(&text, value_of(f, at));
    if (!text.failed &&
        scan_value(buf_str(&text), LIMIT_JSON_DEPTH, &object, &ignored) == 0 &&
        scan_type(object) == SCAN_OBJECT &&
        !scan_blank((struct str){object.p + 1, object.n - 2})) {
        buf_add_char(b, ',');
        buf_add_str(b, (struct str){object.p + 1, object.n - 2});
    }
    buf_release(&text);
}

int
minidump_form_event(const struct minidump_form *f, struct str *out, struct error *e)
{
    struct buf b = buf_init(8 * f->values->max + LIMIT_KIB);
    int rc = 0;

    buf_add_text(&b, "{\"platform\":\"native\",\"level\":\"fatal\"");
    add_members(f, &b);
    add_extra(f, &b);
    add_json(f, &b);
    buf_add_char(&b, ',');
    buf_add_text(&b, crash);
    buf_add_char(&b, '}');
    if (b.failed || arena_copy(f->arena, buf_str(&b), out) != 0)
        rc = error_no_memory(e);
    buf_release(&b);
    return rc;
}
