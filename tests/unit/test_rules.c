#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "event/event.h"
#include "grouping/grouping.h"
#include "grouping/rules.h"
#include "unit.h"

static int
parse(const char *text, struct rules **out, struct error *e)
{
    return rules_parse(unit_exact(str_of(text)), out, e);
}

static void
a_file_is_taken_apart(void)
{
    struct rules *r = NULL;
    struct error e;

    UNIT_EQ(parse("# comment\n\n  type:A !value:\"x \\\"y\\\" *\" -> a {{ default }} "
                  "title=\"T {{ type }}\" # why\ntags.a:b -> \"c d\"{{x}}",
                  &r, &e),
            0);
    UNIT(r->count == 2 && r->list[0].line == 3 && r->list[1].line == 4);
    UNIT(r->list[0].matcher_count == 2 && r->list[0].matchers[1].negated);
    UNIT_STR(r->list[0].matchers[1].pattern, "x \"y\" *");
    UNIT(r->list[0].part_count == 2 && unit_is(r->list[0].parts[1], "{{ default }}"));
    UNIT_STR(r->list[0].title, "T {{ type }}");
    UNIT_STR(r->list[1].matchers[0].tag, "a");
    UNIT_STR(r->list[1].parts[0], "c d{{x}}");
    UNIT(r->want_exceptions && !r->want_frames);
    rules_free(r);
    UNIT(parse("", &r, &e) == 0 && r->count == 0);
    rules_free(r);
    rules_free(NULL);
}

static void
what_is_wrong_is_told_with_its_place(void)
{
    static const char *const rows[][2] = {
        {"type:A", "line 1, column 7: -> is missing"},
        {"\ntype:A # -> b", "line 2, column 8: -> is missing"},
        {"-> a", "line 1, column 1: nothing to match before ->"},
        {"type:A ->", "line 1, column 10: a fingerprint is missing after ->"},
        {"type:A -> title=x", "line 1, column 11: a fingerprint is missing after ->"},
        {"typ:A -> a", "line 1, column 1: no field is called typ"},
        {"type:A  tags.:b -> a", "line 1, column 9: no field is called tags."},
        {"type -> a", "line 1, column 1: expected NAME:PATTERN or ->"},
        {"type: -> a", "line 1, column 6: a pattern is missing"},
        {"type:\"A -> a", "line 1, column 6: unclosed quote"},
        {"type:A -> {{ x", "line 1, column 11: {{ without }}"},
        {"type:A -> a title=\"\"", "line 1, column 13: an empty title"},
        {"type:A -> a title=b c", "line 1, column 21: the title must be the last"},
        {"type:A -> \"\"", "line 1, column 11: an empty part"},
        {"type:\xff -> a", "line 1, column 6: no UTF-8"},
        {"type:A -> +app",
         "line 1, column 15: +app and -app need function, module, path or package"},
        {"function:f level:error -> -app",
         "line 1, column 31: +app and -app need function, module, path or package"},
        {"module:a -> +app title=x", "line 1, column 25: a rule for frames has no title"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rules *r;
        struct error e;

        UNIT(parse(rows[i][0], &r, &e) == -1 && r == NULL && e.kind == ERROR_CONFIG);
        if (!str_eq(str_of(e.text), str_of(rows[i][1])))
            (void)printf("\"%s\": %s\n", rows[i][0], e.text);
        UNIT(str_eq(str_of(e.text), str_of(rows[i][1])));
    }
}

/* "+app" alone is a rule for frames; with another part it is a fingerprint. */
static void
rules_for_frames_are_another_kind(void)
{
    struct rules *r = NULL;
    struct error e;

    UNIT(parse("module:a -> x", &r, &e) == 0 && !r->has_frame_rules);
    rules_free(r);
    UNIT(parse("function:f path:*/a module:a package:p -> +app # own\nmodule:b -> -app\n"
               "module:b -> +app x\nmodule:b -> app",
               &r, &e) == 0 &&
         r->has_frame_rules);
    UNIT_EQ(r->list[0].kind, RULE_PROGRAM);
    UNIT_EQ(r->list[1].kind, RULE_LIBRARY);
    UNIT(r->list[2].kind == r->list[3].kind && r->list[2].kind != RULE_PROGRAM &&
         r->list[2].kind != RULE_LIBRARY);
    rules_free(r);
}

/* Is a file of `count` such rules taken, that have n bytes of `fill` in their middle? */
static bool
is_taken(const char *head, size_t n, const char *tail, size_t count)
{
    struct buf b = buf_init(16 * LIMIT_MIB);
    struct rules *r = NULL;
    struct error e;
    bool taken;

    for (size_t i = 0; i < count; i++) {
        buf_add_text(&b, head);
        for (size_t k = 0; k < n; k++)
            buf_add_char(&b, 'x');
        buf_add_text(&b, tail);
    }
    taken = rules_parse(buf_str(&b), &r, &e) == 0;
    rules_free(r);
    buf_release(&b);
    return taken;
}

static void
limits_hold(void)
{
    const size_t line = LIMIT_RULE_BYTES - (sizeof "type:A -> " - 1);

    for (size_t more = 0; more <= 2; more++) {
        bool taken = more <= 1;

        UNIT_EQ(is_taken("type:A -> ", line - 1 + more, "\n", 1), taken);
        UNIT_EQ(is_taken("type:", LIMIT_GLOB_BYTES - 1 + more, " -> a\n", 1), taken);
        UNIT_EQ(is_taken("type:A -> a\n", 0, "", LIMIT_RULES - 1 + more), taken);
    }
    for (size_t n = 63; n <= 65; n++) {
        struct buf b = buf_init(LIMIT_KIB * 4), c = buf_init(LIMIT_KIB * 4);
        struct rules *r;
        struct error e;

        for (size_t i = 0; i < n; i++)
            buf_add_text(&b, "type:A ");
        buf_add_text(&b, "-> a");
        UNIT_EQ((rules_parse(buf_str(&b), &r, &e) == 0), (n <= 64));
        rules_free(r);
        buf_add_text(&c, "type:A ->");
        for (size_t i = 0; i < n; i++)
            buf_add_text(&c, " a");
        UNIT_EQ((rules_parse(buf_str(&c), &r, &e) == 0), (n <= 64));
        rules_free(r);
        buf_release(&b);
        buf_release(&c);
    }
}

static const char event[] =
    "{\"platform\":\"python\",\"level\":\"warning\",\"logger\":\"app.db\",\"release\":"
    "\"r1\","
    "\"environment\":\"prod\",\"tags\":{\"k\":\"v\"},\"exception\":[{\"type\":\"Inner\","
    "\"value\":\"cause\"},{\"type\":\"Outer\",\"value\":\"what "
    "17\",\"stacktrace\":{\"frames\":["
    "{\"function\":\"f\",\"module\":\"m.n\",\"abs_path\":\"/srv/a/"
    "b.py\",\"package\":\"p.so\"},"
    "{\"function\":\"g\",\"filename\":\"c.py\"}]}}]}";

/* Groups the event by rules; gives the line of the rule that fitted. */
static size_t
fitting(const char *text, struct event *ev)
{
    struct rules *r = NULL;
    struct grouping_record record;
    struct grouping_settings grouping = {.record = &record};
    struct error e;

    grouping_record_init(&record, LIMIT_MIB);
    UNIT(parse(text, &r, &e) == 0);
    grouping.rules = r;
    UNIT(grouping_parse(unit_arena(), unit_exact(STR(event)), 0, &grouping, ev, &e) == 0);
    grouping_record_release(&record);
    rules_free(r);
    return record.rule;
}

static void
each_matcher_looks_where_it_says(void)
{
    static const struct {
        const char *matcher;
        bool fits;
    } rows[] = {
        {"type:Outer", true},
        {"type:Inner", true},
        {"type:Oute", false},
        {"type:Out*", true},
        {"!type:X", true},
        {"!type:Inner", false},
        {"value:\"what *\"", true},
        {"value:cause", true},
        {"message:\"what *\"", true},
        {"function:f", true},
        {"function:g", true},
        {"function:h", false},
        {"module:m.*", true},
        {"path:*/a/*.py", true},
        {"path:c.py", true},
        {"package:p.so", true},
        {"level:warning", true},
        {"level:error", false},
        {"logger:app.*", true},
        {"release:r?", true},
        {"environment:prod", true},
        {"platform:python", true},
        {"tags.k:v", true},
        {"tags.k:w", false},
        {"tags.none:*", false},
        {"!tags.none:*", true},
        {"type:Outer level:info", false},
        {"type:Outer level:warning", true},
    };

    char text[128];
    struct event ev;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        (void)snprintf(text, sizeof text, "%s -> x", rows[i].matcher);
        if ((fitting(text, &ev) == 1) != rows[i].fits)
            (void)printf("%s\n", rows[i].matcher);
        UNIT_EQ((fitting(text, &ev) == 1), rows[i].fits);
    }
}

static void
the_first_rule_that_fits_counts(void)
{
    struct event a, b, c;

    UNIT_EQ(fitting("type:X -> a\ntype:Outer -> b\ntype:Outer -> c", &a), 2);
    UNIT_EQ(
        fitting("type:Outer -> b title=\"{{ type }} in {{ environment }}: {{ value }}\"",
                &b),
        1);
    UNIT(memcmp(a.fingerprint, b.fingerprint, sizeof a.fingerprint) == 0);
    UNIT_STR(b.title, "Outer in <unrecognized-variable-environment>: what 17");
    UNIT_STR(a.title, "Outer: what 17");
    UNIT_EQ(fitting("type:Outer -> {{ default }}", &a), 1);
    UNIT_EQ(fitting("type:X -> b", &b), 0);
    UNIT(memcmp(a.fingerprint, b.fingerprint, sizeof a.fingerprint) == 0);
    UNIT_EQ(fitting("type:Outer -> {{ default }} {{ tags.k }}", &c), 1);
    UNIT(memcmp(a.fingerprint, c.fingerprint, sizeof a.fingerprint) != 0);
}

/* The first frame is found as long as it is one of the last so many. */
static void
so_many_frames_are_looked_at(void)
{
    for (size_t n = LIMIT_RULE_FRAMES - 1; n <= LIMIT_RULE_FRAMES + 1; n++) {
        struct buf b = buf_init(LIMIT_MIB);
        struct rules *r = NULL;
        struct grouping_record record;
        struct grouping_settings grouping = {.record = &record};
        struct event ev;
        struct error e;

        buf_add_text(
            &b,
            "{\"message\":\"m\",\"stacktrace\":{\"frames\":[{\"function\":\"first\"}");
        for (size_t i = 1; i < n; i++)
            buf_add_text(&b, ",{\"function\":\"f\"}");
        buf_add_text(&b, "]}}");
        grouping_record_init(&record, LIMIT_MIB);
        UNIT(parse("function:first -> x", &r, &e) == 0);
        grouping.rules = r;
        UNIT(grouping_parse(unit_arena(), buf_str(&b), 0, &grouping, &ev, &e) == 0);
        UNIT((record.rule == 1) == (n <= LIMIT_RULE_FRAMES));
        grouping_record_release(&record);
        rules_free(r);
        buf_release(&b);
    }
}

static void
any_prefix_of_a_file_is_taken_or_refused(void)
{
    static const char text[] =
        "type:\"a b\" !tags.x:y* -> {{ default }} \"b\" title=\"c\"\n";
    struct rules *r;
    struct error e;

    for (size_t n = 0; n < sizeof text; n++) {
        UNIT(rules_parse(unit_exact((struct str){text, n}), &r, &e) == 0 ||
             e.kind == ERROR_CONFIG);
        rules_free(r);
    }
}

static const struct unit_test tests[] = {
    {"a_file_is_taken_apart", a_file_is_taken_apart},
    {"what_is_wrong_is_told_with_its_place", what_is_wrong_is_told_with_its_place},
    {"rules_for_frames_are_another_kind", rules_for_frames_are_another_kind},
    {"limits_hold", limits_hold},
    {"each_matcher_looks_where_it_says", each_matcher_looks_where_it_says},
    {"the_first_rule_that_fits_counts", the_first_rule_that_fits_counts},
    {"any_prefix_of_a_file_is_taken_or_refused",
     any_prefix_of_a_file_is_taken_or_refused},
    {"so_many_frames_are_looked_at", so_many_frames_are_looked_at},
};

const struct unit_suite suite_rules = {"rules", tests, COUNT_OF(tests)};
