/* mesherctl send-test */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "admin/server_info.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/jsonout.h"
#include "cmd/ctl.h"
#include "doctor/doctor.h"
#include "doctor/webrequest.h"

#define TITLE "mesherctl send-test"
#define WAIT_MS 30000
#define LOOK_MS 50

struct test {
    char project[24], key[72], id[IDS_HEX_BYTES], issue[64];
    int64_t answered_ms, stored_ms;
};

/* Finds the requested project, or the only one. */
static int
find_project(struct ctl *c, struct test *t, struct error *e)
{
    const char *wanted = c->words == 1 ? c->word[0] : NULL;
    struct table all;
    int rc = 0;

    if (projects_list(&c->projects, wanted, &all, e) != 0)
        return -1;
    if (all.row_count == 0)
        rc = error_set(e, ERROR_NOT_FOUND,
                       "there is no project: mesherctl project add NAME");
    else if (all.row_count > 1)
        rc = error_set(e, ERROR_MALFORMED, "there are %zu projects: name one",
                       all.row_count);
    else if (table_value(&all, 0, 5).p == NULL)
        rc = error_set(e, ERROR_NOT_FOUND,
                       "the project has no key: mesherctl key add PROJECT");
    if (rc == 0) {
        str_copy(table_value(&all, 0, 0), t->project, sizeof t->project);
        str_copy(table_value(&all, 0, 5), t->key, sizeof t->key);
    }
    table_release(&all);
    return rc;
}

/* An envelope, as Sentry's SDKs send it. */
static int
send_event(struct ctl *c, struct test *t, struct error *e)
{
    char url[1200], auth[200], body[1024], event[512], now[CLOCK_TEXT_BYTES];
    struct webrequest rq = {
        .method = "POST",
        .url = url,
        .ca_file = ctl_ca_file(),
        .header = {auth, "Content-Type: application/x-sentry-envelope"}};
    struct webanswer a;
    struct uuid id;

    if (ids_new(clock_wall_us(), &id, e) != 0)
        return -1;
    ids_format_hex(&id, t->id);
    clock_format(clock_wall_us(), now);
    (void)snprintf(url, sizeof url, "%s/api/%s/envelope/", c->conf->public_url,
                   t->project);
    (void)snprintf(
        auth, sizeof auth,
        "X-Sentry-Auth: Sentry sentry_version=7, sentry_client=mesherctl/" PACKAGE_VERSION
        ", sentry_key=%s",
        t->key);
    (void)snprintf(
        event, sizeof event,
        "{\"event_id\":\"%s\",\"timestamp\":\"%s\",\"level\":\"info\",\"logger\":\"" TITLE
        "\",\"message\":\"" TITLE "\",\"fingerprint\":[\"" TITLE "\"]}",
        t->id, now);
    (void)snprintf(body, sizeof body,
                   "{\"event_id\":\"%s\"}\n{\"type\":\"event\",\"length\":%zu}\n%s\n",
                   t->id, strlen(event), event);
    rq.head = str_of(body);
    if (webrequest_run(&rq, &a, e) != 0)
        return error_detail(e, "no answer from %.150s", c->conf->public_url);
    t->answered_ms = a.took_ms;
    if (a.status == 200)
        return 0;
    error_set(e, ERROR_UNAVAILABLE,
              "the answer is %ld instead of 200: run mesherctl doctor", a.status);
    return error_detail(e, "%.200s", a.body);
}

/* Reports where an accepted event is that is not in the database. */
static int
stuck(const struct ctl *c, const struct test *t, struct error *e)
{
    int64_t oldest_s;
    size_t files = doctor_spool_files(c->conf, &oldest_s);

    error_set(e, ERROR_UNAVAILABLE,
              "event %s was accepted but is not in the database after %d s", t->id,
              WAIT_MS / 1000);
    return error_detail(e, "%zu files wait in the spool; %s: run mesherctl doctor", files,
                        c->conf->writer_socket[0] == '\0'
                            ? "without a writer, mesherctl spool flush replays it"
                        : ctl_writer_answers(c) ? "the writer answers but cannot store"
                                                : "the writer does not answer");
}

static int
wait_for(struct ctl *c, struct test *t, struct error *e)
{
    int64_t began_ms = clock_now_ms();
    struct error last = {.kind = ERROR_NONE};
    bool found = false;

    db_set_deadline(c->db, began_ms + WAIT_MS);
    while (!found && clock_now_ms() < began_ms + WAIT_MS) {
        if (server_info_event(c->db, t->project, t->id, &found, t->issue, &last) == 0)
            last.kind = ERROR_NONE;
        if (!found)
            (void)poll(NULL, 0, LOOK_MS);
    }
    t->stored_ms = t->answered_ms + clock_now_ms() - began_ms;
    if (found)
        return 0;
    if (last.kind != ERROR_NONE) {
        *e = last;
        return error_prefix(
            e,
            "event %s was accepted and waits in the spool: the database is unreachable",
            t->id);
    }
    return stuck(c, t, e);
}

int
ctl_send_test(struct ctl *c, struct error *e)
{
    struct test t = {.issue = ""};

    if (find_project(c, &t, e) != 0 || send_event(c, &t, e) != 0 ||
        wait_for(c, &t, e) != 0)
        return -1;
    if (!c->json) {
        buf_add_f(
            &c->out,
            "event %s of project %s: answered in %lld ms, stored in %lld ms, issue %s\n",
            t.id, t.project, (long long)t.answered_ms, (long long)t.stored_ms, t.issue);
        return 0;
    }
    buf_add_char(&c->out, '{');
    jsonout_text(&c->out, "id", str_of(t.id));
    jsonout_raw(&c->out, "project", str_of(t.project));
    jsonout_text(&c->out, "issue", str_of(t.issue));
    jsonout_number(&c->out, "answered_ms", t.answered_ms);
    jsonout_number(&c->out, "stored_ms", t.stored_ms);
    buf_add_text(&c->out, "}\n");
    return 0;
}
