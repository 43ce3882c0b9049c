/* Requests with a key to public_url: do they arrive as they were sent? */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "doctor/web.h"

/* Room in the largest bodies for what stands around the filling. */
#define MARGIN_BYTES 1024
#define HEAD_BYTES 128

/* Where a request has its key. */
enum key_place {
    KEY_BARE,
    KEY_SENTRY,
    KEY_AUTH_BEARER,
    KEY_AUTH_SENTRY,
    KEY_AUTH_BARE,
    KEY_QUERY
};

enum size { SIZE_SMALL, SIZE_CHUNKED, SIZE_EVENT, SIZE_BULK, SIZE_REQUEST };

/* A request that Mesher refuses after it has read all of it: nothing of it is stored, and
 * the text of the refusal tells that it arrived whole. */
struct trial {
    const char *check, *shows; /* what it shows, when it goes well */
    const char *path;          /* one that begins with a slash: below the project's */
    const char *wanted;        /* stands in Mesher's refusal */
    enum key_place key;
    enum size size;
    enum front_fault fault;
    bool chunked, gzip;
};

#define EVENTS "v1/events"
#define NO_MESSAGE "missing required field: message"

static const struct trial trials[] = {
    {"web-x-sentry-auth", "a key in X-Sentry-Auth arrives", EVENTS, NO_MESSAGE, KEY_BARE,
     SIZE_SMALL, FRONT_KEY, false, false},
    {"web-bearer", "a key in Authorization: Bearer arrives", EVENTS, NO_MESSAGE,
     KEY_AUTH_BEARER, SIZE_SMALL, FRONT_AUTHORIZATION, false, false},
    {"web-auth-sentry", "a key in Authorization: Sentry arrives", EVENTS, NO_MESSAGE,
     KEY_AUTH_SENTRY, SIZE_SMALL, FRONT_AUTHORIZATION, false, false},
    {"web-auth-bare", "a key alone in Authorization arrives", EVENTS, NO_MESSAGE,
     KEY_AUTH_BARE, SIZE_SMALL, FRONT_AUTHORIZATION, false, false},
    {"web-query", "a key in the query arrives", EVENTS, NO_MESSAGE, KEY_QUERY, SIZE_SMALL,
     FRONT_KEY, false, false},
    {"web-gzip", "a body with Content-Encoding: gzip arrives", EVENTS, NO_MESSAGE,
     KEY_BARE, SIZE_SMALL, FRONT_ENCODING, false, true},
    {"web-chunked", "a body without a length arrives", EVENTS, NO_MESSAGE, KEY_BARE,
     SIZE_CHUNKED, FRONT_CHUNKED, true, false},
    {"web-event", "the largest event arrives", EVENTS, NO_MESSAGE, KEY_BARE, SIZE_EVENT,
     FRONT_BODY_LIMIT, false, false},
    {"web-bulk", "the largest bulk arrives", EVENTS "/bulk", NO_MESSAGE, KEY_BARE,
     SIZE_BULK, FRONT_BODY_LIMIT, false, false},
    {"web-envelope", "the largest request of an SDK arrives", "/envelope/",
     "invalid item header", KEY_SENTRY, SIZE_REQUEST, FRONT_BODY_LIMIT, false, false},
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
        front_mend(r, w->front, FRONT_BACKEND, 0);
    } else if (a.status == 401 && strstr(a.body, "unauthorized") != NULL) {
        report_add(r, REPORT_OK, "web-no-key", "who has no key is refused by Mesher");
    } else {
        report_add(r, REPORT_FAIL, "web-no-key",
                   "%ld for a request without a key, where Mesher says 401", a.status);
        front_mend(r, w->front, a.status == 404 ? FRONT_PATH : FRONT_KEY, 0);
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
        front_mend(r, w->front, FRONT_CORS, 0);
    } else if (a.status == 204 && a.cors) {
        report_add(r, REPORT_OK, "web-options", "pages of other origins may send");
    } else {
        report_add(r, REPORT_FAIL, "web-options",
                   "%ld for OPTIONS, where Mesher says 204 and which origins may send",
                   a.status);
        report_why(r, "browsers do not send what a page of another origin has to say");
        front_mend(r, w->front, FRONT_CORS, 0);
    }
}

/* Fills in where the key is; header: room for it. */
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
    case SIZE_CHUNKED: /* larger than what servers take for small */
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
    case SIZE_REQUEST: /* an item that is passed over, and then one that is none */
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

/* Which fault an answer speaks of, and in which words. */
static enum front_fault
tell(struct web *w, const struct trial *t, const struct webanswer *a)
{
    struct report *r = &w->d->report;
    bool ours =
        strstr(a->body, "\"error\":") != NULL || strstr(a->body, "\"detail\":") != NULL;

    if (a->status == 401) {
        report_add(r, REPORT_FAIL, t->check, "401: the key does not arrive");
        return t->fault == FRONT_AUTHORIZATION ? FRONT_AUTHORIZATION : FRONT_KEY;
    }
    if (a->status == 411) {
        report_add(r, REPORT_FAIL, t->check, "%s refuses a body without a length (411)",
                   front_name(w->front));
        return FRONT_CHUNKED;
    }
    if (a->status == 413 || (a->status >= 500 && t->size >= SIZE_CHUNKED && !ours)) {
        report_add(r, REPORT_FAIL, t->check, "%s refuses a body that Mesher takes (%ld)",
                   front_name(w->front), a->status);
        return FRONT_BODY_LIMIT;
    }
    if (a->status == 404) {
        report_add(r, REPORT_FAIL, t->check, "404: this path does not lead to Mesher");
        return FRONT_PATH;
    }
    if (a->status >= 500 && !ours) {
        report_add(r, REPORT_FAIL, t->check,
                   "%s answers %ld: it cannot reach the responders", front_name(w->front),
                   a->status);
        return FRONT_BACKEND;
    }
    report_add(r, REPORT_FAIL, t->check,
               "the body does not arrive as it was sent: %ld, %s", a->status, a->body);
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
        front_mend(r, w->front, t->fault, limit);
    } else if (a.status == 400 && strstr(a.body, t->wanted) != NULL) {
        report_add(r, REPORT_OK, t->check, "%s (%zu bytes, %lld ms)", t->shows,
                   rq.head.n + rq.filling + rq.tail.n, (long long)a.took_ms);
    } else if (a.status == 503 && strstr(a.body, "\"error\"") != NULL) {
        report_add(r, REPORT_SKIP, t->check, "Mesher cannot look keys up now: %s",
                   a.body);
    } else {
        front_mend(r, w->front, tell(w, t, &a), limit);
    }
}

void
web_try_all(struct web *w)
{
    struct doctor *d = w->d;
    struct error e;

    if (!d->database_ok || !d->schema_ok) {
        web_skip_trials(
            w, "a key of its own cannot be made without the database and its schema");
        return;
    }
    db_set_deadline(d->db, clock_now_ms() + DOCTOR_DATABASE_MS);
    if (checkup_project_begin(d->catalog, &w->project, &e) != 0) {
        report_add(&d->report, REPORT_FAIL, "web-key",
                   "a project for the checks cannot be made: %s: %s", e.text, e.detail);
        report_mend(&d->report, "mesherctl project add NAME: does that work?");
        web_skip_trials(w, "there is no key to try");
        return;
    }
    w->has_key = true;
    for (size_t i = 0; i < COUNT_OF(trials); i++)
        try_one(w, &trials[i]);
}
