#include <string.h>

#include "sentry/answer.h"
#include "unit.h"

static const struct uuid an_id = {
    {0xff, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

static void
ids_are_32_digits(void)
{
    struct answer a = {.body = buf_init(1000)};

    sentry_answer_id(&a, &an_id);
    UNIT(a.status == 200 && a.content_type == NULL &&
         unit_is(buf_str(&a.body), "{\"id\":\"ff02030405060708090a0b0c0d0e0f10\"}"));
    sentry_answer_id(&a, NULL);
    UNIT_STR(buf_str(&a.body), "{}");
    sentry_answer_plain_id(&a, &an_id);
    UNIT(strcmp(a.content_type, "text/plain") == 0 &&
         unit_is(buf_str(&a.body), "ff020304-0506-0708-090a-0b0c0d0e0f10"));
    sentry_answer_pixel(&a);
    UNIT(strcmp(a.content_type, "image/gif") == 0 && a.body.n == 26);
    buf_release(&a.body);
}

static void
errors_have_a_detail_and_perhaps_a_cause(void)
{
    struct answer a = {.body = buf_init(1000)};
    struct error e;

    (void)error_set(&e, ERROR_MALFORMED,
                    "invalid event envelope: unexpected end of file");
    sentry_answer_error(&a, &e);
    UNIT(a.status == 400 && a.is_sentry &&
         unit_is(buf_str(&a.body), "{\"detail\":\"invalid event envelope\",\"causes\":["
                                   "\"unexpected end of file\"]}"));
    UNIT_STR(str_of(a.sentry_error), e.text);
    (void)error_set(&e, ERROR_FORBIDDEN, "no");
    sentry_answer_error(&a, &e);
    UNIT(a.status == 403 && unit_is(buf_str(&a.body), "{\"detail\":\"no\"}"));
    (void)error_set(&e, ERROR_UNAVAILABLE, "later");
    sentry_answer_error(&a, &e);
    UNIT(a.status == 503 && a.retry_after_s == 1);
    buf_release(&a.body);
}

static void
limits_are_told_for_a_while(void)
{
    static const struct {
        int line;
        int events_s, records_s;
        const char *limits;
    } rows[] = {
        {__LINE__, 0, 0, ""},
        {__LINE__, 7, 0, "7:error;default;security:project:rate_limit"},
        {__LINE__, 300, 0, "300:error;default;security:project:rate_limit"},
        {__LINE__, 301, 0, "300:error;default;security:project:rate_limit"},
        {__LINE__, 0, 5,
         "5:session;attachment;feedback;user_report_v2;transaction;monitor:project:rate_"
         "limit"},
        {__LINE__, 1, 2,
         "1:error;default;security:project:rate_limit, "
         "2:session;attachment;feedback;user_report_v2;transaction;monitor:project:rate_"
         "limit"},
    };
    struct answer a = {.body = buf_init(1000)};
    struct error e;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sentry_answer_limits(&a, rows[i].events_s, rows[i].records_s);
        UNIT_STR_AT(rows[i].line, str_of(a.limits), rows[i].limits);
    }
    (void)error_set(&e, ERROR_LIMITED, "rate limited");
    e.retry_after_s = 5000;
    sentry_answer_error(&a, &e);
    UNIT(a.status == 429 && a.retry_after_s == 300 &&
         strncmp(a.limits, "300:error", 9) == 0);
    buf_release(&a.body);
}

static const struct unit_test tests[] = {
    {"ids_are_32_digits", ids_are_32_digits},
    {"errors_have_a_detail_and_perhaps_a_cause",
     errors_have_a_detail_and_perhaps_a_cause},
    {"limits_are_told_for_a_while", limits_are_told_for_a_while},
};

const struct unit_suite suite_sentry_answer = {"sentry_answer", tests, COUNT_OF(tests)};
