#include "event/logentry.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"
#include "json/json.h"
#include "json/scan.h"

#define FORMATTED_MAX_BYTES (64 * LIMIT_KIB)

/* One formatting: parameters are taken in their order, or by name or number. */
struct formatting {
    struct arena *a;
    struct str params;
    size_t taken;
    struct buf out;
};

/* The parameter of that name in an object, which may be null. */
static struct str
named_param(struct formatting *f, struct str name)
{
    struct scan_iter it = scan_open(f->params);
    struct str value, inside, text, found = STR_NONE;
    struct error ignored;

    while (name.p != NULL && scan_object_next(&it, &inside, &value))
        if (json_inside(f->a, inside, &text, &ignored) == 0 && str_eq(text, name))
            found = value;
    return found;
}

/* The parameter of that number, or of that name; absent when there is none. */
static struct str
find_param(struct formatting *f, size_t number, struct str name)
{
    struct scan_iter it = scan_open(f->params);
    struct str value;

    if (scan_type(f->params) == SCAN_OBJECT)
        return named_param(f, name);
    if (name.p != NULL)
        return STR_NONE;
    for (size_t i = 0; scan_array_next(&it, &value); i++)
        if (i == number)
            return value;
    return STR_NONE;
}

/* Appends a parameter as text: quoted for Python's %r. */
static bool
put_param(struct formatting *f, struct str value, bool quoted)
{
    struct error ignored;
    struct str text;

    if (value.p == NULL || json_scalar(f->a, value, &text, &ignored) != 0)
        return false;
    if (scan_type(value) == SCAN_NULL)
        text = STR("None");
    quoted = quoted && scan_type(value) == SCAN_STRING;
    if (quoted)
        buf_add_char(&f->out, '\'');
    buf_add_str(&f->out, text.p == NULL ? value : text);
    if (quoted)
        buf_add_char(&f->out, '\'');
    return true;
}

/* Reads a conversion behind its %: flags, width, precision and the letter.  Gives what is
 * behind it, or NULL. */
static const char *
percent(struct formatting *f, const char *p, const char *end)
{
    struct str name = STR_NONE;

    if (p < end && *p == '%') {
        buf_add_char(&f->out, '%');
        return p + 1;
    }
    if (p < end && *p == '(') {
        const char *close = memchr(p, ')', (size_t)(end - p));

        if (close == NULL)
            return NULL;
        name = (struct str){p + 1, (size_t)(close - p) - 1};
        p = close + 1;
    }
    while (p < end && strchr("-+ #0123456789.lh", *p) != NULL && *p != '\0')
        p++;
    if (p == end || *p == '\0' || strchr("sdrifuxXeEgGoca", *p) == NULL)
        return NULL;
    if (!put_param(f, find_param(f, name.p == NULL ? f->taken++ : 0, name), *p == 'r'))
        return NULL;
    return p + 1;
}

/* Reads a field behind its {: a number, a name, or nothing. */
static const char *
brace(struct formatting *f, const char *p, const char *end)
{
    const char *close;
    struct str inside, field;
    int64_t number;

    if (p < end && *p == '{') {
        buf_add_char(&f->out, '{');
        return p + 1;
    }
    close = memchr(p, '}', (size_t)(end - p));
    if (close == NULL)
        return NULL;
    inside = (struct str){p, (size_t)(close - p)};
    field = str_cut(&inside, ':');
    field = str_cut(&field, '!');
    if (field.n == 0)
        inside = find_param(f, f->taken++, STR_NONE);
    else if (num_parse(field, 0, INT32_MAX, &number) == 0)
        inside = find_param(f, (size_t)number, STR_NONE);
    else
        inside = find_param(f, 0, field);
    return put_param(f, inside, false) ? close + 1 : NULL;
}

static bool
run(struct formatting *f, struct str template, char mark)
{
    const char *p = template.p, *end = template.p + template.n;

    while (p != NULL && p < end) {
        const char *at = memchr(p, mark, (size_t)(end - p));

        if (at == NULL)
            at = end;
        buf_add(&f->out, p, (size_t)(at - p));
        p = at;
        if (p < end)
            p = mark == '%' ? percent(f, p + 1, end) : brace(f, p + 1, end);
    }
    /* Python's % wants all that is in a list to be used. */
    if (mark == '%' && scan_type(f->params) == SCAN_ARRAY &&
        find_param(f, f->taken, STR_NONE).p != NULL)
        return false;
    return p != NULL && !f->out.failed;
}

static bool
is_empty(struct str params)
{
    struct scan_iter it = scan_open(params);
    struct str ignored;

    return !scan_array_next(&it, &ignored);
}

int
logentry_format(struct arena *a, struct str template, struct str params, struct str *out,
                struct error *e)
{
    struct formatting f = {a, params, 0, buf_init(FORMATTED_MAX_BYTES)};
    char mark;
    int rc = 0;

    *out = template;
    if (template.n == 0 || params.p == NULL ||
        (scan_type(params) != SCAN_ARRAY && scan_type(params) != SCAN_OBJECT) ||
        is_empty(params))
        return 0;
    mark = memchr(template.p, '%', template.n) != NULL ? '%' : '{';
    if (memchr(template.p, mark, template.n) == NULL)
        return 0;
    if (run(&f, template, mark) && arena_copy(a, buf_str(&f.out), out) != 0)
        rc = error_no_memory(e);
    buf_release(&f.out);
    return rc;
}

/* A text, or the JSON of what is none. */
static int
text_of(struct arena *a, struct str value, bool lenient, struct str *out, struct error *e)
{
    *out = STR_NONE;
    if (value.p == NULL || scan_type(value) == SCAN_FALSE)
        return 0;
    if (scan_type(value) == SCAN_STRING)
        return json_string(a, value, out, e);
    if (lenient)
        *out = value;
    return 0;
}

int
logentry_read(struct arena *a, struct str value, bool lenient, struct logentry *out,
              struct error *e)
{
    static const struct str names[] = {STR_INIT("formatted"), STR_INIT("message"),
                                       STR_INIT("params")};
    struct str values[COUNT_OF(names)], template;

    *out = (struct logentry){STR_NONE, STR_NONE};
    if (value.p == NULL)
        return 0;
    if (scan_type(value) != SCAN_OBJECT) {
        if (text_of(a, value, lenient, &out->text, e) != 0)
            return -1;
        if (out->text.n == 0)
            out->text = STR_NONE;
        return 0;
    }
    if (json_pick(a, value, names, COUNT_OF(names), values, e) != 0 ||
        text_of(a, values[0], lenient, &out->text, e) != 0 ||
        text_of(a, values[1], lenient, &template, e) != 0)
        return -1;
    if (out->text.n == 0 && logentry_format(a, template, values[2], &out->text, e) != 0)
        return -1;
    if (out->text.n == 0)
        out->text = STR_NONE;
    if (template.n > 0 && !str_eq(template, out->text))
        out->template = template;
    return 0;
}
