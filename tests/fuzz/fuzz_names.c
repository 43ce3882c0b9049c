/*
 * fuzz_names: any text as the name of a function, as a module and as a path: the first
 * byte chooses the language, the function ends at a NUL, the rest is the module.
 *
 * Cleaning a clean name changes nothing; what comes out is text again, and not much
 * larger; tables of owners find their answer for any frame.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "frames/name.h"
#include "frames/owner.h"
#include "frames/place.h"
#include "fuzz.h"

#define GROWTH 6U

static struct arena *arena;

static struct str
functions(enum language l, struct str name, struct str module)
{
    struct name once, twice;
    struct error e;

    CHECK(name_function(arena, l, name, module, &once, &e) == 0);
    CHECK(utf8_valid(once.full, NULL) && utf8_valid(once.counts, NULL));
    CHECK(once.full.n <= GROWTH * (name.n + module.n) + 32);
    if (once.full.p != NULL) {
        CHECK(name_function(arena, l, once.full, module, &twice, &e) == 0);
        CHECK(str_eq(once.full, twice.full));
    }
    CHECK(name_type(l, name).n <= name.n);
    return once.full;
}

static void
places(enum language l, struct str text)
{
    struct str out;
    struct error e;

    CHECK(place_file(arena, l, text, &out, &e) == 0);
    CHECK(utf8_valid(out, NULL) && out.n <= text.n);
    CHECK(place_module(arena, l, text, &out, &e) == 0);
    CHECK(utf8_valid(out, NULL) && out.n <= GROWTH * text.n + 32);
}

static void
owners(enum language l, struct str function, struct str text)
{
    const struct owner_frame f = {.language = l,
                                  .path = text,
                                  .package = text,
                                  .module = text,
                                  .function = function};
    struct owner_event ev = {.modules = 0};
    struct owner_answer answer;
    bool found = owner_find(&f, &answer);

    owner_note(&ev, &f, found ? &answer : NULL);
    answer = owner_decide(&ev, &f, found ? &answer : NULL);
    CHECK(answer.why.n > 0 && owner_name(answer.owner)[0] != '?');
}

static int
fuzz_one(const uint8_t *data, size_t size)
{
    struct str name, module;
    enum language l;

    if (arena == NULL)
        arena = arena_new(LIMIT_MIB, 64 * LIMIT_MIB);
    CHECK(arena != NULL);
    if (size == 0)
        return 0;
    l = (enum language)(data[0] % N_LANGUAGES);
    module = (struct str){(const char *)data + 1, size - 1};
    if (!utf8_valid(module, NULL))
        return 0;
    name = str_cut(&module, '\0');
    owners(l, functions(l, name, module), module);
    owners(l, STR_NONE, name);
    places(l, name);
    places(l, module);
    arena_reset(arena);
    return 0;
}

FUZZ_TARGET(40, 4 * LIMIT_KIB)
