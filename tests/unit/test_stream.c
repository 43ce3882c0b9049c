#include <string.h>

#include "json/stream.h"
#include "unit.h"

/* Feeds text in pieces of step bytes.  Sets *used as stream_feed() does, counted from the
 * start of text. */
static enum stream_result
feed(struct stream *s, struct str text, size_t step, size_t *used)
{
    *used = 0;
    stream_begin(s);
    for (size_t at = 0; at < text.n; at += step) {
        size_t n = text.n - at < step ? text.n - at : step;
        size_t part;
        enum stream_result r = stream_feed(s, text.p + at, n, &part);

        *used = at + part;
        if (r != STREAM_MORE)
            return r;
    }
    return STREAM_MORE;
}

static const struct {
    int line;
    enum stream_result result;
    const char *text;
    size_t used;
} rows[] = {
    {__LINE__, STREAM_END, "{}", 2},
    {__LINE__, STREAM_END, "[]", 2},
    {__LINE__, STREAM_END, "[] ", 2},
    {__LINE__, STREAM_END, "{}{}", 2},
    {__LINE__, STREAM_END, "[\n]\n", 3},
    {__LINE__, STREAM_END, "[[],{},[{}]]x", 12},
    {__LINE__, STREAM_END, "{\"a\":1}x", 7},
    {__LINE__, STREAM_END, "{ \"a\" : -1.5e3 , \"b\" : [ true , null ] }x", 40},
    {__LINE__, STREAM_END, "{\"a\":\"}]{[,:\"}x", 14},
    {__LINE__, STREAM_END, "[\"\\\"]\"]x", 7},
    {__LINE__, STREAM_END, "[\"\\\\\"]x", 6},
    {__LINE__, STREAM_END, "[\"\x7f\xff\xc3\"]x", 7}, /* UTF-8 is not its business */
    {__LINE__, STREAM_END, "[0x,nil]x", 8},           /* nor are words */
    {__LINE__, STREAM_MORE, "", 0},
    {__LINE__, STREAM_MORE, "{", 1},
    {__LINE__, STREAM_MORE, "{\"a\":1", 6},
    {__LINE__, STREAM_MORE, "[1,\n\n", 5},
    {__LINE__, STREAM_MORE, "[\"]", 3},
    {__LINE__, STREAM_BAD, "{]", 1},
    {__LINE__, STREAM_BAD, "[}", 1},
    {__LINE__, STREAM_BAD, "[1}", 2},
    {__LINE__, STREAM_BAD, "{\"a\":1]", 6},
    {__LINE__, STREAM_BAD, "[,", 1},
    {__LINE__, STREAM_BAD, "[:", 1},
    {__LINE__, STREAM_BAD, "[1,]", 3},
    {__LINE__, STREAM_BAD, "[1,,", 3},
    {__LINE__, STREAM_BAD, "[1 2", 3},
    {__LINE__, STREAM_BAD, "[1\"a\"", 2},
    {__LINE__, STREAM_BAD, "[1[", 2},
    {__LINE__, STREAM_BAD, "[1:", 2},
    {__LINE__, STREAM_BAD, "[\"a\"\"b\"", 4},
    {__LINE__, STREAM_BAD, "[{}{", 3},
    {__LINE__, STREAM_BAD, "{a", 1},
    {__LINE__, STREAM_BAD, "{1", 1},
    {__LINE__, STREAM_BAD, "{{", 1},
    {__LINE__, STREAM_BAD, "{\"a\"}", 4},
    {__LINE__, STREAM_BAD, "{\"a\",", 4},
    {__LINE__, STREAM_BAD, "{\"a\":}", 5},
    {__LINE__, STREAM_BAD, "{\"a\":1,}", 7},
    {__LINE__, STREAM_BAD, "{\"a\":1,b", 7},
    {__LINE__, STREAM_BAD, "{\"a\":1:", 6},
    {__LINE__, STREAM_BAD, "[\"a\n", 3},
    {__LINE__, STREAM_BAD, "[\"\\\n", 3},
    {__LINE__, STREAM_BAD, "{\"a\t", 3},
};

static void
the_end_of_a_value_is_found_in_pieces_of_every_size(void)
{
    static struct stream s;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str text = unit_exact(str_of(rows[i].text));

        for (size_t step = 1; step <= text.n + 1; step++) {
            size_t used;

            UNIT_EQ_AT(rows[i].line, feed(&s, text, step, &used), rows[i].result);
            UNIT_EQ_AT(rows[i].line, used, rows[i].used);
        }
    }
}

static void
a_value_cut_anywhere_needs_more(void)
{
    static struct stream s;
    struct str text =
        STR("{\"a\":[1,\"\\\"x\\u00e9\",{\"b\":null,\"\":[]}],\n\"c\":-1e5}");

    for (size_t n = 0; n < text.n; n++) {
        size_t used;

        UNIT_EQ(feed(&s, unit_exact((struct str){text.p, n}), 3, &used), STREAM_MORE);
        UNIT(used == n && stream_is_open(&s) == (n > 0));
    }
}

static void
what_is_no_array_and_no_object_ends_with_its_line(void)
{
    static const char *const texts[] = {"42\n", "\"a[\"\n", "null\r\n", "x{}[\"\n",
                                        "}\n",  "\x01\n",   ",\n"};
    static struct stream s;

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct str text = str_of(texts[i]);
        size_t used;

        UNIT(feed(&s, text, 1, &used) == STREAM_END && used == text.n);
        UNIT_EQ(feed(&s, (struct str){text.p, text.n - 1}, 2, &used), STREAM_MORE);
        UNIT(stream_is_open(&s));
    }
}

static void
nesting_is_limited(void)
{
    static char text[2 * (STREAM_DEPTH_MAX + 1)];
    static struct stream s;

    for (size_t depth = STREAM_DEPTH_MAX - 1; depth <= STREAM_DEPTH_MAX + 1; depth++) {
        bool fine = depth <= STREAM_DEPTH_MAX;
        size_t used;

        (void)memset(text, '[', depth);
        (void)memset(text + depth, ']', depth);
        UNIT_EQ(feed(&s, (struct str){text, 2 * depth}, sizeof text, &used),
                (fine ? STREAM_END : STREAM_BAD));
        UNIT_EQ(used, (fine ? 2 * depth : STREAM_DEPTH_MAX));
    }
}

static void
levels_are_closed_by_their_own_bracket(void)
{
    static struct stream s;
    struct str open = STR("[{\"a\":[[{\"a\":{\"a\":[{\"a\":[");
    struct str close = STR("]}]}}]]}]");
    char text[64];

    (void)memcpy(text, open.p, open.n);
    (void)memcpy(text + open.n, close.p, close.n);
    for (size_t i = 0; i <= close.n; i++) {
        struct str all = {text, open.n + close.n};
        size_t used;

        if (i < close.n)
            text[open.n + i] = close.p[i] == ']' ? '}' : ']';
        UNIT_EQ(feed(&s, all, 1, &used), (i < close.n ? STREAM_BAD : STREAM_END));
        UNIT_EQ(used, (i < close.n ? open.n + i : all.n));
        if (i < close.n)
            text[open.n + i] = close.p[i];
    }
}

static void
a_stream_can_begin_again_anywhere(void)
{
    static struct stream s;
    struct str text = STR("[{\"a\":\"\\");
    size_t used;

    for (size_t n = 0; n <= text.n; n++) {
        stream_begin(&s);
        UNIT(!stream_is_open(&s));
        UNIT_EQ(stream_feed(&s, text.p, n, &used), STREAM_MORE);
        stream_begin(&s);
        UNIT(stream_feed(&s, "[]", 2, &used) == STREAM_END && used == 2);
    }
}

static const struct unit_test tests[] = {
    {"the_end_of_a_value_is_found_in_pieces_of_every_size",
     the_end_of_a_value_is_found_in_pieces_of_every_size},
    {"a_value_cut_anywhere_needs_more", a_value_cut_anywhere_needs_more},
    {"what_is_no_array_and_no_object_ends_with_its_line",
     what_is_no_array_and_no_object_ends_with_its_line},
    {"nesting_is_limited", nesting_is_limited},
    {"levels_are_closed_by_their_own_bracket", levels_are_closed_by_their_own_bracket},
    {"a_stream_can_begin_again_anywhere", a_stream_can_begin_again_anywhere},
};

const struct unit_suite suite_stream = {"stream", tests, COUNT_OF(tests)};
