#include "base/ids.h"

#include <stddef.h>
#include <string.h>
#include <sys/random.h>

#include "base/num.h"

/* getrandom(2) costs a system call; UUIDs need unguessable bits rather than fresh ones,
 * so they are drawn in blocks.  Each process of Mesher has one thread. */
static int
random_bytes(uint8_t *out, size_t n, struct error *e)
{
    static uint8_t pool[256];
    static size_t left;

    CHECK(n <= sizeof pool);
    if (left < n) {
        if (getrandom(pool, sizeof pool, 0) != (ssize_t)sizeof pool)
            return error_errno(e, "getrandom");
        left = sizeof pool;
    }
    left -= n;
    (void)memcpy(out, pool + left, n);
    (void)memset(pool + left, 0, n);
    return 0;
}

int
ids_new(int64_t at_us, struct uuid *out, struct error *e)
{
    uint64_t ms = (uint64_t)(at_us / 1000);

    if (random_bytes(out->b + 6, 10, e) != 0)
        return -1;
    for (unsigned i = 0; i < 6; i++)
        out->b[i] = (uint8_t)(ms >> (40 - 8 * i));
    out->b[6] = (uint8_t)((out->b[6] & 0x0fU) | 0x70U);
    out->b[8] = (uint8_t)((out->b[8] & 0x3fU) | 0x80U);
    return 0;
}

int
ids_parse(struct str text, struct uuid *out)
{
    struct uuid id = {{0}};
    size_t at = 0;
    bool dashes = text.n == 36;

    if (text.n != 32 && !dashes)
        return -1;
    for (size_t i = 0; i < 16; i++) {
        int high, low;

        if (dashes && (i == 4 || i == 6 || i == 8 || i == 10) && text.p[at++] != '-')
            return -1;
        high = num_hex_digit(text.p[at]);
        low = num_hex_digit(text.p[at + 1]);
        if (high < 0 || low < 0)
            return -1;
        id.b[i] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    *out = id;
    return 0;
}

bool
ids_is_nil(const struct uuid *id)
{
    static const struct uuid nil;

    return ids_eq(id, &nil);
}

struct str
ids_bare(struct str text)
{
    static const char urn[] = "urn:uuid:";
    const size_t urn_bytes = sizeof urn - 1;

    if (text.n > urn_bytes && str_eq_nocase((struct str){text.p, urn_bytes}, STR(urn)))
        return (struct str){text.p + urn_bytes, text.n - urn_bytes};
    if (text.n > 2 && text.p[0] == '{' && text.p[text.n - 1] == '}')
        return (struct str){text.p + 1, text.n - 2};
    return text;
}

int
ids_parse_event(struct str text, struct uuid *out)
{
    struct uuid id;

    if (ids_parse(ids_bare(text), &id) != 0 || ids_is_nil(&id))
        return -1;
    *out = id;
    return 0;
}

void
ids_format_hex(const struct uuid *id, char out[IDS_HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < 16; i++) {
        out[2 * i] = digits[id->b[i] >> 4];
        out[2 * i + 1] = digits[id->b[i] & 0x0fU];
    }
    out[32] = '\0';
}

void
ids_format(const struct uuid *id, char out[IDS_TEXT_BYTES])
{
    char hex[IDS_HEX_BYTES];
    size_t at = 0;

    ids_format_hex(id, hex);
    for (size_t i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            out[at++] = '-';
        out[at++] = hex[i];
    }
    out[at] = '\0';
}

bool
ids_eq(const struct uuid *a, const struct uuid *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}
