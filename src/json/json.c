#include "json/json.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "event/normal.h"
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

/* Reads the escape \uXXXX at *p, a pair of them where they are surrogates. */
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

/* No escape is shorter than what it stands for, U+FFFD for \u0000 included. */
int
json_inside(struct arena *a, struct str inside, struct str *out, struct error *e)
{
    const char *p = inside.p, *end = inside.p + inside.n;
    char *begin, *at;

    *out = inside;
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

/* The next name and value of an object, or of an array of pairs; what is no pair is
 * passed over.  False at the end. */
static bool
next_tag(struct scan_iter *it, bool pairs, struct str *name, struct str *value)
{
    struct str pair, more;

    if (!pairs)
        return scan_object_next(it, name, value);
    while (scan_array_next(it, &pair)) {
        struct scan_iter in;

        if (scan_type(pair) != SCAN_ARRAY)
            continue;
        in = scan_open(pair);
        if (!scan_array_next(&in, name) || !scan_array_next(&in, value) ||
            scan_array_next(&in, &more) || scan_type(*name) != SCAN_STRING)
            continue;
        *name = (struct str){name->p + 1, name->n - 2};
        return true;
    }
    return false;
}

static int
add_tag(struct arena *a, json_object *tags, struct str inside, struct str value,
        struct error *e)
{
    struct str name, text;
    json_object *held;

    if (json_inside(a, inside, &name, e) != 0 || json_scalar(a, value, &text, e) != 0)
        return -1;
    if (text.p == NULL || utf8_head(name, LIMIT_TAG_CHARS).n < name.n)
        return 0;
    if (normal_cut(a, text, LIMIT_TAG_CHARS, &text) != 0 ||
        arena_copy(a, name, &name) != 0) /* json-c wants a NUL behind it */
        return error_no_memory(e);
    if ((size_t)json_object_object_length(tags) >= LIMIT_TAGS &&
        !json_object_object_get_ex(tags, name.p, NULL))
        return 0;
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
json_tags(struct arena *a, struct str tags, struct str *out, struct error *e)
{
    struct scan_iter it = scan_open(tags);
    bool pairs = scan_type(tags) == SCAN_ARRAY;
    json_object *object = json_object_new_object();
    struct str name, value;
    int result = 0;

    *out = STR_NONE;
    if (object == NULL)
        return error_no_memory(e);
    while (result == 0 && next_tag(&it, pairs, &name, &value))
        result = add_tag(a, object, name, value, e);
    if (result == 0 && json_object_object_length(object) > 0)
        result = write_tags(a, object, out, e);
    (void)json_object_put(object);
    return result;
}

int
json_tag(struct arena *a, struct str tags, struct str name, struct str *out,
         struct error *e)
{
    struct scan_iter it = scan_open(tags);
    bool pairs = scan_type(tags) == SCAN_ARRAY;
    struct str inside, value, text;

    *out = STR_NONE;
    while (next_tag(&it, pairs, &inside, &value)) {
        if (json_inside(a, inside, &text, e) != 0)
            return -1;
        if (str_eq(text, name) && json_scalar(a, value, out, e) != 0)
            return -1;
    }
    return 0;
}
