#include "base/buf.h"
#include "event/reports.h"
#include "unit.h"

static void
reports_are_read(void)
{
    struct reports_user r;
    struct error e;

    UNIT_EQ(reports_user(
                unit_arena(),
                STR("{\"event_id\":\"0123456789abcdef0123456789abcdef\",\"name\":\"n\","
                    "\"email\":\"e\",\"comments\":\"c\\u0000\"}"),
                false, &r, &e),
            0);
    UNIT(r.has_event && r.event_id.b[0] == 1 && !r.has_id);
    UNIT(unit_is(r.name, "n") && unit_is(r.email, "e") &&
         unit_is(r.comments, "c\xef\xbf\xbd") && r.url.p == NULL);
    UNIT_EQ(
        reports_user(
            unit_arena(),
            STR("{\"event_id\":\"0123456789abcdef0123456789abcdef\",\"contexts\":{"
                "\"feedback\":{\"message\":\"m\",\"contact_email\":\"e\",\"url\":\"u\","
                "\"associated_event_id\":\"1123456789abcdef0123456789abcdef\"}}}"),
            true, &r, &e),
        0);
    UNIT(r.has_id && r.id.b[0] == 1 && r.has_event && r.event_id.b[0] == 0x11);
    UNIT(unit_is(r.comments, "m") && unit_is(r.email, "e") && unit_is(r.url, "u") &&
         r.name.p == NULL);
}

static void
what_says_nothing_is_malformed(void)
{
    static const char *const texts[] = {
        "", "x", "[]", "{}", "{\"name\":\"\"}", "{\"comments\":[]}", "{\"event_id\":7}"};
    static const char *const feedbacks[] = {
        "{}", "{\"contexts\":{}}", "{\"contexts\":{\"feedback\":7}}",
        "{\"contexts\":{\"feedback\":{}}}",
        "{\"contexts\":{\"feedback\":{\"message\":7.}}}"};
    struct reports_user r;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        UNIT(reports_user(unit_arena(), str_of(texts[i]), false, &r, &e) == -1 &&
             e.kind == ERROR_MALFORMED);
    for (size_t i = 0; i < COUNT_OF(feedbacks); i++)
        UNIT(reports_user(unit_arena(), str_of(feedbacks[i]), true, &r, &e) == -1 &&
             e.kind == ERROR_MALFORMED);
}

static int
take(void *context, struct str reason, struct str category, int64_t quantity,
     struct error *e)
{
    struct buf *b = context;

    (void)e;
    buf_add_str(b, reason);
    buf_add_char(b, '/');
    buf_add_str(b, category);
    buf_add_f(b, "/%d ", (int)quantity);
    return 0;
}

static void
client_reports_are_words_out_of_a_list(void)
{
    static const struct {
        int line;
        const char *text, *taken;
    } rows[] = {
        {__LINE__,
         "{\"discarded_events\":[{\"reason\":\"queue_overflow\",\"category\":\"error\","
         "\"quantity\":3}],\"rate_limited_events\":[{\"reason\":\"x\",\"category\":\"y\","
         "\"quantity\":1}]}",
         "queue_overflow/error/3 other/other/1 "},
        {__LINE__, "{\"discarded_events\":[{\"quantity\":2},7,{},{\"quantity\":0}]}",
         "other/other/2 "},
        {__LINE__,
         "{\"discarded_events\":[{\"quantity\":1000000001},{\"quantity\":1.5}]}", ""},
        {__LINE__, "{\"discarded_events\":{}}", ""},
        {__LINE__, "{}", ""},
        {__LINE__, "[]", ""},
        {__LINE__, "x", ""},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf b = buf_init(1000);
        struct error e;

        UNIT_EQ_AT(
            rows[i].line,
            reports_client(unit_arena(), unit_exact(str_of(rows[i].text)), take, &b, &e),
            0);
        UNIT_AT(rows[i].line, str_eq(buf_str(&b), str_of(rows[i].taken)));
        buf_release(&b);
    }
}

static const struct unit_test tests[] = {
    {"reports_are_read", reports_are_read},
    {"what_says_nothing_is_malformed", what_says_nothing_is_malformed},
    {"client_reports_are_words_out_of_a_list", client_reports_are_words_out_of_a_list},
};

const struct unit_suite suite_reports = {"reports", tests, COUNT_OF(tests)};
