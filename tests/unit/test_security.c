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
     "Blocked unsafe eval() 'script'", "script-src"},
    {__LINE__, SECURITY_CSP, "{\"effective-directive\":\"form-action\"}",
     "Blocked 'form' from 'self'", "form-action"},
    {__LINE__, SECURITY_CSP, "{}", "Blocked 'resource' from 'self'", NULL},
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
        struct str title, culprit;
        struct error e;

        UNIT_AT(rows[i].line, security_title(unit_arena(), rows[i].kind,
                                             unit_exact(str_of(rows[i].report)), &title,
                                             &culprit, &e) == 0);
        UNIT_AT(rows[i].line, unit_is(title, rows[i].title));
        UNIT_AT(rows[i].line, unit_is(culprit, rows[i].culprit));
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

        UNIT_AT(bodies[i].line, rc == (bodies[i].count > 0 ? 0 : -1));
        UNIT_AT(bodies[i].line,
                rc == 0 ? count == bodies[i].count : e.kind == ERROR_MALFORMED);
    }
    UNIT(security_events(unit_arena(), STR("{\"csp-report\":{\"a\":1}}"), &about, out,
                         &count, &e) == 0);
    UNIT(unit_is(out[0], "{\"type\":\"csp\",\"logger\":\"csp\",\"release\":\"r@1\","
                         "\"request\":{\"headers\":{\"User-Agent\":\"UA\"}},"
                         "\"csp\":{\"a\":1}}"));
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
    {"reports_have_titles", reports_have_titles},
    {"bodies_become_events", bodies_become_events},
    {"a_list_is_read_up_to_its_limit", a_list_is_read_up_to_its_limit},
};

const struct unit_suite suite_security = {"security", tests, COUNT_OF(tests)};
