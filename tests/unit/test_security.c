#include "base/buf.h"
#include "event/security.h"
#include "unit.h"

static const struct {
    int line;
    enum security_kind kind;
    const char *report, *title, *culprit;
} rows[] = {
    {__LINE__, SECURITY_CSP,
     "{\"effective-directive\":\"script-src\",\"blocked-uri\":\"https://e.x/a?b\"}",
     "Blocked 'script' from 'e.x'", "script-src"},
    {__LINE__, SECURITY_CSP,
     "{\"effective-directive\":\"img-src\",\"violated-directive\":\"img-src "
     "'self'\",\"blocked-uri\":\"data\"}",
     "Blocked 'image' from 'data'", "img-src 'self'"},
    {__LINE__, SECURITY_CSP,
     "{\"effectiveDirective\":\"script-src-elem\",\"blockedURL\":\"http://e.x:8/p\"}",
     "Blocked 'script' from 'e.x:8'", "script-src-elem"},
    {__LINE__, SECURITY_CSP,
     "{\"effective_directive\":\"font-src\",\"blocked_uri\":\"http://e.x\"}",
     "Blocked 'font' from 'e.x'", "font-src"},
    {__LINE__, SECURITY_CSP,
     "{\"violated-directive\":\"style-src 'self'\",\"blocked-uri\":\"inline\"}",
     "Blocked unsafe inline 'style'", "style-src 'self'"},
    {__LINE__, SECURITY_CSP,
     "{\"effective-directive\":\"script-src\",\"blocked-uri\":\"eval\"}",
     "Blocked unsafe (eval() or inline) 'script'", "script-src"},
    {__LINE__, SECURITY_CSP, "{\"effective-directive\":\"form-action\"}",
     "Blocked inline 'form'", "form-action"},
    {__LINE__, SECURITY_CSP, "{}", "Blocked inline 'resource'", NULL},
    {__LINE__, SECURITY_EXPECT_CT, "{\"hostname\":\"h\"}", "Expect-CT failed for 'h'",
     "h"},
    {__LINE__, SECURITY_EXPECT_STAPLE, "{}", "Expect-Staple failed for '?'", NULL},
    {__LINE__, SECURITY_HPKP, "{\"hostname\":\"h\"}",
     "Public key pinning validation failed for 'h'", "h"},
};

static void
reports_have_titles(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct security_text text;
        struct error e;

        UNIT_EQ_AT(rows[i].line,
                   security_title(unit_arena(), rows[i].kind,
                                  unit_exact(str_of(rows[i].report)), &text, &e),
                   0);
        UNIT_STR_AT(rows[i].line, text.title, rows[i].title);
        UNIT_STR_AT(rows[i].line, text.culprit, rows[i].culprit);
    }
}

static const struct {
    int line;
    const char *effective, *violated, *uri, *title;
} csp[] = {
    {__LINE__, "style-src", "", "self", "Blocked inline 'style'"},
    {__LINE__, "style-src-attr", "", "'self'", "Blocked inline 'style'"},
    {__LINE__, "img-src", "", "", "Blocked inline 'image'"},
    {__LINE__, "script-src-elem", "script-src x", "self",
     "Blocked unsafe (eval() or inline) 'script'"},
    {__LINE__, "script-src", "script-src 'unsafe-inline'", "",
     "Blocked unsafe inline 'script'"},
    {__LINE__, "script-src", "script-src 'unsafe-eval'", "",
     "Blocked unsafe eval() 'script'"},
    {__LINE__, "style-src", "", "selfish", "Blocked 'style' from 'selfish'"},
    {__LINE__, "img-src", "", "https://h:8?token=1", "Blocked 'image' from 'h:8'"},
    {__LINE__, "img-src", "", "https://h#token", "Blocked 'image' from 'h'"},
    {__LINE__, "img-src", "", "https://u:p@h/?a", "Blocked 'image' from 'h'"},
    {__LINE__, "img-src", "", "data:image/png;base64,AAAA",
     "Blocked 'image' from 'data'"},
    {__LINE__, "img-src", "", "h.x:80", "Blocked 'image' from 'h.x:80'"},
};

static void
words_of_a_browser_are_those_of_sentry(void)
{
    for (size_t i = 0; i < COUNT_OF(csp); i++) {
        struct buf b = buf_init(1000);
        struct security_text text;
        struct error e;

        buf_add_f(&b,
                  "{\"effective-directive\":\"%s\",\"violated-directive\":\"%s\","
                  "\"blocked-uri\":\"%s\"}",
                  csp[i].effective, csp[i].violated, csp[i].uri);
        UNIT_EQ(security_title(unit_arena(), SECURITY_CSP, buf_str(&b), &text, &e), 0);
        UNIT_STR_AT(csp[i].line, text.title, csp[i].title);
        buf_release(&b);
    }
}

/* Its words have changed, what such reports are grouped by has not. */
static void
reports_are_grouped_as_before(void)
{
    static const char *const uris[][2] = {{"self", "Blocked 'style' from 'self'"},
                                          {"", "Blocked 'style' from 'self'"},
                                          {"inline", "Blocked unsafe inline 'style'"},
                                          {"eval", "Blocked unsafe eval() 'style'"},
                                          {"https://h/x", "Blocked 'style' from 'h'"}};

    for (size_t i = 0; i < COUNT_OF(uris); i++) {
        struct buf b = buf_init(1000);
        struct security_text text;
        struct error e;

        buf_add_f(&b, "{\"effective-directive\":\"style-src\",\"blocked-uri\":\"%s\"}",
                  uris[i][0]);
        UNIT_EQ(security_title(unit_arena(), SECURITY_CSP, buf_str(&b), &text, &e), 0);
        UNIT_STR(text.grouped, uris[i][1]);
        buf_release(&b);
    }
}

static void
bodies_become_events(void)
{
    static const struct {
        int line;
        const char *body;
        size_t count;
    } bodies[] = {
        {__LINE__, "{\"csp-report\":{}}", 1},
        {__LINE__, "{\"expect-ct-report\":{}}", 1},
        {__LINE__, "{\"expect-staple-report\":{}}", 1},
        {__LINE__, "{\"known-pins\":[],\"hostname\":\"h\"}", 1},
        {__LINE__, "[{\"type\":\"csp-violation\",\"body\":{}},{\"type\":\"nel\"}]", 1},
        {__LINE__, "{\"csp-report\":7}", 0},
        {__LINE__, "{}", 0},
        {__LINE__, "[]", 0},
        {__LINE__, "7", 0},
        {__LINE__, "x", 0},
    };
    const struct security_about about = {STR("r@1"), STR_NONE, STR("UA")};
    struct str out[SECURITY_MAX];
    size_t count;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        int rc = security_events(unit_arena(), str_of(bodies[i].body), &about, out,
                                 &count, &e);

        UNIT_EQ_AT(bodies[i].line, rc, (bodies[i].count > 0 ? 0 : -1));
        UNIT_AT(bodies[i].line,
                rc == 0 ? count == bodies[i].count : e.kind == ERROR_MALFORMED);
    }
    UNIT_EQ(security_events(unit_arena(), STR("{\"csp-report\":{\"a\":1}}"), &about, out,
                            &count, &e),
            0);
    UNIT_STR(out[0], "{\"type\":\"csp\",\"logger\":\"csp\",\"release\":\"r@1\","
                     "\"request\":{\"headers\":{\"User-Agent\":\"UA\"}},"
                     "\"csp\":{\"a\":1}}");
}

static void
a_list_is_read_up_to_its_limit(void)
{
    struct buf b = buf_init(100000);
    struct str out[SECURITY_MAX];
    size_t count;
    struct error e;

    buf_add_char(&b, '[');
    for (unsigned i = 0; i < SECURITY_MAX + 3; i++)
        buf_add_text(&b, i == 0 ? "{\"type\":\"csp-violation\",\"body\":{}}"
                                : ",{\"type\":\"csp-violation\",\"body\":{}}");
    buf_add_char(&b, ']');
    UNIT(security_events(unit_arena(), buf_str(&b),
                         &(struct security_about){STR_NONE, STR_NONE, STR_NONE}, out,
                         &count, &e) == 0 &&
         count == SECURITY_MAX);
    buf_release(&b);
}

static const struct unit_test tests[] = {
    {"words_of_a_browser_are_those_of_sentry", words_of_a_browser_are_those_of_sentry},
    {"reports_are_grouped_as_before", reports_are_grouped_as_before},
    {"reports_have_titles", reports_have_titles},
    {"bodies_become_events", bodies_become_events},
    {"a_list_is_read_up_to_its_limit", a_list_is_read_up_to_its_limit},
};

const struct unit_suite suite_security = {"security", tests, COUNT_OF(tests)};
