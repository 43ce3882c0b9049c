#include "frames/trace.h"
#include "unit.h"

static const struct {
    int line;
    bool odd;
    const char *value, *list; /* NULL: none */
} lists[] = {
    {__LINE__, false, "[{}]", "[{}]"},
    {__LINE__, false, "{\"values\":[{}]}", "[{}]"},
    {__LINE__, false, "{\"values\":{\"type\":\"T\"}}", "{\"type\":\"T\"}"},
    {__LINE__, false, "{\"type\":\"T\"}", "{\"type\":\"T\"}"},
    {__LINE__, false, "{\"values\":null}", "{\"values\":null}"},
    {__LINE__, false, "[]", NULL},
    {__LINE__, false, "{}", NULL},
    {__LINE__, false, "{\"values\":[]}", NULL},
    {__LINE__, true, "\"boom\"", NULL},
    {__LINE__, true, "7", NULL},
    {__LINE__, true, "{\"values\":7}", NULL},
};

static void
all_shapes_of_a_list_are_one(void)
{
    struct str out;
    struct error e;
    bool odd;

    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        UNIT_EQ_AT(lists[i].line,
                   trace_list(unit_arena(), str_of(lists[i].value), &out, &odd, &e), 0);
        UNIT_AT(lists[i].line, unit_is(out, lists[i].list) && odd == lists[i].odd);
    }
    UNIT(trace_list(unit_arena(), STR_NONE, &out, &odd, &e) == 0 && out.p == NULL &&
         !odd);
}

static void
a_walk_gives_the_objects_in_their_order(void)
{
    struct trace_walk w = trace_begin(STR("[null,{\"a\":1},7,[],{\"b\":{}}]"));
    struct str object;

    UNIT(trace_next(&w, &object) && unit_is(object, "{\"a\":1}"));
    UNIT(trace_next(&w, &object) && unit_is(object, "{\"b\":{}}"));
    UNIT(!trace_next(&w, &object) && !trace_next(&w, &object));
    w = trace_begin(STR("{\"a\":1}"));
    UNIT(trace_next(&w, &object) && unit_is(object, "{\"a\":1}"));
    UNIT(!trace_next(&w, &object));
    w = trace_begin(STR_NONE);
    UNIT(!trace_next(&w, &object));
}

static void
frames_are_found_and_taken_apart(void)
{
    static const struct {
        const char *stacktrace, *frames;
    } stacks[] = {{"{\"frames\":[{}]}", "[{}]"},
                  {"[{}]", "[{}]"},
                  {"{\"frames\":[]}", NULL},
                  {"{\"frames\":null}", NULL},
                  {"{\"frames\":{}}", NULL},
                  {"{}", NULL},
                  {"7", NULL},
                  {"null", NULL}};
    struct trace_frame f;
    struct str out;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(stacks); i++)
        UNIT(trace_frames(unit_arena(), str_of(stacks[i].stacktrace), &out, &e) == 0 &&
             unit_is(out, stacks[i].frames));
    UNIT_EQ(
        trace_frame(unit_arena(),
                    STR("{\"function\":\"f\",\"module\":\"m\",\"in_app\":true,\"vars\":{"
                        "\"function\":\"x\"},\"lineno\":7}"),
                    &f, &e),
        0);
    UNIT(unit_is(f.field[TRACE_FUNCTION], "\"f\"") &&
         unit_is(f.field[TRACE_FRAME_MODULE], "\"m\"") &&
         unit_is(f.field[TRACE_IN_APP], "true") && unit_is(f.field[TRACE_LINENO], "7") &&
         f.field[TRACE_FILENAME].p == NULL);
}

static void
exceptions_and_threads_are_taken_apart(void)
{
    struct trace_exception x;
    struct trace_thread t;
    struct error e;

    UNIT_EQ(trace_exception(unit_arena(),
                            STR("{\"type\":\"T\",\"value\":null,\"mechanism\":{}}"), &x,
                            &e),
            0);
    UNIT(unit_is(x.field[TRACE_TYPE], "\"T\"") && x.field[TRACE_VALUE].p == NULL &&
         unit_is(x.field[TRACE_MECHANISM], "{}"));
    UNIT_EQ(
        trace_thread(unit_arena(),
                     STR("{\"id\":7,\"crashed\":true,\"stacktrace\":{\"frames\":[]}}"),
                     &t, &e),
        0);
    UNIT(unit_is(t.field[TRACE_ID], "7") && unit_is(t.field[TRACE_CRASHED], "true") &&
         t.field[TRACE_CURRENT].p == NULL &&
         unit_is(t.field[TRACE_THREAD_STACKTRACE], "{\"frames\":[]}"));
}

static void
texts_that_say_nothing_are_absent(void)
{
    static const struct {
        const char *value, *text;
    } texts[] = {{"\"f\"", "f"},
                 {"\"\"", NULL},
                 {"\"?\"", NULL},
                 {"7", NULL},
                 {"\"a\\nb\"", "a\nb"}};
    struct str out;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        UNIT(trace_text(unit_arena(), str_of(texts[i].value), &out, &e) == 0 &&
             unit_is(out, texts[i].text));
}

static const struct unit_test tests[] = {
    {"all_shapes_of_a_list_are_one", all_shapes_of_a_list_are_one},
    {"a_walk_gives_the_objects_in_their_order", a_walk_gives_the_objects_in_their_order},
    {"frames_are_found_and_taken_apart", frames_are_found_and_taken_apart},
    {"exceptions_and_threads_are_taken_apart", exceptions_and_threads_are_taken_apart},
    {"texts_that_say_nothing_are_absent", texts_that_say_nothing_are_absent},
};

const struct unit_suite suite_trace = {"trace", tests, COUNT_OF(tests)};
