/* mesher.fcgi: a FastCGI responder, or, started as one, a CGI program. */
#include "front/cgi.h"
#include "front/fcgi.h"
#include "front/settings.h"
#include "ingest/grouping.h"
#include "setup/start.h"

static const char usage[] =
    "usage: mesher.fcgi [--conf FILE]\n"
    "Serves FastCGI requests on descriptor 0 when that is a listening socket "
    "(spawn-fcgi, a web\n"
    "server, a supervisor), otherwise the one CGI request of its environment.\n";

static int
serve(const struct conf *conf, const struct options *options, struct error *e)
{
    bool fastcgi = fcgi_is_wanted();
    struct submit_settings submit = settings_submit(conf, !fastcgi);
    struct ingest_settings ingest = {
        .request_max_bytes = (size_t)conf->request_max_bytes,
        .inflated_max_bytes = (size_t)conf->inflated_max_bytes,
        .event_max_bytes = (size_t)conf->event_max_bytes,
        .attachment_max_bytes = (size_t)conf->attachment_max_bytes,
        .temp_dir = conf->temp_dir,
        .bulk_max_events = (size_t)conf->bulk_max_events,
        .bulk_max_bytes = (size_t)conf->bulk_max_bytes,
        .compression_level = (int)conf->compression_level,
        .trust_end_of_stream = fastcgi};
    struct health health = {.submit = NULL};
    struct route_services services = {.health = &health};
    struct rules *rules;
    int rc;

    if (grouping_load(conf->grouping_rules, &rules, e) != 0)
        return -1;
    ingest.rules = rules;
    ingest.submit = services.submit = health.submit = submit_new(&submit);
    if (ingest.submit != NULL)
        services.ingest = ingest_new(&ingest);
    options_say_ready(options);
    if (services.ingest == NULL)
        rc = error_set(e, ERROR_SYSTEM, "out of memory");
    else if (fastcgi)
        rc = fcgi_serve(&services, conf->body_timeout * 1000, e);
    else
        rc = cgi_serve(&services, conf->body_timeout * 1000, e);
    ingest_free(services.ingest);
    submit_free(ingest.submit);
    grouping_free(rules);
    return rc;
}

int
main(int argc, char *argv[])
{
    int rc;

    /* A CGI program may be given words of the query as arguments (RFC 3875, 4.4): they
     * are not ours. */
    if (cgi_has_request())
        argc = 1;
    rc = start_run(argc, argv, "mesher.fcgi", usage, serve);
    if (rc == ERROR_EXIT_CONFIG && cgi_has_request())
        cgi_apologise();
    return rc;
}
