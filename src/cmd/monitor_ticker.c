#include "cmd/monitor_ticker.h"

#include <stdlib.h>

#include "admin/evaluate.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/num.h"
#include "front/settings.h"
#include "grouping/rules.h"
#include "ingest/ingest.h"
#include "spool/spool.h"

/* Monitors and events of one run; the next run continues. */
#define MONITORS_AT_ONCE 1000
#define EVENTS_AT_ONCE 100

/* How long check-ins that wait in the spool postpone the evaluation. */
#define SPOOL_WAIT_MS ((int64_t)600 * 1000)

#define TEXT_BYTES (8 * LIMIT_KIB)

struct monitor_ticker {
    const struct conf *conf;
    struct submit *submit; /* NULL until there is an event */
    struct ingest *ingest;
    struct rules *rules;
    int64_t waiting_since_ms; /* 0: the spool was empty */
};

struct monitor_ticker *
monitor_ticker_new(const struct conf *conf)
{
    struct monitor_ticker *t = calloc(1, sizeof *t);

    if (t != NULL)
        t->conf = conf;
    return t;
}

void
monitor_ticker_free(struct monitor_ticker *t)
{
    if (t == NULL)
        return;
    ingest_free(t->ingest);
    submit_free(t->submit);
    rules_free(t->rules);
    free(t);
}

/* Creates what stores events. */
static int
prepare(struct monitor_ticker *t, struct error *e)
{
    struct submit_settings submit = settings_submit(t->conf, false, false);
    struct ingest_settings ingest = {.event_max_bytes = (size_t)t->conf->event_max_bytes,
                                     .compression_level =
                                         (int)t->conf->compression_level};

    if (t->ingest != NULL)
        return 0;
    submit.fallback.spool.dir = "";
    if (t->rules == NULL && rules_load(t->conf->grouping_rules, &t->rules, e) != 0)
        return -1;
    if (t->submit == NULL)
        t->submit = submit_new(&submit);
    ingest.rules = t->rules;
    ingest.submit = t->submit;
    if (t->submit != NULL)
        t->ingest = ingest_new(&ingest);
    return t->ingest != NULL ? 0 : error_no_memory(e);
}

/* Returns whether files wait in the spool, in which there may be check-ins that only seem
 * to be missed. */
static bool
spool_waits(const struct monitor_ticker *t)
{
    const struct spool_settings settings = {t->conf->spool_dir, t->conf->spool_max_files,
                                            t->conf->spool_max_bytes};
    struct spool *s = spool_new(&settings);
    struct folder_list files;
    struct error ignored;
    bool waits = false;

    if (s != NULL && spool_is_configured(s) &&
        spool_list(s, SPOOL_NEW, &files, &ignored) == 0) {
        waits = files.count > 0;
        folder_list_free(&files);
    }
    spool_free(s);
    return waits;
}

/* Returns whether the evaluation must wait for the spool. */
static bool
must_wait(struct monitor_ticker *t)
{
    int64_t now_ms = clock_now_ms();

    if (!spool_waits(t)) {
        t->waiting_since_ms = 0;
        return false;
    }
    if (t->waiting_since_ms == 0)
        t->waiting_since_ms = now_ms;
    return now_ms - t->waiting_since_ms < SPOOL_WAIT_MS;
}

static void
write_context(const struct evaluate_event *f, struct buf *b)
{
    jsonout_name(b, "contexts");
    buf_add_text(b, "{\"monitor\":{");
    jsonout_text(b, "slug", f->slug);
    jsonout_text(b, "status", f->status);
    jsonout_text(b, "check_in_id", f->checkin);
    jsonout_text(b, "started_at", f->started_at);
    if (f->expected_at.p != NULL)
        jsonout_text(b, "expected_at", f->expected_at);
    if (f->config.p != NULL)
        jsonout_raw(b, "config", f->config);
    buf_add_text(b, "}}");
}

/* Writes the event about a failure. */
static void
write_event(const struct evaluate_event *f, struct buf *b)
{
    bool missed = str_eq(f->status, STR("missed"));
    struct buf message = buf_init(LIMIT_KIB);

    buf_add_text(&message, missed ? "Monitor missed: " : "Monitor failed: ");
    buf_add_str(&message, f->slug);
    if (str_eq(f->status, STR("timeout")))
        buf_add_text(&message, " (timeout)");
    buf_add_char(b, '{');
    jsonout_text(b, "event_id", f->id);
    jsonout_text(b, "message", buf_str(&message));
    jsonout_text(b, "timestamp", f->started_at);
    jsonout_text(b, "level", STR("error"));
    jsonout_text(b, "platform", STR("other"));
    jsonout_text(b, "logger", STR("monitor"));
    jsonout_text(b, "culprit", f->slug);
    jsonout_text(b, "environment", f->environment);
    jsonout_name(b, "fingerprint");
    buf_add_text(b, "[\"monitor\",");
    jsonout_string(b, f->slug);
    buf_add_char(b, ',');
    jsonout_string(b, f->environment);
    buf_add_char(b, ']');
    jsonout_name(b, "tags");
    buf_add_char(b, '{');
    jsonout_text(b, "monitor.slug", f->slug);
    jsonout_text(b, "environment", f->environment);
    buf_add_char(b, '}');
    write_context(f, b);
    buf_add_char(b, '}');
    buf_release(&message);
}

/* Stores an event.  Returns 0 when it needs no other attempt, or -1. */
static int
tell(struct monitor_ticker *t, const struct evaluate_event *f, struct error *e)
{
    struct buf text = buf_init(TEXT_BYTES);
    int64_t project;
    int rc = -1;

    write_event(f, &text);
    CHECK(num_parse(f->project, 1, INT64_MAX, &project) == 0);
    if (text.failed)
        rc = error_no_memory(e);
    else
        rc = ingest_own(t->ingest, project, buf_str(&text), e);
    buf_release(&text);
    if (rc == 0 || e->kind == ERROR_LIMITED || e->kind == ERROR_UNAVAILABLE ||
        e->kind == ERROR_SYSTEM)
        return rc;
    if (e->kind != ERROR_FILTERED) /* no attempt will have another result */
        log_error(LOG_LEVEL_ERROR, LOG_POISON, e, "project", project);
    return 0;
}

static int
tell_all(struct monitor_ticker *t, struct db *d, struct error *e)
{
    struct table events;
    int rc;

    if (evaluate_events(d, EVENTS_AT_ONCE, &events, e) != 0)
        return -1;
    rc = events.row_count == 0 ? 0 : prepare(t, e);
    for (size_t i = 0; i < events.row_count && rc == 0; i++) {
        struct evaluate_event f = evaluate_event_of(&events, i);

        if (f.stored || tell(t, &f, e) == 0)
            rc = evaluate_told(d, &f, e);
        else if (e->kind != ERROR_LIMITED)
            rc = -1;
    }
    table_release(&events);
    if (t->submit != NULL) {
        submit_flush_outcomes(t->submit);
        submit_disconnect(t->submit);
    }
    return rc;
}

int
monitor_ticker_run(struct monitor_ticker *t, struct db *d, struct error *e)
{
    int64_t n;

    if (!must_wait(t) && evaluate_due(d, MONITORS_AT_ONCE, &n, e) != 0)
        return -1;
    return tell_all(t, d, e);
}
