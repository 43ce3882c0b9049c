/* The WebSocket at public_ws_url: is the upgrade passed on, and is the key required? */
#include <stdio.h>
#include <string.h>

#include "doctor/web.h"

/* libcurl knows the scheme by its other name. */
static bool
as_http(const char *ws, char *out, size_t n)
{
    bool tls = strncmp(ws, "wss://", 6) == 0;

    if (!tls && strncmp(ws, "ws://", 5) != 0)
        return false;
    (void)snprintf(out, n, "%s://%s", tls ? "https" : "http", ws + (tls ? 6 : 5));
    return true;
}

static void
tell(struct web *w, enum webserver front, const struct webanswer *a)
{
    struct report *r = &w->d->report;
    enum webserver_fault fault = a->status == 401   ? WEBSERVER_AUTHORIZATION
                                 : a->status >= 500 ? WEBSERVER_WS_BACKEND
                                                    : WEBSERVER_WS_UPGRADE;

    if (a->status == 401)
        report_add(r, REPORT_FAIL, "websocket",
                   "401: the key does not arrive where it is checked");
    else if (a->status == 429)
        report_add(r, REPORT_WARN, "websocket",
                   "429: there are as many connections as websocketd allows");
    else if (a->status >= 500)
        report_add(r, REPORT_FAIL, "websocket",
                   "%s answers %ld: it cannot reach websocketd, or the responder that "
                   "authorizes",
                   webserver_name(front), a->status);
    else
        report_add(r, REPORT_FAIL, "websocket",
                   "%s answers %ld instead of 101: it does not pass the upgrade on",
                   webserver_name(front), a->status);
    if (a->status == 429)
        report_mend(r, "--maxforks of websocketd, and ws_max in the configuration");
    else
        webserver_advise(r, front, fault, 0);
}

/* Clients without a key must not be able to start a process. */
static void
without_key(struct web *w, struct webrequest *rq)
{
    struct report *r = &w->d->report;
    struct webanswer a;
    struct error e;

    rq->header[0] = NULL;
    if (webrequest_run(rq, &a, &e) != 0) {
        report_add(r, REPORT_FAIL, "websocket-key", "no answer: %s", e.text);
        report_mend(r, "start the web server, or correct public_ws_url");
    } else if (a.status == 401) {
        report_add(r, REPORT_OK, "websocket-key",
                   "connections without a key are refused in the handshake");
    } else if (a.status == 101) {
        report_add(r, REPORT_FAIL, "websocket-key",
                   "connections without a key are accepted");
        report_why(r, "each one starts a process, and only that checks the key");
        webserver_advise(r, webserver_of(a.server), WEBSERVER_WS_KEY, 0);
    } else {
        report_add(r, REPORT_WARN, "websocket-key",
                   "%ld for a connection without a key, where 401 is expected", a.status);
        webserver_advise(r, webserver_of(a.server), WEBSERVER_WS_KEY, 0);
    }
}

void
web_socket(struct web *w)
{
    struct report *r = &w->d->report;
    struct webrequest rq = {
        .method = "GET", .url = w->url, .upgrade = true, .ca_file = w->d->ca_file};
    struct webanswer a;
    struct error e;
    char header[128];

    if (w->d->conf->public_ws_url[0] == '\0') {
        report_add(r, REPORT_SKIP, "websocket", "its public address is unknown");
        report_mend(r, "public_ws_url = \"ws://HOST:8081/\"    in the configuration, if "
                       "there is one");
        return;
    }
    if (!as_http(w->d->conf->public_ws_url, w->url, sizeof w->url)) {
        report_add(r, REPORT_FAIL, "websocket",
                   "public_ws_url begins with neither ws:// nor wss://");
        report_mend(r, "public_ws_url = \"ws://HOST:8081/\"    in the configuration");
        return;
    }
    if (!w->has_key) {
        report_add(r, REPORT_SKIP, "websocket", "there is no key to try");
    } else {
        (void)snprintf(header, sizeof header, "X-Sentry-Auth: %s", w->project.key);
        rq.header[0] = header;
        if (webrequest_run(&rq, &a, &e) != 0) {
            report_add(r, REPORT_FAIL, "websocket", "no answer from %s: %s",
                       w->d->conf->public_ws_url, e.text);
            report_mend(r, "start websocketd and the web server before it, or correct "
                           "public_ws_url");
            return;
        }
        if (a.status == 101)
            report_add(r, REPORT_OK, "websocket", "%s accepts a good key, in %lld ms",
                       w->d->conf->public_ws_url, (long long)a.took_ms);
        else
            tell(w, webserver_of(a.server), &a);
    }
    without_key(w, &rq);
}
