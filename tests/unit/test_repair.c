#include "event/repair.h"
#include "unit.h"

#define GONE "\xef\xbf\xbd"

static const struct {
    int line;
    const char *text;
    bool words;
    const char *repaired; /* NULL: nothing to do */
} rows[] = {
    {__LINE__, "", true, NULL},
    {__LINE__, "{\"a\":1}", true, NULL},
    {__LINE__, "{\"a\":NaN}", false, NULL},
    {__LINE__, "{\"a\":NaN}", true, "{\"a\":null}"},
    {__LINE__, "[NaN,Infinity,-Infinity]", true, "[null,null,null]"},
    {__LINE__, "[\"NaN\",\"\\\"NaN\",\"\\\\\",NaN]", true,
     "[\"NaN\",\"\\\"NaN\",\"\\\\\",null]"},
    {__LINE__, "[-NaN]", true, "[-null]"},
    {__LINE__, "\"caf\xe9\"", false, "\"caf" GONE "\""},
    {__LINE__, "\"\xc3\xa9\xff\xfe\"", false, "\"\xc3\xa9" GONE GONE "\""},
    {__LINE__, "\"\xed\xa0\x80\"", false, "\"" GONE GONE GONE "\""},
    {__LINE__, "\"\\\xff\"NaN", true, "\"\\" GONE "\"null"},
    {__LINE__, "\"\xe2\x82", false, "\"" GONE GONE},
};

static void
texts_are_repaired(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str text = unit_exact(str_of(rows[i].text)), out;
        struct error e;

        UNIT_AT(rows[i].line,
                repair_text(unit_arena(), text, rows[i].words, &out, &e) == 0);
        if (rows[i].repaired == NULL)
            UNIT_AT(rows[i].line, out.p == text.p && out.n == text.n);
        else
            UNIT_AT(rows[i].line, unit_is(out, rows[i].repaired));
    }
}

static void
without_memory_it_says_so(void)
{
    struct arena *a = arena_new(16, 16);
    struct str out;
    struct error e;

    UNIT(a != NULL &&
         repair_text(a, STR("\"\xff\xff\xff\xff\xff\xff\xff\""), false, &out, &e) == -1);
    UNIT(e.kind == ERROR_UNAVAILABLE && e.retry_after_s > 0);
    arena_free(a);
}

static const struct unit_test tests[] = {
    {"texts_are_repaired", texts_are_repaired},
    {"without_memory_it_says_so", without_memory_it_says_so},
};

const struct unit_suite suite_repair = {"repair", tests, COUNT_OF(tests)};
