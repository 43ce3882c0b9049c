/*
 * fuzz_parameterize: any text as a message.
 *
 * What comes out is text again, and small; the work is in proportion to the text.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "grouping/parameterize.h"

/* What is looked at for each byte at most, by all patterns. */
#define WORK 1000U
#define GROWTH 8U

static int
fuzz_one(const uint8_t *data, size_t size)
{
    const struct str text = {(const char *)data, size};
    struct parameterize s;
    struct str piece;
    size_t n = 0;

    if (!utf8_valid(text, NULL))
        return 0;
    parameterize_begin(&s, text);
    while (parameterize_next(&s, &piece)) {
        CHECK(piece.n > 0 && utf8_valid(piece, NULL));
        n += piece.n;
    }
    CHECK(n <= GROWTH * size + 3);
    CHECK(s.looked_at <= WORK * (size + 1));
    return 0;
}

FUZZ_TARGET(200, LIMIT_MIB)
