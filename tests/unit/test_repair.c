#include "json/repair.h"
#include "unit.h"

#define GONE "\xef\xbf\xbd"

static const struct {
    int line;
    bool words;
    const char *text;
    const char *repaired; /* NULL: nothing to do */
} rows[] = {
    {__LINE__, true, "", NULL},
    {__LINE__, true, "{\"a\":1}", NULL},
    {__LINE__, false, "{\"a\":NaN}", NULL},
    {__LINE__, true, "{\"a\":NaN}", "{\"a\":null}"},
    {__LINE__, true, "[NaN,Infinity,-Infinity]", "[null,null,null]"},
    {__LINE__, true, "[\"NaN\",\"\\\"NaN\",\"\\\\\",NaN]",
     "[\"NaN\",\"\\\"NaN\",\"\\\\\",null]"},
    {__LINE__, true, "[-NaN]", "[-null]"},
    {__LINE__, false, "\"caf\xe9\"", "\"caf" GONE "\""},
    {__LINE__, false, "\"\xc3\xa9\xff\xfe\"", "\"\xc3\xa9" GONE GONE "\""},
    {__LINE__, false, "\"\xed\xa0\x80\"", "\"" GONE GONE GONE "\""},
    {__LINE__, true, "\"\\\xff\"NaN", "\"\\" GONE "\"null"},
    {__LINE__, false, "\"\xe2\x82", "\"" GONE GONE},
};

static void
texts_are_repaired(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str text = unit_exact(str_of(rows[i].text)), out = STR_NONE;
        struct error e = {.kind = ERROR_NONE};

        UNIT_EQ_AT(rows[i].line, repair_text(unit_arena(), text, rows[i].words, &out, &e),
                   0);
        if (rows[i].repaired == NULL)
            UNIT_AT(rows[i].line, out.p == text.p && out.n == text.n);
        else
            UNIT_STR_AT(rows[i].line, out, rows[i].repaired);
    }
}

static void
without_memory_it_says_so(void)
{
    struct arena *a = arena_new(16, 16);
    struct str out = STR_NONE;
    struct error e = {.kind = ERROR_NONE};

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
