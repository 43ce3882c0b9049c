#include "json/json.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/budget.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "json/scan.h"

#define REPLACEMENT 0xfffdU

static unsigned
hex4(const char *p)
{
    unsigned v = 0;

    for (int i = 0; i < 4; i++)
        v = v << 4 | (unsigned)num_hex_digit(p[i]);
    return v;
}

/* Decodes the escape \uXXXX at *p, or a pair of them for surrogates. */
static unsigned
unicode_escape(const char **p, const char *end)
{
    unsigned c = hex4(*p + 2), low;

    *p += 6;
    if (c == 0)
        return REPLACEMENT;
    if (c < 0xd800U || c > 0xdfffU)
        return c;
    if (c > 0xdbffU || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
        return REPLACEMENT;
    low = hex4(*p + 2);
    if (low < 0xdc00U || low > 0xdfffU)
        return REPLACEMENT;
    *p += 6;
    return 0x10000U + ((c - 0xd800U) << 10) + (low - 0xdc00U);
}

static char *
put_char(char *at, unsigned c)
{
    if (c < 0x80U) {
        *at++ = (char)c;
    } else if (c < 0x800U) {
        *at++ = (char)(0xc0U | c >> 6);
        *at++ = (char)(0x80U | (c & 0x3fU));
    } else if (c < 0x10000U) {
        *at++ = (char)(0xe0U | c >> 12);
        *at++ = (char)(0x80U | (c >> 6 & 0x3fU));
        *at++ = (char)(0x80U | (c & 0x3fU));
    } else {
        *at++ = (char)(0xf0U | c >> 18);
        *at++ = (char)(0x80U | (c >> 12 & 0x3fU));
        *at++ = (char)(0x80U | (c >> 6 & 0x3fU));
        *at++ = (char)(0x80U | (c & 0x3fU));
    }
    return at;
}

static char
short_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

/* An escape is never shorter than its character, not even U+FFFD for \u0000. */
int
json_inside(struct arena *a, struct str inside, struct str *out, struct error *e)
{
    const char *p = inside.p, *end = inside.p + inside.n;
    char *begin, *at;

    *out = inside;
    budget_spend(inside.n);
    if (inside.n == 0 || memchr(p, '\\', inside.n) == NULL)
        return 0;
    at = begin = arena_get(a, inside.n);
    if (begin == NULL)
        return error_no_memory(e);
    while (p < end) {
        const char *stop = memchr(p, '\\', (size_t)(end - p));
        size_t plain = (size_t)((stop == NULL ? end : stop) - p);

        (void)memcpy(at, p, plain);
        at += plain;
        p += plain;
        if (p == end)
            break;
        if (p[1] == 'u') {
            at = put_char(at, unicode_escape(&p, end));
        } else {
            *at++ = short_escape(p[1]);
            p += 2;
        }
    }
    *out = (struct str){begin, (size_t)(at - begin)};
    return 0;
}

int
json_string(struct arena *a, struct str value, struct str *out, struct error *e)
{
    CHECK(value.n >= 2 && value.p[0] == '"');
    return json_inside(a, (struct str){value.p + 1, value.n - 2}, out, e);
}

int
json_scalar(struct arena *a, struct str value, struct str *out, struct error *e)
{
    *out = STR_NONE;
    if (value.p == NULL)
        return 0;
    switch (scan_type(value)) {
    case SCAN_STRING:
        return json_string(a, value, out, e);
    case SCAN_NUMBER:
        *out = value;
        return 0;
    case SCAN_TRUE:
        *out = STR("True");
        return 0;
    case SCAN_FALSE:
        *out = STR("False");
        return 0;
    case SCAN_NULL:
    case SCAN_ARRAY:
    case SCAN_OBJECT:
        return 0;
    }
    return 0;
}

int
json_pick(struct arena *a, struct str object, const struct str *names, size_t count,
          struct str *values, struct error *e)
{
    struct scan_iter it = scan_open(object);
    struct str inside, value;

    for (size_t i = 0; i < count; i++)
        values[i] = STR_NONE;
    while (scan_object_next(&it, &inside, &value)) {
        struct str name;

        if (json_inside(a, inside, &name, e) != 0)
            return -1;
        for (size_t i = 0; i < count; i++)
            if (names[i].n == name.n && str_eq(names[i], name)) {
                values[i] = scan_type(value) == SCAN_NULL ? STR_NONE : value;
                break;
            }
    }
    return 0;
}

static void
note(const struct json_tags_notes *notes, bool too_long, struct str name,
     struct str value)
{
    if (notes != NULL)
        notes->take(notes->context, too_long, name, value);
}

/* Returns whether an element is a pair of a name and a value, and sets both. */
static bool
is_pair(struct str pair, struct str *name, struct str *value)
{
    struct scan_iter in;
    struct str more;

    if (scan_type(pair) != SCAN_ARRAY)
        return false;
    in = scan_open(pair);
    if (!scan_array_next(&in, name) || !scan_array_next(&in, value) ||
        scan_array_next(&in, &more) || scan_type(*name) != SCAN_STRING)
        return false;
    *name = (struct str){name->p + 1, name->n - 2};
    return true;
}

/* Sets the next name and value of an object, or of an array of pairs; skips elements that
 * are not pairs.  Returns false at the end. */
static bool
next_tag(struct scan_iter *it, bool pairs, const struct json_tags_notes *notes,
         struct str *name, struct str *value)
{
    struct str pair;

    if (!pairs)
        return scan_object_next(it, name, value);
    while (scan_array_next(it, &pair)) {
        if (is_pair(pair, name, value))
            return true;
        if (scan_type(pair) != SCAN_NULL)
            note(notes, false, STR_NONE, pair);
    }
    return false;
}

static bool
has_line_break(struct str text)
{
    return text.n > 0 &&
           (memchr(text.p, '\n', text.n) != NULL || memchr(text.p, '\r', text.n) != NULL);
}

static int
add_tag(struct arena *a, json_object *tags, struct str inside, struct str value,
        const struct json_tags_notes *notes, struct error *e)
{
    struct str name, text;
    json_object *held;

    if (json_inside(a, inside, &name, e) != 0 || json_scalar(a, value, &text, e) != 0)
        return -1;
    text = utf8_trim(text);
    if (text.n == 0 || has_line_break(text)) {
        if (scan_type(value) != SCAN_NULL)
            note(notes, false, name, value);
        return 0;
    }
    if (utf8_head(text, LIMIT_TAG_CHARS).n < text.n ||
        utf8_head(name, LIMIT_TAG_CHARS).n < name.n)
        note(notes, true, name, STR_NONE);
    if (utf8_head(name, LIMIT_TAG_CHARS).n < name.n)
        return 0;
    if (utf8_cut(a, text, LIMIT_TAG_CHARS, &text) != 0 ||
        arena_copy(a, name, &name) != 0) /* json-c requires a NUL after it */
        return error_no_memory(e);
    if ((size_t)json_object_object_length(tags) >= LIMIT_TAGS &&
        !json_object_object_get_ex(tags, name.p, NULL)) {
        note(notes, true, name, STR_NONE);
        return 0;
    }
    held = json_object_new_string_len(text.p, (int)text.n); /* <= 4 * LIMIT_TAG_CHARS */
    if (held == NULL || json_object_object_add(tags, name.p, held) != 0) {
        (void)json_object_put(held);
        return error_no_memory(e);
    }
    return 0;
}

static int
write_tags(struct arena *a, json_object *tags, struct str *out, struct error *e)
{
    size_t n = 0;
    const char *text = json_object_to_json_string_length(
        tags, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);

    if (text == NULL || arena_copy(a, (struct str){text, n}, out) != 0)
        return error_no_memory(e);
    return 0;
}

int
json_tags(struct arena *a, struct str tags, const struct json_tags_notes *notes,
          struct str *out, struct error *e)
{
    struct scan_iter it = scan_open(tags);
    bool pairs = scan_type(tags) == SCAN_ARRAY;
    json_object *object = json_object_new_object();
    struct str name, value;
    int result = 0;

    *out = STR_NONE;
    if (object == NULL)
        return error_no_memory(e);
    while (result == 0 && next_tag(&it, pairs, notes, &name, &value))
        result = add_tag(a, object, name, value, notes, e);
    if (result == 0 && json_object_object_length(object) > 0)
        result = write_tags(a, object, out, e);
    (void)json_object_put(object);
    return result;
}

int
json_tags_index(struct arena *a, struct str tags, struct lookup *out, struct error *e)
{
    struct scan_iter it = scan_open(tags);
    bool pairs = scan_type(tags) == SCAN_ARRAY;
    struct str inside, value, name;
    size_t count = 0;

    while (next_tag(&it, pairs, NULL, &inside, &value))
        count++;
    if (lookup_init(out, a, count) != 0)
        return error_no_memory(e);
    it = scan_open(tags);
    while (out->count < count && next_tag(&it, pairs, NULL, &inside, &value)) {
        if (json_inside(a, inside, &name, e) != 0)
            return -1;
        lookup_add(out, name, value);
    }
    lookup_sort(out);
    return 0;
}
