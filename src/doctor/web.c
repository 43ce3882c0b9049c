/* The web server, by requests to public_url. */
#include "doctor/web.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "doctor/libcurl.h"
#include "doctor/reach.h"

#define HEALTH "/api/v1/health"
#define CLOCK_WARN_S 5
#define CLOCK_FAIL_S 60

static void
no_way(struct web *w, const struct error *e)
{
    struct report *r = &w->d->report;

    report_add(r, REPORT_FAIL, "web", "no answer from %s: %s", w->d->conf->public_url,
               e->text);
    if (strstr(e->text, "SSL") != NULL || strstr(e->text, "ertificate") != NULL)
        report_mend(
            r, "give the web server a certificate for this name that clients trust (with "
               "its whole chain), or put the certificate's name into public_url");
    else if (strstr(e->text, "resolve") != NULL)
        report_mend(r, "put a name that DNS knows into public_url of the configuration");
    else
        report_mend(r, "start the web server, or correct its address: public_url in the "
                       "configuration");
}

static void
tell_user(struct web *w, const struct reach_user *u)
{
    const struct conf *conf = w->d->conf;
    char user[64];

    reach_user_name(u->uid, user);
    for (size_t i = 0; i < conf->children.count; i++) {
        const struct childconf *c = &conf->children.all[i];

        if (!childconf_runs(c, "mesher.fcgi") || c->listen[0] != '/' ||
            reach_of(u->uid, u->gid, c->listen, W_OK) != REACH_NO)
            continue;
        report_why(&w->d->report, "it runs as %s, who may not connect to %s", user,
                   c->listen);
        report_mend(&w->d->report,
                    "listen_mode = 0660 in child \"%s\" of the configuration, and: "
                    "usermod -aG $(id -gn "
                    "MESHER'S USER) %s; then restart both",
                    c->name, user);
    }
}

/* Reports which users of the web server cannot open which socket.  There may be other
 * servers of this kind on the machine: it is a hint. */
static void
tell_reach(struct web *w)
{
    struct reach_user users[REACH_USERS];
    size_t n = reach_users(webserver_programs(w->front), users);

    for (size_t i = 0; i < n; i++)
        tell_user(w, &users[i]);
}

static void
nobody_behind(struct web *w, long status)
{
    struct doctor *d = w->d;

    report_add(&d->report, REPORT_FAIL, "web",
               "%s answers %ld: it cannot reach the responders", webserver_name(w->front),
               status);
    tell_reach(w);
    if (d->mesherd_runs)
        report_mend(&d->report, "mesherctl status: is mesher.fcgi running?");
    webserver_advise(&d->report, w->front, WEBSERVER_BACKEND, 0);
}

/* The prefix may be wrong: checks whether Mesher is at the root of the same host. */
static void
not_there(struct web *w)
{
    const char *url = w->d->conf->public_url, *host = strstr(url, "://");
    size_t n = host == NULL ? 0 : (size_t)(host - url) + 3 + strcspn(host + 3, "/");
    struct webrequest rq = {.method = "GET", .url = w->url, .ca_file = w->d->ca_file};
    struct webanswer a;
    struct error e;
    char root[1100];

    report_add(&w->d->report, REPORT_FAIL, "web", "%s has no Mesher: 404 for %s" HEALTH,
               webserver_name(w->front), url);
    str_copy((struct str){url, n}, root, sizeof root);
    (void)snprintf(w->url, sizeof w->url, "%s" HEALTH, root);
    if (url[n] != '\0' && webrequest_run(&rq, &a, &e) == 0 && a.status == 200 &&
        strstr(a.body, "\"status\":") != NULL) {
        report_why(&w->d->report,
                   "Mesher is at the root of that host: the prefix is wrong");
        report_mend(&w->d->report, "public_url = \"%s\"    in the configuration", root);
        return;
    }
    report_mend(&w->d->report, "public_url = \"SCHEME://HOST/PREFIX\"    in the "
                               "configuration: as clients reach Mesher");
    webserver_advise(&w->d->report, w->front, WEBSERVER_PATH, 0);
}

static void
redirected(struct web *w, const struct webanswer *a)
{
    struct report *r = &w->d->report;
    size_t n = strlen(a->location), tail = sizeof HEALTH - 1;

    report_add(r, REPORT_FAIL, "web", "%ld: it redirects clients to %s", a->status,
               a->location);
    report_why(r, "SDKs do not follow redirects");
    if (n > tail && strcmp(a->location + n - tail, HEALTH) == 0)
        n -= tail;
    report_mend(r, "public_url = \"%.*s\"    in the configuration", (int)n, a->location);
}

/* Returns whether the answer comes from Mesher. */
static bool
judge_health(struct web *w, const struct webanswer *a)
{
    struct report *r = &w->d->report;

    if (a->status == 200 && strstr(a->body, "\"status\":\"ok\"") != NULL) {
        report_add(r, REPORT_OK, "web", "%s, by %s, in %lld ms", w->d->conf->public_url,
                   a->server[0] == '\0' ? "a server without a name" : a->server,
                   (long long)a->took_ms);
        return true;
    }
    if (strstr(a->body, "\"status\":") != NULL) {
        report_add(r, a->status == 200 ? REPORT_WARN : REPORT_FAIL, "web",
                   "Mesher reports: %s", a->body);
        report_mend(r, "fix the part that is down: see the checks of database, writer "
                       "and spool_dir");
        return true;
    }
    if (a->status >= 300 && a->status < 400) {
        redirected(w, a);
    } else if (a->status == 404) {
        not_there(w);
    } else if (a->status >= 500) {
        nobody_behind(w, a->status);
    } else {
        report_add(r, REPORT_FAIL, "web", "%ld from %s rather than from Mesher",
                   a->status, webserver_name(w->front));
        webserver_advise(r, w->front, WEBSERVER_PATH, 0);
    }
    return false;
}

static bool
check_health(struct web *w)
{
    struct webrequest rq = {.method = "GET", .url = w->url, .ca_file = w->d->ca_file};
    struct error e;

    (void)snprintf(w->url, sizeof w->url, "%s" HEALTH, w->d->conf->public_url);
    if (webrequest_run(&rq, &w->clock, &e) == 0) {
        w->front = webserver_of(w->clock.server);
        return judge_health(w, &w->clock);
    }
    no_way(w, &e);
    return false;
}

static void
check_clock(struct web *w)
{
    struct report *r = &w->d->report;
    int64_t off_s = w->clock.date_s - w->clock.at_s, size = off_s < 0 ? -off_s : off_s;

    if (w->clock.date_s < 0) {
        report_add(r, REPORT_SKIP, "web-clock", "its answers have no date");
    } else if (size < CLOCK_WARN_S) {
        report_add(r, REPORT_OK, "web-clock", "the web server's clock differs by %lld s",
                   (long long)size);
    } else {
        report_add(r, size < CLOCK_FAIL_S ? REPORT_WARN : REPORT_FAIL, "web-clock",
                   "the web server's clock is %lld s %s ours", (long long)size,
                   off_s < 0 ? "behind" : "ahead of");
        report_mend(
            r,
            "timedatectl set-ntp true, on whichever of the two hosts is off (date -u)");
    }
}

static void
without_libcurl(struct web *w, const struct error *e)
{
    struct report *r = &w->d->report;

    report_add(r, REPORT_SKIP, "web", "%s: %s", e->text, e->detail);
#ifdef MESHER_BUNDLE
    report_mend(r,
                "curl -i %s" HEALTH "    from another machine: these programs are for "
                "a host without libcurl",
                w->d->conf->public_url);
#else
    report_mend(r, "apt-get install libcurl4");
#endif
    web_skip_trials(w, "requests need libcurl");
    report_add(r, REPORT_SKIP, "websocket", "requests need libcurl");
}

void
doctor_web(struct doctor *d)
{
    struct web w = {.d = d, .front = WEBSERVER_OTHER};
    struct error e;

    if (libcurl_load(&e) != 0) {
        without_libcurl(&w, &e);
        return;
    }
    if (check_health(&w)) {
        check_clock(&w);
        web_no_key(&w);
        web_options(&w);
        web_idle(&w);
        web_try_all(&w);
    } else {
        web_skip_trials(&w, "`web` must be correct first");
        db_set_deadline(d->db, clock_now_ms() + DOCTOR_DATABASE_MS);
        if (d->database_ok && d->schema_ok)
            w.has_key = server_info_project_begin(d->projects, &w.project, &e) == 0;
    }
    web_socket(&w);
    db_set_deadline(d->db, clock_now_ms() + DOCTOR_DATABASE_MS);
    if (w.has_key && server_info_project_end(d->projects, &w.project, &e) != 0) {
        report_add(&d->report, REPORT_WARN, "web-key",
                   "the project of the checks could not be removed: %s: %s", e.text,
                   e.detail);
        report_mend(&d->report, "mesherctl project remove %s --yes", w.project.id);
    }
}
