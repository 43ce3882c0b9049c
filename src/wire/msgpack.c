#include "wire/msgpack.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/budget.h"
#include "base/jsonout.h"
#include "base/num.h"

#define EXTENSION_TIME (-1)

struct level {
    uint64_t left; /* names and values that are still to come */
    bool is_map;
};

struct reader {
    struct str in;
    struct buf *out;
    struct level level[MSGPACK_DEPTH_MAX];
    unsigned depth;
    bool is_name; /* the next value is the name of a member */
};

/* Cuts n bytes off the input; absent when there are fewer. */
static struct str
take(struct reader *r, uint64_t n)
{
    struct str taken = r->in;

    if (n > r->in.n)
        return STR_NONE;
    taken.n = (size_t)n;
    r->in = (struct str){r->in.p + n, r->in.n - (size_t)n};
    return taken;
}

/* Reads an unsigned integer of n bytes (at most 8), the highest first. */
static bool
take_number(struct reader *r, unsigned n, uint64_t *out)
{
    struct str bytes = take(r, n);

    *out = 0;
    for (size_t i = 0; i < bytes.n; i++)
        *out = *out << 8 | (unsigned char)bytes.p[i];
    return bytes.p != NULL;
}

/* Appends a scalar that is no text: in quotes where a name must be. */
static void
put_word(struct reader *r, const char *word)
{
    if (r->is_name)
        jsonout_string(r->out, str_of(word));
    else
        buf_add_text(r->out, word);
}

/* Appends something that cannot be a name. */
static bool
put_value(struct reader *r, const char *word)
{
    buf_add_text(r->out, word);
    return !r->is_name;
}

static bool
put_unsigned(struct reader *r, unsigned n)
{
    char text[24];
    uint64_t v;

    if (!take_number(r, n, &v))
        return false;
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)v);
    put_word(r, text);
    return true;
}

static bool
put_signed(struct reader *r, unsigned n)
{
    char text[24];
    uint64_t v;

    if (!take_number(r, n, &v))
        return false;
    v <<= 64 - 8 * n; /* its sign is now the highest bit */
    num_format((int64_t)v >> (64 - 8 * n), text);
    put_word(r, text);
    return true;
}

static bool
put_double(struct reader *r, double v, int digits)
{
    char text[320];

    if (!isfinite(v))
        return put_value(r, "null");
    (void)snprintf(text, sizeof text, "%.*g", digits, v);
    return put_value(r, text);
}

static bool
put_float32(struct reader *r)
{
    uint64_t bits;
    uint32_t half;
    float v;

    if (!take_number(r, 4, &bits))
        return false;
    half = (uint32_t)bits;
    (void)memcpy(&v, &half, sizeof v);
    return put_double(r, (double)v, 9);
}

static bool
put_float64(struct reader *r)
{
    uint64_t bits;
    double v;

    if (!take_number(r, 8, &bits))
        return false;
    (void)memcpy(&v, &bits, sizeof v);
    return put_double(r, v, 17);
}

static bool
put_text(struct reader *r, uint64_t n)
{
    struct str text = take(r, n);

    if (text.p != NULL)
        jsonout_string(r->out, text);
    return text.p != NULL;
}

/* Times have three forms: seconds in 4 bytes, nanoseconds and seconds in 8 or in 12. */
static bool
put_extension(struct reader *r, uint64_t n)
{
    uint64_t type, high = 0, low;
    char text[48];

    if (!take_number(r, 1, &type))
        return false;
    if ((int8_t)type != EXTENSION_TIME || (n != 4 && n != 8 && n != 12)) {
        struct str skipped = take(r, n);

        return skipped.p != NULL && put_value(r, "null");
    }
    if ((n == 12 && !take_number(r, 4, &high)) || !take_number(r, n == 4 ? 4 : 8, &low))
        return false;
    if (n == 8) {
        high = low >> 34;
        low &= (UINT64_C(1) << 34) - 1;
    }
    if (high > 999999999 || (int64_t)low < 0) /* before 1970 */
        return put_value(r, "null");
    (void)snprintf(text, sizeof text, "%llu.%09llu", (unsigned long long)low,
                   (unsigned long long)high);
    return put_value(r, text);
}

static bool
open_level(struct reader *r, uint64_t count, bool is_map)
{
    uint64_t left = is_map ? 2 * count : count;

    if (r->is_name || r->depth == MSGPACK_DEPTH_MAX || left > r->in.n)
        return false;
    buf_add_char(r->out, is_map ? '{' : '[');
    r->level[r->depth++] = (struct level){left, is_map};
    return true;
}

/* A value whose size is a number of 1, 2 or 4 bytes. */
static bool
put_sized(struct reader *r, unsigned bytes, unsigned first)
{
    uint64_t n;

    if (!take_number(r, bytes, &n))
        return false;
    if (first >= 0xdeU)
        return open_level(r, n, true);
    if (first >= 0xdcU)
        return open_level(r, n, false);
    return first >= 0xc7U && first <= 0xc9U ? put_extension(r, n) : put_text(r, n);
}

/* The types with a first byte of their own. */
static bool
put_typed(struct reader *r, unsigned first)
{
    switch (first) {
    case 0xc0:
        return put_value(r, "null");
    case 0xc2:
        return put_value(r, "false");
    case 0xc3:
        return put_value(r, "true");
    case 0xca:
        return put_float32(r);
    case 0xcb:
        return put_float64(r);
    case 0xc1:
        return false;
    default:
        break;
    }
    if (first >= 0xccU && first <= 0xcfU)
        return put_unsigned(r, 1U << (first - 0xccU));
    if (first >= 0xd0U && first <= 0xd3U)
        return put_signed(r, 1U << (first - 0xd0U));
    if (first >= 0xd4U && first <= 0xd8U)
        return put_extension(r, UINT64_C(1) << (first - 0xd4U));
    if (first <= 0xc6U) /* bytes */
        return put_sized(r, 1U << (first - 0xc4U), first);
    if (first <= 0xc9U) /* extensions */
        return put_sized(r, 1U << (first - 0xc7U), first);
    if (first <= 0xdbU) /* texts */
        return put_sized(r, 1U << (first - 0xd9U), first);
    return put_sized(r, (first & 1U) == 0 ? 2 : 4, first); /* lists, maps */
}

static bool
put(struct reader *r)
{
    uint64_t first;
    char text[24];

    if (!take_number(r, 1, &first))
        return false;
    if (first >= 0x80U && first <= 0x8fU)
        return open_level(r, first & 0x0fU, true);
    if (first >= 0x90U && first <= 0x9fU)
        return open_level(r, first & 0x0fU, false);
    if (first >= 0xa0U && first <= 0xbfU)
        return put_text(r, first & 0x1fU);
    if (first >= 0xc0U && first < 0xe0U)
        return put_typed(r, (unsigned)first);
    num_format((int8_t)first, text); /* small integers of either sign */
    put_word(r, text);
    return true;
}

/* Closes all that is complete, and separates what comes next. */
static void
go_on(struct reader *r, bool opened)
{
    while (r->depth > 0 && r->level[r->depth - 1].left == 0) {
        buf_add_char(r->out, r->level[--r->depth].is_map ? '}' : ']');
        opened = false;
    }
    r->is_name = false;
    if (r->depth == 0)
        return;
    r->is_name = r->level[r->depth - 1].is_map && r->level[r->depth - 1].left % 2 == 0;
    if (!opened)
        buf_add_char(r->out, !r->level[r->depth - 1].is_map || r->is_name ? ',' : ':');
}

int
msgpack_json(struct str *in, struct buf *out)
{
    struct reader r = {.in = *in, .out = out};

    do {
        unsigned depth = r.depth;

        if (depth > 0)
            r.level[depth - 1].left--;
        if (!put(&r) || out->failed)
            return -1;
        go_on(&r, r.depth > depth);
    } while (r.depth > 0);
    budget_spend(in->n - r.in.n);
    *in = r.in;
    return out->failed ? -1 : 0;
}
