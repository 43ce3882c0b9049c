/* No input costs more than its size: what doubles the bytes of an input at most doubles
 * the work.  And what takes too long all the same ends. */
#include <string.h>

#include "base/budget.h"
#include "base/buf.h"
#include "base/limits.h"
#include "event/checkin.h"
#include "event/envelope.h"
#include "event/event.h"
#include "event/release_health.h"
#include "event/reports.h"
#include "event/security.h"
#include "grouping/grouping.h"
#include "grouping/rules.h"
#include "json/bulk.h"
#include "json/splitter.h"
#include "scrub/scrub.h"
#include "sentry/minidump_form.h"
#include "unit.h"
#include "wire/authkey.h"
#include "wire/multipart.h"
#include "wire/sentryauth.h"

/* In these texts BEGIN … END is repeated, with the number of the repetition for NUMBER.
 */
#define BEGIN "\001"
#define END "\002"
#define NUMBER "\003"

#define MANY(text) BEGIN text END
#define FRAMES(platform, frame)                                              \
    "{\"platform\":\"" platform                                              \
    "\",\"exception\":[{\"type\":\"T\",\"stacktrace\":{\"frames\":[{}" MANY( \
        "," frame) "]}}]}"
#define LONG(text) "{\"message\":\"" MANY(text) "\"}"

static const struct {
    int line;
    const char *text;
} shapes[] = {
    {__LINE__, "{\"logentry\":{\"message\":\"x" MANY("%s") "\",\"params\":[\"\"" MANY(
                   ",\"\"") "]}}"},
    {__LINE__, "{\"logentry\":{\"message\":\"x" MANY("%s") "\",\"params\":[1]}}"},
    {__LINE__,
     "{\"logentry\":{\"message\":\"" MANY("%(a)s") "\",\"params\":{\"a\":\"\"" MANY(
         ",\"b" NUMBER "\":\"\"") "}}}"},
    {__LINE__, "{\"logentry\":{\"message\":\"" MANY(
                   "%(b" NUMBER ")s") "\",\"params\":{\"a\":\"\"" MANY(",\"\\u0062" NUMBER
                                                                       "\":\"\"") "}}}"},
    {__LINE__, "{\"logentry\":{\"message\":\"" MANY("{0}") "\",\"params\":[\"\"" MANY(
                   ",\"\"") "]}}"},
    {__LINE__, "{\"logentry\":{\"message\":\"" MANY(
                   "{" NUMBER "}") "\",\"params\":[\"\"" MANY(",\"\"") "]}}"},
    {__LINE__, "{\"logentry\":{\"message\":\"" MANY("{a}") "\",\"params\":{\"a\":\"" MANY(
                   "long ") "\"}}}"},
    {__LINE__, "{\"logentry\":{\"message\":\"%s\",\"params\":[[" MANY("[],") "0]]}}"},
    {__LINE__, "{\"message\":\"" MANY("a 1 b@c.de ") "\",\"fingerprint\":[\"a\"" MANY(
                   ",\"{{message}}\"") "]}"},
    {__LINE__, "{\"message\":\"" MANY("a 1 ") "\",\"fingerprint\":\"" MANY(
                   "{{ message }}{{ level }}") "\"}"},
    {__LINE__, "{\"message\":\"m\",\"fingerprint\":[\"a\"" MANY(
                   ",\"{{ tags.t" NUMBER
                   " }}\"") "],\"tags\":{\"t\":1" MANY(",\"\\u0074" NUMBER "\":1") "}}"},
    {__LINE__, "{\"message\":\"m\",\"fingerprint\":[\"{{\",\"" MANY("{{ ") "\"]}"},
    {__LINE__, "{\"message\":\"m\",\"fingerprint\":[\"{{ stack.function }}\"" MANY(
                   ",\"{{ stack.abs_path }}\"") "],\"stacktrace\":{\"frames\":[{"
                                                "}" MANY(",{\"function\":\"f" NUMBER
                                                         "\",\"in_app\":true}") "]}"
                                                                                "}"},
    {__LINE__,
     "{\"message\":\"m\",\"tags\":[[\"a\",1]" MANY(",[\"t" NUMBER "\",\"x\"]") "]}"},
    {__LINE__, "{\"message\":\"m\"" MANY(",\"\\u0061" NUMBER "\":[{}]") "}"},
    {__LINE__, "{\"message\":\"m\"" MANY(",\"extra\":{\"a\":1}") "}"},
    {__LINE__, "{\"message\":\"m\"" MANY(",\"message\":\"" NUMBER "\"") "}"},
    {__LINE__, "{\"message\":\"m\",\"extra\":[0" MANY(",[[[[[[1]]]]]]") "]}"},
    {__LINE__, "{\"exception\":[{\"type\":\"T\"}" MANY(
                   ",{\"type\":\"T" NUMBER "\",\"value\":\"v " NUMBER "\"}") "]}"},
    {__LINE__, "{\"exception\":[{\"type\":\"T\"}" MANY(
                   ",{\"type\":\"T\",\"stacktrace\":{\"frames\":[{\"function\":\"f\"}]},"
                   "\"mechanism\":{\"exception_id\":" NUMBER
                   ",\"parent_id\":0,\"is_exception_group\":false}}") "]}"},
    {__LINE__,
     "{\"message\":\"m\",\"threads\":[{\"id\":0}" MANY(
         ",{\"id\":" NUMBER ",\"crashed\":true,\"stacktrace\":{\"frames\":[{}]}}") "]}"},
    {__LINE__, "{\"message\":\"m\",\"breadcrumbs\":[{}" MANY(
                   ",{\"message\":\"b\",\"data\":{\"a\":[]}}") "]}"},
    {__LINE__, "{\"message\":\"m\",\"request\":{\"url\":\"u\",\"headers\":[[]" MANY(
                   ",[\"h" NUMBER "\",\"v\"]") "]}}"},
    {__LINE__, "{\"message\":\"m\",\"user\":{\"id\":1" MANY(",\"id\":" NUMBER) "}}"},
    {__LINE__, "{\"platform\":\"native\",\"debug_meta\":{\"images\":[{\"image_addr\":"
               "\"0x1\",\"code_file\":\"\\u002f" MANY(
                   "file") "\"}]},\"exception\":[{"
                           "\"type\":\"T\",\"stacktrace\":{\"frames\":[{}" MANY(
                               ",{\"instruction_addr\":\"0x2\"}") "]}}]}"},
    {__LINE__, "{\"platform\":\"native\",\"debug_meta\":{\"images\":[{}" MANY(
                   ",{\"image_addr\":\"0x" NUMBER
                   "\",\"code_file\":\"/f\"}") "]},\"stacktrace\":{\"frames\":[{"
                                               "}" MANY(",{\"instruction_addr\":"
                                                        "\"0x" NUMBER "\"}") "]}}"},
    {__LINE__, FRAMES("python", "{\"function\":\"f" NUMBER
                                "\",\"in_app\":true,\"context_line\":\" a  b \"}")},
    {__LINE__, FRAMES("javascript", "{\"function\":\"a.b.c [as d]\",\"abs_path\":"
                                    "\"https://a/b.js?c\",\"data\":{\"sourcemap\":1}}")},
    {__LINE__, FRAMES("java", "{\"module\":\"a.$$Lambda$" NUMBER
                              "\",\"function\":\"lambda$a$0\"}")},
    {__LINE__,
     FRAMES("csharp", "{\"module\":\"A\",\"function\":\"<M>b__" NUMBER "_1\"}")},
    {__LINE__, FRAMES("native", "{\"function\":\"a::b<c<d>>(e)\",\"package\":\"/a/b\"}")},
    {__LINE__, FRAMES("go", "{\"function\":\"a.func" NUMBER "\",\"module\":\"b\"}")},
    {__LINE__,
     "{\"platform\":\"native\",\"stacktrace\":{\"frames\":[{\"function\":\"" MANY(
         "<({`'lambda_ operator") "\"}]}}"},
    {__LINE__, "{\"platform\":\"csharp\",\"stacktrace\":{\"frames\":[{\"module\":\"" MANY(
                   "b__1|") "\"}]}}"},
    {__LINE__, "{\"platform\":\"java\",\"stacktrace\":{\"frames\":[{\"module\":\"" MANY(
                   "$Proxy1Accessor") "\"}]}}"},
    {__LINE__, "{\"platform\":\"node\",\"stacktrace\":{\"frames\":[{\"filename\":\"" MANY(
                   "1.1.v1.x-/node_modules") "\",\"module\":\"" MANY("a/1.2.") "\"}]}}"},
    {__LINE__,
     "{\"platform\":\"go\",\"modules\":{\"" MANY(
         "a/") "b\":\"v1\"},\"stacktrace\":"
               "{\"frames\":[{\"module\":\"" MANY("a/") "c\",\"function\":\"f\"}]}}"},
    {__LINE__, LONG("@")},
    {__LINE__, LONG("a@")},
    {__LINE__, LONG("a.")},
    {__LINE__, LONG("1.")},
    {__LINE__, LONG("1:")},
    {__LINE__, LONG("=' =\\\"")},
    {__LINE__, LONG("://")},
    {__LINE__, LONG("http://a")},
    {__LINE__, LONG("deadbeef")},
    {__LINE__, LONG("0123456789")},
    {__LINE__, LONG("\\n")},
    {__LINE__, LONG("\\u0000")},
    {__LINE__, LONG("\\\\")},
    {__LINE__, LONG("%")},
    {__LINE__, LONG("\xc3\xa9")},
    {__LINE__, "{\"message\":\"m\",\"timestamp\":1" MANY("0") "}"},
    {__LINE__, "{\"message\":\"m\",\"timestamp\":\"2" MANY("0") "\"}"},
    {__LINE__, "{\"message\":\"m\",\"level\":\"" MANY(" ") "error\"}"},
    {__LINE__, "{\"csp\":{\"effective_directive\":\"img-src\",\"blocked_uri\":\"" MANY(
                   "a") "\",\"violated_directive\":\"img-src " MANY("a b ") "\"}}"},
    {__LINE__, "{\"message\":" MANY("[") "]}"},
    {__LINE__, "{\"message\":\"m\"" MANY(" ,") "}"},
    {__LINE__, MANY(" ") "{"},
};

/* Appends a shape with so many repetitions. */
static void
build(const char *text, unsigned times, struct buf *out)
{
    while (*text != '\0') {
        const char *end = strchr(text, END[0]);

        if (*text != BEGIN[0] || end == NULL) {
            buf_add(out, text++, 1);
            continue;
        }
        for (unsigned i = 1; i <= times; i++)
            for (const char *p = text + 1; p < end; p++) {
                if (*p == NUMBER[0])
                    buf_add_f(out, "%u", i);
                else
                    buf_add_char(out, *p);
            }
        text = end + 1;
    }
}

/* The same number of digits for all: the size doubles exactly. */
#define TIMES 2000U
#define EVENT_US INT64_C(1700000000000000)

static struct rules *rules;

static uint64_t
parse(struct str text, bool sentry)
{
    struct grouping_settings grouping = {.rules = rules};
    struct event_sentry how = {.received_at_us = EVENT_US, .sent_at_us = EVENT_NO_TIME};
    struct arena *a = arena_new(64 * LIMIT_KIB, 64 * LIMIT_MIB);
    struct event ev;
    struct error e;

    budget_begin(0);
    if (sentry)
        (void)!grouping_parse_sentry(a, text, &how, &grouping, &ev, &e);
    else
        (void)!grouping_parse(a, text, EVENT_US, &grouping, &ev, &e);
    arena_free(a);
    return the_budget.spent;
}

static uint64_t
work_of(const char *shape, unsigned times, bool sentry, size_t *bytes)
{
    struct buf b = buf_init(64 * LIMIT_MIB);
    uint64_t spent;

    build(shape, times, &b);
    *bytes = b.n;
    spent = parse(unit_exact(buf_str(&b)), sentry);
    buf_release(&b);
    return spent;
}

/* Work on each byte of the input, at most; and what a short text may ask for besides:
 * 100 variables, each for a long message (template.h). */
#define WORK_PER_BYTE 150U
#define WORK_EXPANDED (24 * LIMIT_MIB)

static void
twice_the_event_is_twice_the_work(void)
{
    static const char text[] = "message:*a*b* tags.t1:x type:*T -> a\n"
                               "tags.t2:y function:*f?* -> b {{ message }}\n"
                               "value:*v*9 path:*node* tags.t3:x -> c\n";
    struct error e;

    UNIT_EQ(rules_parse(STR(text), &rules, &e), 0);
    for (size_t i = 0; i < COUNT_OF(shapes); i++)
        for (int sentry = 0; sentry < 2; sentry++) {
            size_t n1, n2;
            uint64_t once = work_of(shapes[i].text, TIMES, sentry == 1, &n1);
            uint64_t twice = work_of(shapes[i].text, 2 * TIMES, sentry == 1, &n2);

            UNIT_AT(shapes[i].line, twice * 10 <= once * 22);
            UNIT_AT(shapes[i].line, twice <= WORK_PER_BYTE * n2 + WORK_EXPANDED);
        }
    rules_free(rules);
    rules = NULL;
}

/* Of a stack only so many frames are looked at: below that, too, twice is twice. */
static void
twice_the_recoveries_are_twice_the_work(void)
{
    static const char shape[] =
        "{\"platform\":\"go\",\"exception\":[{\"type\":\"runtime.Error\",\"stacktrace\":{"
        "\"frames\":[{}" MANY(",{\"function\":\"a.Recover" NUMBER ".func1\"}") "]}}]}";
    size_t n;

    UNIT(work_of(shape, 1000, true, &n) * 10 <= work_of(shape, 500, true, &n) * 22);
}

static uint64_t
form_work(unsigned fields, const char *before, const char *behind)
{
    struct buf values = buf_init(0);
    struct minidump_form f;
    struct str event;
    struct error e;

    budget_begin(0);
    minidump_form_init(&f, unit_arena(), &values, LIMIT_MIB);
    for (unsigned i = 0; i < fields; i++) {
        struct buf text = buf_init(LIMIT_KIB);

        buf_add_f(&text, "%s%03x%s", before, i, behind);
        UNIT_EQ(minidump_form_field(&f, buf_str(&text), &e), 0);
        buf_add_text(&values, "v");
        buf_release(&text);
    }
    UNIT_EQ(minidump_form_event(&f, NULL, 0, &event, &e), 0);
    buf_release(&values);
    return the_budget.spent;
}

static void
twice_the_fields_of_a_form_are_twice_the_work(void)
{
    static const char *const names[][2] = {
        {"sentry[", "]"},    {"sentry[a][", "]"},
        {"sentry[", "][a]"}, {"sentry[a][b][c][", "][d][e]"},
        {"sentry___", ""},   {"field", ""},
        {"sentry__", ""}};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        UNIT(form_work(LIMIT_FORM_FIELDS, names[i][0], names[i][1]) * 10 <=
             form_work(LIMIT_FORM_FIELDS / 2, names[i][0], names[i][1]) * 22);
}

static int
count_one(void *context, struct str reason, struct str category, int64_t quantity,
          struct error *e)
{
    (void)reason;
    (void)category;
    (void)quantity;
    (void)e;
    ++*(size_t *)context;
    return 0;
}

static void
twice_the_report_is_twice_the_work(void)
{
    static const char shape[] = "{\"discarded_events\":[{}" MANY(
        ",{\"reason\":\"r\",\"category\":\"error\",\"quantity\":1}") "]}";
    uint64_t spent[2];

    for (unsigned i = 0; i < 2; i++) {
        struct buf b = buf_init(LIMIT_MIB);
        size_t count = 0;
        struct error e;

        build(shape, (i + 1) * 1000, &b);
        budget_begin(0);
        UNIT_EQ(reports_client(unit_arena(), buf_str(&b), count_one, &count, &e), 0);
        UNIT_EQ(count, 1000 * (size_t)(i + 1));
        spent[i] = the_budget.spent;
        buf_release(&b);
    }
    UNIT(spent[1] * 10 <= spent[0] * 22);
}

static int
take_header(void *context, const struct envelope_header *h, struct error *e)
{
    (void)context;
    (void)h;
    (void)e;
    return 0;
}

static int
take_item(void *context, const struct envelope_item *item, struct error *e)
{
    (void)context;
    (void)item;
    (void)e;
    return 0;
}

static int
take_part(void *context, const struct multipart_part *part, struct error *e)
{
    (void)context;
    (void)part;
    (void)e;
    return 0;
}

static int
take_bytes(void *context, const char *p, size_t n, struct error *e)
{
    (void)context;
    (void)p;
    (void)n;
    (void)e;
    return 0;
}

static int
take_end(void *context, struct error *e)
{
    (void)context;
    (void)e;
    return 0;
}

static int
take_fact(void *context, const struct release_health_fact *fact, struct error *e)
{
    (void)context;
    (void)fact;
    (void)e;
    return 0;
}

/* The other parsers: each reads all of a text, whatever comes of it. */
static void
read_envelope(struct arena *a, struct str text)
{
    const struct envelope_sink sink = {take_header, take_item, take_bytes, take_end,
                                       NULL};
    struct envelope v;
    struct error e;

    envelope_init(&v, a, &sink);
    for (size_t i = 0; i < text.n; i += 1000)
        if (envelope_feed(&v, text.p + i, text.n - i < 1000 ? text.n - i : 1000, &e) != 0)
            break;
    envelope_release(&v);
}

static void
read_form(struct arena *a, struct str text)
{
    const struct multipart_sink sink = {take_part, take_bytes, take_end, NULL};
    struct multipart m;
    struct error e;

    (void)a;
    UNIT_EQ(multipart_init(&m, STR("multipart/form-data; boundary=B"), &sink), 0);
    (void)!multipart_feed(&m, text.p, text.n, &e);
}

static void
read_messages(struct arena *a, struct str text)
{
    struct splitter s;
    struct str message;
    struct error e;

    (void)a;
    splitter_init(&s, LIMIT_MIB);
    for (size_t i = 0; i < text.n; i += 4096) {
        UNIT_EQ(splitter_add(&s, text.p + i, text.n - i < 4096 ? text.n - i : 4096), 0);
        while (splitter_next(&s, &message, &e) != SPLITTER_MORE)
            ;
    }
    splitter_release(&s);
}

static void
read_bulk(struct arena *a, struct str text)
{
    struct str *items;
    struct error e;
    size_t count;

    (void)!bulk_array(a, text, 10000, &items, &count, &e);
    (void)!bulk_lines(a, text, 10000, &items, &count, &e);
}

static void
drop_facts(void *context, int64_t count)
{
    (void)context;
    (void)count;
}

static void
read_sessions(struct arena *a, struct str text)
{
    const struct release_health_clock now = {EVENT_US, EVENT_NO_TIME};
    const struct release_health_sink sink = {take_fact, drop_facts, NULL};
    struct error e;

    (void)!release_health_read(a, text, true, &now, &sink, &e);
    (void)!release_health_read(a, text, false, &now, &sink, &e);
}

static void
read_report(struct arena *a, struct str text)
{
    const struct security_about about = {STR_NONE, STR_NONE, STR_NONE};
    struct str out[SECURITY_MAX];
    struct reports_user user;
    struct error e;
    size_t count;

    (void)!security_events(a, text, &about, out, &count, &e);
    (void)!reports_user(a, text, false, &user, &e);
    (void)!reports_user(a, text, true, &user, &e);
}

static void
read_check_in(struct arena *a, struct str text)
{
    struct checkin_texts t = {.slug = STR_NONE};
    struct checkin out;
    struct error e;

    if (checkin_texts(a, text, &t, &e) == 0)
        (void)!checkin_read(a, &t, &out, &e);
}

static void
read_auth(struct arena *a, struct str text)
{
    const struct authkey_sources from = {text, text, text};
    struct sentryauth sentry;
    struct error e;
    struct key k;

    (void)a;
    (void)!authkey_find(&from, &k, &e);
    (void)!sentryauth_find(&from, &sentry, &e);
}

static void
scrub(struct arena *a, struct str text)
{
    const struct scrub_rules own = {true, STR("mine,other"), STR("safe")};
    struct scrub *s = scrub_new(&own);
    struct scrub_result out;
    struct error e;

    UNIT(s != NULL && scrub_json(s, a, text, &out, &e) == 0);
    UNIT_EQ(scrub_text(s, a, text, &out, &e), 0);
    scrub_free(s);
}

static const struct {
    int line;
    void (*read)(struct arena *a, struct str text);
    const char *text;
} others[] = {
    {__LINE__, read_envelope, "{}\n" MANY("{\"type\":\"event\",\"length\":2}\n{}\n")},
    {__LINE__, read_envelope, "{}\n" MANY("{\"type\":\"a\"}\nline\n")},
    {__LINE__, read_envelope, MANY("\n")},
    {__LINE__, read_envelope, "{\"a\":\"" MANY("\\\"")},
    {__LINE__, read_check_in, "{\"status\":\"ok\",\"monitor_slug\":\"" MANY("a ") "\"}"},
    {__LINE__, read_check_in,
     "{\"status\":\"ok\",\"monitor_slug\":\"a\",\"monitor_config\":{\"schedule\":{"
     "\"type\":"
     "\"crontab\",\"value\":\"* * * * " MANY("1,") "2\"}}}"},
    {__LINE__, read_check_in,
     "{\"monitor_config\":{" MANY("\"schedule\":{},") "\"a\":1}}"},
    {__LINE__, read_form, "--B\r\n" MANY("A: b\r\n") "\r\n"},
    {__LINE__, read_form, "--B\r\n\r\n" MANY("\r\n--A") "\r\n--B--"},
    {__LINE__, read_form, "--B" MANY("\r\n\r\nx\r\n--B")},
    {__LINE__, read_messages, MANY("{}\n")},
    {__LINE__, read_messages, MANY("[\n") "x"},
    {__LINE__, read_messages, MANY("{\"a\":\n[") "]"},
    {__LINE__, read_messages, MANY("\n{") "}"},
    {__LINE__, read_messages, "{\"a\":\"" MANY("\\n") "\"}"},
    {__LINE__, read_bulk, "[0" MANY(",{\"a\":[]}") "]"},
    {__LINE__, read_bulk, MANY("{}\n")},
    {__LINE__, read_bulk, MANY("\n")},
    {__LINE__, read_sessions,
     "{\"attrs\":{\"release\":\"r\"" MANY(",\"a" NUMBER "\":1") "},\"aggregates\":[{}]}"},
    {__LINE__, read_report, "[{}" MANY(",{\"type\":\"csp-violation\",\"body\":{}}") "]"},
    {__LINE__, read_report, "{\"csp-report\":{\"a\":1" MANY(",\"b\":\"c\"") "}}"},
    {__LINE__, read_report, "{\"event_id\":\"x\",\"comments\":\"" MANY("ab ") "\"}"},
    {__LINE__, read_auth, "Sentry a=b" MANY(", sentry_key=a")},
    {__LINE__, read_auth, "a=b" MANY("&sentry_key=%41")},
    {__LINE__, read_auth, MANY(" ,")},
    {__LINE__, scrub, "{\"a\":\"" MANY("a://b:c@d ") "\"}"},
    {__LINE__, scrub, "{\"a\":\"" MANY("password=") "\"}"},
    {__LINE__, scrub, "{\"a\":\"" MANY("4111 ") "\"}"},
    {__LINE__, scrub, "{\"a\":\"" MANY("{\\\"b\\\":") "\"}"},
    {__LINE__, scrub, "{\"a\":\"" MANY("-----BEGIN PRIVATE KEY") "\"}"},
    {__LINE__, scrub, "{\"password\":{\"a\":1" MANY(",\"p" NUMBER "\":[]") "}}"},
    {__LINE__, scrub, "{\"a\":[0" MANY(",[\"token\",\"x\"]") "]}"},
    {__LINE__, scrub, "{\"a\":\"" MANY("\\u0070") "\"}"},
};

static uint64_t
work_of_other(size_t i, unsigned times)
{
    struct arena *a = arena_new(64 * LIMIT_KIB, 64 * LIMIT_MIB);
    struct buf b = buf_init(64 * LIMIT_MIB);

    build(others[i].text, times, &b);
    budget_begin(0);
    others[i].read(a, unit_exact(buf_str(&b)));
    buf_release(&b);
    arena_free(a);
    return the_budget.spent;
}

static void
twice_of_anything_else_is_twice_the_work(void)
{
    for (size_t i = 0; i < COUNT_OF(others); i++)
        UNIT_AT(others[i].line,
                work_of_other(i, 2 * TIMES) * 10 <= work_of_other(i, TIMES) * 22 + 10000);
}

static void
past_the_limit_walks_end_and_the_request_is_refused(void)
{
    struct error e;

    budget_begin(1);
    budget_doing("counting sheep");
    UNIT(budget_left() && budget_check(&e) == 0);
    for (unsigned i = 0; i < 1000000 && budget_left(); i++)
        budget_spend(BUDGET_LOOK_BYTES);
    UNIT(!budget_left());
    UNIT(budget_check(&e) == -1 && e.kind == ERROR_COSTLY);
    UNIT_STR(str_of(e.text),
             "took too long: more than 1 ms of processor time, counting sheep");
    budget_begin(0);
    budget_spend(100 * BUDGET_LOOK_BYTES);
    UNIT(budget_left() && budget_check(&e) == 0);
}

static const struct unit_test tests[] = {
    {"twice_the_event_is_twice_the_work", twice_the_event_is_twice_the_work},
    {"twice_the_recoveries_are_twice_the_work", twice_the_recoveries_are_twice_the_work},
    {"twice_the_fields_of_a_form_are_twice_the_work",
     twice_the_fields_of_a_form_are_twice_the_work},
    {"twice_the_report_is_twice_the_work", twice_the_report_is_twice_the_work},
    {"twice_of_anything_else_is_twice_the_work",
     twice_of_anything_else_is_twice_the_work},
    {"past_the_limit_walks_end_and_the_request_is_refused",
     past_the_limit_walks_end_and_the_request_is_refused},
};

const struct unit_suite suite_budget = {"budget", tests, COUNT_OF(tests)};
