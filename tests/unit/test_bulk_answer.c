#include <string.h>

#include "ingest/bulk_answer.h"
#include "unit.h"

#define ITEMS 4

static struct bulk_entry items[ITEMS];
static struct verdict verdicts[ITEMS];
static struct bulk bulk;

/* A bulk of sound items with these verdicts; 'x': a bad item, whose charge was taken. */
static void
make(const char *words)
{
    bulk = (struct bulk){items, verdicts, strlen(words)};
    for (size_t i = 0; i < bulk.count; i++) {
        items[i] = (struct bulk_entry){.id = {{(uint8_t)(i + 1)}}};
        verdicts[i] = (struct verdict){words[i] == 'l'   ? VERDICT_LIMITED
                                       : words[i] == 'u' ? VERDICT_UNAVAILABLE
                                       : words[i] == 'p' ? VERDICT_POISON
                                       : words[i] == 'n' ? VERDICT_NO_PROJECT
                                       : words[i] == 'd' ? VERDICT_DUPLICATE
                                                         : VERDICT_STORED,
                                       1500};
        if (words[i] == 'x')
            error_set(&items[i].error, ERROR_MALFORMED, "bad item");
    }
}

static const struct {
    int line, status, retry_after_s;
    enum error_kind kind;
    const char *verdicts;
} rows[] = {
    {__LINE__, 202, 0, ERROR_NONE, "s"},
    {__LINE__, 202, 0, ERROR_NONE, "d"},
    {__LINE__, 202, 0, ERROR_LIMITED, "sxlu"},
    {__LINE__, 400, 0, ERROR_MALFORMED, "xx"},
    {__LINE__, 429, 2, ERROR_LIMITED, "llll"},
    {__LINE__, 429, 2, ERROR_LIMITED, "xlup"},
    {__LINE__, 503, 1, ERROR_UNAVAILABLE, "xnpu"},
    {__LINE__, 500, 0, ERROR_POISON, "xnp"},
    {__LINE__, 401, 0, ERROR_UNAUTHORIZED, "xn"},
};

static void
the_worst_error_speaks_when_nothing_was_stored(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct answer a = {.body = buf_init(10000)};
        struct error e = {.kind = ERROR_NONE};

        make(rows[i].verdicts);
        bulk_answer(&bulk, &a, &e);
        UNIT_AT(rows[i].line, a.status == rows[i].status && e.kind == rows[i].kind);
        UNIT_EQ_AT(rows[i].line, a.retry_after_s, rows[i].retry_after_s);
        UNIT_AT(rows[i].line, a.body.n > 0 && a.body.data[a.body.n - 1] == '}');
        buf_release(&a.body);
    }
}

static void
results_stand_in_the_order_sent(void)
{
    struct answer a = {.body = buf_init(10000)};
    struct error e = {.kind = ERROR_NONE};

    make("sxld");
    bulk_answer(&bulk, &a, &e);
    UNIT_STR(buf_str(&a.body),
             "{\"status\":\"accepted\",\"accepted\":2,\"rejected\":2,\"results\":["
             "{\"id\":\"01000000-0000-0000-0000-000000000000\"},"
             "{\"error\":\"bad item\",\"status\":400},"
             "{\"error\":\"rate limited\",\"retry_after\":2,\"status\":429},"
             "{\"id\":\"04000000-0000-0000-0000-000000000000\"}]}");
    buf_release(&a.body);
}

static void
a_bad_item_over_the_limit_is_told_of_the_limit(void)
{
    struct answer a = {.body = buf_init(10000)};
    struct error e = {.kind = ERROR_NONE};

    make("xx");
    verdicts[1].status = VERDICT_LIMITED;
    bulk_answer(&bulk, &a, &e);
    UNIT_EQ(a.status, 429);
    UNIT_STR(buf_str(&a.body),
             "{\"error\":\"rate limited\",\"retry_after\":2,\"results\":["
             "{\"error\":\"bad item\",\"status\":400},"
             "{\"error\":\"rate limited\",\"retry_after\":2,\"status\":429}]}");
    /* but one that the database could not count stays what it is */
    make("x");
    verdicts[0].status = VERDICT_UNAVAILABLE;
    buf_clear(&a.body, SIZE_MAX);
    bulk_answer(&bulk, &a, &e);
    UNIT_EQ(items[0].error.kind, ERROR_MALFORMED);
    buf_release(&a.body);
}

static void
a_bulk_refused_as_a_whole_has_its_results_too(void)
{
    struct answer a = {.body = buf_init(10000)};
    struct error e;

    make("xx");
    error_set(&e, ERROR_MALFORMED, "no acceptable event");
    bulk_answer_refused(&bulk, &e, &a);
    UNIT_EQ(a.status, 400);
    UNIT_STR(buf_str(&a.body), "{\"error\":\"no acceptable event\",\"results\":["
                               "{\"error\":\"bad item\",\"status\":400},"
                               "{\"error\":\"bad item\",\"status\":400}]}");
    buf_release(&a.body);
}

static const struct unit_test tests[] = {
    {"the_worst_error_speaks_when_nothing_was_stored",
     the_worst_error_speaks_when_nothing_was_stored},
    {"results_stand_in_the_order_sent", results_stand_in_the_order_sent},
    {"a_bad_item_over_the_limit_is_told_of_the_limit",
     a_bad_item_over_the_limit_is_told_of_the_limit},
    {"a_bulk_refused_as_a_whole_has_its_results_too",
     a_bulk_refused_as_a_whole_has_its_results_too},
};

const struct unit_suite suite_bulk_answer = {"bulk_answer", tests, COUNT_OF(tests)};
