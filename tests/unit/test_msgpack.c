#include <string.h>

#include "base/budget.h"
#include "base/limits.h"
#include "unit.h"
#include "wire/msgpack.h"

#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
    int line;
    const char *bytes;
    size_t n;
    const char *json; /* NULL: malformed */
} rows[] = {
    {__LINE__, BYTES("\x00"), "0"},
    {__LINE__, BYTES("\x7f"), "127"},
    {__LINE__, BYTES("\xe0"), "-32"},
    {__LINE__, BYTES("\xff"), "-1"},
    {__LINE__, BYTES("\xc0"), "null"},
    {__LINE__, BYTES("\xc1"), NULL},
    {__LINE__, BYTES("\xc2"), "false"},
    {__LINE__, BYTES("\xc3"), "true"},
    {__LINE__, BYTES("\xcc\xff"), "255"},
    {__LINE__, BYTES("\xcd\xff\xfe"), "65534"},
    {__LINE__, BYTES("\xce\xff\xff\xff\xff"), "4294967295"},
    {__LINE__, BYTES("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), "18446744073709551615"},
    {__LINE__, BYTES("\xd0\x80"), "-128"},
    {__LINE__, BYTES("\xd1\xff\xfe"), "-2"},
    {__LINE__, BYTES("\xd2\x00\x00\x00\x07"), "7"},
    {__LINE__, BYTES("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"), "-9223372036854775808"},
    {__LINE__, BYTES("\xca\x3f\xc0\x00\x00"), "1.5"},
    {__LINE__, BYTES("\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00"), "1.5"},
    {__LINE__, BYTES("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"), "null"},
    {__LINE__, BYTES("\xca\xff\x80\x00\x00"), "null"},
    {__LINE__, BYTES("\xa0"), "\"\""},
    {__LINE__,
     BYTES("\xa3"
           "a\"b"),
     "\"a\\\"b\""},
    {__LINE__, BYTES("\xd9\x01x"), "\"x\""},
    {__LINE__, BYTES("\xda\x00\x01x"), "\"x\""},
    {__LINE__, BYTES("\xdb\x00\x00\x00\x01x"), "\"x\""},
    {__LINE__, BYTES("\xc4\x02\x00\n"), "\"\\u0000\\n\""},
    {__LINE__, BYTES("\xc5\x00\x01x"), "\"x\""},
    {__LINE__, BYTES("\xc6\x00\x00\x00\x00"), "\"\""},
    {__LINE__, BYTES("\x90"), "[]"},
    {__LINE__, BYTES("\x80"), "{}"},
    {__LINE__, BYTES("\x93\x01\x90\x92\x02\x80"), "[1,[],[2,{}]]"},
    {__LINE__,
     BYTES("\x82\xa1"
           "a\x01\xa1"
           "b\x81\xa0\xc0"),
     "{\"a\":1,\"b\":{\"\":null}}"},
    {__LINE__, BYTES("\xdc\x00\x02\x01\x02"), "[1,2]"},
    {__LINE__, BYTES("\xdd\x00\x00\x00\x01\x90"), "[[]]"},
    {__LINE__, BYTES("\xde\x00\x01\x07\x08"), "{\"7\":8}"},
    {__LINE__, BYTES("\xdf\x00\x00\x00\x01\xff\x08"), "{\"-1\":8}"},
    {__LINE__, BYTES("\x81\xcc\xc8\xc0"), "{\"200\":null}"},
    {__LINE__, BYTES("\x81\xc4\x01x\xc0"), "{\"x\":null}"},
    /* Names of other types. */
    {__LINE__, BYTES("\x81\xc0\x01"), NULL},
    {__LINE__, BYTES("\x81\xc3\x01"), NULL},
    {__LINE__, BYTES("\x81\x90\x01"), NULL},
    {__LINE__, BYTES("\x81\xca\x3f\xc0\x00\x00\x01"), NULL},
    {__LINE__, BYTES("\x81\xd4\x01\x01\x01"), NULL},
    /* Extensions: times, and others. */
    {__LINE__, BYTES("\xd6\xff\x00\x00\x00\x09"), "9.000000000"},
    {__LINE__, BYTES("\xd7\xff\x00\x00\x00\x04\x00\x00\x00\x09"), "9.000000001"},
    {__LINE__, BYTES("\xc7\x0c\xff\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x09"),
     "9.000000002"},
    {__LINE__, BYTES("\xc7\x0c\xff\x00\x00\x00\x02\xff\x00\x00\x00\x00\x00\x00\x09"),
     "null"},
    {__LINE__, BYTES("\xd4\x01x"), "null"},
    {__LINE__, BYTES("\xc7\x00\xff"), "null"},
    {__LINE__, BYTES("\xc8\x00\x03\x05xyz"), "null"},
    {__LINE__, BYTES("\xc9\x00\x00\x00\x01\x05x"), "null"},
};

static void
every_type_is_read(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str in = unit_exact((struct str){rows[i].bytes, rows[i].n});
        struct buf out = buf_init(1000);
        int rc = msgpack_json(&in, &out);

        UNIT_EQ_AT(rows[i].line, rc, rows[i].json == NULL ? -1 : 0);
        if (rc == 0) {
            UNIT_EQ_AT(rows[i].line, in.n, 0);
            UNIT_STR_AT(rows[i].line, buf_str(&out), rows[i].json);
        }
        buf_release(&out);
    }
}

/* No value is the beginning of another one. */
static void
what_is_cut_off_is_malformed(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t n = 0; rows[i].json != NULL && n < rows[i].n; n++) {
            struct str in = unit_exact((struct str){rows[i].bytes, n});
            struct buf out = buf_init(1000);

            UNIT_EQ_AT(rows[i].line, msgpack_json(&in, &out), -1);
            buf_release(&out);
        }
}

static void
values_follow_one_another(void)
{
    struct str in = unit_exact(STR("\x01\x81\xa1x\x90\xc0"));
    struct buf out = buf_init(1000);

    UNIT_EQ(msgpack_json(&in, &out), 0);
    UNIT_EQ(msgpack_json(&in, &out), 0);
    UNIT_EQ(in.n, 1);
    UNIT_EQ(msgpack_json(&in, &out), 0);
    UNIT_STR(buf_str(&out), "1{\"x\":[]}null");
    UNIT_EQ(msgpack_json(&in, &out), -1);
    buf_release(&out);
}

static void
levels_are_limited(void)
{
    char bytes[MSGPACK_DEPTH_MAX + 1];

    (void)memset(bytes, '\x91', sizeof bytes);
    for (size_t n = MSGPACK_DEPTH_MAX - 1; n <= sizeof bytes; n++) {
        struct buf out = buf_init(1000);
        struct str in;

        bytes[n - 1] = '\x90';
        in = unit_exact((struct str){bytes, n});
        UNIT_EQ(msgpack_json(&in, &out), n <= MSGPACK_DEPTH_MAX ? 0 : -1);
        bytes[n - 1] = '\x91';
        buf_release(&out);
    }
}

static void
a_list_cannot_have_more_values_than_bytes(void)
{
    static const char *const lists[] = {
        "\xdd\xff\xff\xff\xff\x01", "\xdf\x80\x00\x00\x00", "\x9f\x01", "\x8f\xa0\x01"};

    budget_begin(0);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        struct str in = {lists[i], i < 2 ? 5 : 2};
        struct buf out = buf_init(1000);

        UNIT_EQ(msgpack_json(&in, &out), -1);
        buf_release(&out);
    }
    UNIT(the_budget.spent < 100);
}

static void
a_full_buffer_is_an_error(void)
{
    struct buf out = buf_init(3);
    struct str in = STR("\xa3xyz");

    UNIT_EQ(msgpack_json(&in, &out), -1);
    buf_release(&out);
}

static const struct unit_test tests[] = {
    {"every_type_is_read", every_type_is_read},
    {"what_is_cut_off_is_malformed", what_is_cut_off_is_malformed},
    {"values_follow_one_another", values_follow_one_another},
    {"levels_are_limited", levels_are_limited},
    {"a_list_cannot_have_more_values_than_bytes",
     a_list_cannot_have_more_values_than_bytes},
    {"a_full_buffer_is_an_error", a_full_buffer_is_an_error},
};

const struct unit_suite suite_msgpack = {"msgpack", tests, COUNT_OF(tests)};
