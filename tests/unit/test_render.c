#include <stdint.h>
#include <string.h>

#include "base/display.h"
#include "base/limits.h"
#include "event/render.h"
#include "unit.h"

static struct str
render(const char *json, size_t columns, struct buf *out)
{
    struct render r = {.a = unit_arena(), .out = out, .columns = columns};
    struct error e;

    *out = buf_init(LIMIT_MIB);
    UNIT_EQ(render_event(&r, unit_exact(str_of(json)), &e), 0);
    return buf_str(out);
}

#define FRAMES                                                                      \
    "{\"frames\":[{\"function\":\"main\",\"filename\":\"lib.py\",\"lineno\":3},"    \
    "{\"function\":\"pay\",\"filename\":\"shop.py\",\"lineno\":42,\"in_app\":true," \
    "\"pre_context\":[\"a\",\"b\",\"c\",\"d\"],\"context_line\":\"total / 0\","     \
    "\"post_context\":[\"e\"]}]}"

static const struct {
    int line;
    const char *json, *text;
} events[] = {
    {__LINE__, "{\"message\":\"hello\\nworld\"}", "\nmessage\nhello\nworld\n"},
    {__LINE__,
     "{\"exception\":{\"values\":[{\"type\":\"Cause\",\"value\":\"deep\"},"
     "{\"type\":\"Outer\",\"value\":\"high\",\"stacktrace\":" FRAMES "}]}}",
     "\nexception\nOuter: high\n* pay  shop.py:42\n       39 | b\n       40 | c\n"
     "       41 | d\n  >    42 | total / 0\n       43 | e\n  main  lib.py:3\n"
     "\ncaused by\nCause: deep\n"},
    {__LINE__,
     "{\"breadcrumbs\":[{\"timestamp\":\"2026-05-01T10:00:01.5Z\",\"category\":\"http\","
     "\"level\":\"info\",\"message\":\"GET /\"},{\"type\":\"nav\",\"data\":{\"a\":1}}]}",
     "\nbreadcrumbs\n10:00:01  info  http  GET /\nnav  {\"a\":1}\n"},
    {__LINE__, "{\"user\":{\"id\":7,\"email\":\"a@b\"}}",
     "\nuser\nid              7\nemail           a@b\n"},
    {__LINE__,
     "{\"contexts\":{\"os\":{\"type\":\"os\",\"name\":\"Linux\",\"version\":6}}}",
     "\ncontexts\nos              name=Linux  version=6\n"},
    {__LINE__, "{\"request\":{\"url\":\"http://x/\",\"headers\":[[\"A\",\"b\"]]}}",
     "\nrequest\nurl             http://x/\nheaders         [[\"A\",\"b\"]]\n"},
    {__LINE__, "{\"extra\":{\"a name that is long\":true}}",
     "\nextra\na name that is long\n                True\n"},
    {__LINE__, "[1,2]", "\npayload\n[1,2]\n"},
    {__LINE__, "{\"message\":\"\\u001b[2J\\u202ex\"}", "\nmessage\n [2Jx\n"},
    {__LINE__,
     "{\"breadcrumbs\":[{\"category\":\"sql\",\"message\":\"query\",\"data\":"
     "\"{\\\"rows\\\":3}\"}]}",
     "\nbreadcrumbs\nsql  query  {\"rows\":3}\n"},
    {__LINE__, "{\"exception\":7,\"breadcrumbs\":\"x\",\"user\":[],\"contexts\":1}", ""},
    {__LINE__, "{\"exception\":[{\"stacktrace\":{\"frames\":[{}]}}]}",
     "\nexception\nError\n  ?\n"},
    {__LINE__,
     "{\"exception\":[{\"type\":\"T\",\"stacktrace\":{\"frames\":[{\"in_app\":true,"
     "\"lineno\":-1,\"context_line\":\"x\",\"pre_context\":7}]}}]}",
     "\nexception\nT\n* ?:-1\n  >     0 | x\n"},
};

static void
events_are_lines_for_people(void)
{
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        struct buf out;

        UNIT_STR_AT(events[i].line, render(events[i].json, 80, &out), events[i].text);
        buf_release(&out);
    }
}

static void
no_line_is_wider_than_the_screen(void)
{
    static const size_t columns[] = {40, 80, 200};

    for (size_t i = 0; i < COUNT_OF(events); i++)
        for (size_t j = 0; j < COUNT_OF(columns); j++) {
            struct buf out;
            struct str rest = render(events[i].json, columns[j], &out);

            while (rest.p != NULL)
                UNIT_AT(events[i].line,
                        display_width(str_cut(&rest, '\n')) <= columns[j]);
            buf_release(&out);
        }
}

static void
a_payload_cut_anywhere_is_shown_all_the_same(void)
{
    const char *json = events[1].json;

    for (size_t n = 0; n < strlen(json); n++) {
        struct buf out = buf_init(LIMIT_MIB);
        struct render r = {.a = unit_arena(), .out = &out, .columns = 80, .colour = true};
        struct error e;

        UNIT(!render_is_json((struct str){json, n}));
        UNIT_EQ(render_event(&r, unit_exact((struct str){json, n}), &e), 0);
        buf_release(&out);
    }
    UNIT(render_is_json(str_of(json)));
}

static void
what_was_removed_is_listed(void)
{
    struct buf out = buf_init(LIMIT_MIB);
    struct render r = {.a = unit_arena(), .out = &out, .columns = SIZE_MAX};
    struct error e;

    UNIT(render_removed(&r, STR("[]"), &e) == 0 && out.n == 0);
    UNIT(render_removed(&r, STR("{"), &e) == 0 && out.n == 0);
    UNIT(render_removed(&r, STR_NONE, &e) == 0 && out.n == 0);
    UNIT_EQ(
        render_removed(&r,
                       STR("[1,{\"type\":\"invalid_data\",\"name\":\"a\"},{\"type\":"
                           "\"scrubbed\",\"name\":\"user.pwd\"},{\"type\":\"scrubbed\","
                           "\"name\":\"...\",\"value\":\"3\"}]"),
                       &e),
        0);
    UNIT_STR(buf_str(&out), "\nremoved as secret\nuser.pwd\nand elsewhere   3\n");
    buf_release(&out);
}

static const struct unit_test tests[] = {
    {"events_are_lines_for_people", events_are_lines_for_people},
    {"no_line_is_wider_than_the_screen", no_line_is_wider_than_the_screen},
    {"a_payload_cut_anywhere_is_shown_all_the_same",
     a_payload_cut_anywhere_is_shown_all_the_same},
    {"what_was_removed_is_listed", what_was_removed_is_listed},
};

const struct unit_suite suite_render = {"render", tests, COUNT_OF(tests)};
