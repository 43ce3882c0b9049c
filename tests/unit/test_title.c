#include "event/title.h"
#include "unit.h"

#define APP "{\"function\":\"ratio\",\"module\":\"app.calc\",\"in_app\":true}"
#define FOREIGN "{\"function\":\"get\",\"filename\":\"/srv/site-packages/x.py\"}"
#define LIB "{\"function\":\"wrap\",\"module\":\"lib\",\"filename\":\"x.py\"}"

static const struct {
    int line;
    const char *exceptions, *title, *type, *value; /* title NULL: none is found */
} titles[] = {
    {__LINE__, "[{\"type\":\"T\",\"value\":\"v\"}]", "T: v", "T", "v"},
    {__LINE__, "[{\"type\":\"A\"},{\"type\":\"B\"},{}]", "B", "B", NULL},
    {__LINE__, "[{\"value\":\"boom\"}]", "boom", NULL, "boom"},
    {__LINE__, "[{\"value\":\"T: boom\"}]", "T: boom", "T", "boom"},
    {__LINE__, "[{\"value\":\"a b: boom\"}]", "a b: boom", NULL, "a b: boom"},
    {__LINE__, "[{\"type\":\"X\",\"value\":\"T: boom\"}]", "X: T: boom", "X", "T: boom"},
    {__LINE__, "{\"type\":\"T\",\"value\":\" \\n a\\nb\"}", "T: a", "T", " \n a\nb"},
    {__LINE__, "[{\"type\":\"T\",\"value\":[1,2]}]", "T: [1,2]", "T", "[1,2]"},
    {__LINE__, "[{\"type\":\"\",\"value\":\"\"}]", NULL, NULL, NULL},
    {__LINE__, "[{\"stacktrace\":{}}]", NULL, NULL, NULL},
    {__LINE__, "[]", NULL, NULL, NULL},
};

static struct frames *
frames_of(const struct trace *t)
{
    struct frames_source from = {.trace = t};
    struct frames *all = NULL;
    struct error e;

    UNIT(frames_read(unit_arena(), &from, &all, &e) == 0);
    return all;
}

static void
titles_are_type_and_first_line(void)
{
    for (size_t i = 0; i < COUNT_OF(titles); i++) {
        struct trace t = {.exceptions = str_of(titles[i].exceptions)};
        struct title_exception x;
        struct str title = STR_NONE;
        struct error e;

        UNIT_EQ_AT(titles[i].line, title_exception(unit_arena(), t.exceptions, &x, &e),
                   0);
        UNIT_EQ_AT(titles[i].line, x.found, (titles[i].title != NULL));
        if (!x.found)
            continue;
        UNIT_EQ_AT(titles[i].line,
                   title_of_exception(unit_arena(), frames_of(&t), &x, &title, &e), 0);
        UNIT_STR_AT(titles[i].line, title, titles[i].title);
        UNIT_STR_AT(titles[i].line, x.type, titles[i].type);
        UNIT_STR_AT(titles[i].line, x.value, titles[i].value);
    }
}

#define SYNTHETIC(frames)                                                      \
    "[{\"type\":\"Error\",\"value\":\"x\",\"mechanism\":{\"synthetic\":true}," \
    "\"stacktrace\":{\"frames\":[" frames "]}}]"

static const struct {
    int line;
    const char *exceptions, *stacktrace, *platform, *title, *culprit;
} places[] = {
    {__LINE__, "[{\"type\":\"T\",\"stacktrace\":{\"frames\":[" APP "," LIB "]}}]", NULL,
     "python", "T", "app.calc in ratio"},
    {__LINE__,
     "[{\"type\":\"T\",\"stacktrace\":{\"frames\":[" LIB "]}},{\"type\":\"U\"}]", NULL,
     NULL, "U", "lib in wrap"},
    {__LINE__, "[{\"type\":\"T\",\"stacktrace\":{\"frames\":[" FOREIGN "]}}]", NULL,
     "python", "T", NULL},
    {__LINE__, "[{\"type\":\"T\"}]", "{\"frames\":[" APP "]}", NULL, "T",
     "app.calc in ratio"},
    {__LINE__, "[{\"type\":\"T\"}]", "[{\"abs_path\":\"http://h/a/b.js\"}]", "javascript",
     "T", "/a/b.js"},
    {__LINE__, "[{\"type\":\"T\"}]",
     "[{\"filename\":\"f.rb\",\"function\":\"x\",\"platform\":\"node\"}]", "ruby", "T",
     "x (f.rb)"},
    {__LINE__, "[{\"type\":\"T\"}]", "[{\"function\":\"main\"}]", "native", "T", "main"},
    {__LINE__, "[{\"type\":\"T\"}]", "[{\"function\":\"main\"}]", "c", "T", "main"},
    {__LINE__, "[{\"type\":\"T\"}]", "[{\"function\":\"main\"}]", "java", "T", "main"},
    {__LINE__, "[{\"type\":\"T\"}]", NULL, NULL, "T", NULL},
    {__LINE__, SYNTHETIC("{\"function\":\"onLoad\",\"in_app\":true}," LIB), NULL, "cocoa",
     "onLoad", "onLoad"},
    {__LINE__, SYNTHETIC("{\"function\":\"<redacted>\",\"in_app\":true}," LIB), NULL,
     "cocoa", "Error: x", NULL},
    {__LINE__, SYNTHETIC("{}"), NULL, "native", "Error: x", NULL},
    {__LINE__, SYNTHETIC(APP), NULL, "javascript", "Error: x", "ratio (app.calc)"},
    {__LINE__,
     "[{\"value\":\"x\",\"mechanism\":{\"synthetic\":true},\"stacktrace\":{\"frames\":"
     "[" APP "]}}]",
     NULL, "node", "x", "ratio (app.calc)"},
    {__LINE__, "[{\"value\":\"x\",\"stacktrace\":{\"frames\":[" APP "]}}]", NULL, "node",
     "x", "ratio (app.calc)"},
};

static void
culprits_are_the_end_of_the_stack(void)
{
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct trace t = {.exceptions = str_of(places[i].exceptions),
                          .stacktrace = str_of(places[i].stacktrace),
                          .platform = str_of(places[i].platform)};
        struct title_exception x;
        struct str title = STR_NONE, culprit = STR_NONE;
        struct error e;

        UNIT_AT(places[i].line,
                title_exception(unit_arena(), t.exceptions, &x, &e) == 0 &&
                    title_of_exception(unit_arena(), frames_of(&t), &x, &title, &e) ==
                        0 &&
                    title_culprit(unit_arena(), frames_of(&t), &x, &culprit, &e) == 0);
        UNIT_STR_AT(places[i].line, title, places[i].title);
        UNIT_STR_AT(places[i].line, culprit, places[i].culprit);
    }
}

static const struct unit_test tests[] = {
    {"titles_are_type_and_first_line", titles_are_type_and_first_line},
    {"culprits_are_the_end_of_the_stack", culprits_are_the_end_of_the_stack},
};

const struct unit_suite suite_title = {"title", tests, COUNT_OF(tests)};
