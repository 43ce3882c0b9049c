#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "json/scan.h"
#include "scrub/scrub.h"
#include "unit.h"

struct row {
    int line;
    const char *text, *wanted; /* NULL: as it is */
};

#define F "\"[Filtered]\""

static struct scrub *
made(bool addresses, const char *own, const char *safe)
{
    const struct scrub_rules rules = {addresses, str_of(own), str_of(safe)};
    struct scrub *s = scrub_new(&rules);

    UNIT(s != NULL);
    return s;
}

static void
becomes(struct scrub *s, const struct row *row)
{
    struct str text = unit_exact(str_of(row->text)), value;
    struct scrub_result out, again;
    struct error e;

    UNIT_EQ_AT(row->line, scrub_json(s, unit_arena(), text, &out, &e), 0);
    if (!str_eq(out.text, str_of(row->wanted == NULL ? row->text : row->wanted)))
        (void)printf("line %d: %.*s\n", row->line, (int)out.text.n, out.text.p);
    UNIT_AT(row->line,
            str_eq(out.text, str_of(row->wanted == NULL ? row->text : row->wanted)));
    UNIT_EQ_AT(row->line, (out.removed > 0), (row->wanted != NULL));
    UNIT_AT(row->line, row->wanted != NULL || out.text.p == text.p);
    UNIT_EQ_AT(row->line, scan_value(out.text, LIMIT_JSON_DEPTH, &value, &e), 0);
    text = unit_exact(out.text);
    UNIT_EQ_AT(row->line, scrub_json(s, unit_arena(), text, &again, &e), 0);
    UNIT_AT(row->line, again.removed == 0 && again.text.p == text.p);
}

static void
check(const struct row *rows, size_t count, struct scrub *s)
{
    for (size_t i = 0; i < count; i++)
        becomes(s, &rows[i]);
    scrub_free(s);
}

static void
values_of_every_type_go(void)
{
    static const struct row rows[] = {
        {__LINE__, "{\"password\":\"x\"}", "{\"password\":" F "}"},
        {__LINE__, "{\"password\" : 12.5e3 , \"a\":1}",
         "{\"password\" : " F " , \"a\":1}"},
        {__LINE__, "{\"auth\":{\"a\":[1,{\"}\":\"]\"}]},\"b\":2}",
         "{\"auth\":" F ",\"b\":2}"},
        {__LINE__, "{\"a\":{\"token\":[1,2]}}", "{\"a\":{\"token\":" F "}}"},
        {__LINE__, "{\"\\u0070assword\":\"x\"}", "{\"\\u0070assword\":" F "}"},
        {__LINE__, "{\"password\":\"a\",\"password\":\"b\"}",
         "{\"password\":" F ",\"password\":" F "}"},
        {__LINE__, "[[{\"secret\":\"\\\"\"}]]", "[[{\"secret\":" F "}]]"},
        /* what says nothing stays */
        {__LINE__, "{\"password\":null,\"secret\":true,\"auth\":false}", NULL},
        {__LINE__, "{\"password\":\"\",\"secret\":{},\"auth\":[ ],\"token\":\"***\"}",
         NULL},
        {__LINE__, "{\"password\":" F ",\"secret\":\"None\",\"a\":\"password\"}", NULL},
        {__LINE__, "{\"max_tokens\":512,\"author\":\"jane\"}", NULL},
        {__LINE__, "{\"tokens\":\"512\"}", "{\"tokens\":" F "}"},
        {__LINE__, "5", NULL},
        {__LINE__, " \"x\" ", NULL},
        {__LINE__, "{\"a\":{\"b\":[{},[],\"\",0,-1,1e5,true,false,null]}}", NULL},
    };

    check(rows, COUNT_OF(rows), made(false, "", ""));
}

static void
pairs_go(void)
{
    static const struct row rows[] = {
        {__LINE__, "[[\"Authorization\",\"x\"],[\"Host\",\"y\"]]",
         "[[\"Authorization\"," F "],[\"Host\",\"y\"]]"},
        {__LINE__, "[[\"auth\",[\"x\",\"y\"]]]", "[[\"auth\"," F "]]"},
        {__LINE__, "[ \"token\" , 5 ]", "[ \"token\" , " F " ]"},
        {__LINE__, "[\"token\",\"x\",\"y\"]", NULL},
        {__LINE__, "[\"t\\u006fken\",\"x\"]", "[\"t\\u006fken\"," F "]"},
        {__LINE__, "[\"http://h/token\",\"x\"]", NULL},
        {__LINE__, "[\"token\"]", NULL},
        {__LINE__, "[\"a\",\"token\",\"x\"]", NULL},
        {__LINE__, "{\"name\":\"password\",\"value\":\"x\"}",
         "{\"name\":\"password\",\"value\":" F "}"},
        {__LINE__, "{\"key\":\"Api-Key\",\"a\":1,\"value\":{\"b\":1}}",
         "{\"key\":\"Api-Key\",\"a\":1,\"value\":" F "}"},
        {__LINE__, "{\"name\":\"color\",\"value\":\"x\"}", NULL},
        {__LINE__, "[\"run\",\"--password\",\"x\",\"--verbose\"]",
         "[\"run\",\"--password\"," F ",\"--verbose\"]"},
        {__LINE__, "[\"run\",\"--password=x\",\"y\"]",
         "[\"run\",\"--password=[Filtered]\",\"y\"]"},
    };

    check(rows, COUNT_OF(rows), made(false, "", ""));
}

static void
cookies_go_and_their_names_stay(void)
{
    static const struct row rows[] = {
        {__LINE__, "{\"Cookie\":\"a=b; c=d\"}",
         "{\"Cookie\":\"a=[Filtered]; c=[Filtered]\"}"},
        {__LINE__, "{\"cookies\":\"abc\"}", "{\"cookies\":" F "}"},
        {__LINE__, "{\"cookies\":{\"a\":\"b\",\"n\":1,\"t\":true}}",
         "{\"cookies\":{\"a\":" F ",\"n\":" F ",\"t\":true}}"},
        {__LINE__, "{\"cookies\":[[\"a\",\"b\"],[\"c\",\"d\"]]}",
         "{\"cookies\":[[\"a\"," F "],[\"c\"," F "]]}"},
        {__LINE__, "{\"cookies\":[\"a=b\"],\"x\":\"a=b\"}",
         "{\"cookies\":[\"a=[Filtered]\"],\"x\":\"a=b\"}"},
        {__LINE__, "[\"Set-Cookie\",\"a=b; Path\"]", "[\"Set-Cookie\"," F "]"},
    };

    check(rows, COUNT_OF(rows), made(false, "", ""));
}

static void
strings_are_scanned_decoded(void)
{
    static const struct row rows[] = {
        {__LINE__, "{\"m\":\"password=x\"}", "{\"m\":\"password=[Filtered]\"}"},
        {__LINE__, "{\"m\":\"pass\\u0077ord=x\\ny\"}",
         "{\"m\":\"password=[Filtered]\\ny\"}"},
        {__LINE__, "{\"m\":\"\\u00344111111111111111\"}", NULL},
        {__LINE__, "{\"m\":\"\\u0034111111111111111\"}", "{\"m\":" F "}"},
        {__LINE__, "{\"data\":\"{\\\"password\\\": \\\"x\\\"}\"}",
         "{\"data\":\"{\\\"password\\\": \\\"[Filtered]\\\"}\"}"},
        {__LINE__, "{\"n\":4111111111111111,\"m\":4111111111111112}",
         "{\"n\":" F ",\"m\":4111111111111112}"},
        {__LINE__, "{\"4111111111111111\":1}", "{\"[Filtered]\":1}"},
        {__LINE__, "{\"\\u0034111111111111111\":{\"a\":1}}",
         "{\"[Filtered]\":{\"a\":1}}"},
        {__LINE__, "{\"a=1&password=x\":\"\"}", "{\"a=1&password=[Filtered]\":\"\"}"},
        {__LINE__, "{\"m\":\"\\ud800 \\u0000 \\\\ \\\" \\t\"}", NULL},
        {__LINE__,
         "{\"pem\":[\"a\",\"-----BEGIN PRIVATE KEY-----\",\"MII\",\"E=\","
         "\"-----END PRIVATE KEY-----\",\"b\"]}",
         "{\"pem\":[\"a\",\"-----BEGIN PRIVATE KEY-----\"," F "," F ","
         "\"-----END PRIVATE KEY-----\",\"b\"]}"},
        {__LINE__, "{\"message\":\"password=%s\",\"params\":[\"x\"]}",
         "{\"message\":\"password=%s\",\"params\":" F "}"},
        {__LINE__, "{\"message\":\"user=%s\",\"params\":[\"x\"]}", NULL},
    };

    check(rows, COUNT_OF(rows), made(false, "", ""));
}

static void
what_events_are_grouped_by_stays(void)
{
    static const struct row rows[] = {
        {__LINE__,
         "{\"event_id\":\"41111111111141118111111111111111\",\"timestamp\":"
         "1700000000.123456,\"release\":\"auth:token:1\",\"modules\":{\"google-"
         "auth\":\"2.3\",\"pyjwt\":\"1\"},\"contexts\":{\"trace\":{\"trace_id\":"
         "\"4111111111111111411111111111111a\",\"span_id\":"
         "\"411111111111111a\"}}}",
         NULL},
        {__LINE__,
         "{\"function\":\"-[A setPassword:token:x]\",\"module\":\"a.auth.tokens\","
         "\"filename\":\"auth/token.py\",\"abs_path\":\"/srv/auth/token.py\","
         "\"lineno\":41,\"in_app\":true,\"context_line\":\"  token = f(x)\"}",
         NULL},
        {__LINE__,
         "{\"_meta\":{\"request\":{\"headers\":{\"Cookie\":{\"\":{\"rem\":[[\"!config\","
         "\"x\",0,"
         "221]]}},\"Authorization\":{\"\":{\"len\":5}}}}}}",
         NULL},
        {__LINE__,
         "{\"package\":\"A.B, Version=4.0.0.0, PublicKeyToken=7cec85d7bea7798e\"}", NULL},
        {__LINE__, "{\"type\":\"AuthenticationError\",\"value\":\"no token\"}", NULL},
        {__LINE__,
         "{\"debug_meta\":{\"images\":[{\"image_addr\":\"0x4111111111111111\"}]}}", NULL},
    };

    check(rows, COUNT_OF(rows), made(true, "", ""));
}

static void
a_project_decides(void)
{
    static const struct row own[] = {
        {__LINE__, "{\"my_sekret\":1,\"x\":\"sekret=a\"}",
         "{\"my_sekret\":" F ",\"x\":\"sekret=[Filtered]\"}"},
        {__LINE__, "{\"password\":\"x\"}", "{\"password\":" F "}"},
    };

    static const struct row safe[] = {
        {__LINE__,
         "{\"Auth_Mode\":{\"password\":\"x\"},\"AUTH_MODE\":\"4111111111111111\"}", NULL},
        {__LINE__, "{\"auth_modes\":\"x\"}", "{\"auth_modes\":" F "}"},
        {__LINE__, "[[\"auth_mode\",\"x\"],[\"auth\",\"x\"]]",
         "[[\"auth_mode\",\"x\"],[\"auth\"," F "]]"},
    };

    static const struct row address[] = {
        {__LINE__, "{\"user\":{\"ip_address\":\"{{auto}}\",\"id\":\"1\"}}",
         "{\"user\":{\"ip_address\":" F ",\"id\":\"1\"}}"},
        {__LINE__, "{\"env\":{\"REMOTE_ADDR\":\"::1\"},\"m\":\"from 10.0.0.1\"}",
         "{\"env\":{\"REMOTE_ADDR\":" F "},\"m\":\"from [Filtered]\"}"},
        {__LINE__, "{\"User-Agent\":\"Chrome/100.0.48.1\",\"function\":\"a::b\"}", NULL},
    };

    check(own, COUNT_OF(own), made(false, "sekret", ""));
    check(safe, COUNT_OF(safe), made(false, "", "x,auth_mode"));
    check(address, COUNT_OF(address), made(true, "", ""));
    for (size_t i = 0; i < 2; i++) {
        struct scrub *s = made(false, "", "");
        struct row row = {address[i].line, address[i].text, NULL};

        becomes(s, &row);
        UNIT(!scrub_hides_addresses(s));
        scrub_free(s);
    }
}

static void
it_is_said_where_something_was(void)
{
    static const char text[] =
        "{\"request\":{\"headers\":{\"Authorization\":\"x\"}},\"exception\":{\"values\":["
        "{},"
        "{\"vars\":{\"p\\u0061ssword\":\"a\",\"m\":\"pwd=1 pwd=2\"}}]},"
        "\"4111111111111111\":{\"token\":\"y\"}}";
    static const char *const paths[] = {
        "request.headers.Authorization", "exception.values.1.vars.password",
        "exception.values.1.vars.m", "[Filtered]", "[Filtered].token"};
    struct scrub *s = made(false, "", "");
    struct scrub_result out;
    struct str errors = STR_NONE;
    struct error e;

    UNIT_EQ(scrub_json(s, unit_arena(), STR(text), &out, &e), 0);
    UNIT(out.removed == COUNT_OF(paths) && out.paths == COUNT_OF(paths));
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        UNIT_STR(out.path[i], paths[i]);
    out.paths = 1;
    out.removed = 3;
    UNIT_EQ(scrub_notes(unit_arena(), &out, &errors, &e), 0);
    UNIT_STR(errors, "[{\"type\":\"scrubbed\",\"name\":\"request.headers."
                     "Authorization\"},{\"type\":\"scrubbed\",\"name\":\"...\","
                     "\"value\":\"2\"}]");
    errors = STR("[{\"type\":\"x\"}]");
    out.removed = 1;
    UNIT_EQ(scrub_notes(unit_arena(), &out, &errors, &e), 0);
    UNIT_STR(errors, "[{\"type\":\"x\"},{\"type\":\"scrubbed\",\"name\":\"request."
                     "headers.Authorization\"}]");
    out = (struct scrub_result){.removed = 0};
    errors = STR_NONE;
    UNIT(scrub_notes(unit_arena(), &out, &errors, &e) == 0 && errors.p == NULL);
    scrub_free(s);
}

static void
paths_have_a_limit(void)
{
    struct scrub *s = made(false, "", "");

    for (size_t n = LIMIT_SCRUB_PATHS - 1; n <= LIMIT_SCRUB_PATHS + 1; n++) {
        struct buf b = buf_init(LIMIT_MIB);
        struct scrub_result out;
        struct error e;

        for (size_t i = 0; i < n; i++)
            buf_add_f(&b, "%s\"token%zu\":\"x\"", i == 0 ? "{" : ",", i);
        buf_add_char(&b, '}');
        UNIT_EQ(scrub_json(s, unit_arena(), buf_str(&b), &out, &e), 0);
        UNIT_EQ(out.removed, n);
        UNIT_EQ(out.paths, (n < LIMIT_SCRUB_PATHS ? n : LIMIT_SCRUB_PATHS));
        buf_release(&b);
    }
    scrub_free(s);
}

static void
texts_are_scrubbed_too(void)
{
    struct scrub *s = made(false, "", "");
    struct scrub_result out;
    struct error e;

    UNIT_EQ(scrub_text(s, unit_arena(), STR("pwd=x"), &out, &e), 0);
    UNIT(unit_is(out.text, "pwd=[Filtered]") && out.removed == 1 && out.paths == 0);
    UNIT_EQ(scrub_text(s, unit_arena(), STR("abc"), &out, &e), 0);
    UNIT(unit_is(out.text, "abc") && out.removed == 0);
    UNIT(scrub_text(s, unit_arena(), STR_NONE, &out, &e) == 0 && out.text.p == NULL);
    UNIT(scrub_json(s, unit_arena(), STR(""), &out, &e) == 0 && out.text.n == 0);
    scrub_free(s);
}

/* What is no JSON is refused elsewhere; here it only must not lead anybody astray. */
static void
bad_texts_do_no_harm(void)
{
    static const char text[] = "{\"a\\u00\":[1,{\"password\":\"x\\\"\",\"b\":\"\\u0041\\",
                      not_closed[] = "{\"password\":{\"a\":[\"b\"";
    struct scrub *s = made(true, "", "");
    struct scrub_result out;
    struct error e;

    for (size_t n = 0; n < sizeof text; n++)
        UNIT_EQ(scrub_json(s, unit_arena(), unit_exact((struct str){text, n}), &out, &e),
                0);
    for (size_t n = 0; n < sizeof not_closed; n++)
        UNIT_EQ(scrub_json(s, unit_arena(), unit_exact((struct str){not_closed, n}), &out,
                           &e),
                0);
    UNIT_EQ(scrub_json(s, unit_arena(), STR("]}]}\":,{{\"a\" \"b\"}}"), &out, &e), 0);
    scrub_free(s);
}

static void
without_memory_it_says_so(void)
{
    struct arena *a = arena_new(64, 64);
    struct scrub *s = made(false, "", "");
    struct buf b = buf_init(LIMIT_MIB);
    struct scrub_result out;
    struct error e;

    UNIT(a != NULL);
    buf_add_text(&b, "{\"password\":\"x\",\"a\":\"");
    while (b.n < 200)
        buf_add_char(&b, 'a');
    buf_add_text(&b, "\"}");
    UNIT(scrub_json(s, a, buf_str(&b), &out, &e) == -1 && e.kind == ERROR_UNAVAILABLE);
    UNIT(scrub_text(s, a, buf_str(&b), &out, &e) == -1 && e.kind == ERROR_UNAVAILABLE);
    buf_release(&b);
    scrub_free(s);
    arena_free(a);
    scrub_free(NULL);
}

static const struct unit_test tests[] = {
    {"values_of_every_type_go", values_of_every_type_go},
    {"pairs_go", pairs_go},
    {"cookies_go_and_their_names_stay", cookies_go_and_their_names_stay},
    {"strings_are_scanned_decoded", strings_are_scanned_decoded},
    {"what_events_are_grouped_by_stays", what_events_are_grouped_by_stays},
    {"a_project_decides", a_project_decides},
    {"it_is_said_where_something_was", it_is_said_where_something_was},
    {"paths_have_a_limit", paths_have_a_limit},
    {"texts_are_scrubbed_too", texts_are_scrubbed_too},
    {"bad_texts_do_no_harm", bad_texts_do_no_harm},
    {"without_memory_it_says_so", without_memory_it_says_so},
};

const struct unit_suite suite_scrub = {"scrub", tests, COUNT_OF(tests)};
