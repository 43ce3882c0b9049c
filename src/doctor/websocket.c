/* The WebSocket at public_ws_url: is the upgrade passed on, and the key asked for? */
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
tell(struct web *w, enum front front, const struct webanswer *a)
{
    struct report *r = &w->d->report;
    enum front_fault fault = a->status == 401   ? FRONT_AUTHORIZATION
                             : a->status >= 500 ? FRONT_WS_BACKEND
                                                : FRONT_WS_UPGRADE;

    if (a->status == 401)
        report_add(r, REPORT_FAIL, "websocket",
                   "401: the key does not arrive where it is looked at");
    else if (a->status == 429)
        report_add(r, REPORT_WARN, "websocket",
                   "429: there are as many connections as websocketd allows");
    else if (a->status >= 500)
        report_add(r, REPORT_FAIL, "websocket",
                   "%s answers %ld: it cannot reach websocketd, or a responder to ask",
                   front_name(front), a->status);
    else
        report_add(r, REPORT_FAIL, "websocket",
                   "%s answers %ld instead of 101: it does not pass the upgrade on",
                   front_name(front), a->status);
    if (a->status == 429)
        report_mend(r, "--maxforks of websocketd, and ws_max in the configuration");
    else
        front_mend(r, front, fault, 0);
}

/* Whoever has no key must not get as far as to a process of his own. */
static void
without_key(struct web *w, struct webrequest *rq)
{
    struct report *r = &w->d->report;
    struct webanswer a;
    struct error e;

    rq->header[0] = NULL;
    if (webrequest_run(rq, &a, &e) != 0) {
        report_add(r, REPORT_FAIL, "websocket-key", "no answer: %s", e.text);
        report_mend(r, "start the web server, or put public_ws_url right");
    } else if (a.status == 401) {
        report_add(r, REPORT_OK, "websocket-key",
                   "who has no key is refused in the handshake");
    } else if (a.status == 101) {
        report_add(r, REPORT_FAIL, "websocket-key", "who has no key is let in");
        report_why(
            r, "each such connection starts a process, and only that looks at the key");
        front_mend(r, front_of(a.server), FRONT_WS_KEY, 0);
    } else {
        report_add(r, REPORT_WARN, "websocket-key",
                   "%ld for who has no key, where 401 is expected", a.status);
        front_mend(r, front_of(a.server), FRONT_WS_KEY, 0);
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
        report_add(r, REPORT_SKIP, "websocket", "where clients find it is not known");
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
            report_mend(r, "start websocketd and the web server before it, or put "
                           "public_ws_url right");
            return;
        }
        if (a.status == 101)
            report_add(r, REPORT_OK, "websocket", "%s lets a good key in, in %lld ms",
                       w->d->conf->public_ws_url, (long long)a.took_ms);
        else
            tell(w, front_of(a.server), &a);
    }
    without_key(w, &rq);
}
