#include "ingest/answer.h"
#include "unit.h"

static const struct {
    int line;
    enum error_kind kind;
    int retry_after_s, status, told_s;
    const char *body;
} rows[] = {
    {__LINE__, ERROR_NONE, 0, 200, 0, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_MALFORMED, 0, 400, 0, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_UNAUTHORIZED, 0, 401, 0, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_FORBIDDEN, 0, 403, 0, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_NOT_FOUND, 0, 404, 0, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_METHOD, 0, 405, 0, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_TIMEOUT, 0, 408, 0, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_LENGTH, 0, 411, 0, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_TOO_LARGE, 0, 413, 0, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_ENCODING, 0, 415, 0, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_LIMITED, 17, 429, 17, "{\"error\":\"why\",\"retry_after\":17}"},
    {__LINE__, ERROR_POISON, 0, 500, 0, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_UNAVAILABLE, 5, 503, 5, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_UNAVAILABLE, 0, 503, 1, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_CONFIG, 0, 503, 1, "{\"error\":\"why\"}"},
    {__LINE__, ERROR_SYSTEM, 0, 503, 1, "{\"error\":\"why\"}"},
};

static void
every_error_has_its_answer(void)
{
    struct answer a = {.body = buf_init(1000)};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error e;

        error_set(&e, rows[i].kind, "why");
        error_detail(&e, "never shown");
        e.retry_after_s = rows[i].retry_after_s;
        buf_add_text(&a.body, "left over");
        answer_error(&a, &e);
        UNIT_EQ_AT(rows[i].line, a.status, rows[i].status);
        UNIT_EQ_AT(rows[i].line, answer_status(rows[i].kind), rows[i].status);
        UNIT_EQ_AT(rows[i].line, a.retry_after_s, rows[i].told_s);
        UNIT_STR_AT(rows[i].line, buf_str(&a.body), rows[i].body);
    }
    buf_release(&a.body);
}

static void
a_text_that_was_cut_in_a_character_is_sound(void)
{
    struct answer a = {.body = buf_init(1000)};
    struct error e;

    error_set(&e, ERROR_MALFORMED, "a\"b\n\xe2\x82");
    answer_error(&a, &e);
    UNIT_STR(buf_str(&a.body), "{\"error\":\"a\\\"b\\n\"}");
    buf_release(&a.body);
}

static const struct unit_test tests[] = {
    {"every_error_has_its_answer", every_error_has_its_answer},
    {"a_text_that_was_cut_in_a_character_is_sound",
     a_text_that_was_cut_in_a_character_is_sound},
};

const struct unit_suite suite_answer = {"answer", tests, COUNT_OF(tests)};
