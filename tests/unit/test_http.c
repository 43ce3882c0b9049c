#include <string.h>

#include "unit.h"
#include "wire/http.h"

/* What web servers were seen to send; api NULL: there is no "/api/" in it. */
static const struct {
    int line;
    const char *script_name, *path_info, *request_uri, *path, *api;
} rows[] = {
    /* lighttpd, fastcgi.server "/mesher" */
    {__LINE__, "/mesher", "/api/v1/events", "/mesher/api/v1/events",
     "/mesher/api/v1/events", "/api/v1/events"},
    {__LINE__, "/mesher", NULL, "/mesher", "/mesher", NULL},
    /* lighttpd, "/" with fix-root-scriptname, without it, and "" */
    {__LINE__, "", "/api/v1/events", "/api/v1/events", "/api/v1/events",
     "/api/v1/events"},
    {__LINE__, "/api", "/v1/events", "/api/v1/events", "/api/v1/events",
     "/api/v1/events"},
    {__LINE__, "/api/v1/events", NULL, "/api/v1/events", "/api/v1/events",
     "/api/v1/events"},
    /* plain CGI: lighttpd, Apache */
    {__LINE__, "/cgi-bin/mesher.cgi", "/42/api/", "/cgi-bin/mesher.cgi/42/api/?q",
     "/cgi-bin/mesher.cgi/42/api/", "/api/"},
    {__LINE__, "/cgi-bin/mesher.cgi", "/api/v1/events/bulk", NULL,
     "/cgi-bin/mesher.cgi/api/v1/events/bulk", "/api/v1/events/bulk"},
    {__LINE__, "/errors/mesher.cgi", "/42/api/", "/errors/42/api/?q",
     "/errors/mesher.cgi/42/api/", "/api/"},
    /* Apache, mod_proxy_fcgi with ProxyPass: all in SCRIPT_NAME */
    {__LINE__, "/mesher/api/v1/events", NULL, "/mesher/api/v1/events",
     "/mesher/api/v1/events", "/api/v1/events"},
    /* nginx: empty means unset; with and without fastcgi_split_path_info */
    {__LINE__, "/api/v1/events", "", "/api/v1/events?x=1", "/api/v1/events",
     "/api/v1/events"},
    {__LINE__, "/mesher", "/api/v1/health", "/mesher/api/v1/health",
     "/mesher/api/v1/health", "/api/v1/health"},
    /* slashes given twice, also where the two meet */
    {__LINE__, "/", "/api/v1/events", NULL, "/api/v1/events", "/api/v1/events"},
    {__LINE__, "//mesher//", "//api///v1//events//", NULL, "/mesher/api/v1/events/",
     "/api/v1/events/"},
    {__LINE__, NULL, NULL, "//api//v1/events", "/api/v1/events", "/api/v1/events"},
    /* neither: the path as it was sent */
    {__LINE__, NULL, NULL, "/a%70i/v1/events?api=/api/x", "/api/v1/events",
     "/api/v1/events"},
    {__LINE__, "", "", "/api%2Fv1%2fevents", "/api/v1/events", "/api/v1/events"},
    {__LINE__, NULL, NULL, "/api/%", "/api/%", "/api/%"},
    {__LINE__, NULL, NULL, "/api/%4", "/api/%4", "/api/%4"},
    {__LINE__, NULL, NULL, "/api/%4g%zz", "/api/%4g%zz", "/api/%4g%zz"},
    {__LINE__, NULL, NULL, "/api/%41", "/api/A", "/api/A"},
    {__LINE__, NULL, NULL, "http://host/api/v1/events", "http:/host/api/v1/events",
     "/api/v1/events"},
    {__LINE__, NULL, NULL, "*", "*", NULL},
    {__LINE__, NULL, NULL, NULL, "", NULL},
    /* a prefix that looks like ours: the last one counts */
    {__LINE__, "/api", "/api/v1/events", NULL, "/api/api/v1/events", "/api/v1/events"},
    {__LINE__, "/api/v1/events", "/api/v1/health", NULL, "/api/v1/events/api/v1/health",
     "/api/v1/health"},
    {__LINE__, "/apis/v1", NULL, NULL, "/apis/v1", NULL},
};

static struct str
exact(const char *s)
{
    return s == NULL ? STR_NONE : unit_exact(str_of(s));
}

static void
the_path_is_found_behind_every_server(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf b = buf_init(1000);
        struct str path;

        http_path(exact(rows[i].script_name), exact(rows[i].path_info),
                  exact(rows[i].request_uri), &b);
        path = unit_exact(buf_str(&b));
        UNIT_STR_AT(rows[i].line, path, rows[i].path);
        UNIT_STR_AT(rows[i].line, http_path_from(path, STR("/api/")), rows[i].api);
        buf_release(&b);
    }
}

static void
a_decoded_nul_stays_in_the_path(void)
{
    struct buf b = buf_init(100);

    http_path(STR_NONE, STR_NONE, unit_exact(STR("/api/v1/events%00x")), &b);
    UNIT(str_eq(buf_str(&b), STR("/api/v1/events\0x")));
    buf_release(&b);
}

static void
a_path_beyond_the_limit_fails(void)
{
    for (size_t n = 9; n <= 11; n++) {
        struct buf b = buf_init(10);

        http_path(unit_exact((struct str){"/2345678901", n}), STR_NONE, STR_NONE, &b);
        UNIT_EQ(b.failed, (n > 10));
        buf_release(&b);
    }
}

static void
methods_are_case_sensitive(void)
{
    UNIT(http_method(STR("GET")) == HTTP_GET && http_method(STR("HEAD")) == HTTP_HEAD);
    UNIT_EQ(http_method(STR("POST")), HTTP_POST);
    UNIT_EQ(http_method(STR("OPTIONS")), HTTP_OPTIONS);
    UNIT(http_method(STR("post")) == HTTP_OTHER &&
         http_method(STR("POSTX")) == HTTP_OTHER);
    UNIT(http_method(STR("")) == HTTP_OTHER && http_method(STR_NONE) == HTTP_OTHER);
}

static void
every_status_that_is_sent_has_a_reason(void)
{
    static const int statuses[] = {200, 202, 204, 400, 401, 403, 404, 405,
                                   408, 411, 413, 415, 429, 500, 503};

    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        UNIT(strcmp(http_reason(statuses[i]), "Unknown") != 0);
    UNIT_STR(str_of(http_reason(299)), "Unknown");
}

static const struct unit_test tests[] = {
    {"the_path_is_found_behind_every_server", the_path_is_found_behind_every_server},
    {"a_decoded_nul_stays_in_the_path", a_decoded_nul_stays_in_the_path},
    {"a_path_beyond_the_limit_fails", a_path_beyond_the_limit_fails},
    {"methods_are_case_sensitive", methods_are_case_sensitive},
    {"every_status_that_is_sent_has_a_reason", every_status_that_is_sent_has_a_reason},
};

const struct unit_suite suite_http = {"http", tests, COUNT_OF(tests)};
