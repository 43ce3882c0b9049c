#include "wire/row.h"

#include <string.h>

#include "base/num.h"
#include "base/utf8.h"

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
row_add_old_fingerprint(struct buf *b, const uint8_t fingerprint[16])
{
    char length[LENGTH_BYTES];

    num_put_be32(length, ROW_OLD_LENGTH);
    buf_add(b, length, sizeof length);
    buf_add(b, (const char *)fingerprint, 16);
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

/* The format of a field, by the type of its column. */
enum kind {
    KIND_UUID,
    KIND_TIME,
    KIND_BYTES,
    KIND_TEXT,
    KIND_OBJECT,
    KIND_LIST,
    KIND_PAYLOAD
};

#define NULLABLE true
#define REQUIRED false
#define RULE(number, NAME, column, kind, null, ...) [number] = {KIND_##kind, null},

static const struct {
    enum kind kind;
    bool may_be_null;
} rules[N_ROW_FIELDS] = {EVENT_COLUMNS(RULE)};

/* The size of a field, 0 for any. */
static size_t
fixed_size(enum kind kind)
{
    switch (kind) {
    case KIND_UUID:
    case KIND_BYTES: /* a fingerprint */
        return 16;
    case KIND_TIME:
        return 8;
    case KIND_TEXT:
    case KIND_OBJECT:
    case KIND_LIST:
    case KIND_PAYLOAD:
        break;
    }
    return 0;
}

bool
row_is_time(const char *at, int64_t min_us)
{
    int64_t us = (int64_t)num_be64(at);

    return us >= min_us - ROW_EPOCH_US && us <= ROW_TIME_MAX_US - ROW_EPOCH_US;
}

/* Returns whether PostgreSQL can convert it to a value.  To PostgreSQL, a jsonb without
 * its version byte is a broken message rather than a bad value. */
static bool
is_value(enum row_field f, struct str value)
{
    switch (rules[f].kind) {
    case KIND_TIME:
        return row_is_time(value.p, f == ROW_RECEIVED_AT ? 0 : ROW_TIME_MIN_US);
    case KIND_OBJECT:
    case KIND_LIST:
        return value.n > 0 && value.p[0] == 1;
    case KIND_UUID:
    case KIND_BYTES:
    case KIND_TEXT:
    case KIND_PAYLOAD:
        break;
    }
    return true;
}

/* Completes a row that ends early, as old ones do: those of frame version 1 after the
 * payload, later ones before a column that was added since. */
static void
fill_up(struct row *r, unsigned from)
{
    static const char null_element[LENGTH_BYTES] = {'\xff', '\xff', '\xff', '\xff'};

    for (unsigned i = from; i < N_ROW_FIELDS; i++)
        r->field[i] = (struct str){null_element, sizeof null_element};
}

static bool
is_old_fingerprint(struct str s)
{
    return s.n >= LENGTH_BYTES && num_be32(s.p) == ROW_OLD_LENGTH;
}

/* The fingerprint behind the columns. */
static int
read_end(struct str s, struct row *out, struct error *e)
{
    const size_t n = fixed_size(KIND_BYTES);

    if (s.n == 0)
        return 0;
    if (!is_old_fingerprint(s) || s.n != LENGTH_BYTES + n)
        return error_set(e, ERROR_MALFORMED, "row: bytes after the last field");
    out->old_fingerprint = (struct str){s.p + LENGTH_BYTES, n};
    return 0;
}

int
row_parse(struct str s, struct row *out, struct error *e)
{
    out->old_fingerprint = STR_NONE;
    for (unsigned i = 0; i < N_ROW_FIELDS; i++) {
        enum row_field f = (enum row_field)i;
        size_t n = 0, fixed = fixed_size(rules[f].kind);

        bool ends = s.n == 0 || is_old_fingerprint(s);

        /* The second is possible once there is a column behind errors. */
        /* cppcheck-suppress knownConditionTrueFalse */
        if (ends && (i == ROW_PAYLOAD + 1U || i > ROW_ERRORS)) {
            fill_up(out, i);
            return read_end(s, out, e);
        }
        if (s.n < LENGTH_BYTES)
            return error_set(e, ERROR_MALFORMED, "row: field %u is truncated", i);
        if (num_be32(s.p) != NULL_LENGTH)
            n = num_be32(s.p);
        else if (!rules[f].may_be_null)
            return error_set(e, ERROR_MALFORMED, "row: field %u must not be null", i);
        if (n > s.n - LENGTH_BYTES || (fixed != 0 && n != fixed))
            return error_set(e, ERROR_MALFORMED, "row: field %u has a wrong length", i);
        if (num_be32(s.p) != NULL_LENGTH &&
            !is_value(f, (struct str){s.p + LENGTH_BYTES, n}))
            return error_set(e, ERROR_MALFORMED, "row: field %u is out of range", i);
        out->field[i] = (struct str){s.p, n + LENGTH_BYTES};
        s = (struct str){s.p + n + LENGTH_BYTES, s.n - n - LENGTH_BYTES};
    }
    return read_end(s, out, e);
}

bool
row_is_text(struct str field)
{
    struct str text = {field.p + LENGTH_BYTES, field.n - LENGTH_BYTES};

    return text.n == 0 ||
           (memchr(text.p, '\0', text.n) == NULL && utf8_valid(text, NULL));
}

static bool
is_textual(enum kind kind)
{
    return kind == KIND_TEXT || kind == KIND_OBJECT || kind == KIND_LIST;
}

int
row_check_texts(const struct row *r, struct error *e)
{
    for (unsigned i = 0; i < N_ROW_FIELDS; i++)
        if (is_textual(rules[i].kind) && !row_is_text(r->field[i]))
            return error_set(e, ERROR_MALFORMED, "row: field %u is not text", i);
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
    return (int64_t)num_be64(r->field[ROW_RECEIVED_AT].p + LENGTH_BYTES) + ROW_EPOCH_US;
}
