/* Requests with a key to public_url: do they arrive unchanged? */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "doctor/web.h"

/* Room in the largest bodies for the text around the filling. */
#define MARGIN_BYTES 1024
#define HEAD_BYTES 128

/* Where a request carries its key. */
enum key_place {
    KEY_BARE,
    KEY_SENTRY,
    KEY_AUTH_BEARER,
    KEY_AUTH_SENTRY,
    KEY_AUTH_BARE,
    KEY_QUERY
};

enum size { SIZE_SMALL, SIZE_CHUNKED, SIZE_EVENT, SIZE_BULK, SIZE_REQUEST };

/* A request that Mesher refuses after reading all of it: nothing is stored, and the text
 * of the refusal shows that it arrived whole. */
struct trial {
    const char *check, *shows; /* the capability that a success shows */
    const char *path;          /* if it begins with a slash: below the project's path */
    const char *wanted;        /* part of Mesher's refusal */
    enum key_place key;
    enum size size;
    enum webserver_fault fault;
    bool chunked, gzip;
};

#define EVENTS "v1/events"
#define NO_MESSAGE "missing required field: message"

static const struct trial trials[] = {
    {"web-x-sentry-auth", "a key in X-Sentry-Auth arrives", EVENTS, NO_MESSAGE, KEY_BARE,
     SIZE_SMALL, WEBSERVER_KEY, false, false},
    {"web-bearer", "a key in Authorization: Bearer arrives", EVENTS, NO_MESSAGE,
     KEY_AUTH_BEARER, SIZE_SMALL, WEBSERVER_AUTHORIZATION, false, false},
    {"web-auth-sentry", "a key in Authorization: Sentry arrives", EVENTS, NO_MESSAGE,
     KEY_AUTH_SENTRY, SIZE_SMALL, WEBSERVER_AUTHORIZATION, false, false},
    {"web-auth-bare", "a key alone in Authorization arrives", EVENTS, NO_MESSAGE,
     KEY_AUTH_BARE, SIZE_SMALL, WEBSERVER_AUTHORIZATION, false, false},
    {"web-query", "a key in the query arrives", EVENTS, NO_MESSAGE, KEY_QUERY, SIZE_SMALL,
     WEBSERVER_KEY, false, false},
    {"web-gzip", "a body with Content-Encoding: gzip arrives", EVENTS, NO_MESSAGE,
     KEY_BARE, SIZE_SMALL, WEBSERVER_ENCODING, false, true},
    {"web-chunked", "a body without a length arrives", EVENTS, NO_MESSAGE, KEY_BARE,
     SIZE_CHUNKED, WEBSERVER_CHUNKED, true, false},
    {"web-event", "the largest event arrives", EVENTS, NO_MESSAGE, KEY_BARE, SIZE_EVENT,
     WEBSERVER_BODY_LIMIT, false, false},
    {"web-bulk", "the largest bulk arrives", EVENTS "/bulk", NO_MESSAGE, KEY_BARE,
     SIZE_BULK, WEBSERVER_BODY_LIMIT, false, false},
    {"web-envelope", "the largest request of an SDK arrives", "/envelope/",
     "invalid item header", KEY_SENTRY, SIZE_REQUEST, WEBSERVER_BODY_LIMIT, false, false},
};

/* {"level":"error"}, compressed. */
static const char gzip_event[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\x49\x2d\x4b\xcd\x51\xb2\x52"
    "\x4a\x2d\x2a\xca\x2f\x52\xaa\x05\x00\x50\x54\x71\x9d\x11\x00\x00\x00";

void
web_skip_trials(struct web *w, const char *why)
{
    for (size_t i = 0; i < COUNT_OF(trials); i++)
        report_add(&w->d->report, REPORT_SKIP, trials[i].check, "%s", why);
}

void
web_no_key(struct web *w)
{
    struct report *r = &w->d->report;
    struct webrequest rq = {
        .method = "POST", .url = w->url, .head = STR("{}"), .ca_file = w->d->ca_file};
    struct webanswer a;
    struct error e;

    (void)snprintf(w->url, sizeof w->url, "%s/api/" EVENTS, w->d->conf->public_url);
    if (webrequest_run(&rq, &a, &e) != 0) {
        report_add(r, REPORT_FAIL, "web-no-key", "no answer: %s", e.text);
        webserver_advise(r, w->front, WEBSERVER_BACKEND, 0);
    } else if (a.status == 401 && strstr(a.body, "unauthorized") != NULL) {
        report_add(r, REPORT_OK, "web-no-key",
                   "requests without a key are refused by Mesher");
    } else {
        report_add(r, REPORT_FAIL, "web-no-key",
                   "%ld for a request without a key, where Mesher answers 401", a.status);
        webserver_advise(r, w->front, a.status == 404 ? WEBSERVER_PATH : WEBSERVER_KEY,
                         0);
    }
}

void
web_options(struct web *w)
{
    struct report *r = &w->d->report;
    struct webrequest rq = {.method = "OPTIONS",
                            .url = w->url,
                            .ca_file = w->d->ca_file,
                            .header = {"Origin: https://page.example",
                                       "Access-Control-Request-Method: POST"}};
    struct webanswer a;
    struct error e;

    (void)snprintf(w->url, sizeof w->url, "%s/api/1/envelope/", w->d->conf->public_url);
    if (webrequest_run(&rq, &a, &e) != 0) {
        report_add(r, REPORT_FAIL, "web-options", "no answer: %s", e.text);
        webserver_advise(r, w->front, WEBSERVER_CORS, 0);
    } else if (a.status == 204 && a.cors) {
        report_add(r, REPORT_OK, "web-options", "pages of other origins may send");
    } else {
        report_add(
            r, REPORT_FAIL, "web-options",
            "%ld for OPTIONS, where Mesher answers 204 and the origins that may send",
            a.status);
        report_why(r, "browsers do not send events from pages of other origins");
        webserver_advise(r, w->front, WEBSERVER_CORS, 0);
    }
}

/* Adds the key in this place; header: room for it. */
static void
add_key(const struct web *w, enum key_place place, struct webrequest *rq,
        char header[256])
{
    static const char *const forms[] = {
        [KEY_BARE] = "X-Sentry-Auth: ",
        [KEY_SENTRY] = "X-Sentry-Auth: Sentry sentry_version=7, sentry_key=",
        [KEY_AUTH_BEARER] = "Authorization: Bearer ",
        [KEY_AUTH_SENTRY] = "Authorization: Sentry sentry_version=7, sentry_key=",
        [KEY_AUTH_BARE] = "Authorization: "};

    if (place == KEY_QUERY)
        return;
    (void)snprintf(header, 256, "%s%s", forms[place], w->project.key);
    rq->header[0] = header;
}

static void
fill_body(const struct web *w, const struct trial *t, char head[HEAD_BYTES],
          struct webrequest *rq)
{
    const struct conf *conf = w->d->conf;

    rq->head = STR("{");
    rq->tail = STR("\"level\":\"error\"}");
    switch (t->size) {
    case SIZE_SMALL:
        break;
    case SIZE_CHUNKED: /* larger than bodies that servers consider small */
        rq->filling = 256 * LIMIT_KIB;
        break;
    case SIZE_EVENT:
        rq->filling = LIMIT_EVENT_BYTES - MARGIN_BYTES;
        break;
    case SIZE_BULK:
        rq->head = STR("[");
        rq->filling = (size_t)conf->bulk_max_bytes - MARGIN_BYTES;
        rq->tail = STR("{}]");
        break;
    case SIZE_REQUEST: /* an ignored item, followed by an invalid one */
        rq->filling = (size_t)conf->request_max_bytes - MARGIN_BYTES;
        (void)snprintf(head, HEAD_BYTES,
                       "{}\n{\"type\":\"mesherctl_doctor\",\"length\":%zu}\n",
                       rq->filling);
        rq->head = str_of(head);
        rq->tail = STR("\n{}\n");
        break;
    }
    if (t->gzip) {
        rq->head = (struct str){gzip_event, sizeof gzip_event - 1};
        rq->tail = STR_NONE;
    }
}

/* Determines which fault an answer shows, and describes it. */
static enum webserver_fault
tell(struct web *w, const struct trial *t, const struct webanswer *a)
{
    struct report *r = &w->d->report;
    bool ours =
        strstr(a->body, "\"error\":") != NULL || strstr(a->body, "\"detail\":") != NULL;

    if (a->status == 401) {
        report_add(r, REPORT_FAIL, t->check, "401: the key does not arrive");
        return t->fault == WEBSERVER_AUTHORIZATION ? WEBSERVER_AUTHORIZATION
                                                   : WEBSERVER_KEY;
    }
    if (a->status == 411) {
        report_add(r, REPORT_FAIL, t->check, "%s refuses a body without a length (411)",
                   webserver_name(w->front));
        return WEBSERVER_CHUNKED;
    }
    if (a->status == 413 || (a->status >= 500 && t->size >= SIZE_CHUNKED && !ours)) {
        report_add(r, REPORT_FAIL, t->check,
                   "%s refuses a body that Mesher accepts (%ld)",
                   webserver_name(w->front), a->status);
        return WEBSERVER_BODY_LIMIT;
    }
    if (a->status == 404) {
        report_add(r, REPORT_FAIL, t->check, "404: this path does not reach Mesher");
        return WEBSERVER_PATH;
    }
    if (a->status >= 500 && !ours) {
        report_add(r, REPORT_FAIL, t->check,
                   "%s answers %ld: it cannot reach the responders",
                   webserver_name(w->front), a->status);
        return WEBSERVER_BACKEND;
    }
    report_add(r, REPORT_FAIL, t->check, "the body does not arrive unchanged: %ld, %s",
               a->status, a->body);
    return t->fault;
}

static void
try_one(struct web *w, const struct trial *t)
{
    struct report *r = &w->d->report;
    int64_t limit = w->d->conf->request_max_bytes;
    struct webrequest rq = {
        .method = "POST", .url = w->url, .chunked = t->chunked, .ca_file = w->d->ca_file};
    struct webanswer a;
    struct error e;
    char header[256], head[HEAD_BYTES];

    (void)snprintf(w->url, sizeof w->url, "%s/api/%s%s%s%s", w->d->conf->public_url,
                   t->path[0] == '/' ? w->project.id : "", t->path,
                   t->key == KEY_QUERY ? "?sentry_key=" : "",
                   t->key == KEY_QUERY ? w->project.key : "");
    add_key(w, t->key, &rq, header);
    rq.header[rq.header[0] == NULL ? 0 : 1] = t->gzip ? "Content-Encoding: gzip" : NULL;
    fill_body(w, t, head, &rq);
    if (webrequest_run(&rq, &a, &e) != 0) {
        report_add(r, REPORT_FAIL, t->check, "no answer: %s", e.text);
        webserver_advise(r, w->front, t->fault, limit);
    } else if (a.status == 400 && strstr(a.body, t->wanted) != NULL) {
        report_add(r, REPORT_OK, t->check, "%s (%zu bytes, %lld ms)", t->shows,
                   rq.head.n + rq.filling + rq.tail.n, (long long)a.took_ms);
    } else if (a.status == 503 && strstr(a.body, "\"error\"") != NULL) {
        report_add(r, REPORT_SKIP, t->check, "Mesher cannot look keys up now: %s",
                   a.body);
    } else {
        webserver_advise(r, w->front, tell(w, t, &a), limit);
    }
}

void
web_try_all(struct web *w)
{
    struct doctor *d = w->d;
    struct error e;

    if (!d->database_ok || !d->schema_ok) {
        web_skip_trials(w, "a temporary key requires the database and its schema");
        return;
    }
    if (d->read_only) {
        web_skip_trials(w, "a temporary key requires a database that accepts changes");
        return;
    }
    db_set_deadline(d->db, clock_now_ms() + DOCTOR_DATABASE_MS);
    if (server_info_project_begin(d->projects, &w->project, &e) != 0) {
        report_add(&d->report, REPORT_FAIL, "web-key",
                   "a project for the checks cannot be created: %s: %s", e.text,
                   e.detail);
        report_mend(&d->report, "mesherctl project add NAME: does that work?");
        web_skip_trials(w, "there is no key to try");
        return;
    }
    w->has_key = true;
    for (size_t i = 0; i < COUNT_OF(trials); i++)
        try_one(w, &trials[i]);
}
