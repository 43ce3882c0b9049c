#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "event/event.h"
#include "event/release_health.h"
#include "unit.h"

#define HOUR INT64_C(3600000000)
#define RECEIVED (INT64_C(500000) * HOUR + 7)

/* Everything that is taken, one after the other. */
struct taken {
    struct release_health_fact facts[300];
    size_t n;
};

static int
take(void *context, const struct release_health_fact *fact, struct error *e)
{
    struct taken *t = context;

    if (t->n == COUNT_OF(t->facts))
        return error_set(e, ERROR_FORBIDDEN, "enough");
    t->facts[t->n++] = *fact;
    return 0;
}

static struct taken taken;

static int64_t dropped;

static void
/* cppcheck-suppress constParameter */
drop(void *context, int64_t count)
{
    UNIT(context == &taken);
    dropped += count;
}

static int
read_at(const char *text, bool many, int64_t sent_at_us, struct error *e)
{
    const struct release_health_clock clock = {RECEIVED, sent_at_us};
    const struct release_health_sink sink = {take, drop, &taken};

    taken.n = 0;
    dropped = 0;
    return release_health_read(unit_arena(), unit_exact(str_of(text)), many, &clock,
                               &sink, e);
}

static int
read_one(const char *text, bool many)
{
    struct error e;

    return read_at(text, many, EVENT_NO_TIME, &e);
}

#define ATTRS "\"attrs\":{\"release\":\"r@1\",\"environment\":\"prod\"}"
#define SID "\"sid\":\"0123456789abcdef0123456789abcdef\","

static void
a_session_gives_what_is_counted_of_it(void)
{
    static const struct {
        int line;
        const char *text;
        size_t n;
        int64_t crashed, errored, abnormal; /* of the second fact */
    } rows[] = {
        {__LINE__, "{" SID "\"status\":\"ok\"," ATTRS "}", 1, 0, 0, 0},
        {__LINE__, "{" SID "\"status\":\"exited\",\"errors\":0," ATTRS "}", 1, 0, 0, 0},
        {__LINE__, "{" SID "\"status\":\"exited\",\"errors\":2," ATTRS "}", 2, 0, 1, 0},
        {__LINE__, "{" SID "\"status\":\"errored\"," ATTRS "}", 2, 0, 1, 0},
        {__LINE__, "{" SID "\"status\":\"crashed\",\"errors\":1," ATTRS "}", 2, 1, 0, 0},
        {__LINE__, "{" SID "\"status\":\"abnormal\"," ATTRS "}", 2, 0, 0, 1},
        {__LINE__, "{" ATTRS "}", 1, 0, 0, 0},
        {__LINE__, "{\"attrs\":{\"environment\":\"prod\"}}", 0, 0, 0, 0},
        {__LINE__, "{}", 0, 0, 0, 0},
        {__LINE__, "[]", 0, 0, 0, 0},
        {__LINE__, "x", 0, 0, 0, 0},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        UNIT_EQ_AT(rows[i].line, read_one(rows[i].text, false), 0);
        UNIT_EQ_AT(rows[i].line, taken.n, rows[i].n);
        UNIT_AT(rows[i].line,
                taken.n == 0 || (taken.facts[0].total == 1 &&
                                 unit_is(taken.facts[0].release, "r@1") &&
                                 unit_is(taken.facts[0].environment, "prod")));
        UNIT_AT(rows[i].line,
                taken.n < 2 || (taken.facts[1].total == 0 &&
                                taken.facts[1].crashed == rows[i].crashed &&
                                taken.facts[1].errored == rows[i].errored &&
                                taken.facts[1].abnormal == rows[i].abnormal));
    }
}

static void
the_same_thing_of_a_session_has_the_same_id(void)
{
    struct release_health_fact first;

    UNIT(read_one("{" SID "\"status\":\"crashed\"," ATTRS "}", false) == 0 &&
         taken.n == 2);
    first = taken.facts[1];
    UNIT(first.has_id && !ids_eq(&first.id, &taken.facts[0].id));
    UNIT_EQ(read_one("{" SID "\"status\":\"crashed\",\"seq\":7," ATTRS "}", false), 0);
    UNIT(ids_eq(&first.id, &taken.facts[1].id));
    UNIT_EQ(read_one("{" SID "\"status\":\"abnormal\"," ATTRS "}", false), 0);
    UNIT(!ids_eq(&first.id, &taken.facts[1].id));
    /* All facts of a session differ in their last byte alone. */
    UNIT(memcmp(first.id.b, taken.facts[0].id.b, 15) == 0 && first.id.b[15] == 'c' &&
         taken.facts[0].id.b[15] == 't' && taken.facts[1].id.b[15] == 'a');
    UNIT(read_one("{" ATTRS "}", false) == 0 && !taken.facts[0].has_id);
}

static void
users_have_a_bit(void)
{
    int bit;

    UNIT_EQ(read_one("{\"did\":\"u\"," ATTRS "}", false), 0);
    bit = taken.facts[0].user_bit;
    UNIT(bit >= 0 && bit < 16384);
    UNIT(read_one("{\"did\":\"u\"," ATTRS "}", false) == 0 &&
         taken.facts[0].user_bit == bit);
    UNIT(read_one("{\"did\":\"v\"," ATTRS "}", false) == 0 &&
         taken.facts[0].user_bit != bit);
    UNIT(read_one("{\"did\":null," ATTRS "}", false) == 0 &&
         taken.facts[0].user_bit == -1);
}

static void
buckets_are_taken_one_by_one(void)
{
    UNIT_EQ(
        read_one(
            "{\"aggregates\":[{\"exited\":3,\"errored\":2,\"crashed\":1,\"abnormal\":4,"
            "\"did\":\"u\"},{},7,{\"exited\":-1},{\"crashed\":5}]," ATTRS "}",
            true),
        0);
    UNIT(taken.n == 2 && taken.facts[0].total == 10 && taken.facts[0].errored == 2 &&
         taken.facts[0].crashed == 1 && taken.facts[0].abnormal == 4 &&
         taken.facts[0].user_bit >= 0);
    UNIT(taken.facts[1].total == 5 && taken.facts[1].crashed == 5 &&
         !taken.facts[1].has_id);
    UNIT(read_one("{\"aggregates\":{}," ATTRS "}", true) == 0 && taken.n == 0);
}

static void
there_are_not_too_many_buckets(void)
{
    for (unsigned more = 0; more < 3; more++) {
        struct buf b = buf_init(100000);
        struct error e;

        buf_add_text(&b, "{\"aggregates\":[{\"exited\":1}");
        for (unsigned i = 0; i + 2 < LIMIT_SESSION_BUCKETS + more; i++)
            buf_add_text(&b, ",{\"exited\":1}");
        buf_add_text(&b, "]," ATTRS "}");
        buf_add_char(&b, '\0');
        UNIT_EQ(read_at(b.data, true, EVENT_NO_TIME, &e), (more < 2 ? 0 : -1));
        UNIT(more < 2 || e.kind == ERROR_TOO_LARGE);
        buf_release(&b);
    }
}

static void
a_session_is_of_the_hour_in_which_it_began(void)
{
    static const struct {
        int line;
        const char *started;
        int64_t sent_at_us, hours_ago;
    } rows[] = {
        {__LINE__, "1799999000", EVENT_NO_TIME, 1},
        {__LINE__, "\"2027-01-15T07:10:00Z\"", EVENT_NO_TIME, 1},
        {__LINE__, "\"2027-01-10T09:00:00Z\"", EVENT_NO_TIME, 119},
        {__LINE__, "\"2027-01-10T08:00:00.000007Z\"", EVENT_NO_TIME, 120},
        {__LINE__, "\"2027-01-10T08:00:00.000006Z\"", EVENT_NO_TIME, -1},
        {__LINE__, "\"2027-01-10T07:00:00Z\"", EVENT_NO_TIME, -1},
        {__LINE__, "0", EVENT_NO_TIME, -1},
        {__LINE__, "\"2027-01-15T08:01:00.000007Z\"", EVENT_NO_TIME, 0},
        {__LINE__, "\"2027-01-15T08:01:00.000008Z\"", EVENT_NO_TIME, -1},
        {__LINE__, "\"2027-01-15T09:00:30Z\"", EVENT_NO_TIME, -1},
        {__LINE__, "\"x\"", EVENT_NO_TIME, 0},
        {__LINE__, "null", EVENT_NO_TIME, 0},
        {__LINE__, "\"2027-01-15T02:10:00Z\"", RECEIVED - 5 * HOUR, 1},
        {__LINE__, "\"2020-01-01T00:00:00Z\"", RECEIVED - 5 * HOUR, -1},
        {__LINE__, "\"2027-01-15T07:10:00Z\"", RECEIVED - HOUR / 2, 1},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf b = buf_init(1000);
        struct error e;

        buf_add_f(&b, "{\"started\":%s," ATTRS "}", rows[i].started);
        buf_add_char(&b, '\0');
        UNIT_EQ_AT(rows[i].line, read_at(b.data, false, rows[i].sent_at_us, &e), 0);
        buf_release(&b);
        if (rows[i].hours_ago < 0) { /* left out */
            UNIT_AT(rows[i].line, taken.n == 0 && dropped == 1);
            continue;
        }
        UNIT_AT(rows[i].line,
                taken.n == 1 && dropped == 0 &&
                    taken.facts[0].hour_us == RECEIVED - 7 - rows[i].hours_ago * HOUR);
    }
}

static void
names_are_those_of_events(void)
{
    static const struct {
        const char *attrs, *release, *environment; /* release NULL: not counted */
    } rows[] = {
        {"{\"release\":\"1.0\\n\",\"environment\":\" prod\\r\\n\"}", "1.0", "prod"},
        {"{\"release\":\"1.0\",\"environment\":\"none\"}", "1.0", ""},
        {"{\"release\":\"1.0\",\"environment\":\"a/b\"}", "1.0", ""},
        {"{\"release\":\"a/b\"}", NULL, NULL},
        {"{\"release\":\"latest\"}", NULL, NULL},
        {"{\"release\":\" \\t\"}", NULL, NULL},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf b = buf_init(1000);

        buf_add_f(&b, "{\"attrs\":%s}", rows[i].attrs);
        UNIT_EQ(read_one(buf_text(&b), false), 0);
        UNIT_EQ(taken.n, rows[i].release == NULL ? 0 : 1);
        if (taken.n == 1) {
            UNIT_STR(taken.facts[0].release, rows[i].release);
            UNIT_STR(taken.facts[0].environment, rows[i].environment);
        }
        buf_release(&b);
    }
}

static const struct unit_test tests[] = {
    {"names_are_those_of_events", names_are_those_of_events},
    {"a_session_gives_what_is_counted_of_it", a_session_gives_what_is_counted_of_it},
    {"the_same_thing_of_a_session_has_the_same_id",
     the_same_thing_of_a_session_has_the_same_id},
    {"users_have_a_bit", users_have_a_bit},
    {"buckets_are_taken_one_by_one", buckets_are_taken_one_by_one},
    {"there_are_not_too_many_buckets", there_are_not_too_many_buckets},
    {"a_session_is_of_the_hour_in_which_it_began",
     a_session_is_of_the_hour_in_which_it_began},
};

const struct unit_suite suite_release_health = {"release_health", tests, COUNT_OF(tests)};
