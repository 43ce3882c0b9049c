/*
 * fuzz_parameterize: any text as a message; also as the name of a function in every
 * language.
 *
 * What comes out is text again, and small; the work is in proportion to the text.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "grouping/function.h"
#include "grouping/parameterize.h"
#include "grouping/place.h"

/* What is looked at for each byte at most, by all patterns. */
#define WORK 1000U
#define GROWTH 8U

static struct arena *arena;

static void
all_names(struct str text)
{
    struct str out;
    struct error e;

    for (unsigned f = 0; f <= FAMILY_NATIVE; f++) {
        CHECK(function_clean(arena, (enum family)f, text, &out, &e) == 0);
        CHECK(utf8_valid(out, NULL));
        CHECK(place_file(arena, (enum family)f, text, &out, &e) == 0);
        CHECK(utf8_valid(out, NULL) && out.n <= text.n);
        CHECK(place_module(arena, (enum family)f, text, &out, &e) == 0);
        CHECK(utf8_valid(out, NULL) && out.n <= text.n);
    }
}

static int
fuzz_one(const uint8_t *data, size_t size)
{
    const struct str text = {(const char *)data, size};
    struct parameterize s;
    struct str piece;
    size_t n = 0;

    if (arena == NULL)
        arena = arena_new(LIMIT_MIB, 64 * LIMIT_MIB);
    CHECK(arena != NULL);
    if (!utf8_valid(text, NULL))
        return 0;
    parameterize_begin(&s, text);
    while (parameterize_next(&s, &piece)) {
        CHECK(piece.n > 0 && utf8_valid(piece, NULL));
        n += piece.n;
    }
    CHECK(n <= GROWTH * size + 3);
    CHECK(s.looked_at <= WORK * (size + 1));
    all_names(text);
    arena_reset(arena);
    return 0;
}

FUZZ_TARGET(200, LIMIT_MIB)
