#include "wire/record.h"

#include <string.h>

#include "base/ascii.h"
#include "base/num.h"
#include "wire/row.h"

#define NULL_LENGTH UINT32_MAX
#define LENGTH_BYTES 4U

const char *
record_shape(enum record_kind kind)
{
#define SHAPE(number, NAME, name, shape) [number] = (shape),
    static const char *const shapes[RECORD_KINDS_END] = {RECORD_KINDS(SHAPE)};

    return kind < RECORD_KINDS_END && shapes[kind] != NULL ? shapes[kind] : "";
}

void
record_begin(struct buf *b, enum record_kind kind, const struct uuid *id)
{
    buf_add_u8(b, (uint8_t)kind);
    row_add_uuid(b, id);
}

void
record_add_int4(struct buf *b, int32_t v)
{
    buf_add_be32(b, sizeof v);
    buf_add_be32(b, (uint32_t)v);
}

void
record_add_int8(struct buf *b, int64_t v)
{
    buf_add_be32(b, sizeof v);
    buf_add_be64(b, (uint64_t)v);
}

/* The size of a value of this type, 0 for any. */
static size_t
fixed_size(char type)
{
    switch (type) {
    case 'u':
    case 'U':
        return sizeof((struct uuid *)NULL)->b;
    case 't':
    case 'l':
    case 'L':
        return 8;
    case 'i':
    case 'I':
        return 4;
    default:
        return 0;
    }
}

/* Returns whether it is valid for its type.  An `i` is a number of a chunk or of chunks,
 * an `I` a bit of a user, an `l` a quantity that is summed up.  Capital letters may be
 * NULL. */
static bool
is_value(char type, struct str value)
{
    int64_t n;

    switch (type) {
    case 't':
        return row_is_time(value.p, 0);
    case 'i':
        return num_be32(value.p) <= INT32_MAX;
    case 'I':
        return num_be32(value.p) < RECORD_USER_BITS;
    case 'l':
    case 'L':
        n = (int64_t)num_be64(value.p);
        return n >= 0 && n <= RECORD_INT8_MAX;
    default:
        return true;
    }
}

static int
wrong(struct error *e, unsigned kind, size_t field)
{
    return error_set(e, ERROR_MALFORMED, "record of kind %u: bad field %zu", kind, field);
}

int
record_parse(struct str s, struct record *out, struct error *e)
{
    unsigned kind = s.n == 0 ? 0 : (uint8_t)s.p[0];
    const char *shape;

    if (kind == 0 || kind >= RECORD_KINDS_END)
        return error_set(e, ERROR_MALFORMED, "record of kind %u", kind);
    out->kind = (enum record_kind)kind;
    shape = record_shape(out->kind);
    s = (struct str){s.p + 1, s.n - 1};
    for (size_t i = 0; shape[i] != '\0'; i++) {
        size_t n = 0, fixed = fixed_size(shape[i]);

        if (s.n < LENGTH_BYTES)
            return wrong(e, kind, i);
        if (num_be32(s.p) != NULL_LENGTH)
            n = num_be32(s.p);
        else if (!ascii_is_upper(shape[i]))
            return wrong(e, kind, i);
        if (n > s.n - LENGTH_BYTES ||
            (fixed != 0 && n != fixed && num_be32(s.p) != NULL_LENGTH))
            return wrong(e, kind, i);
        if (num_be32(s.p) != NULL_LENGTH &&
            !is_value(shape[i], (struct str){s.p + LENGTH_BYTES, n}))
            return wrong(e, kind, i);
        out->field[i] = (struct str){s.p, n + LENGTH_BYTES};
        s = (struct str){s.p + n + LENGTH_BYTES, s.n - n - LENGTH_BYTES};
    }
    if (s.n != 0)
        return error_set(e, ERROR_MALFORMED, "record: bytes after the last field");
    return 0;
}

int
record_check_texts(const struct record *r, struct error *e)
{
    const char *shape = record_shape(r->kind);

    for (size_t i = 0; shape[i] != '\0'; i++)
        if ((shape[i] == 's' || shape[i] == 'S') && !row_is_text(r->field[i]))
            return wrong(e, r->kind, i);
    return 0;
}
