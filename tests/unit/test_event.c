#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "event/event.h"
#include "grouping/grouping.h"
#include "unit.h"

#define RECEIVED INT64_C(1700000000000000)

static int
parse(const char *json, struct event *out, struct error *e)
{
    *e = (struct error){.kind = ERROR_NONE};
    return grouping_parse(unit_arena(), unit_exact(str_of(json)), RECEIVED, NULL, out, e);
}

static const struct {
    int line;
    const char *json, *text;
} wrong[] = {
    {__LINE__, "", "empty body"},
    {__LINE__, " \r\n\t ", "empty body"},
    {__LINE__, "null", "an event must be a JSON object, got null"},
    {__LINE__, "[]", "an event must be a JSON object, got an array"},
    {__LINE__, "42", "an event must be a JSON object, got a number"},
    {__LINE__, "\"x\"", "an event must be a JSON object, got a string"},
    {__LINE__, "true", "an event must be a JSON object, got a boolean"},
    {__LINE__, "{\"message\":\"fine\"", "invalid JSON at byte 17: unexpected end"},
    {__LINE__, "{}", "missing required field: message"},
    {__LINE__, "{\"message\":\"\"}", "missing required field: message"},
    {__LINE__, "{\"message\":null}", "missing required field: message"},
    {__LINE__, "{\"message\":{}}", "missing required field: message"},
    {__LINE__, "{\"message\":{\"formatted\":7}}", "missing required field: message"},
    {__LINE__, "{\"message\\u0000\":\"x\"}", "missing required field: message"},
    {__LINE__, "{\"message\":\"x\",\"message\":null}", "missing required field: message"},
    {__LINE__, "{\"exception\":{}}", "missing required field: message"},
    {__LINE__, "{\"exception\":[]}", "missing required field: message"},
    {__LINE__, "{\"exception\":[null,7]}", "missing required field: message"},
    {__LINE__, "{\"exception\":{\"values\":[]}}", "missing required field: message"},
    {__LINE__, "{\"exception\":{\"values\":7}}",
     "invalid field: exception must be a list of exceptions"},
    {__LINE__, "{\"message\":7}", "invalid field: message must be a string"},
    {__LINE__, "{\"message\":[\"a\"]}", "invalid field: message must be a string"},
    {__LINE__, "{\"message\":\"x\",\"message\":7}",
     "invalid field: message must be a string"},
    {__LINE__, "{\"message\":\"x\",\"level\":\"loud\"}",
     "invalid field: level must be one of fatal, error, warning, info, debug"},
    {__LINE__, "{\"message\":\"x\",\"level\":40}",
     "invalid field: level must be a string"},
    {__LINE__, "{\"message\":\"x\",\"event_id\":\"not-a-uuid\"}",
     "invalid field: event_id must be a UUID: 32 hexadecimal digits"},
    {__LINE__, "{\"message\":\"x\",\"event_id\":7}",
     "invalid field: event_id must be a string"},
    {__LINE__, "{\"message\":\"x\",\"timestamp\":\"yesterday\"}",
     "invalid field: timestamp must be a time: RFC 3339 or seconds, years 1 to 9999"},
    {__LINE__, "{\"message\":\"x\",\"timestamp\":1e300}",
     "invalid field: timestamp must be a time: RFC 3339 or seconds, years 1 to 9999"},
    {__LINE__, "{\"message\":\"x\",\"timestamp\":{}}",
     "invalid field: timestamp must be a time: RFC 3339 or seconds"},
    {__LINE__, "{\"message\":\"x\",\"fingerprint\":5}",
     "invalid field: fingerprint must be a string or an array of strings"},
    {__LINE__, "{\"message\":\"x\",\"fingerprint\":[[]]}",
     "invalid field: fingerprint must be a string or an array of strings"},
    {__LINE__, "{\"message\":\"x\",\"tags\":[1,2]}",
     "invalid field: tags must be an object"},
    {__LINE__, "{\"message\":\"x\",\"tags\":\"[]\"}",
     "invalid field: tags must be an object, or a string that holds one"},
    {__LINE__, "{\"message\":\"x\",\"user_context\":\"{\"}",
     "invalid field: user_context must be an object, or a string that holds one"},
    {__LINE__, "{\"message\":\"x\",\"user\":7}", "invalid field: user must be an object"},
    {__LINE__, "{\"message\":\"x\",\"extra\":[]}",
     "invalid field: extra must be an object"},
    {__LINE__, "{\"message\":\"x\",\"exception\":\"boom\"}",
     "invalid field: exception must be an object or an array"},
    {__LINE__, "{\"message\":\"x\",\"stacktrace\":3}",
     "invalid field: stacktrace must be an object or an array"},
    {__LINE__, "{\"message\":\"x\",\"breadcrumbs\":\"a\"}",
     "invalid field: breadcrumbs must be an object or an array"},
    {__LINE__, "{\"message\":\"x\",\"release\":{}}",
     "invalid field: release must be a string"},
    {__LINE__, "{\"message\":\"x\",\"environment\":5}",
     "invalid field: environment must be a string"},
    {__LINE__, "{\"message\":\"x\",\"sdk\":7}", "invalid field: sdk must be an object"},
};

static void
what_is_wrong_is_named(void)
{
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct event out;
        struct error e;

        UNIT_EQ_AT(wrong[i].line, parse(wrong[i].json, &out, &e), -1);
        UNIT_AT(wrong[i].line,
                e.kind == ERROR_MALFORMED && strcmp(e.text, wrong[i].text) == 0);
    }
}

static void
text_fields_name_themselves(void)
{
    static const char *const names[] = {
        "culprit",     "environment", "release",  "platform",    "server_name",
        "transaction", "logger",      "sdk_name", "sdk_version",
    };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct buf b = buf_init(1000);
        struct event out;
        struct error e;

        buf_add_f(&b, "{\"message\":\"x\",\"%s\":true}", names[i]);
        UNIT(grouping_parse(unit_arena(), buf_str(&b), 0, NULL, &out, &e) == -1);
        UNIT(e.kind == ERROR_MALFORMED && strstr(e.text, names[i]) != NULL);
        buf_release(&b);
    }
}

static void
an_event_is_taken_apart(void)
{
    static const char json[] =
        "{\"event_id\":\"0123456789abcdef0123456789abcdef\",\"timestamp\":1.5,"
        "\"level\":\"Warning\",\"message\":\"first\\nsecond\",\"environment\":\"prod\","
        "\"release\":1.50,\"platform\":\"c\",\"server_name\":\"web-1\","
        "\"transaction\":\"/index\",\"user\":{\"email\":\"a@b\",\"id\":7},"
        "\"tags\":\"{\\\"a\\\":1}\",\"extra\":\"{}\",\"unknown\":[]}";
    struct event out;
    struct error e;

    UNIT_EQ(parse(json, &out, &e), 0);
    UNIT(out.has_id && out.id.b[0] == 0x01 && out.id.b[15] == 0xef);
    UNIT_EQ(out.timestamp_us, 1500000);
    UNIT(unit_is(out.level, "warning") && unit_is(out.title, "first"));
    UNIT_STR(out.message, "first\nsecond");
    UNIT(unit_is(out.environment, "prod") && unit_is(out.release, "1.50"));
    UNIT(unit_is(out.platform, "c") && unit_is(out.server_name, "web-1"));
    UNIT(unit_is(out.transaction, "/index") && unit_is(out.culprit, "/index"));
    UNIT(unit_is(out.user_id, "7") && unit_is(out.tags, "{\"a\":\"1\"}"));
}

static void
what_is_not_given_is_absent(void)
{
    struct event out;
    struct error e;

    UNIT_EQ(
        parse("{\"message\":\"x\",\"level\":null,\"tags\":null,\"timestamp\":null,"
              "\"fingerprint\":null,\"event_id\":null,\"user\":null,\"exception\":null,"
              "\"release\":\"\",\"environment\":\"\",\"transaction\":\"\"}",
              &out, &e),
        0);
    UNIT(!out.has_id && out.timestamp_us == RECEIVED && unit_is(out.level, "error"));
    UNIT(out.release.p == NULL && out.environment.p == NULL && out.transaction.p == NULL);
    UNIT(out.culprit.p == NULL && out.tags.p == NULL && out.user_id.p == NULL);
    UNIT(out.platform.p == NULL && out.server_name.p == NULL);
}

/* message NULL: absent. */
static void
titles_come_from_the_last_exception_or_the_message(void)
{
    static const struct {
        int line;
        const char *json, *title, *message;
    } rows[] = {
        {__LINE__, "{\"message\":\" \\n one \\ntwo\"}", "one", " \n one \ntwo"},
        {__LINE__, "{\"message\":\" \\n\"}", "<unlabeled event>", " \n"},
        {__LINE__, "{\"message\":{\"message\":\"a %s\",\"formatted\":\"a b\"}}", "a b",
         "a b"},
        {__LINE__, "{\"logentry\":{\"message\":\"a %s\"}}", "a %s", "a %s"},
        {__LINE__, "{\"message\":\"\",\"sentry.interfaces.Message\":{\"message\":\"m\"}}",
         "m", "m"},
        {__LINE__, "{\"exception\":{\"type\":\"T\",\"value\":\"v\\nw\"}}", "T: v", NULL},
        {__LINE__, "{\"exception\":[{\"type\":\"A\"},{\"type\":\"B\",\"value\":\"b\"}]}",
         "B: b", NULL},
        {__LINE__, "{\"exception\":{\"values\":[{\"type\":\"A\",\"value\":\"\"}]}}", "A",
         NULL},
        {__LINE__, "{\"exception\":{\"values\":[{\"value\":\"v\"}]}}", "v", NULL},
        {__LINE__, "{\"exception\":[{}]}", "Error", NULL},
        {__LINE__, "{\"exception\":[{\"type\":\"A\",\"value\":{\"k\":1}},null]}",
         "A: {\"k\":1}", NULL},
        {__LINE__, "{\"message\":\"m\",\"exception\":[{\"type\":\"A\"}]}", "A", "m"},
        {__LINE__, "{\"message\":\"m\",\"exception\":[]}", "m", "m"},
        {__LINE__, "{\"sentry.interfaces.Exception\":{\"type\":\"A\"}}", "A", NULL},
        {__LINE__, "{\"message\":\"first\",\"m\\u0065ssage\":\"second\"}", "second",
         "second"},
        {__LINE__, "{\"message\":7,\"message\":\"second\"}", "second", "second"},
        {__LINE__, "{\"message\":\"x\\ud83dy\\u0000\"}", "x\xef\xbf\xbdy\xef\xbf\xbd",
         "x\xef\xbf\xbdy\xef\xbf\xbd"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct event out;
        struct error e;

        UNIT_EQ_AT(rows[i].line, parse(rows[i].json, &out, &e), 0);
        UNIT_STR_AT(rows[i].line, out.title, rows[i].title);
        UNIT_STR_AT(rows[i].line, out.message, rows[i].message);
    }
}

static void
users_are_known_by_what_they_have(void)
{
    static const char *const rows[][2] = {
        {"{\"message\":\"x\",\"user\":{\"id\":\"\",\"email\":\"e\"}}", "e"},
        {"{\"message\":\"x\",\"user\":{\"username\":\"u\",\"ip_address\":\"1\"}}", "u"},
        {"{\"message\":\"x\",\"user\":{\"ip_address\":\"{{auto}}\"}}", NULL},
        {"{\"message\":\"x\",\"user\":{\"id\":null},\"user_context\":\"{\\\"id\\\":7}\"}",
         "7"},
        {"{\"message\":\"x\",\"sentry.interfaces.User\":{\"id\":[],\"email\":\"e\"}}",
         "e"},
        {"{\"message\":\"x\",\"user\":{}}", NULL},
    };
    struct event out;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        UNIT(parse(rows[i][0], &out, &e) == 0 && unit_is(out.user_id, rows[i][1]));
}

/* Rows with the same number are one issue, all others are not. */
static void
events_of_one_issue_have_one_fingerprint(void)
{
    static const struct {
        int issue;
        const char *json;
    } rows[] = {
        {1, "{\"message\":\"m\"}"},
        {1, "{\"message\":\"m\",\"fingerprint\":[]}"},
        {1, "{\"message\":\"m\",\"fingerprint\":[null]}"},
        {1, "{\"message\":\"m\",\"fingerprint\":[\"{{ default }}\"]}"},
        {1, "{\"message\":\"m\",\"fingerprint\":\"{{default}}\",\"level\":\"info\"}"},
        {2, "{\"message\":\"n\"}"},
        {3, "{\"message\":\"m\",\"fingerprint\":[\"a\",\"bc\"]}"},
        {3, "{\"message\":\"n\",\"fingerprint\":[\"a\",null,\"b\\u0063\"]}"},
        {4, "{\"message\":\"m\",\"fingerprint\":[\"ab\",\"c\"]}"},
        {5, "{\"message\":\"m\",\"fingerprint\":[\"m\"]}"},
        {5, "{\"message\":\"m\",\"fingerprint\":\"m\"}"},
        {6, "{\"message\":\"m\",\"fingerprint\":[\"{{ default }}\",\"x\"]}"},
        {7, "{\"message\":\"n\",\"fingerprint\":[\"{{ default }}\",\"x\"]}"},
        {8, "{\"message\":\"m\",\"fingerprint\":[\"True\",\"1\"]}"},
        {8, "{\"message\":\"m\",\"fingerprint\":[true,1]}"},
        {9, "{\"exception\":{\"type\":\"T\",\"value\":\"v\"}}"},
        {9, "{\"message\":\"m\",\"exception\":[{\"type\":\"T\",\"value\":\"v\"}]}"},
        {13, "{\"exception\":[{\"type\":\"S\"},{\"type\":\"T\",\"value\":\"v\"}]}"},
        {10, "{\"exception\":{\"type\":\"T\"}}"},
        {11, "{\"exception\":{\"value\":\"T\"}}"},
        {12, "{\"message\":\"T\"}"},
    };
    struct event a, b;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t k = 0; k <= i; k++) {
            UNIT(parse(rows[i].json, &a, &e) == 0 && parse(rows[k].json, &b, &e) == 0);
            UNIT_EQ((memcmp(a.fingerprint, b.fingerprint, sizeof a.fingerprint) == 0),
                    (rows[i].issue == rows[k].issue));
        }
}

/* An event whose member `name` has n characters. */
static int
parse_long(const char *name, size_t n, struct event *out)
{
    struct buf b = buf_init(100000);
    struct error e;
    int result;

    buf_add_f(&b, "{\"message\":\"x\",\"%s\":\"", name);
    for (size_t i = 0; i < n; i++)
        buf_add_char(&b, 'a');
    buf_add_text(&b, "\"}");
    result = grouping_parse(unit_arena(), unit_exact(buf_str(&b)), 0, NULL, out, &e);
    buf_release(&b);
    return result;
}

static void
long_texts_are_cut_for_their_columns(void)
{
    struct event out;

    const struct {
        const char *name;
        size_t max;
        const struct str *column;
    } rows[] = {
        {"message", LIMIT_MESSAGE_CHARS, &out.message},
        {"message", LIMIT_TITLE_CHARS, &out.title},
        {"culprit", LIMIT_CULPRIT_CHARS, &out.culprit},
        {"environment", LIMIT_ENVIRONMENT_CHARS, &out.environment},
        {"release", LIMIT_RELEASE_CHARS, &out.release},
        {"platform", LIMIT_PLATFORM_CHARS, &out.platform},
        {"server_name", LIMIT_SERVER_NAME_CHARS, &out.server_name},
        {"transaction", LIMIT_TRANSACTION_CHARS, &out.transaction},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t n = rows[i].max - 1; n <= rows[i].max + 1; n++) {
            UNIT_EQ(parse_long(rows[i].name, n, &out), 0);
            UNIT_EQ(rows[i].column->n, (n <= rows[i].max ? n : rows[i].max));
            UNIT_EQ((rows[i].column->p[rows[i].column->n - 1] == '.'), (n > rows[i].max));
        }
}

static void
depth_128_is_accepted(void)
{
    for (size_t inner = 126; inner <= 128; inner++) {
        struct buf b = buf_init(10000);
        struct event out;
        struct error e;

        buf_add_text(&b, "{\"message\":\"deep\",\"extra\":{\"a\":");
        for (size_t i = 0; i < inner; i++)
            buf_add_char(&b, '[');
        for (size_t i = 0; i < inner; i++)
            buf_add_char(&b, ']');
        buf_add_text(&b, "}}");
        UNIT(grouping_parse(unit_arena(), unit_exact(buf_str(&b)), 0, NULL, &out, &e) ==
             (inner <= 126 ? 0 : -1));
        UNIT(inner <= 126 || strstr(e.text, "more than 128 levels deep") != NULL);
        buf_release(&b);
    }
}

static void
an_event_cut_anywhere_is_refused(void)
{
    const struct str all =
        STR("{\"message\":\"caf\xc3\xa9 \\ud83d\\ude00\",\"tags\":{\"a\":[1,{}]},"
            "\"exception\":{\"values\":[{\"type\":\"T\"}]},\"timestamp\":1.5e9}");
    struct event out;
    struct error e;

    for (size_t n = 0; n < all.n; n++) {
        UNIT(grouping_parse(unit_arena(), unit_exact((struct str){all.p, n}), 0, NULL,
                            &out, &e) == -1);
        UNIT(strstr(e.text, n == 0 ? "empty body" : "unexpected end") != NULL);
    }
    UNIT(grouping_parse(unit_arena(), unit_exact(all), 0, NULL, &out, &e) == 0);
}

static void
a_full_arena_is_no_fault_of_the_client(void)
{
    static const char json[] = "{\"message\":\"long \\n enough\",\"tags\":{\"a\":1},"
                               "\"exception\":{\"type\":\"T\",\"value\":\"v\\t\"}}";
    size_t refused = 0;

    for (size_t max = 16; max <= 4096; max += 16) {
        struct arena *a = arena_new(16, max);
        struct event out;
        struct error e;

        if (grouping_parse(a, str_of(json), 0, NULL, &out, &e) != 0) {
            UNIT(e.kind == ERROR_UNAVAILABLE && e.retry_after_s > 0);
            refused++;
        }
        arena_free(a);
    }
    UNIT(refused > 2 && refused < 200);
}

static const struct unit_test tests[] = {
    {"what_is_wrong_is_named", what_is_wrong_is_named},
    {"text_fields_name_themselves", text_fields_name_themselves},
    {"an_event_is_taken_apart", an_event_is_taken_apart},
    {"what_is_not_given_is_absent", what_is_not_given_is_absent},
    {"titles_come_from_the_last_exception_or_the_message",
     titles_come_from_the_last_exception_or_the_message},
    {"users_are_known_by_what_they_have", users_are_known_by_what_they_have},
    {"events_of_one_issue_have_one_fingerprint",
     events_of_one_issue_have_one_fingerprint},
    {"long_texts_are_cut_for_their_columns", long_texts_are_cut_for_their_columns},
    {"depth_128_is_accepted", depth_128_is_accepted},
    {"an_event_cut_anywhere_is_refused", an_event_cut_anywhere_is_refused},
    {"a_full_arena_is_no_fault_of_the_client", a_full_arena_is_no_fault_of_the_client},
};

const struct unit_suite suite_event = {"event", tests, COUNT_OF(tests)};
