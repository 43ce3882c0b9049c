#include "front/responder.h"

#include "front/cgi.h"
#include "front/confined.h"
#include "front/fcgi.h"
#include "front/settings.h"
#include "grouping/rules.h"

int
responder_run(const struct conf *conf, const struct options *options, bool maintenance,
              struct error *e)
{
    bool fastcgi = fcgi_is_wanted();
    struct submit_settings submit = settings_submit(conf, !fastcgi, maintenance);
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
    struct route_services services = {.request_cpu_ms = conf->request_cpu};
    const struct fcgi_settings fcgi = {.body_timeout_ms = conf->body_timeout * 1000,
                                       .slow_requests = (unsigned)conf->slow_requests};
    struct rules *rules;
    int rc;

    if (rules_load(conf->grouping_rules, &rules, e) != 0)
        return -1;
    ingest.rules = rules;
    ingest.submit = services.submit = health.submit = submit_new(&submit);
    services.health = &health;
    if (ingest.submit != NULL)
        services.ingest = ingest_new(&ingest);
    confined_begin(conf, fastcgi ? CONFINE_FASTCGI : CONFINE_CGI);
    options_say_ready(options);
    if (services.ingest == NULL)
        rc = error_set(e, ERROR_SYSTEM, "out of memory");
    else if (fastcgi)
        rc = fcgi_serve(&services, &fcgi, e);
    else
        rc = cgi_serve(&services, conf->body_timeout * 1000, e);
    ingest_free(services.ingest);
    submit_free(ingest.submit);
    rules_free(rules);
    return rc;
}
