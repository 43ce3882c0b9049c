/* Strings and white space are skipped eight bytes at a time: `x ^ (EIGHT * c)` has a zero
 * byte where x has c, and subtracting ONES makes that byte borrow its high bit.  Borrows
 * only propagate upwards, so the lowest marked byte is always correct, and only that one
 * is used.  This requires little-endian byte order. */
#include "json/scan.h"

#include <stdint.h>
#include <string.h>

#include "base/budget.h"
#include "base/num.h"
#include "base/utf8.h"

#define ONES 0x0101010101010101U
#define HIGHS 0x8080808080808080U

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "first byte is the lowest");

static const char too_deep[] = "too deep";

enum want {
    WANT_VALUE,
    WANT_VALUE_OR_END, /* after '[' */
    WANT_NAME,
    WANT_NAME_OR_END, /* after '{' */
    WANT_NEXT         /* after a value: ',', a closing bracket, or the end */
};

struct scanner {
    const char *p, *end; /* p: position of the error, once there is one */
    const char *why;
    unsigned depth, max_depth;
    unsigned char objects[SCAN_DEPTH_MAX / 8]; /* a bit per level: is it an object? */
};

static uint64_t
load(const char *p)
{
    uint64_t x;

    (void)memcpy(&x, p, sizeof x);
    return x;
}

/* Marks the bytes that are c (and perhaps some above the lowest of them). */
static uint64_t
marks_of(uint64_t x, unsigned char c)
{
    uint64_t v = x ^ (ONES * c);

    return (v - ONES) & ~v & HIGHS;
}

static size_t
first_mark(uint64_t marks)
{
    return (size_t)__builtin_ctzll(marks) / 8;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *
skip_blank(const char *p, const char *end)
{
    while (p < end && is_blank(*p)) {
        p++;
        while (end - p >= 8 && load(p) == ONES * ' ')
            p += 8;
    }
    return p;
}

static const char *
fail(struct scanner *s, const char *p, const char *why)
{
    s->p = p;
    s->why = p == s->end ? "unexpected end" : why;
    return NULL;
}

/* p is at a backslash. */
static const char *
escape_end(struct scanner *s, const char *p)
{
    static const char known[] = {'"', '\\', '/', 'b', 'f', 'n', 'r', 't', 'u'};

    p++;
    if (p == s->end || memchr(known, *p, sizeof known) == NULL)
        return fail(s, p, "no such escape");
    if (*p++ != 'u')
        return p;
    for (int i = 0; i < 4; i++, p++)
        if (p == s->end || num_hex_digit(*p) < 0)
            return fail(s, p, "expected four hexadecimal digits");
    return p;
}

/* Skips characters beyond ASCII. */
static const char *
wide_end(struct scanner *s, const char *p)
{
    while (p < s->end && ((unsigned char)*p & 0x80U) != 0) {
        size_t left = (size_t)(s->end - p), n = utf8_char((struct str){p, left});
        unsigned char first = (unsigned char)*p;
        size_t tail = 1;

        if (n > 0) {
            p += n;
            continue;
        }
        while (tail < left && ((unsigned char)p[tail] & 0xc0U) == 0x80U)
            tail++;
        if (tail == left && first >= 0xc2U && first <= 0xf4U &&
            left < (first < 0xe0U   ? 2U
                    : first < 0xf0U ? 3U
                                    : 4U))
            p = s->end;
        return fail(s, p, "invalid UTF-8");
    }
    return p;
}

/* p is after the opening quote; returns the position after the closing one. */
static const char *
string_end(struct scanner *s, const char *p)
{
    while (p != NULL) {
        if (s->end - p >= 8) {
            uint64_t x = load(p), marks;

            marks = ((x - ONES * 0x20U) | ((x ^ (ONES * '"')) - ONES) |
                     ((x ^ (ONES * '\\')) - ONES) | x) &
                    HIGHS;
            if (marks == 0) {
                p += 8;
                continue;
            }
            p += first_mark(marks);
        }
        if (p == s->end)
            return fail(s, p, "");
        if (*p == '"')
            return p + 1;
        if (*p == '\\')
            p = escape_end(s, p);
        else if ((unsigned char)*p >= 0x80U)
            p = wide_end(s, p);
        else if ((unsigned char)*p < 0x20U)
            return fail(s, p, "control character in a string");
        else
            p++;
    }
    return NULL;
}

/* Skips one or more digits. */
static const char *
digits_end(struct scanner *s, const char *p)
{
    if (p == s->end || !is_digit(*p))
        return fail(s, p, "expected a digit");
    while (p < s->end && is_digit(*p))
        p++;
    return p;
}

static const char *
number_end(struct scanner *s, const char *p)
{
    if (*p == '-')
        p++;
    if (p < s->end && *p == '0')
        p++;
    else
        p = digits_end(s, p);
    if (p != NULL && p < s->end && *p == '.')
        p = digits_end(s, p + 1);
    if (p != NULL && p < s->end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < s->end && (*p == '+' || *p == '-'))
            p++;
        p = digits_end(s, p);
    }
    return p;
}

static const char *
word_end(struct scanner *s, const char *p, const char *word)
{
    for (; *word != '\0'; word++, p++)
        if (p == s->end || *p != *word)
            return fail(s, p, "expected a value");
    return p;
}

static const char *
open_level(struct scanner *s, const char *p, bool object, enum want *want)
{
    unsigned bit = 1U << s->depth % 8;

    if (s->depth == s->max_depth)
        return fail(s, p, too_deep);
    if (object)
        s->objects[s->depth / 8] |= (unsigned char)bit;
    else
        s->objects[s->depth / 8] &= (unsigned char)~bit;
    s->depth++;
    *want = object ? WANT_NAME_OR_END : WANT_VALUE_OR_END;
    return p + 1;
}

static const char *
value_end(struct scanner *s, const char *p, enum want *want)
{
    *want = WANT_NEXT;
    switch (*p) {
    case '"':
        return string_end(s, p + 1);
    case '{':
        return open_level(s, p, true, want);
    case '[':
        return open_level(s, p, false, want);
    case 't':
        return word_end(s, p, "true");
    case 'f':
        return word_end(s, p, "false");
    case 'n':
        return word_end(s, p, "null");
    default:
        if (*p == '-' || is_digit(*p))
            return number_end(s, p);
        return fail(s, p, "expected a value");
    }
}

static const char *
name_end(struct scanner *s, const char *p)
{
    if (*p != '"')
        return fail(s, p, "expected a name in double quotes");
    p = string_end(s, p + 1);
    if (p == NULL)
        return NULL;
    p = skip_blank(p, s->end);
    return p < s->end && *p == ':' ? p + 1 : fail(s, p, "expected ':'");
}

static const char *
next_end(struct scanner *s, const char *p, enum want *want)
{
    bool object;

    if (s->depth == 0)
        return fail(s, p, "expected nothing more");
    object = (s->objects[(s->depth - 1) / 8] & 1U << (s->depth - 1) % 8) != 0;
    if (*p == ',')
        *want = object ? WANT_NAME : WANT_VALUE;
    else if (*p == (object ? '}' : ']'))
        s->depth--;
    else
        return fail(s, p, object ? "expected ',' or '}'" : "expected ',' or ']'");
    return p + 1;
}

static const char *
token_end(struct scanner *s, const char *p, enum want *want)
{
    switch (*want) {
    case WANT_NAME_OR_END:
        if (*p == '}')
            break;
        *want = WANT_VALUE;
        return name_end(s, p);
    case WANT_NAME:
        *want = WANT_VALUE;
        return name_end(s, p);
    case WANT_VALUE_OR_END:
        if (*p == ']')
            break;
        return value_end(s, p, want);
    case WANT_VALUE:
        return value_end(s, p, want);
    case WANT_NEXT:
        return next_end(s, p, want);
    }
    s->depth--;
    *want = WANT_NEXT;
    return p + 1;
}

struct str
scan_skip_mark(struct str text)
{
    const struct str mark = STR("\xef\xbb\xbf");

    while (str_starts(text, mark))
        text = (struct str){text.p + mark.n, text.n - mark.n};
    return text;
}

bool
scan_blank(struct str text)
{
    text = scan_skip_mark(text);
    return text.n == 0 || skip_blank(text.p, text.p + text.n) == text.p + text.n;
}

int
scan_value(struct str text, unsigned depth, struct str *value, struct error *e)
{
    const char *begin = text.n == 0 ? "" : text.p, *end = begin + text.n, *p, *last;
    struct scanner s = {.end = end, .max_depth = depth};
    enum want want = WANT_VALUE;

    CHECK(depth > 0 && depth <= SCAN_DEPTH_MAX);
    budget_spend(text.n);
    p = skip_blank(scan_skip_mark((struct str){begin, text.n}).p, end);
    *value = (struct str){p, 0};
    last = p;
    while (p != NULL && p < end) {
        p = token_end(&s, p, &want);
        if (p == NULL)
            break;
        last = p;
        p = skip_blank(p, end);
    }
    if (p != NULL && (want != WANT_NEXT || s.depth > 0))
        p = fail(&s, end, "");
    if (p != NULL) {
        value->n = (size_t)(last - value->p);
        return 0;
    }
    *value = STR_NONE;
    if (s.why == too_deep)
        return error_set(e, ERROR_MALFORMED,
                         "invalid JSON at byte %zu: more than %u levels deep",
                         (size_t)(s.p - begin), depth);
    return error_set(e, ERROR_MALFORMED, "invalid JSON at byte %zu: %s",
                     (size_t)(s.p - begin), s.why);
}

enum scan_type
scan_type(struct str value)
{
    switch (value.n == 0 ? 'n' : value.p[0]) {
    case '"':
        return SCAN_STRING;
    case '{':
        return SCAN_OBJECT;
    case '[':
        return SCAN_ARRAY;
    case 't':
        return SCAN_TRUE;
    case 'f':
        return SCAN_FALSE;
    case 'n':
        return SCAN_NULL;
    default:
        return SCAN_NUMBER;
    }
}

const char *
scan_type_name(enum scan_type type)
{
    switch (type) {
    case SCAN_NULL:
        return "null";
    case SCAN_FALSE:
    case SCAN_TRUE:
        return "a boolean";
    case SCAN_NUMBER:
        return "a number";
    case SCAN_STRING:
        return "a string";
    case SCAN_ARRAY:
        return "an array";
    case SCAN_OBJECT:
        return "an object";
    }
    return "nothing";
}

struct scan_iter
scan_open(struct str value)
{
    CHECK(value.n >= 2);
    return (struct scan_iter){value.p + 1, value.p + value.n - 1};
}

/* The rest is for text known to be valid: it only finds the ends of values. */

const char *
scan_string_end(const char *p, const char *end, bool *escapes)
{
    while (p < end) {
        if (end - p >= 8) {
            uint64_t x = load(p), marks = marks_of(x, '"') | marks_of(x, '\\');

            if (marks == 0) {
                p += 8;
                continue;
            }
            p += first_mark(marks);
        }
        if (*p == '"')
            return p + 1;
        *escapes = *escapes || *p == '\\';
        p += *p == '\\' ? 2 : 1;
    }
    return end;
}

/* p is after the opening quote. */
static const char *
sound_string_end(const char *p, const char *end)
{
    bool escapes = false;

    return scan_string_end(p, end, &escapes);
}

/* '[' and '{', ']' and '}' differ in the bit 0x20. */
const char *
scan_level_end(const char *p, const char *end)
{
    size_t depth = 0;

    while (p < end) {
        if (end - p >= 8) {
            uint64_t x = load(p), folded = x | ONES * 0x20U;
            uint64_t marks =
                marks_of(x, '"') | marks_of(folded, '{') | marks_of(folded, '}');

            if (marks == 0) {
                p += 8;
                continue;
            }
            p += first_mark(marks);
        }
        if (*p == '"') {
            p = sound_string_end(p + 1, end);
            continue;
        }
        if (*p == '{' || *p == '[')
            depth++;
        else if ((*p == '}' || *p == ']') && --depth == 0)
            return p + 1;
        p++;
    }
    return end;
}

static struct str
sound_value(struct scan_iter *it)
{
    const char *begin = skip_blank(it->p, it->end), *p = begin;

    if (p < it->end && *p == '"')
        p = sound_string_end(p + 1, it->end);
    else if (p < it->end && (*p == '{' || *p == '['))
        p = scan_level_end(p, it->end);
    else
        while (p < it->end && *p != ',' && !is_blank(*p))
            p++;
    it->p = skip_blank(p, it->end);
    if (it->p < it->end) /* at a comma */
        it->p++;
    budget_spend((size_t)(it->p - begin));
    return (struct str){begin, (size_t)(p - begin)};
}

bool
scan_object_next(struct scan_iter *it, struct str *name, struct str *value)
{
    const char *p = skip_blank(it->p, it->end), *end;

    if (p >= it->end || !budget_left())
        return false;
    end = sound_string_end(p + 1, it->end);
    *name = (struct str){p + 1, (size_t)(end - p) - 2};
    it->p = skip_blank(end, it->end) + 1; /* after the colon */
    budget_spend(name->n);
    *value = sound_value(it);
    return true;
}

bool
scan_array_next(struct scan_iter *it, struct str *value)
{
    it->p = skip_blank(it->p, it->end);
    if (it->p >= it->end || !budget_left())
        return false;
    *value = sound_value(it);
    return true;
}
