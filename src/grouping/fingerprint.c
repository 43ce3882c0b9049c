#include "grouping/fingerprint.h"

#include <string.h>

#include "base/budget.h"

static void
feed(struct fingerprint *f, const void *p, size_t n)
{
    budget_spend(n);
    (void)XXH3_128bits_update(&f->state, p, n);
    if (f->seen != NULL)
        buf_add(f->seen, p, n);
}

void
fingerprint_begin(struct fingerprint *f, uint8_t version, struct buf *seen)
{
    (void)XXH3_128bits_reset(&f->state);
    (void)XXH3_128bits_update(&f->state, &version, sizeof version);
    f->version = version;
    f->seen = seen;
}

void
fingerprint_open(struct fingerprint *f, enum fingerprint_kind kind)
{
    const char c = (char)kind;

    feed(f, &c, 1);
}

void
fingerprint_put(struct fingerprint *f, struct str piece)
{
    if (piece.n > 0)
        feed(f, piece.p, piece.n);
}

void
fingerprint_close(struct fingerprint *f)
{
    const char end = FINGERPRINT_END;

    feed(f, &end, 1);
}

void
fingerprint_add(struct fingerprint *f, enum fingerprint_kind kind, struct str text)
{
    if (text.p == NULL)
        return;
    fingerprint_open(f, kind);
    fingerprint_put(f, text);
    fingerprint_close(f);
}

void
fingerprint_end(const struct fingerprint *f, uint8_t out[FINGERPRINT_BYTES])
{
    XXH128_canonical_t canonical;

    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&f->state));
    (void)memcpy(out, canonical.digest, FINGERPRINT_BYTES);
    out[0] = f->version;
}

void
fingerprint_hex(const uint8_t print[FINGERPRINT_BYTES],
                char out[2 * FINGERPRINT_BYTES + 1])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < FINGERPRINT_BYTES; i++) {
        out[2 * i] = digits[print[i] >> 4];
        out[2 * i + 1] = digits[print[i] & 15];
    }
    out[(size_t)2 * FINGERPRINT_BYTES] = '\0';
}

const char *
fingerprint_name(char kind)
{
    switch ((enum fingerprint_kind)kind) {
    case FINGERPRINT_CHECKSUM:
        return "checksum";
    case FINGERPRINT_GIVEN:
        return "part";
    case FINGERPRINT_DEFAULT:
        return "default";
    case FINGERPRINT_EXCEPTION:
        return "exception";
    case FINGERPRINT_TYPE:
        return "type";
    case FINGERPRINT_VALUE:
        return "value";
    case FINGERPRINT_ERROR:
        return "ns_error";
    case FINGERPRINT_STACK:
        return "stack";
    case FINGERPRINT_FRAME:
        return "frame";
    case FINGERPRINT_MODULE:
        return "module";
    case FINGERPRINT_FILE:
        return "file";
    case FINGERPRINT_FUNCTION:
        return "function";
    case FINGERPRINT_NUMBER:
        return "closure";
    case FINGERPRINT_LINE:
        return "line";
    case FINGERPRINT_TEMPLATE:
        return "template";
    case FINGERPRINT_REPORT:
        return "report";
    case FINGERPRINT_MESSAGE:
        return "message";
    case FINGERPRINT_NOTHING:
        return "nothing";
    }
    return "?";
}
