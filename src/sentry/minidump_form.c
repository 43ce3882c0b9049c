#include "sentry/minidump_form.h"

#include <stdlib.h>

#include "base/budget.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "json/merge.h"
#include "json/repair.h"
#include "json/scan.h"
#include "wire/multipart.h"

#define NAMES_MAX_BYTES ((size_t)LIMIT_FORM_FIELDS * MULTIPART_HEAD_BYTES)

/* These come with the fields: the crash, the pieces, and the defaults. */
#define OWN_OBJECTS 3U

/* It replaces an exception that the client sent. */
static const char crash[] =
    "{\"exception\":{\"values\":[{\"type\":\"Minidump\",\"value\":\"Minidump\","
    "\"mechanism\":{\"type\":\"minidump\",\"handled\":false,\"synthetic\":true}}]}}";

static const char defaults[] = "{\"platform\":\"native\",\"level\":\"fatal\"}";

struct minidump_field {
    struct minidump_field *next;
    struct str name;
    size_t number, at;
    int64_t piece; /* N of "sentry__N" */
};

/* The event being made: objects to be merged, the first ones before the others. */
struct making {
    const struct minidump_form *form;
    struct str *objects;
    size_t count;
    struct minidump_field **pieces;
    size_t piece_count;
    struct buf text;
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
    struct minidump_field *field;

    if (f->count == LIMIT_FORM_FIELDS)
        return error_set(e, ERROR_TOO_LARGE, "too many fields: limit is %u",
                         LIMIT_FORM_FIELDS);
    field = arena_get(f->arena, sizeof *field);
    if (field == NULL || arena_copy(f->arena, name, &name) != 0)
        return error_no_memory(e);
    *field =
        (struct minidump_field){.name = name, .number = f->count++, .at = f->values->n};
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

/* Sets *object to the object in a client's text, absent when there is none: as for
 * events, a text that is almost JSON will do. */
static int
find_object(struct arena *a, struct str text, struct str *object, struct error *e)
{
    struct error ignored;

    if (scan_value(text, LIMIT_JSON_DEPTH, object, &ignored) != 0) {
        if (repair_text(a, text, true, &text, e) != 0)
            return -1;
        if (scan_value(text, LIMIT_JSON_DEPTH, object, &ignored) != 0)
            *object = STR_NONE;
    }
    if (object->p != NULL && scan_type(*object) != SCAN_OBJECT)
        *object = STR_NONE;
    return 0;
}

/* Appends a text of any bytes as a string. */
static int
add_string(struct making *m, struct str text, struct error *e)
{
    if (!utf8_valid(text, NULL) &&
        repair_text(m->form->arena, text, false, &text, e) != 0)
        return -1;
    jsonout_string(&m->text, text);
    return 0;
}

/* Takes what was written into m->text as the next object. */
static int
end_object(struct making *m, struct error *e)
{
    if (m->text.failed ||
        arena_copy(m->form->arena, buf_str(&m->text), &m->objects[m->count]) != 0)
        return error_no_memory(e);
    m->count++;
    buf_clear(&m->text, SIZE_MAX);
    return 0;
}

/* {"extra":{NAME:VALUE}} */
static int
add_extra(struct making *m, struct str name, struct str value, struct error *e)
{
    buf_add_text(&m->text, "{\"extra\":{");
    if (add_string(m, name, e) != 0)
        return -1;
    buf_add_char(&m->text, ':');
    if (add_string(m, value, e) != 0)
        return -1;
    buf_add_text(&m->text, "}}");
    return end_object(m, e);
}

/* A text that is no object stands in extra, where it can be seen. */
static int
add_json(struct making *m, struct str name, struct str value, struct error *e)
{
    struct str object;

    if (find_object(m->form->arena, value, &object, e) != 0)
        return -1;
    if (object.p == NULL)
        return add_extra(m, name, value, e);
    m->objects[m->count++] = object;
    return 0;
}

/* Cuts the next "[key]" off *rest.  Returns whether it begins with one. */
static bool
next_key(struct str *rest, struct str *key)
{
    struct str inside;

    if (rest->n < 2 || rest->p[0] != '[')
        return false;
    inside = (struct str){rest->p + 1, rest->n - 1};
    *key = str_cut(&inside, ']');
    *rest = inside;
    return inside.p != NULL;
}

/* Returns the number of keys in "[a][b]…"; 0 when it is something else. */
static size_t
count_keys(struct str keys)
{
    struct str key;
    size_t n = 0;

    while (next_key(&keys, &key))
        n++;
    return keys.n == 0 && keys.p != NULL ? n : 0;
}

/* "sentry[a][b]" is {"a":{"b":VALUE}}. */
static int
add_keys(struct making *m, struct str keys, struct str value, struct error *e)
{
    size_t depth = 0;
    struct str key;

    for (; next_key(&keys, &key); depth++) {
        buf_add_char(&m->text, '{');
        if (add_string(m, key, e) != 0)
            return -1;
        buf_add_char(&m->text, ':');
    }
    if (add_string(m, value, e) != 0)
        return -1;
    while (depth-- > 0)
        buf_add_char(&m->text, '}');
    return end_object(m, e);
}

/* Returns the part of name after prefix; absent when it does not begin so. */
static struct str
after(struct str name, struct str prefix)
{
    return str_starts(name, prefix) ? (struct str){name.p + prefix.n, name.n - prefix.n}
                                    : STR_NONE;
}

static int
add_field(struct making *m, struct minidump_field *field, struct error *e)
{
    struct str value = value_of(m->form, field), name = field->name;
    struct str keys = after(name, STR("sentry"));
    struct str number = after(name, STR("sentry__"));
    size_t depth = keys.p == NULL ? 0 : count_keys(keys);

    if (str_eq(name, STR("sentry")) || str_starts(name, STR("sentry___")))
        return add_json(m, name, value, e);
    if (number.p != NULL && num_parse(number, 0, INT64_MAX, &field->piece) == 0) {
        m->pieces[m->piece_count++] = field;
        return 0;
    }
    if (depth > 0 && depth <= LIMIT_JSON_DEPTH)
        return add_keys(m, keys, value, e);
    return add_extra(m, name, value, e);
}

static int
compare_pieces(const void *a, const void *b)
{
    const struct minidump_field *x = *(struct minidump_field *const *)a;
    const struct minidump_field *y = *(struct minidump_field *const *)b;

    budget_spend(1);
    if (x->piece != y->piece)
        return x->piece < y->piece ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Together the pieces are one JSON text, in the order of their numbers. */
static int
add_pieces(struct making *m, struct error *e)
{
    struct str text;

    if (m->piece_count == 0)
        return 0;
    qsort(m->pieces, m->piece_count, sizeof(void *), compare_pieces);
    for (size_t i = 0; i < m->piece_count; i++)
        buf_add_str(&m->text, value_of(m->form, m->pieces[i]));
    if (m->text.failed || arena_copy(m->form->arena, buf_str(&m->text), &text) != 0)
        return error_no_memory(e);
    buf_clear(&m->text, SIZE_MAX);
    return add_json(m, STR("sentry__"), text, e);
}

static int
collect(struct making *m, const struct str *first, size_t count, struct error *e)
{
    m->objects[m->count++] = str_of(crash);
    for (size_t i = 0; i < count; i++)
        m->objects[m->count++] = first[i];
    for (struct minidump_field *at = m->form->first; at != NULL; at = at->next)
        if (add_field(m, at, e) != 0)
            return -1;
    if (add_pieces(m, e) != 0)
        return -1;
    m->objects[m->count++] = str_of(defaults);
    return 0;
}

int
minidump_form_event(const struct minidump_form *f, const struct str *first, size_t count,
                    struct str *out, struct error *e)
{
    struct making m = {
        .form = f,
        .objects = arena_array(f->arena, f->count + count + OWN_OBJECTS, sizeof *first),
        .pieces = arena_array(f->arena, f->count, sizeof(void *)),
        /* An escaped byte takes six. */
        .text = buf_init(8 * f->values->max + 8 * NAMES_MAX_BYTES + LIMIT_KIB)};
    int rc;

    if (m.objects == NULL || m.pieces == NULL)
        return error_no_memory(e);
    rc = collect(&m, first, count, e);
    buf_release(&m.text);
    return rc != 0 ? -1 : merge_objects(f->arena, m.objects, m.count, out, e);
}
