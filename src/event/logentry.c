#include "event/logentry.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"
#include "event/format.h"
#include "json/json.h"
#include "json/lookup.h"
#include "json/scan.h"

#define FORMATTED_MAX_BYTES (64 * LIMIT_KIB)

/* One formatting: parameters are used in their order, or by name or number.  Those used
 * in order are walked along with the template; a table of all is built when one is
 * requested by name or number. */
struct formatting {
    struct arena *a;
    struct str params;
    struct scan_iter next; /* of an array: the next parameter */
    struct lookup table;   /* list is NULL: not built yet */
    struct buf out;
};

static bool
is_object(const struct formatting *f)
{
    return scan_type(f->params) == SCAN_OBJECT;
}

static bool
next_param(const struct formatting *f, struct scan_iter *it, struct str *inside,
           struct str *value)
{
    *inside = STR_NONE;
    return is_object(f) ? scan_object_next(it, inside, value)
                        : scan_array_next(it, value);
}

/* Returns false when memory runs out. */
static bool
make_table(struct formatting *f)
{
    struct scan_iter it = scan_open(f->params);
    struct str inside, value, name;
    struct error ignored;
    size_t count = 0;

    while (next_param(f, &it, &inside, &value))
        count++;
    if (lookup_init(&f->table, f->a, count) != 0)
        return false;
    it = scan_open(f->params);
    while (f->table.count < count && next_param(f, &it, &inside, &value)) {
        name = STR_NONE;
        if (inside.p != NULL && json_inside(f->a, inside, &name, &ignored) != 0)
            return false;
        lookup_add(&f->table, name, value);
    }
    if (is_object(f))
        lookup_sort(&f->table);
    return true;
}

/* Returns the parameter of that number, or of that name; absent when there is none. */
static struct str
find_param(struct formatting *f, size_t number, struct str name)
{
    if ((name.p != NULL) != is_object(f) || (f->table.list == NULL && !make_table(f)))
        return STR_NONE;
    return name.p != NULL ? lookup_name(&f->table, name)
                          : lookup_number(&f->table, number);
}

/* Returns the next parameter; an object has none without a name. */
static struct str
take_param(struct formatting *f)
{
    struct str value;

    return !is_object(f) && scan_array_next(&f->next, &value) ? value : STR_NONE;
}

/* Puts a text in quotes, for Python's %r. */
static bool
quote(struct formatting *f, struct str *text)
{
    struct buf b = buf_init(FORMATTED_MAX_BYTES);
    bool good;

    buf_add_char(&b, '\'');
    buf_add_str(&b, *text);
    buf_add_char(&b, '\'');
    good = !b.failed && arena_copy(f->a, buf_str(&b), text) == 0;
    buf_release(&b);
    return good;
}

/* Appends a parameter as its conversion asks. */
static bool
put_param(struct formatting *f, struct str value, const struct format *how)
{
    bool is_whole = strchr("diuxXo", how->type) != NULL && how->type != '\0';
    struct error ignored;
    struct str text;

    if (value.p == NULL || json_scalar(f->a, value, &text, &ignored) != 0)
        return false;
    if (text.p == NULL)
        text = scan_type(value) == SCAN_NULL ? STR("None") : value;
    if (how->type == 'r' && scan_type(value) == SCAN_STRING && !quote(f, &text))
        return false;
    if (is_whole && scan_type(value) == SCAN_TRUE)
        text = STR("1");
    else if (is_whole && scan_type(value) == SCAN_FALSE)
        text = STR("0");
    format_put(&f->out, how, text, scan_type(value) == SCAN_NUMBER);
    return true;
}

/* Parses a conversion after its %.  Returns the position after it, or NULL. */
static const char *
percent(struct formatting *f, const char *p, const char *end)
{
    struct str name = STR_NONE;
    struct format how;

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
    p = format_percent(p, end, &how);
    if (p == NULL ||
        !put_param(f, name.p == NULL ? take_param(f) : find_param(f, 0, name), &how))
        return NULL;
    return p;
}

/* Parses a field after its {: a number, a name, or nothing; then perhaps a colon and how
 * to write it, which is left out of account when it is not Python's. */
static const char *
brace(struct formatting *f, const char *p, const char *end)
{
    const char *close;
    struct str inside, field;
    struct format how;
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
    (void)!format_brace(inside.p == NULL ? STR("") : inside, &how);
    field = str_cut(&field, '!');
    if (field.n == 0)
        inside = take_param(f);
    else if (num_parse(field, 0, INT32_MAX, &number) == 0)
        inside = find_param(f, (size_t)number, STR_NONE);
    else
        inside = find_param(f, 0, field);
    return put_param(f, inside, &how) ? close + 1 : NULL;
}

static bool
run(struct formatting *f, struct str template, char mark)
{
    const char *p = template.p, *end = template.p + template.n;

    while (p != NULL && p < end && !f->out.failed) {
        const char *at = memchr(p, mark, (size_t)(end - p));

        if (at == NULL)
            at = end;
        buf_add(&f->out, p, (size_t)(at - p));
        p = at;
        if (p < end)
            p = mark == '%' ? percent(f, p + 1, end) : brace(f, p + 1, end);
    }
    /* Python's % requires that every list element is used. */
    return p != NULL && !f->out.failed && (mark != '%' || take_param(f).p == NULL);
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
    struct formatting f = {
        .a = a, .params = params, .out = buf_init(FORMATTED_MAX_BYTES)};
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
    f.next = scan_open(params);
    if (run(&f, template, mark) && arena_copy(a, buf_str(&f.out), out) != 0)
        rc = error_no_memory(e);
    buf_release(&f.out);
    return rc;
}

/* A text, or the JSON of any other value. */
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
