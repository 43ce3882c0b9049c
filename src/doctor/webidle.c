/* How long the web server keeps idle connections. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/idleconf.h"
#include "doctor/web.h"
#include "doctor/webconf.h"

/* SDKs keep connections for reuse for up to 90 s, and some do not repeat a request that
 * they wrote into one that was being closed. */
#define IDLE_LEAST_MS 120000L

#define CHECK_NAME "web-idle"

static unsigned
port_of(const char *url)
{
    const char *host = strstr(url, "://"), *colon;
    size_t n;

    host = host == NULL ? url : host + 3;
    n = strcspn(host, "/");
    for (colon = host + n; colon > host && *colon != ':' && *colon != ']';)
        colon--;
    if (*colon == ':')
        return (unsigned)strtoul(colon + 1, NULL, 10);
    return strncmp(url, "https", 5) == 0 ? 443 : 80;
}

static void
judge(struct web *w, long ms, const char *at)
{
    struct report *r = &w->d->report;
    char seconds[32];

    if (ms >= IDLE_LEAST_MS) {
        report_add(r, REPORT_OK, CHECK_NAME, "%s keeps idle connections for %ld s",
                   webserver_name(w->front), ms / 1000);
        return;
    }
    (void)snprintf(seconds, sizeof seconds, ms % 1000 == 0 ? "%.0f" : "%.1f",
                   (double)ms / 1000);
    report_add(r, REPORT_WARN, CHECK_NAME,
               "%s closes connections after %s idle seconds: clients that reuse one at "
               "that moment lose an event",
               webserver_name(w->front), seconds);
    report_why(r, "SDKs keep connections for up to 90 s, and not all of them try again");
    if (at[0] != '\0')
        report_why(r, "it is set at %s", at);
    webserver_advise(r, w->front, WEBSERVER_IDLE, 0);
}

static void
by_configuration(struct web *w)
{
    struct report *r = &w->d->report;
    struct webconf conf;
    struct idleconf idle;
    struct error e;

    if (!webconf_find(w->front, port_of(w->d->conf->public_url), &conf)) {
        report_add(r, REPORT_SKIP, CHECK_NAME,
                   "no configuration of %s found on this machine that could be the one",
                   webserver_name(w->front));
    } else if (idleconf_read(w->front, conf.path, conf.root[0] == '\0' ? NULL : conf.root,
                             port_of(w->d->conf->public_url), &idle, &e) != 0) {
        report_add(r, REPORT_SKIP, CHECK_NAME, "%s: %s", e.text, e.detail);
    } else if (idle.ms == 0) {
        report_add(r, REPORT_OK, CHECK_NAME, "%s closes each connection after its answer",
                   webserver_name(w->front));
    } else {
        judge(w, idle.ms, idle.at);
    }
}

/* Some servers announce it, if the client asks for it. */
void
web_idle(struct web *w)
{
    struct webrequest rq = {.method = "GET",
                            .url = w->url,
                            .header = {"Connection: keep-alive"},
                            .http1 = true,
                            .ca_file = w->d->ca_file};
    struct webanswer a;
    struct error e;

    (void)snprintf(w->url, sizeof w->url, "%s/api/v1/health", w->d->conf->public_url);
    if (webrequest_run(&rq, &a, &e) != 0)
        report_add(&w->d->report, REPORT_SKIP, CHECK_NAME, "no answer: %s", e.text);
    else if (a.closes)
        report_add(&w->d->report, REPORT_OK, CHECK_NAME,
                   "%s closes each connection after its answer, and says so",
                   webserver_name(w->front));
    else if (a.keep_alive_s >= 0)
        judge(w, a.keep_alive_s * 1000, "");
    else
        by_configuration(w);
}
