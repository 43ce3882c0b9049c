#include "wire/record.h"

#include <string.h>

#include "base/num.h"
#include "wire/row.h"

#define NULL_LENGTH UINT32_MAX
#define LENGTH_BYTES 4U

const char *
record_shape(enum record_kind kind)
{
    switch (kind) {
    case RECORD_ATTACHMENT:
        return "uutiisSslb";
    case RECORD_USER_REPORT:
        return "uutsSSSS";
    case RECORD_SESSION:
        return "uttssllllI";
    case RECORD_CLIENT_REPORT:
        return "utssl";
    case RECORD_COUNT:
        return "uttsl";
    case RECORD_KINDS:
        break;
    }
    return "";
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

/* The size that a value of this type must have, 0 for any. */
static size_t
fixed_size(char type)
{
    switch (type) {
    case 'u':
        return sizeof((struct uuid *)NULL)->b;
    case 't':
    case 'l':
        return 8;
    case 'i':
    case 'I':
        return 4;
    default:
        return 0;
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

    if (kind == 0 || kind >= RECORD_KINDS)
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
        else if (shape[i] != 'S' && shape[i] != 'I')
            return wrong(e, kind, i);
        if (n > s.n - LENGTH_BYTES ||
            (fixed != 0 && n != fixed && num_be32(s.p) != NULL_LENGTH))
            return wrong(e, kind, i);
        out->field[i] = (struct str){s.p, n + LENGTH_BYTES};
        s = (struct str){s.p + n + LENGTH_BYTES, s.n - n - LENGTH_BYTES};
    }
    if (s.n != 0)
        return error_set(e, ERROR_MALFORMED, "record: bytes after the last field");
    return 0;
}
