#include "event/fingerprint.h"

#include <string.h>

#include "base/num.h"

#define ALGORITHM 1U

void
fingerprint_begin(struct fingerprint *f)
{
    uint8_t version = ALGORITHM;

    (void)XXH3_128bits_reset(&f->state);
    (void)XXH3_128bits_update(&f->state, &version, sizeof version);
}

void
fingerprint_add(struct fingerprint *f, enum fingerprint_kind kind, struct str text)
{
    uint8_t head[9] = {(uint8_t)kind};

    if (text.p == NULL)
        return;
    num_put_be64(head + 1, text.n);
    (void)XXH3_128bits_update(&f->state, head, sizeof head);
    (void)XXH3_128bits_update(&f->state, text.p, text.n);
}

void
fingerprint_end(const struct fingerprint *f, uint8_t out[FINGERPRINT_BYTES])
{
    XXH128_canonical_t canonical;

    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&f->state));
    (void)memcpy(out, canonical.digest, FINGERPRINT_BYTES);
}

bool
fingerprint_is_default(struct str text)
{
    if (!str_starts(text, STR("{{")) || text.n < 4 ||
        memcmp(text.p + text.n - 2, "}}", 2) != 0)
        return false;
    return str_eq(str_trim((struct str){text.p + 2, text.n - 4}), STR("default"));
}
