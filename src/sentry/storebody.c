#include "sentry/storebody.h"

#include <stdbool.h>
#include <stdint.h>

#include "json/scan.h"
#include "wire/base64.h"
#include "wire/inflate.h"

static bool
is_json(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ' && s.p[i] != '\n' && s.p[i] != '\r' && s.p[i] != '\t')
            /* ... or something that must get an error. */
            return s.p[i] == '{' || s.p[i] == '[' || s.p[i] == '"' || s.p[i] == '\xef';
    return true;
}

/* Returns the coding with these first bytes; identity for unknown ones. */
static enum inflate_coding
coding_of(struct str s)
{
    unsigned head;

    if (s.n < 2)
        return INFLATE_IDENTITY;
    head = (unsigned)(uint8_t)s.p[0] << 8 | (uint8_t)s.p[1];
    if (head == 0x1f8bU)
        return INFLATE_GZIP;
    return (head >> 8 & 0x0fU) == 8 && head % 31 == 0 && head >> 12 <= 7
               ? INFLATE_DEFLATE
               : INFLATE_IDENTITY;
}

static int
unpack(struct str packed, enum inflate_coding coding, struct buf *spare, size_t limit,
       struct error *e)
{
    struct inflate *z = inflate_new(coding);
    int rc;

    if (z == NULL)
        return error_no_memory(e);
    buf_clear(spare, SIZE_MAX);
    spare->max = limit;
    rc = inflate_feed(z, packed.p, packed.n, spare, e);
    if (rc == 0)
        rc = inflate_end(z, e);
    inflate_free(z);
    return rc;
}

static int
check_size(struct str s, size_t limit, struct error *e)
{
    return s.n <= limit ? 0
                        : error_set(e, ERROR_TOO_LARGE,
                                    "payload too large: limit is %zu bytes", limit);
}

int
storebody_decode(struct buf *body, struct buf *spare, size_t limit, struct str *out,
                 struct error *e)
{
    struct str s = buf_str(body);
    enum inflate_coding coding = coding_of(s);
    struct error why;

    *out = s;
    if (scan_blank(s))
        return error_set(e, ERROR_MALFORMED, "empty request body");
    if (is_json(s))
        return check_size(s, limit, e);
    /* "eA" is base64 of possible zlib data, and itself looks like a zlib header. */
    if (coding != INFLATE_IDENTITY) {
        if (unpack(s, coding, spare, limit, &why) == 0) {
            *out = buf_str(spare);
            return 0;
        }
        if (why.kind != ERROR_MALFORMED || coding == INFLATE_GZIP) {
            *e = why;
            return -1;
        }
    }
    if (base64_decode(s, body->data, &body->n) != 0)
        return error_set(e, ERROR_MALFORMED,
                         "invalid JSON data: neither JSON nor base64");
    *out = buf_str(body);
    if (is_json(*out))
        return check_size(*out, limit, e);
    coding = coding_of(*out);
    if (unpack(*out, coding == INFLATE_IDENTITY ? INFLATE_DEFLATE : coding, spare, limit,
               e) != 0)
        return -1;
    *out = buf_str(spare);
    return 0;
}
