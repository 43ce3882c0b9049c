/* mesher.cgi: everything that a shared host needs in one file: the responder (CGI, or
 * FastCGI where the web server supports it), its setup page, and mesherctl. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/ctl.h"
#include "front/cgi.h"
#include "front/fcgi.h"
#include "front/responder.h"
#include "front/setup_page.h"
#include "setup/home.h"
#include "setup/start.h"

#ifdef MESHER_BUNDLE
#    include <nss.h>
#endif

/* Until a configuration sets it. */
#define BODY_MS 30000

static const char usage[] =
    "usage: mesher.cgi [--conf FILE]\n"
    "       mesher.cgi ctl COMMAND...    (see mesherctl)\n"
    "Serves FastCGI requests on descriptor 0 when that is a listening socket, otherwise\n"
    "the one CGI request of its environment.  Without a configuration it serves the "
    "page\n"
    "that creates one.\n";

static int
serve(const struct conf *conf, const struct options *options, struct error *e)
{
    return responder_run(conf, options, true, e);
}

/* Serves the page.  Afterwards FastCGI continues with the same program, which then finds
 * its configuration: the listening socket stays open, and waiting connections are
 * answered. */
static int
serve_page(const struct home *home, char *argv[])
{
    struct setup_page page = {.home = *home, .sql_dir = getenv("MESHER_SQL_DIR")};
    struct route_services services = {.setup = &page};
    const struct fcgi_settings fcgi = {.body_timeout_ms = BODY_MS, .slow_requests = 1};
    struct error e = {.kind = ERROR_NONE};
    int rc;

    if (!fcgi_is_wanted()) {
        rc = cgi_serve(&services, BODY_MS, &e);
    } else {
        rc = fcgi_serve(&services, &fcgi, &e);
        if (rc == 0 && setup_page_is_over()) {
            (void)execv("/proc/self/exe", argv);
            rc = error_errno(&e, "execv");
        }
    }
    if (rc != 0)
        log_error(LOG_LEVEL_ERROR, LOG_CANNOT_START, &e, NULL, 0);
    return rc == 0 ? EXIT_SUCCESS : error_exit_code(&e);
}

/* Passes values to programs of Mesher in the environment. */
static int
tell(const char *name, const char *dir, const char *file)
{
    char path[2 * PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/%s", dir, file);
    return setenv(name, path, 0);
}

/* A configuration that the web server delivers is a leaked password. */
static int
refuse(void)
{
    log_write(LOG_LEVEL_ERROR, LOG_CANNOT_START,
              &LOG_TEXT("detail", STR("mesher.conf is below the web root, under a "
                                      "guessable name: move its directory up")),
              1);
    cgi_apologise();
    return ERROR_EXIT_CONFIG;
}

int
main(int argc, char *argv[])
{
    struct home home;
    struct error e;
    struct home_web web = {getenv("DOCUMENT_ROOT"), getenv("SCRIPT_NAME")};
    bool ctl = !cgi_has_request() && argc > 1 && strcmp(argv[1], "ctl") == 0;
    int rc;

#ifdef MESHER_BUNDLE
    /* Configuration for the host's OpenSSL does not fit the one linked here. */
    if (setenv("OPENSSL_CONF", "/dev/null", 0) != 0)
        return ERROR_EXIT_SYSTEM;
    /* Other services would be loaded from the host, whose libc differs. */
    (void)__nss_configure_lookup("hosts", "files dns");
    (void)__nss_configure_lookup("passwd", "files");
    (void)__nss_configure_lookup("services", "files");
#endif
    if (home_find(&home, NULL, &e) != 0 ||
        tell("MESHER_SQL_DIR", home.program_dir, "sql") != 0 ||
        (home.has_conf && tell("MESHER_CONF", home.data_dir, HOME_CONF) != 0)) {
        log_error(LOG_LEVEL_ERROR, LOG_CANNOT_START, &e, NULL, 0);
        return ERROR_EXIT_SYSTEM;
    }
    if (ctl)
        return ctl_main(argc - 1, argv + 1);
    if (cgi_has_request())
        argc = 1; /* words of the query (RFC 3875, 4.4) are not for us */
    if (argc == 1 && getenv("MESHER_CONF") == NULL)
        return serve_page(&home, argv);
    if (cgi_has_request() && home_is_public(&home, &web))
        return refuse();
    rc = start_run(argc, argv, "mesher.cgi", usage, serve);
    if (rc == ERROR_EXIT_CONFIG && cgi_has_request())
        cgi_apologise();
    return rc;
}
