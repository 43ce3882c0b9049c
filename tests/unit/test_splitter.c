#include <string.h>

#include "base/limits.h"
#include "json/splitter.h"
#include "unit.h"

/* What came out: each message in <>, "!" for a malformed one, "#" for one too large. */
static struct buf outcome;

static void
note(const struct splitter *s, enum splitter_result r, struct str message,
     const struct error *e)
{
    if (r == SPLITTER_MESSAGE) {
        UNIT(message.n <= s->limit);
        buf_add_char(&outcome, '<');
        buf_add_str(&outcome, message);
        buf_add_char(&outcome, '>');
        return;
    }
    UNIT(e->kind == ERROR_MALFORMED || e->kind == ERROR_TOO_LARGE);
    buf_add_char(&outcome, e->kind == ERROR_MALFORMED ? '!' : '#');
}

/* Takes all that is whole. */
static void
drain(struct splitter *s)
{
    for (;;) {
        struct str message = STR_NONE;
        struct error e;
        enum splitter_result r = splitter_next(s, &message, &e);

        if (r == SPLITTER_MORE)
            return;
        note(s, r, message, &e);
    }
}

/* Feeds text in pieces of step bytes. */
static void
feed(struct splitter *s, struct str text, size_t step)
{
    for (size_t at = 0; at < text.n; at += step) {
        size_t n = text.n - at < step ? text.n - at : step;

        UNIT_EQ(splitter_add(s, text.p + at, n), 0);
        drain(s);
    }
}

/* Nothing more comes. */
static void
end(struct splitter *s)
{
    while (splitter_is_open(s)) {
        struct error e;

        splitter_give_up(s, &e);
        note(s, SPLITTER_BAD, STR_NONE, &e);
        drain(s);
    }
}

/* Whether text gives this log, then this one with what the end adds, whatever the pieces
 * are. */
static bool
gives(const char *text, size_t limit, const char *want, const char *want_end)
{
    struct str all = unit_exact(str_of(text));
    bool same = true;

    for (size_t step = 1; step <= all.n; step++) {
        struct splitter s;

        outcome = buf_init(LIMIT_MIB);
        splitter_init(&s, limit);
        feed(&s, all, step);
        same = same && unit_is(buf_str(&outcome), want);
        buf_clear(&outcome, SIZE_MAX);
        end(&s);
        same = same && (outcome.n == 0 ? want_end[0] == '\0'
                                       : unit_is(buf_str(&outcome), want_end));
        buf_release(&outcome);
        splitter_release(&s);
    }
    return same;
}

struct row {
    int line;
    const char *text, *want, *want_end;
};

static void
check_rows(const struct row *rows, size_t count, size_t limit)
{
    for (size_t i = 0; i < count; i++)
        UNIT_AT(rows[i].line, gives(rows[i].text, limit, rows[i].want, rows[i].want_end));
}

static void
whole_values_are_messages(void)
{
    static const struct row rows[] = {
        {__LINE__, "{}\n", "<{}>", ""},
        {__LINE__, "{}", "<{}>", ""},
        {__LINE__, "{\"a\":1}\n{\"b\":2}\n", "<{\"a\":1}><{\"b\":2}>", ""},
        {__LINE__, "[{},{}]\n{}\n", "<[{},{}]><{}>", ""},
        /* pretty-printed */
        {__LINE__, "{\n  \"a\": [\n    1,\n    {}\n  ]\n}\n{}\n",
         "<{\n  \"a\": [\n    1,\n    {}\n  ]\n}><{}>", ""},
        {__LINE__, "{\r\n\"a\":1\r\n}\r\n[]\r\n", "<{\r\n\"a\":1\r\n}><[]>", ""},
        /* two in one line */
        {__LINE__, "{\"a\":1} {\"b\":2}\n", "<{\"a\":1}><{\"b\":2}>", ""},
        {__LINE__, "{\"a\":1}\t[]\n{}\n", "<{\"a\":1}><[]><{}>", ""},
        /* binary frames: no newline */
        {__LINE__, "{\"a\":1}{\"b\":2}[]", "<{\"a\":1}><{\"b\":2}><[]>", ""},
        {__LINE__, "{\"a\":\"}{\"}{}", "<{\"a\":\"}{\"}><{}>", ""},
        /* blank lines */
        {__LINE__, "\n\n{}\n\n \r\n\t\n[]\n\n", "<{}><[]>", ""},
        {__LINE__, "\n", "", ""},
        {__LINE__, " \r\n\t", "", ""},
        /* structure is all that is looked at */
        {__LINE__, "{\"a\":0x}\n{}\n", "<{\"a\":0x}><{}>", ""},
    };

    check_rows(rows, COUNT_OF(rows), 1000);
}

static void
scalars_are_messages_by_line(void)
{
    static const struct row rows[] = {
        {__LINE__, "42\n\"a\"\nnull\n", "<42\n><\"a\"\n><null\n>", ""},
        {__LINE__, "hello {} []\n{}\n", "<hello {} []\n><{}>", ""},
        {__LINE__, "{} x\n{}\n", "<{}><x\n><{}>", ""},
        {__LINE__, "{}}\n{}\n", "<{}><}\n><{}>", ""},
        {__LINE__, "42", "", "!"},
        {__LINE__, "{}\n  42", "<{}>", "!"},
    };

    check_rows(rows, COUNT_OF(rows), 1000);
}

static void
a_broken_message_costs_itself(void)
{
    static const struct row rows[] = {
        /* a syntax error */
        {__LINE__, "{\"a\" 1}\n{}\n", "!<{}>", ""},
        {__LINE__, "{]\n[]\n{}\n", "!<[]><{}>", ""},
        {__LINE__, "{a}\n", "!", ""},
        {__LINE__, "{a}", "!", ""},
        {__LINE__, "{a}{}{}\n{}\n", "!<{}>", ""},
        /* lines that begin with something else are not begun at */
        {__LINE__, "{a}\n42\n x\n {}\n\n{\"b\":1}\n", "!<{\"b\":1}>", ""},
        {__LINE__, "{\n\"a\":1,,\n\"b\":2\n}\n[]\n", "!<[]>", ""},
        /* the line may be inside the bad message, too */
        {__LINE__, "[\n{},\n{} 1\n]\n{}\n", "!<{}><,\n><{}><1\n><]\n><{}>", ""},
        /* cut, then a good line: the newline in a string, and an object where a name
         * should be, are errors */
        {__LINE__, "{\"a\":\"bc\n{\"b\":1}\n", "!<{\"b\":1}>", ""},
        {__LINE__, "{\"a\":1,\n{\"b\":1}\n", "!<{\"b\":1}>", ""},
        {__LINE__, "{\"a\":1\n{\"b\":1}\n[]\n", "!<{\"b\":1}><[]>", ""},
        {__LINE__, "{\"a\n{\"b\n{\"c\n{}\n", "!!!<{}>", ""},
        /* a bad message that the ones behind it complete */
        {__LINE__, "{\"a\":\n{\"b\":1}\n}\n{}\n", "<{\"a\":\n{\"b\":1}\n}><{}>", ""},
    };

    check_rows(rows, COUNT_OF(rows), 1000);
}

static void
giving_up_begins_again_behind_the_start(void)
{
    static const struct row rows[] = {
        {__LINE__, "{", "", "!"},
        {__LINE__, "{}\n{\"a\":", "<{}>", "!"},
        {__LINE__, "{\"a\":\n{\"b\":1}\n", "", "!<{\"b\":1}>"},
        {__LINE__, "[\n{\"a\":1},\n{\"b\":1}\n", "", "!<{\"a\":1}><,\n><{\"b\":1}>"},
        {__LINE__, "[\n[\n[\n", "", "!!!"},
        {__LINE__, "{\"a\":[ {} ,\n {}", "", "!"},
        {__LINE__, "{a}\n x", "!", ""}, /* lost: nothing is open */
    };

    check_rows(rows, COUNT_OF(rows), 1000);
}

static void
after_giving_up_the_rest_of_the_line_is_lost(void)
{
    struct splitter s;

    outcome = buf_init(LIMIT_MIB);
    splitter_init(&s, 1000);
    feed(&s, STR("{\"a\":"), 5);
    UNIT(splitter_is_open(&s));
    end(&s);
    UNIT(!splitter_is_open(&s));
    feed(&s, STR("{\"b\":1}} {}\n{\"c\":1}\n"), 1);
    UNIT_STR(buf_str(&outcome), "!<{\"c\":1}>");
    splitter_release(&s);
    buf_release(&outcome);
}

static void
the_limit_is_of_one_message(void)
{
    static const struct row at_12[] = {
        /* -1, 0, +1 */
        {__LINE__, "{\"a\":12345}\n{}\n", "<{\"a\":12345}><{}>", ""},
        {__LINE__, "{\"a\":123456}\n{}\n", "<{\"a\":123456}><{}>", ""},
        {__LINE__, "{\"a\":1234567}\n{}\n", "#<{}>", ""},
        {__LINE__, "{\"a\":1234567}{}\n", "#<{}>", ""},
        /* the white space around it does not count */
        {__LINE__, "\n   \n   \n   \n  {\"a\":123456}            \n{}\n",
         "<{\"a\":123456}><{}>", ""},
        {__LINE__, "12345678901\n{}\n", "<12345678901\n><{}>", ""},
        {__LINE__, "123456789012\n{}\n", "#<{}>", ""},
        /* the rest is skipped, and nothing more is said about it */
        {__LINE__, "{\"a\":\"0123456789}\\\"]{\",\n\"b\":[{},\n{}]}\n[]\n", "#<[]>", ""},
        {__LINE__, "[{},{},{},{},{},{},{},{},{},{}]\n[]\n", "#<[]>", ""},
        /* the rest has an error, or does not come */
        {__LINE__, "{\"a\":12345678901,,}\n{}\n", "#<{}>", ""},
        {__LINE__, "{\"a\":\"0123456789\n{}\n", "#<{}>", ""},
        {__LINE__, "{\"a\":1234567890", "#", "!"},
    };
    static const char *const texts[] = {"{\"a\":12345678,,}\n{}\n"};

    check_rows(at_12, COUNT_OF(at_12) - 3, 12);
    for (size_t i = COUNT_OF(at_12) - 3; i < COUNT_OF(at_12); i++) {
        /* An error behind the limit is met first if it comes in the same piece. */
        struct splitter s;

        outcome = buf_init(LIMIT_MIB);
        splitter_init(&s, 12);
        feed(&s, str_of(at_12[i].text), 1);
        UNIT_STR_AT(at_12[i].line, buf_str(&outcome), at_12[i].want);
        buf_release(&outcome);
        splitter_release(&s);
    }
    UNIT(gives(texts[0], LIMIT_KIB, "!<{}>", ""));
}

static void
a_large_message_is_not_kept(void)
{
    static char piece[65536];
    struct splitter s;

    outcome = buf_init(LIMIT_MIB);
    splitter_init(&s, LIMIT_MIB);
    (void)memset(piece, 'x', sizeof piece);
    feed(&s, STR("{\"a\":\""), 6);
    for (size_t i = 0; i < 100; i++) {
        feed(&s, (struct str){piece, sizeof piece}, sizeof piece);
        UNIT(s.in.n <= LIMIT_MIB + sizeof piece);
    }
    feed(&s, STR("\"}\n{}\n"), 6);
    UNIT_STR(buf_str(&outcome), "#<{}>");
    splitter_release(&s);
    buf_release(&outcome);
}

/* Whatever the pieces are in which it comes. */
static void
a_good_line_behind_a_large_bad_one_is_found(void)
{
    struct str text = STR("{\"aaaaaaaaaaaaaaaaa\":1,\n{}\n");

    for (size_t step = 1; step <= text.n; step++) {
        struct splitter s;
        struct str got;

        outcome = buf_init(LIMIT_KIB);
        splitter_init(&s, 10);
        feed(&s, text, step);
        got = buf_str(&outcome);
        UNIT_AT((int)step, got.n >= 4 && memcmp(got.p + got.n - 4, "<{}>", 4) == 0);
        splitter_release(&s);
        buf_release(&outcome);
    }
}

/* Every line begins like a message, and none is one: reading each again would take
 * minutes. */
static void
a_hostile_message_does_not_cost_its_square(void)
{
    static char lines[1048576];
    struct splitter s;
    struct str got;

    for (size_t i = 0; i < sizeof lines; i++)
        lines[i] = i % 2 == 0 ? '[' : '\n';
    outcome = buf_init(4 * LIMIT_MIB);
    splitter_init(&s, LIMIT_MIB);
    feed(&s, (struct str){lines, sizeof lines}, 65536);
    feed(&s, STR("}\n{}\n"), 5);
    got = buf_str(&outcome);
    UNIT(got.n >= 4 && memcmp(got.p + got.n - 4, "<{}>", 4) == 0);
    UNIT(s.rescanned <= 3 * LIMIT_MIB);
    splitter_release(&s);
    buf_release(&outcome);
}

static void
a_syntax_error_is_told_with_its_byte(void)
{
    static const struct {
        int line;
        const char *text, *want;
    } rows[] = {
        {__LINE__, "{\"a\":1,}\n", "byte 7"},
        {__LINE__, "\n\n {\"a\":1,}\n", "byte 7"},
        {__LINE__, "{\"a\":1\n{", "byte 7"},
        {__LINE__, "{\"a\":", "byte 5"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str text = unit_exact(str_of(rows[i].text)), message;
        struct splitter s;
        struct error e = {.text = ""};

        splitter_init(&s, 1000);
        UNIT_EQ(splitter_add(&s, text.p, text.n), 0);
        if (splitter_next(&s, &message, &e) == SPLITTER_MORE)
            splitter_give_up(&s, &e);
        UNIT_EQ_AT(rows[i].line, e.kind, ERROR_MALFORMED);
        UNIT_AT(rows[i].line, strstr(e.text, rows[i].want) != NULL);
        splitter_release(&s);
    }
}

/* Whatever the pieces. */
static void
a_mark_before_a_message_is_skipped(void)
{
    static const char text[] =
        "\xef\xbb\xbf{\"a\":\n1}\n \xef\xbb\xbf\n\xef\xbb\xbf[2]\n{}";

    for (size_t step = 1; step < sizeof text; step++) {
        struct splitter s;

        splitter_init(&s, 1000);
        outcome = buf_init(1000);
        feed(&s, unit_exact(STR(text)), step);
        end(&s);
        UNIT_STR(buf_str(&outcome), "<{\"a\":\n1}><[2]><{}>");
        buf_release(&outcome);
        splitter_release(&s);
    }
}

static const struct unit_test tests[] = {
    {"a_mark_before_a_message_is_skipped", a_mark_before_a_message_is_skipped},
    {"whole_values_are_messages", whole_values_are_messages},
    {"scalars_are_messages_by_line", scalars_are_messages_by_line},
    {"a_broken_message_costs_itself", a_broken_message_costs_itself},
    {"giving_up_begins_again_behind_the_start", giving_up_begins_again_behind_the_start},
    {"after_giving_up_the_rest_of_the_line_is_lost",
     after_giving_up_the_rest_of_the_line_is_lost},
    {"the_limit_is_of_one_message", the_limit_is_of_one_message},
    {"a_large_message_is_not_kept", a_large_message_is_not_kept},
    {"a_good_line_behind_a_large_bad_one_is_found",
     a_good_line_behind_a_large_bad_one_is_found},
    {"a_hostile_message_does_not_cost_its_square",
     a_hostile_message_does_not_cost_its_square},
    {"a_syntax_error_is_told_with_its_byte", a_syntax_error_is_told_with_its_byte},
};

const struct unit_suite suite_splitter = {"splitter", tests, COUNT_OF(tests)};
