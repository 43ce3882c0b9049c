#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "event/event.h"
#include "frames/frames.h"
#include "grouping/fingerprint.h"
#include "grouping/grouping.h"
#include "unit.h"

#define JSON_MAX (64 * LIMIT_KIB)
#define RECEIVED INT64_C(1700000000000000)

/* What an event came to. */
struct outcome {
    struct str title, culprit;
    uint8_t print[FINGERPRINT_BYTES];
    enum grouping_strategy strategy, by_default;
    struct str components; /* "kind=text kind=text" */
};

static struct str
told(struct buf *components)
{
    struct str rest = buf_str(components), out = STR_NONE;
    struct buf b = buf_init(JSON_MAX);

    while (rest.n > 0) {
        struct str one = str_cut(&rest, FINGERPRINT_END);

        if (one.n == 0)
            break;
        buf_add_text(&b, b.n == 0 ? "" : " ");
        buf_add_text(&b, fingerprint_name(one.p[0]));
        if (one.n > 1) {
            buf_add_char(&b, '=');
            buf_add(&b, one.p + 1, one.n - 1);
        }
    }
    UNIT_EQ(arena_copy(unit_arena(), buf_str(&b), &out), 0);
    buf_release(&b);
    return out;
}

static struct outcome
run(const char *json)
{
    struct grouping_record record;
    struct grouping_settings grouping = {.record = &record};
    struct event_sentry how = {.received_at_us = RECEIVED, .sent_at_us = EVENT_NO_TIME};
    struct outcome o = {.title = STR_NONE};
    struct event ev;
    struct error e;

    grouping_record_init(&record, JSON_MAX);
    if (grouping_parse_sentry(unit_arena(), unit_exact(str_of(json)), &how, &grouping,
                              &ev, &e) != 0) {
        (void)printf("%s\n%s\n", json, e.text);
        UNIT(false);
        return o;
    }
    o.title = ev.title;
    o.culprit = ev.culprit;
    (void)memcpy(o.print, ev.fingerprint, sizeof o.print);
    o.strategy = record.strategy;
    o.by_default = record.by_default;
    o.components = told(&record.components);
    grouping_record_release(&record);
    return o;
}

static bool
same(const char *a, const char *b)
{
    struct outcome x = run(a), y = run(b);

    return memcmp(x.print, y.print, sizeof x.print) == 0;
}

/* Checks, naming the line and both sides, that two events are one issue, or two. */
static void
compare(int line, bool wanted, const char *a, const char *b)
{
    if (same(a, b) != wanted) {
        struct outcome x = run(a), y = run(b);

        (void)printf("line %d: %s\n  %.*s\n  %.*s\n", line,
                     wanted ? "should be one issue" : "should be two",
                     (int)x.components.n, x.components.p, (int)y.components.n,
                     y.components.p);
    }
    UNIT_EQ(same(a, b), wanted);
}

#define SAME(a, b) compare(__LINE__, true, a, b)
#define DIFFER(a, b) compare(__LINE__, false, a, b)

static void
is_called(int line, const char *json, const char *title, const char *culprit)
{
    struct outcome o = run(json);
    bool right =
        str_eq(o.title, str_of(title)) &&
        (culprit[0] == '\0' ? o.culprit.n == 0 : str_eq(o.culprit, str_of(culprit)));

    if (!right)
        (void)printf("line %d: \"%.*s\", \"%.*s\"\n", line, (int)o.title.n, o.title.p,
                     (int)o.culprit.n, o.culprit.p);
    UNIT(right);
}

#define CALLED(json, title, culprit) is_called(__LINE__, json, title, culprit)

static void
comes_from(int line, const char *json, const char *components)
{
    struct outcome o = run(json);

    if (!str_eq(o.components, str_of(components)))
        (void)printf("line %d: \"%.*s\"\n", line, (int)o.components.n, o.components.p);
    UNIT(str_eq(o.components, str_of(components)));
}

#define FROM(json, components) comes_from(__LINE__, json, components)

/* Frames and exceptions in short. */
#define FRAME(module, file, function, line)                                         \
    "{\"module\":\"" module "\",\"filename\":\"" file "\",\"function\":\"" function \
    "\",\"lineno\":" #line ",\"in_app\":true}"
#define LIB(module, file, function)                                                 \
    "{\"module\":\"" module "\",\"filename\":\"" file "\",\"function\":\"" function \
    "\",\"in_app\":false}"
#define EXC(type, value, frames)                                                         \
    "{\"type\":\"" type "\",\"value\":\"" value "\",\"stacktrace\":{\"frames\":[" frames \
    "]}}"
#define BARE(type, value) "{\"type\":\"" type "\",\"value\":\"" value "\"}"
#define EVENT(platform, more, exceptions)                                                \
    "{\"platform\":\"" platform "\"," more "\"exception\":{\"values\":[" exceptions "]}" \
    "}"
#define MESSAGE(text) "{\"message\":\"" text "\"}"
#define ERROR(type, value) EVENT("python", "", BARE(type, value))

#define MAIN FRAME("app.main", "app/main.py", "main", 10)
#define RATIO FRAME("app.calc", "app/calc.py", "ratio", 3)
#define G1 \
    EVENT("python", "", EXC("ZeroDivisionError", "division by zero", MAIN "," RATIO))
#define G1_WITH(more) \
    EVENT("python", more, EXC("ZeroDivisionError", "division by zero", MAIN "," RATIO))

static void
g1_to_g5_a_stack_is_told_by_type_and_functions(void)
{
    CALLED(G1, "ZeroDivisionError: division by zero", "app.calc in ratio");
    FROM(G1, "exception type=ZeroDivisionError frame module=app.main function=main frame "
             "module=app.calc function=ratio");
    SAME(G1, EVENT("python", "",
                   EXC("ZeroDivisionError", "division by zero",
                       FRAME("app.main", "app/main.py", "main",
                             12) "," FRAME("app.calc", "app/calc.py", "ratio", 99))));
    CALLED(EVENT("python", "",
                 EXC("ZeroDivisionError", "float division by zero", MAIN "," RATIO)),
           "ZeroDivisionError: float division by zero", "app.calc in ratio");
    SAME(G1, EVENT("python", "",
                   EXC("ZeroDivisionError", "float division by zero", MAIN "," RATIO)));
    DIFFER(G1, EVENT("python", "",
                     EXC("ArithmeticError", "division by zero", MAIN "," RATIO)));
    DIFFER(G1, EVENT("python", "",
                     EXC("ZeroDivisionError", "division by zero",
                         MAIN "," FRAME("app.calc", "app/calc.py", "ratio2", 3))));
}

#define DJANGO LIB("django.utils", "/x/site-packages/django/utils.py", "wrap")

static void
g6_g7_own_frames_count_before_those_of_libraries(void)
{
    const char *g6 =
        EVENT("python", "",
              EXC("ZeroDivisionError", "division by zero", MAIN "," RATIO "," DJANGO));

    SAME(G1, g6);
    CALLED(g6, "ZeroDivisionError: division by zero", "app.calc in ratio");
#define LIBS \
    LIB("app.main", "app/main.py", "main") "," LIB("app.calc", "app/calc.py", "ratio")
    /* An SDK that says "false" of all frames has told nothing. */
    SAME(EVENT("python", "",
               EXC("ZeroDivisionError", "division by zero", DJANGO "," LIBS)),
         EVENT("python", "", EXC("ZeroDivisionError", "division by zero", LIBS)));
    CALLED(EVENT("python", "",
                 EXC("ZeroDivisionError", "division by zero", DJANGO "," LIBS)),
           "ZeroDivisionError: division by zero", "app.calc in ratio");
}

static void
g8_what_is_around_an_event_does_not_count(void)
{
    const char *g8 = G1_WITH("\"transaction\":\"/users/{id}\",\"level\":\"fatal\","
                             "\"release\":\"2\",\"tags\":{\"a\":\"b\"},");

    SAME(G1, g8);
    CALLED(g8, "ZeroDivisionError: division by zero", "/users/{id}");
}

#define LINE(text)                                                                   \
    EVENT("python", "",                                                              \
          EXC("ZeroDivisionError", "division by zero",                               \
              MAIN ",{\"module\":\"app.calc\",\"filename\":\"app/calc.py\","         \
                   "\"function\":\"ratio\",\"in_app\":true,\"context_line\":\"" text \
                   "\"}"))

static void
g9_a_line_of_source_counts_without_its_blanks(void)
{
    SAME(LINE("return a / b"), LINE("  return   a / b"));
    DIFFER(LINE("return a / b"), G1);
    DIFFER(LINE("return a / b"), LINE("return a / c"));
}

static void
g10_to_g13_messages_lose_what_varies(void)
{
    CALLED(MESSAGE("User 42 not found"), "User 42 not found", "");
    SAME(MESSAGE("User 42 not found"), MESSAGE("User 43 not found"));
    FROM(MESSAGE("User 42 not found"), "message=User <int> not found");
#define ENTRY(name) \
    "{\"logentry\":{\"message\":\"User %s not found\",\"params\":[\"" name "\"]}}"
    CALLED(ENTRY("bob"), "User bob not found", "");
    SAME(ENTRY("bob"), ENTRY("al"));
    DIFFER(ENTRY("bob"), MESSAGE("User bob not found"));
    FROM(MESSAGE(
             "Job 7c1811ed-e98f-4c9c-a9f9-58c757ff494f failed at 2024-02-20T22:16:36Z"),
         "message=Job <uuid> failed at <date>");
    FROM(MESSAGE("timeout after 1500ms connecting to 10.0.0.5:5432"),
         "message=timeout after <measure> connecting to <ip>:<int>");
}

static void
g14_to_g16_so_do_values_where_there_is_no_stack(void)
{
    DIFFER(ERROR("KeyError", "'user_17'"), ERROR("KeyError", "'user_18'"));
    CALLED(ERROR("KeyError", "'user_17'"), "KeyError: 'user_17'", "");
    SAME(ERROR("KeyError", "user 17"), ERROR("KeyError", "user 18"));
    CALLED(ERROR("KeyError", "user 17"), "KeyError: user 17", "");
    FROM(ERROR("ValueError", "bad mail a@b.example for 0x7ffe10"),
         "exception type=ValueError value=bad mail <email> for <hex>");
}

static void
g17_all_of_a_chain_counts(void)
{
#define G17                                                         \
    EVENT("python", "",                                             \
          EXC("KeyError", "a", FRAME("m", "m.py", "f", 1)) "," EXC( \
              "ValueError", "bad", FRAME("m", "m.py", "g", 1)))
    CALLED(G17, "ValueError: bad", "m in g");
    DIFFER(G17,
           EVENT("python", "", EXC("ValueError", "bad", FRAME("m", "m.py", "g", 1))));
}

#define SCRIPT(file, function)                                                           \
    EVENT("javascript", "",                                                              \
          EXC("TypeError", "x is undefined",                                             \
              "{\"abs_path\":\"https://h/static/" file "\",\"filename\":\"/static/" file \
              "\",\"function\":\"" function "\",\"in_app\":true}"))

static void
g18_g19_scripts_of_a_page_are_told_by_functions(void)
{
    const char *nameless = EVENT("javascript", "",
                                 EXC("Error", "boom",
                                     "{\"function\":\"?\",\"filename\":\"/"
                                     "a.js\",\"abs_path\":\"https://h/a.js\"}"));

    CALLED(SCRIPT("app.3f2a1b9c.js", "HTMLButtonElement.onClick"),
           "TypeError: x is undefined",
           "HTMLButtonElement.onClick (/static/app.3f2a1b9c.js)");
    SAME(SCRIPT("app.3f2a1b9c.js", "HTMLButtonElement.onClick"),
         SCRIPT("app.99aa77ff.js", "onClick"));
    FROM(nameless, "exception type=Error value=boom");
    CALLED(nameless, "Error: boom", "/a.js");
}

#define JAVA(frames) EVENT("java", "", EXC("IllegalStateException", "x", frames))
#define CGLIB(hash)                                                 \
    JAVA("{\"module\":\"com.acme.Svc$$EnhancerBySpringCGLIB$$" hash \
         "\",\"function\":\"save\",\"in_app\":true}")
#define LAMBDA(module, function)                                         \
    JAVA("{\"module\":\"com.acme.Foo$$Lambda$" module                    \
         "\",\"function\":\"lambda$run$" function "\",\"in_app\":true}," \
         "{\"module\":\"com.acme.Bar\",\"function\":\"run\",\"in_app\":true}")

static void
g20_g21_classes_made_at_run_time_have_no_numbers(void)
{
    CALLED(CGLIB("ab12cd34"), "IllegalStateException: x", "com.acme.Svc.save");
    SAME(CGLIB("ab12cd34"), CGLIB("ff00ee11"));
    SAME(LAMBDA("14", "0"), LAMBDA("27", "3"));
    FROM(LAMBDA("14", "0"), "exception type=IllegalStateException frame "
                            "module=com.acme.Foo function=lambda$run frame "
                            "module=com.acme.Bar function=run");
}

#define ONE(platform, file, function)                               \
    EVENT(platform, "",                                             \
          EXC("E", "v",                                             \
              "{\"filename\":\"" file "\",\"function\":\"" function \
              "\",\"in_app\":true}"))

static void
g22_to_g24_functions_are_cleaned(void)
{
    SAME(ONE("ruby", "a.rb", "block in perform"),
         ONE("ruby", "a.rb", "block (2 levels) in perform"));
    SAME(ONE("native", "v.cpp", "std::vector<int>::at(unsigned long)"),
         ONE("native", "v.cpp", "std::vector<char>::at(unsigned long)"));
    FROM(ONE("native", "v.cpp", "std::vector<int>::at(unsigned long)"),
         "exception type=E value=v frame file=v.cpp function=std::vector<T>::at");
    SAME(ONE("rust", "r.rs", "app::run::h0123456789abcdef"),
         ONE("rust", "r.rs", "app::run::hfedcba9876543210"));
}

static void
g25_to_g28_fingerprints_of_the_client(void)
{
    SAME(G1_WITH("\"fingerprint\":[\"my-group\"],"),
         "{\"message\":\"User 42 not found\",\"fingerprint\":[\"my-group\"]}");
    DIFFER(G1_WITH("\"fingerprint\":[\"{{ default }}\",\"tenant-7\"],"),
           G1_WITH("\"fingerprint\":[\"{{ default }}\",\"tenant-8\"],"));
    DIFFER(G1_WITH("\"fingerprint\":[\"{{ default }}\",\"tenant-7\"],"), G1);
    SAME(G1_WITH("\"fingerprint\":[\"{{default}}\"],"), G1);
    SAME(G1_WITH("\"fingerprint\":[],"), G1);
    SAME(G1_WITH("\"fingerprint\":null,"), G1);
    DIFFER("{\"fingerprint\":[\"a\",\"bc\"]}", "{\"fingerprint\":[\"ab\",\"c\"]}");
}

static void
g29_to_g31_types_that_are_made_up_or_missing(void)
{
#define SYNTHETIC(type)                                                              \
    "{\"platform\":\"cocoa\",\"exception\":[{\"type\":\"" type "\",\"value\":\"x\"," \
    "\"mechanism\":{\"synthetic\":true},\"stacktrace\":{\"frames\":[{\"function\":"  \
    "\"onLoad\",\"in_app\":true}]}}]}"
    CALLED(SYNTHETIC("Error"), "onLoad", "onLoad");
    SAME(SYNTHETIC("Error"), SYNTHETIC("Other"));
    FROM(SYNTHETIC("Error"), "exception frame function=onLoad");
    CALLED("{\"exception\":[{\"type\":\"KeyboardInterrupt\"}]}", "KeyboardInterrupt", "");
    CALLED("{\"exception\":[{\"value\":\"boom\"}]}", "boom", "");
    CALLED(ERROR("RuntimeError", "first line\\nsecond"), "RuntimeError: first line", "");
    FROM(ERROR("RuntimeError", "first line\\nsecond"),
         "exception type=RuntimeError value=first line\nsecond");
}

static void
g32_to_g36_events_without_exceptions(void)
{
    char text[512], json[600], title[257];
    const char *thread =
        "{\"threads\":[{\"id\":1,\"stacktrace\":{\"frames\":[" RATIO
        "]}},{\"id\":2,\"crashed\":true,\"stacktrace\":{\"frames\":[" MAIN "]}}]}";

    CALLED("{}", "<unlabeled event>", "");
    SAME("{}", "{\"level\":\"info\"}");
    (void)memset(text, 'x', 300);
    text[300] = '\0';
    (void)snprintf(json, sizeof json, "{\"message\":\"%s\"}", text);
    (void)memset(title, 'x', 253);
    (void)memcpy(title + 253, "...", 4);
    CALLED(json, title, "");
    CALLED(thread, "<unlabeled event>", "app.main in main");
    FROM(thread, "stack frame module=app.main function=main");
#define F5 FRAME("m", "m.py", "f", 5)
    SAME(EVENT("python", "", EXC("E", "v", F5 "," F5 "," F5)),
         EVENT("python", "", EXC("E", "v", F5)));
    CALLED("{\"message\":\"m\",\"request\":{\"url\":\"https://h/x\"}}", "m",
           "https://h/x");
    FROM("{\"message\":\"m\",\"request\":{\"url\":\"https://h/x\"}}", "message=m");
}

static void
a_checksum_comes_first(void)
{
    SAME("{\"checksum\":\"abc\",\"message\":\"one\",\"fingerprint\":[\"x\"]}",
         "{\"checksum\":\"abc\",\"message\":\"two\"}");
    DIFFER("{\"checksum\":\"abc\",\"message\":\"one\"}",
           "{\"checksum\":\"abd\",\"message\":\"one\"}");
    SAME("{\"checksum\":\"\",\"message\":\"one\"}", "{\"message\":\"one\"}");
    FROM("{\"checksum\":\"abc\"}", "checksum=abc");
}

static void
variables_are_replaced(void)
{
#define VARIABLE(name)                                                               \
    G1_WITH("\"transaction\":\"/t\",\"tags\":{\"k\":\"5\"},\"fingerprint\":[\"" name \
            "\"],")
    FROM(VARIABLE("{{ transaction }}"), "part=/t");
    FROM(VARIABLE("{{type}}"), "part=ZeroDivisionError");
    FROM(VARIABLE("{{ error.type }}"), "part=ZeroDivisionError");
    FROM(VARIABLE("{{ value }}"), "part=division by zero");
    FROM(VARIABLE("{{ message }}"), "part=division by zero");
    FROM(VARIABLE("{{ function }}"), "part=ratio");
    FROM(VARIABLE("{{ stack.function }}"), "part=ratio");
    FROM(VARIABLE("{{ stack.filename }}"), "part=app/calc.py");
    FROM(VARIABLE("{{ path }}"), "part=app/calc.py");
    FROM(VARIABLE("{{ module }}"), "part=app.calc");
    FROM(VARIABLE("{{ package }}"), "part=<no-package>");
    FROM(VARIABLE("{{ level }}"), "part=error");
    FROM(VARIABLE("{{ logger }}"), "part=<no-logger>");
    FROM(VARIABLE("{{ tags.k }}"), "part=5");
    FROM(VARIABLE("{{ tags.no }}"), "part=<no-value-for-tag-no>");
    FROM(VARIABLE("{{ what }}"), "part=<unrecognized-variable-what>");
    FROM(VARIABLE("a-{{ tags.k }}-b"), "part=a-5-b");
    FROM("{\"fingerprint\":[\"{{ transaction }}\",\"{{ type }}\",\"{{ value }}\","
         "\"{{ message }}\",\"{{ function }}\",\"{{ module }}\",\"{{ path }}\"]}",
         "part=<no-transaction> part=<no-type> part=<no-value> part=<no-message> "
         "part=<no-function> part=<no-module> part=<no-abs-path>");
    SAME("{\"message\":\"a 1\",\"fingerprint\":[\"{{ message }}\"]}",
         "{\"message\":\"a 2\",\"fingerprint\":[\"{{ message }}\"]}");
}

#define MECHANISM(id, parent, group)                                 \
    "\"mechanism\":{\"exception_id\":" #id ",\"parent_id\":" #parent \
    ",\"is_exception_group\":" group "}"
#define PART(type, value, id, parent, group) \
    "{\"type\":\"" type "\",\"value\":\"" value "\"," MECHANISM(id, parent, group) "}"

static void
a_group_of_exceptions_is_its_different_leaves(void)
{
#define ROOT PART("ExceptionGroup", "3 failed", 0, null, "true")
#define A(id) PART("A", "a 1", id, 0, "false")
#define B(id) PART("B", "b", id, 0, "false")
    const char *ab = EVENT("python", "", B(2) "," A(1) "," ROOT);

    SAME(ab, EVENT("python", "", A(2) "," B(1) "," ROOT));
    SAME(ab, EVENT("python", "", A(3) "," A(2) "," B(1) "," ROOT));
    DIFFER(ab, EVENT("python", "", A(1) "," ROOT));
    SAME(EVENT("python", "", A(2) "," A(1) "," ROOT), EVENT("python", "", A(1) "," ROOT));
    SAME(EVENT("python", "", A(1) "," ROOT), ERROR("A", "a 7"));
    CALLED(ab, "ExceptionGroup: 3 failed", "");
    CALLED(EVENT("python", "", A(2) "," A(1) "," ROOT), "A: a 1", "");
    /* A chain with ids is a chain. */
    SAME(EVENT("python", "",
               PART("A", "a", 1, 0, "false") "," PART("B", "b", 0, null, "false")),
         EVENT("python", "", BARE("A", "a") "," BARE("B", "b")));
    /* What is no tree is a list. */
    SAME(EVENT("python", "", A(1) "," A(1) "," ROOT),
         EVENT("python", "",
               BARE("A", "a 1") "," BARE("A", "a 1") "," BARE("ExceptionGroup",
                                                              "3 failed")));
}

static void
reports_and_templates_group_by_what_they_are_about(void)
{
#define CSP(directive, uri) \
    "{\"csp\":{\"effective_directive\":\"" directive "\",\"blocked_uri\":\"" uri "\"}}"
    SAME(CSP("script-src", "https://evil.example/a"),
         CSP("script-src", "https://evil.example/b?1"));
    DIFFER(CSP("script-src", "https://evil.example/a"),
           CSP("script-src", "https://other.example/a"));
    DIFFER(CSP("script-src", "https://evil.example/a"),
           CSP("img-src", "https://evil.example/a"));
#define TEMPLATE(file, line, text)                               \
    "{\"template\":{\"filename\":\"" file "\",\"lineno\":" #line \
    ",\"context_line\":\"" text "\"},\"message\":\"m\"}"
    SAME(TEMPLATE("a.html", 1, "{{ x }}"), TEMPLATE("a.html", 9, "{{ x }}"));
    DIFFER(TEMPLATE("a.html", 1, "{{ x }}"), TEMPLATE("b.html", 1, "{{ x }}"));
}

static void
which_thread_counts(void)
{
#define THREAD(more, function) \
    "{" more "\"stacktrace\":{\"frames\":[{\"function\":\"" function "\"}]}}"
#define THREADS(list) "{\"threads\":{\"values\":[" list "]}}"
    FROM(THREADS(THREAD("", "a")), "stack frame function=a");
    FROM(THREADS(THREAD("", "a") "," THREAD("\"current\":true,", "b")),
         "stack frame function=b");
    FROM(THREADS(THREAD("\"crashed\":true,", "a") "," THREAD("\"current\":true,", "b")),
         "stack frame function=a");
    FROM(THREADS(THREAD("", "a") "," THREAD("", "b")), "nothing");
    FROM("{\"stacktrace\":{\"frames\":[{\"function\":\"c\"}]}}",
         "stack frame function=c");
    /* A message with a stack is a message, but for the crash of a native program. */
    FROM("{\"message\":\"m\",\"stacktrace\":{\"frames\":[{\"function\":\"c\"}]}}",
         "message=m");
    FROM("{\"platform\":\"java\",\"message\":\"m\",\"threads\":[" THREAD(
             "\"crashed\":true,", "a") "]}",
         "message=m");
    FROM("{\"platform\":\"native\",\"message\":\"m\",\"threads\":[" THREAD(
             "\"crashed\":true,", "a") "]}",
         "stack frame function=a");
}

static void
frames_without_names_are_told_by_their_offset(void)
{
#define ADDRESS(address, base)                                                          \
    "{\"platform\":\"native\",\"debug_meta\":{\"images\":[{\"image_addr\":\"" base      \
    "\",\"image_size\":4096,\"code_file\":\"/opt/x/libapp.so\"}]},\"exception\":[{"     \
    "\"type\":\"SIGSEGV\",\"stacktrace\":{\"frames\":[{\"instruction_addr\":\"" address \
    "\"}]}}]}"
    SAME(ADDRESS("0x1010", "0x1000"), ADDRESS("0x9010", "0x9000"));
    DIFFER(ADDRESS("0x1010", "0x1000"), ADDRESS("0x1020", "0x1000"));
    FROM(ADDRESS("0x1010", "0x1000"),
         "exception type=SIGSEGV frame function=libapp.so+0x10");
    /* outside of the image */
    FROM(ADDRESS("0x3000", "0x1000"), "exception type=SIGSEGV");
}

static void
what_raises_hides_what_it_calls(void)
{
#define NATIVE(frames) EVENT("native", "", EXC("E", "v", frames))
#define F(name) "{\"function\":\"" name "\"}"
    SAME(NATIVE(F("main") "," F("__cxa_throw") "," F("x1")),
         NATIVE(F("main") "," F("__cxa_throw") "," F("x2")));
    SAME(NATIVE(F("_start") "," F("main")), NATIVE(F("main")));
    SAME(EVENT("node", "",
               EXC("E", "v", F("process.processTicksAndRejections") "," F("f"))),
         EVENT("node", "", EXC("E", "v", F("f"))));
}

static void
a_fingerprint_begins_with_its_version(void)
{
    uint8_t zero[FINGERPRINT_BYTES] = {0};
    struct outcome o = run("{}");

    UNIT_EQ(o.print[0], FINGERPRINT_VERSION);
    UNIT(memcmp(o.print, zero, sizeof zero) != 0);
    UNIT(o.strategy == GROUPING_FALLBACK);
}

static struct str
repeat(const char *head, const char *piece, size_t n, const char *tail)
{
    struct buf b = buf_init(LIMIT_MIB);
    struct str out = STR_NONE;

    buf_add_text(&b, head);
    for (size_t i = 0; i < n; i++)
        buf_add_text(&b, piece);
    buf_add_text(&b, tail);
    UNIT_EQ(arena_copy(unit_arena(), buf_str(&b), &out), 0);
    buf_release(&b);
    return out;
}

static void
a_line_of_source_may_have_120_characters(void)
{
    for (size_t n = LIMIT_CONTEXT_LINE_CHARS - 1; n <= LIMIT_CONTEXT_LINE_CHARS + 1;
         n++) {
        struct str json = repeat("{\"platform\":\"python\",\"stacktrace\":{\"frames\":[{"
                                 "\"function\":\"f\",\"context_line\":\"",
                                 "\xc3\xa9", n, "\"}]}}");
        struct outcome o = run(json.p);

        UNIT_EQ((o.components.n > 2 * n), (n <= LIMIT_CONTEXT_LINE_CHARS));
    }
}

static size_t
count(struct str text, struct str word)
{
    size_t n = 0;

    for (size_t i = 0; i + word.n <= text.n; i++)
        n += memcmp(text.p + i, word.p, word.n) == 0;
    return n;
}

static void
so_many_variables_are_replaced(void)
{
    for (size_t n = LIMIT_VARIABLES - 1; n <= LIMIT_VARIABLES + 1; n++) {
        struct str json =
            repeat("{\"fingerprint\":[\"", "{{ level }} ", n, "\"],\"level\":\"fatal\"}");
        struct outcome o = run(json.p);

        UNIT_EQ(count(o.components, STR("fatal")),
                (n > LIMIT_VARIABLES ? LIMIT_VARIABLES : n));
    }
}

/* The same leaf again and again: one, of however many, since the last ones are kept. */
static void
so_many_exceptions_are_a_tree(void)
{
    for (size_t n = FRAMES_EXCEPTIONS - 1; n <= FRAMES_EXCEPTIONS + 1; n++) {
        struct buf b = buf_init(LIMIT_MIB);
        struct str json = STR_NONE;
        struct outcome o;

        buf_add_text(&b, "{\"exception\":[");
        for (size_t i = n - 1; i > 0; i--)
            buf_add_f(
                &b,
                "{\"type\":\"A\",\"mechanism\":{\"exception_id\":%zu,\"parent_id\":0}},",
                i);
        buf_add_text(&b, "{\"type\":\"G\",\"mechanism\":{\"exception_id\":0,"
                         "\"is_exception_group\":true}}]}");
        UNIT_EQ(arena_copy(unit_arena(), buf_str(&b), &json), 0);
        buf_release(&b);
        o = run(json.p);
        UNIT_EQ(count(o.components, STR("type=A")), 1);
    }
}

/* A module with a version is a dependency, and its frames are not the program's. */
static void
so_many_parts_of_a_module_are_looked_up(void)
{
    for (size_t n = FRAMES_MODULE_PARTS - 1; n <= FRAMES_MODULE_PARTS + 1; n++) {
        struct buf b = buf_init(LIMIT_MIB);
        struct str path = repeat("ex.test", "/a", n - 1, "");
        struct outcome o;

        buf_add_f(&b,
                  "{\"platform\":\"go\",\"modules\":{\"%s\":\"v1.2.3\"},"
                  "\"exception\":[{\"type\":\"T\",\"stacktrace\":{\"frames\":["
                  "{\"module\":\"main\",\"function\":\"own\",\"in_app\":true},"
                  "{\"module\":\"%s/b\",\"function\":\"f\",\"in_app\":true}]}}]}",
                  path.p, path.p);
        buf_add(&b, "", 1);
        o = run(buf_str(&b).p);
        UNIT(str_eq(o.culprit, STR("main.own")) == (n <= FRAMES_MODULE_PARTS));
        buf_release(&b);
    }
}

/* The last closure named as a recovery is one: its function stands below it. */
static void
so_many_closures_are_looked_at_as_recoveries(void)
{
    for (size_t n = FRAMES_RECOVERIES - 1; n <= FRAMES_RECOVERIES + 1; n++) {
        static const char head[] =
            "{\"platform\":\"go\",\"exception\":[{\"type\":\"runtime.boundsError\","
            "\"stacktrace\":{\"frames\":[{\"module\":\"main\",\"function\":\"run\"},"
            "{\"module\":\"main\",\"function\":\"Recover\"},";
        struct str json =
            repeat(head, "{\"module\":\"main\",\"function\":\"noPanic.func1\"},", n - 1,
                   "{\"module\":\"main\",\"function\":\"work\"},"
                   "{\"module\":\"main\",\"function\":\"Recover.func1\"}]}}]}");
        struct outcome o = run(json.p);

        UNIT(str_eq(o.culprit, STR("main.work")) == (n <= FRAMES_RECOVERIES));
    }
}

static const struct unit_test tests[] = {
    {"g1_to_g5_a_stack_is_told_by_type_and_functions",
     g1_to_g5_a_stack_is_told_by_type_and_functions},
    {"g6_g7_own_frames_count_before_those_of_libraries",
     g6_g7_own_frames_count_before_those_of_libraries},
    {"g8_what_is_around_an_event_does_not_count",
     g8_what_is_around_an_event_does_not_count},
    {"g9_a_line_of_source_counts_without_its_blanks",
     g9_a_line_of_source_counts_without_its_blanks},
    {"g10_to_g13_messages_lose_what_varies", g10_to_g13_messages_lose_what_varies},
    {"g14_to_g16_so_do_values_where_there_is_no_stack",
     g14_to_g16_so_do_values_where_there_is_no_stack},
    {"g17_all_of_a_chain_counts", g17_all_of_a_chain_counts},
    {"g18_g19_scripts_of_a_page_are_told_by_functions",
     g18_g19_scripts_of_a_page_are_told_by_functions},
    {"g20_g21_classes_made_at_run_time_have_no_numbers",
     g20_g21_classes_made_at_run_time_have_no_numbers},
    {"g22_to_g24_functions_are_cleaned", g22_to_g24_functions_are_cleaned},
    {"g25_to_g28_fingerprints_of_the_client", g25_to_g28_fingerprints_of_the_client},
    {"g29_to_g31_types_that_are_made_up_or_missing",
     g29_to_g31_types_that_are_made_up_or_missing},
    {"g32_to_g36_events_without_exceptions", g32_to_g36_events_without_exceptions},
    {"a_checksum_comes_first", a_checksum_comes_first},
    {"variables_are_replaced", variables_are_replaced},
    {"a_group_of_exceptions_is_its_different_leaves",
     a_group_of_exceptions_is_its_different_leaves},
    {"reports_and_templates_group_by_what_they_are_about",
     reports_and_templates_group_by_what_they_are_about},
    {"which_thread_counts", which_thread_counts},
    {"frames_without_names_are_told_by_their_offset",
     frames_without_names_are_told_by_their_offset},
    {"what_raises_hides_what_it_calls", what_raises_hides_what_it_calls},
    {"a_fingerprint_begins_with_its_version", a_fingerprint_begins_with_its_version},
    {"a_line_of_source_may_have_120_characters",
     a_line_of_source_may_have_120_characters},
    {"so_many_variables_are_replaced", so_many_variables_are_replaced},
    {"so_many_exceptions_are_a_tree", so_many_exceptions_are_a_tree},
    {"so_many_parts_of_a_module_are_looked_up", so_many_parts_of_a_module_are_looked_up},
    {"so_many_closures_are_looked_at_as_recoveries",
     so_many_closures_are_looked_at_as_recoveries},
};

const struct unit_suite suite_grouping = {"grouping", tests, COUNT_OF(tests)};
