#include <string.h>

#include "doctor/webserver.h"
#include "unit.h"

static void
servers_are_known_by_their_header(void)
{
    static const struct {
        const char *server;
        enum webserver front;
        int line;
    } cases[] = {
        {"lighttpd/1.4.69", WEBSERVER_LIGHTTPD, __LINE__},
        {"lighttpd", WEBSERVER_LIGHTTPD, __LINE__},
        {"nginx/1.22.1", WEBSERVER_NGINX, __LINE__},
        {"Apache/2.4.65 (Debian) mod_fcgid/2.3.9", WEBSERVER_APACHE, __LINE__},
        {"Apach", WEBSERVER_OTHER, __LINE__},
        {"cloudflare", WEBSERVER_OTHER, __LINE__},
        {"", WEBSERVER_OTHER, __LINE__},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        UNIT_AT(cases[i].line, webserver_of(cases[i].server) == cases[i].front);
}

/* What webserver_advise() says, as lines. */
static void
mended(enum webserver f, enum webserver_fault fault, int64_t limit, char out[1024])
{
    struct buf text = buf_init(4096);
    struct report r;

    report_begin(&r, &text, false);
    report_add(&r, REPORT_FAIL, "x", "y");
    webserver_advise(&r, f, fault, limit);
    report_end(&r);
    str_copy(buf_str(&text), out, 1024);
    buf_release(&text);
}

static void
every_fault_can_be_mended_everywhere(void)
{
    char text[1024];

    for (int fault = 0; fault < N_WEBSERVER_FAULTS; fault++)
        for (int f = 0; f < N_WEBSERVERS; f++) {
            mended((enum webserver)f, (enum webserver_fault)fault, 1, text);
            UNIT(strstr(text, "\n      > ") != NULL);
        }
}

static void
the_limit_is_a_little_above_ours(void)
{
    char text[1024];

    mended(WEBSERVER_LIGHTTPD, WEBSERVER_BODY_LIMIT, 20971520, text);
    UNIT(strstr(text, "server.max-request-size = 21504 ") != NULL);
    mended(WEBSERVER_NGINX, WEBSERVER_BODY_LIMIT, 20971520, text);
    UNIT(strstr(text, "client_max_body_size 21m;") != NULL);
    mended(WEBSERVER_NGINX, WEBSERVER_BODY_LIMIT, 20971519, text);
    UNIT(strstr(text, "client_max_body_size 20m;") != NULL);
    mended(WEBSERVER_APACHE, WEBSERVER_BODY_LIMIT, 20971520, text);
    UNIT(strstr(text, "LimitRequestBody 22020096") != NULL);
    UNIT(strstr(text, "FcgidMaxRequestLen 22020096") != NULL);
}

static const struct unit_test tests[] = {
    {"servers_are_known_by_their_header", servers_are_known_by_their_header},
    {"every_fault_can_be_mended_everywhere", every_fault_can_be_mended_everywhere},
    {"the_limit_is_a_little_above_ours", the_limit_is_a_little_above_ours},
};

const struct unit_suite suite_webserver = {"webserver", tests, COUNT_OF(tests)};
