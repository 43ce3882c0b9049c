/* mesher.fcgi: a FastCGI responder, or, started as one, a CGI program. */
#include "front/cgi.h"
#include "front/responder.h"
#include "setup/start.h"

static const char usage[] =
    "usage: mesher.fcgi [--conf FILE]\n"
    "Serves FastCGI requests on descriptor 0 when that is a listening socket "
    "(spawn-fcgi, a web\n"
    "server, a supervisor), otherwise the one CGI request of its environment.\n";

static int
serve(const struct conf *conf, const struct options *options, struct error *e)
{
    return responder_run(conf, options, false, e);
}

int
main(int argc, char *argv[])
{
    int rc;

    /* A CGI program may get words of the query as arguments (RFC 3875, 4.4): they are not
     * for us. */
    if (cgi_has_request())
        argc = 1;
    rc = start_run(argc, argv, "mesher.fcgi", usage, serve);
    if (rc == ERROR_EXIT_CONFIG && cgi_has_request())
        cgi_apologise();
    return rc;
}
