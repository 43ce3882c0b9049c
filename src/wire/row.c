#include "wire/row.h"

#include <string.h>

#include "base/num.h"

#define NULL_LENGTH UINT32_MAX
#define LENGTH_BYTES 4U

void
row_add_bytes(struct buf *b, struct str s)
{
    if (s.p == NULL) {
        buf_add_be32(b, NULL_LENGTH);
        return;
    }
    CHECK(s.n < INT32_MAX);
    buf_add_be32(b, (uint32_t)s.n);
    buf_add_str(b, s);
}

void
row_add_uuid(struct buf *b, const struct uuid *id)
{
    row_add_bytes(b, (struct str){(const char *)id->b, sizeof id->b});
}

void
row_add_time(struct buf *b, int64_t at_us)
{
    buf_add_be32(b, sizeof at_us);
    buf_add_be64(b, (uint64_t)(at_us - ROW_EPOCH_US));
}

void
row_add_jsonb(struct buf *b, struct str json)
{
    if (json.p == NULL) {
        buf_add_be32(b, NULL_LENGTH);
        return;
    }
    CHECK(json.n < INT32_MAX - 1);
    buf_add_be32(b, (uint32_t)json.n + 1);
    buf_add_u8(b, 1);
    buf_add_str(b, json);
}

struct str
row_value(const struct row *r, enum row_field f)
{
    struct str s = r->field[f];

    if (num_be32(s.p) == NULL_LENGTH)
        return STR_NONE;
    return (struct str){s.p + LENGTH_BYTES, s.n - LENGTH_BYTES};
}

/* The size that a field must have, 0 for any. */
static size_t
fixed_size(enum row_field f)
{
    switch (f) {
    case ROW_ID:
    case ROW_FINGERPRINT:
        return 16;
    case ROW_RECEIVED_AT:
    case ROW_TIMESTAMP:
        return 8;
    case ROW_LEVEL:
    case ROW_TITLE:
    case ROW_MESSAGE:
    case ROW_CULPRIT:
    case ROW_ENVIRONMENT:
    case ROW_RELEASE:
    case ROW_PLATFORM:
    case ROW_TRANSACTION:
    case ROW_SERVER_NAME:
    case ROW_USER_ID:
    case ROW_TAGS:
    case ROW_PAYLOAD:
    case ROW_TYPE:
    case ROW_VALUE:
    case ROW_ERRORS:
    case ROW_FIELDS:
        break;
    }
    return 0;
}

static int
may_be_null(enum row_field f)
{
    return f != ROW_LEVEL && f != ROW_TITLE && f != ROW_PAYLOAD && fixed_size(f) == 0;
}

/* A row that ends early, as old ones do. */
static void
fill_up(struct row *r, unsigned from)
{
    static const char null_element[LENGTH_BYTES] = {'\xff', '\xff', '\xff', '\xff'};

    for (unsigned i = from; i < ROW_FIELDS; i++)
        r->field[i] = (struct str){null_element, sizeof null_element};
}

int
row_parse(struct str s, struct row *out, struct error *e)
{
    for (unsigned i = 0; i < ROW_FIELDS; i++) {
        enum row_field f = (enum row_field)i;
        size_t n = 0, fixed = fixed_size(f);

        if (s.n == 0 && i == ROW_PAYLOAD + 1U) {
            fill_up(out, i);
            return 0;
        }
        if (s.n < LENGTH_BYTES)
            return error_set(e, ERROR_MALFORMED, "row: field %u is cut", i);
        if (num_be32(s.p) != NULL_LENGTH)
            n = num_be32(s.p);
        else if (!may_be_null(f))
            return error_set(e, ERROR_MALFORMED, "row: field %u must not be null", i);
        if (n > s.n - LENGTH_BYTES || (fixed != 0 && n != fixed))
            return error_set(e, ERROR_MALFORMED, "row: field %u has a wrong length", i);
        out->field[i] = (struct str){s.p, n + LENGTH_BYTES};
        s = (struct str){s.p + n + LENGTH_BYTES, s.n - n - LENGTH_BYTES};
    }
    if (s.n != 0)
        return error_set(e, ERROR_MALFORMED, "row: bytes after the last field");
    return 0;
}

struct uuid
row_id(const struct row *r)
{
    struct uuid id;

    (void)memcpy(id.b, r->field[ROW_ID].p + LENGTH_BYTES, sizeof id.b);
    return id;
}

int64_t
row_received_at_us(const struct row *r)
{
    int64_t at = (int64_t)num_be64(r->field[ROW_RECEIVED_AT].p + LENGTH_BYTES);

    if (at > INT64_MAX - ROW_EPOCH_US)
        return INT64_MAX;
    return at + ROW_EPOCH_US;
}
