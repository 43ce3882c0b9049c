#include "submit/submit.h"

#include <stdlib.h>
#include <string.h>

#include "admit/origins.h"
#include "admit/scrubbing.h"
#include "base/clock.h"
#include "base/log.h"
#include "outage/keyfile.h"
#include "outage/scrubfile.h"
#include "store/tally.h"
#include "submit/submit_direct.h"
#include "submit/submit_writer.h"

struct submit {
    struct submit_settings settings;
    struct submit_writer writer;
    struct submit_direct *direct; /* NULL until needed */
    struct fallback *fallback;
    struct buf question;
    bool writer_lost;
    bool spool_first;         /* the spool comes first where possible; see submit.h */
    struct outcomes outcomes; /* not reported yet */
    int64_t told_ms;
    int64_t silent_until_ms; /* the writer hangs: do not ask it before then */
};

struct submit *
submit_new(const struct submit_settings *settings)
{
    struct submit *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->settings = *settings;
    s->question = buf_init(FRAME_HEAD_BYTES + KEY_BYTES);
    submit_writer_init(&s->writer, settings->writer_socket, settings->timeout_ms);
    s->spool_first = settings->one_shot && settings->writer_socket[0] == '\0' &&
                     settings->fallback.spool.dir[0] != '\0';
    s->fallback = fallback_new(&settings->fallback);
    if (s->fallback == NULL) {
        submit_free(s);
        return NULL;
    }
    return s;
}

void
submit_free(struct submit *s)
{
    if (s == NULL)
        return;
    submit_writer_release(&s->writer);
    submit_direct_free(s->direct);
    fallback_free(s->fallback);
    buf_release(&s->question);
    free(s);
}

void
submit_disconnect(struct submit *s)
{
    submit_writer_release(&s->writer);
    if (s->direct != NULL)
        submit_direct_rest(s->direct);
}

static struct submit_direct *
direct_of(struct submit *s, struct error *e)
{
    struct db_settings db = {.conninfo = s->settings.database,
                             .connect_timeout_ms = s->settings.connect_timeout_ms,
                             .statement_timeout_ms = s->settings.statement_timeout_ms,
                             .prepare = !s->settings.one_shot,
                             .batch = !s->settings.one_shot};

    if (s->direct == NULL)
        s->direct = submit_direct_new(&db, s->settings.poison_dir, s->fallback,
                                      s->settings.store_timeout_ms);
    if (s->direct == NULL) {
        error_no_memory(e);
    }
    return s->direct;
}

static bool
has_writer(const struct submit *s)
{
    return s->settings.writer_socket[0] != '\0';
}

bool
submit_should_disconnect(const struct submit *s)
{
    return (has_writer(s) || s->settings.idle_maintenance.interval_ms > 0) &&
           s->direct != NULL && db_is_connected(submit_direct_db(s->direct));
}

void
submit_flush_outcomes(struct submit *s)
{
    struct buf frame = buf_init(FRAME_MAX_BYTES);
    struct error ignored;

    s->told_ms = clock_now_ms();
    frame_outcomes(&frame, 0, &s->outcomes);
    if (has_writer(s) && s->told_ms >= s->silent_until_ms && !frame.failed &&
        submit_writer_tell(&s->writer, &frame) == 0)
        s->outcomes.count = 0;
    else if (s->direct != NULL && db_is_connected(submit_direct_db(s->direct)))
        (void)!tally_store(submit_direct_db(s->direct), &s->outcomes, &ignored);
    buf_release(&frame);
}

/* Reports counts along with a frame for the writer, or after a submission run here. */
static void
tell_sometimes(struct submit *s)
{
    if (s->outcomes.count > 0 && clock_now_ms() - s->told_ms >= TALLY_MS)
        submit_flush_outcomes(s);
}

bool
submit_has_counts(const struct submit *s)
{
    return s->outcomes.count > 0;
}

void
submit_count(struct submit *s, int64_t project, enum outcome outcome, int64_t quantity)
{
    if (outcome != OUTCOME_NONE)
        outcomes_add(&s->outcomes, project, clock_wall_us(), outcome, quantity);
}

void
submit_count_error(struct submit *s, int64_t project, const struct error *e)
{
    submit_count(s, project,
                 e->kind == ERROR_FILTERED ? outcomes_of_filter(e->filter)
                                           : outcomes_of_error(e->kind),
                 1);
}

void
submit_count_verdicts(struct submit *s, int64_t project, const struct buf *frame,
                      const struct verdict *v, size_t events)
{
    bool again = frame_is_again(frame);

    for (size_t i = 0; i < events; i++) {
        if (v[i].status == VERDICT_LIMITED)
            submit_count(s, project, OUTCOME_RATE_LIMITED, 1);
        else if (v[i].status == VERDICT_POISON)
            submit_count(s, project, OUTCOME_POISON, 1);
        else if (v[i].status == VERDICT_DUPLICATE && !again)
            submit_count(s, project, OUTCOME_DUPLICATE, 1);
    }
}

/* Asks the writer one question, and logs when it appears or disappears.  A writer that
 * answers makes our own database connection superfluous. */
static enum submit_writer_result
ask(struct submit *s, struct buf *frame, uint32_t tag, enum frame_type answer,
    struct str *body, struct error *e)
{
    enum submit_writer_result result;

    if (!has_writer(s))
        return SUBMIT_WRITER_ABSENT;
    if (clock_now_ms() < s->silent_until_ms) {
        error_set(e, ERROR_UNAVAILABLE, "writer unavailable");
        return SUBMIT_WRITER_SILENT;
    }
    tell_sometimes(s);
    result = submit_writer_ask(&s->writer, frame, tag, answer, body, e);
    if (result == SUBMIT_WRITER_ANSWERED && s->writer_lost) {
        log_write(LOG_LEVEL_INFO, LOG_WRITER_BACK, NULL, 0);
        if (s->direct != NULL)
            submit_direct_rest(s->direct);
    } else if (result != SUBMIT_WRITER_ANSWERED && !s->writer_lost) {
        log_error(LOG_LEVEL_WARNING, LOG_WRITER_LOST, e, NULL, 0);
    }
    s->writer_lost = result != SUBMIT_WRITER_ANSWERED;
    if (result == SUBMIT_WRITER_SILENT)
        s->silent_until_ms = clock_now_ms() + SUBMIT_SILENCE_MS;
    return result;
}

static int
bad_answer(struct error *e)
{
    error_set(e, ERROR_UNAVAILABLE, "writer unavailable");
    return error_detail(e, "invalid answer from the writer");
}

/* Opens the file shared by the processes of this host; NULL: there is none. */
static struct shared *
shared_of(struct submit *s)
{
    struct error e;

    if (s->spool_first && fallback_share(s->fallback, true, &e) != 0) {
        log_error(LOG_LEVEL_WARNING, LOG_SPOOL_REFUSES, &e, NULL, 0);
        s->spool_first = false;
    }
    return s->spool_first ? fallback_shared(s->fallback) : NULL;
}

static bool
is_away(struct submit *s)
{
    struct shared *shared = shared_of(s);

    return shared != NULL && shared_is_away(shared, clock_now_ms());
}

/* Looks up a key that was good when the database last answered; why: the reason not to
 * ask. */
static int
known_key(struct submit *s, const struct key *k, enum key_state *state, int64_t *project,
          const struct error *why, struct error *e)
{
    if (fallback_key(s->fallback, k, project, e) == 0) {
        *state = KEY_STATE_GOOD;
        return 0;
    }
    *e = *why;
    return -1;
}

/* Returns whether the key file and its companion are fresh enough for a process that
 * avoids asking. */
static bool
files_are_young(const struct submit *s)
{
    return keyfile_age_ms(s->settings.fallback.spool.dir) < SUBMIT_KEYS_MS;
}

/* Looks among the keys that need not be asked for.  1: it must be asked for. */
static int
known_early(struct submit *s, const struct key *k, enum key_state *state,
            int64_t *project, struct error *e)
{
    bool away = is_away(s);
    struct error why;

    if (!s->spool_first || (!away && !files_are_young(s)))
        return 1;
    (void)error_set(&why, ERROR_UNAVAILABLE, "database unavailable");
    if (known_key(s, k, state, project, &why, e) == 0)
        return 0;
    return away ? -1 : 1;
}

int
submit_lookup(struct submit *s, const struct key *k, enum key_state *state,
              int64_t *project, struct error *e)
{
    uint32_t tag = submit_writer_tag(&s->writer);
    struct submit_direct *direct;
    struct error why;
    struct str body;
    int known = known_early(s, k, state, project, e);

    if (known <= 0)
        return known;
    buf_clear(&s->question, SIZE_MAX);
    frame_lookup(&s->question, tag, k);
    switch (ask(s, &s->question, tag, FRAME_KEY, &body, e)) {
    case SUBMIT_WRITER_ANSWERED:
        if (frame_parse_key(body, state, project, e) != 0)
            return bad_answer(e);
        if (*state != KEY_STATE_UNAVAILABLE)
            return 0;
        return error_set(e, ERROR_UNAVAILABLE, "database unavailable");
    case SUBMIT_WRITER_SILENT:
        why = *e;
        return known_key(s, k, state, project, &why, e);
    case SUBMIT_WRITER_ABSENT:
        break;
    }
    direct = direct_of(s, &why);
    if (direct != NULL && submit_direct_lookup(direct, k, state, project, &why) == 0)
        return 0;
    return known_key(s, k, state, project, &why, e);
}

static int
run_here(struct submit *s, const struct buf *frame, enum submit_direct_way way,
         struct verdict *out, size_t count, struct error *e)
{
    struct submit_direct *direct = direct_of(s, e);
    int rc = direct == NULL ? -1 : submit_direct_run(direct, frame, way, out, count, e);

    if (rc == 0 && !has_writer(s) && !s->spool_first)
        tell_sometimes(s);
    return rc;
}

void
submit_idle_maintenance(struct submit *s)
{
    struct submit_direct *direct;
    struct error e;

    if (has_writer(s) ||
        !idle_maintenance_is_due(&s->settings.idle_maintenance, s->fallback))
        return;
    direct = direct_of(s, &e);
    if (direct != NULL)
        submit_direct_idle_maintenance(direct, &s->settings.idle_maintenance);
}

void
submit_after_response(struct submit *s)
{
    const struct idle_maintenance_settings *maintenance = &s->settings.idle_maintenance;
    struct shared *shared = fallback_shared(s->fallback);
    struct submit_direct *direct;
    struct error e;
    bool replays;

    if (shared == NULL) {
        if (submit_has_counts(s))
            submit_flush_outcomes(s);
        submit_idle_maintenance(s);
        return;
    }
    if (s->outcomes.count > 0)
        shared_add_outcomes(shared, &s->outcomes);
    replays = replay_after_is_due(s->fallback);
    if (!idle_maintenance_is_due(maintenance, s->fallback))
        maintenance = NULL;
    if (!replays && maintenance == NULL)
        return;
    /* Serves many events from now on. */
    submit_direct_free(s->direct);
    s->direct = NULL;
    s->settings.one_shot = false;
    direct = direct_of(s, &e);
    if (direct != NULL)
        submit_direct_after_response(direct, s->settings.fallback.spool.dir, replays,
                                     maintenance);
}

int
submit_spool(struct submit *s, struct buf *frame, struct verdict *out, size_t count,
             struct error *e)
{
    return run_here(s, frame, SUBMIT_SPOOL, out, count, e);
}

bool
submit_is_limited(struct submit *s, int64_t project, int64_t *retry_ms)
{
    return shared_of(s) != NULL && window_is_used_up(fallback_windows(s->fallback).units,
                                                     project, clock_now_ms(), retry_ms);
}

static int
origins_here(struct submit *s, int64_t project, char *out, size_t *n, struct error *e)
{
    struct shared *shared = shared_of(s);
    struct submit_direct *direct;

    if (shared != NULL && shared_get_origins(shared, project, clock_now_ms(), out, n))
        return 0;
    if (is_away(s))
        return error_set(e, ERROR_UNAVAILABLE, "database unavailable");
    direct = direct_of(s, e);
    if (direct == NULL || submit_direct_origins(direct, project, out, n, e) != 0)
        return -1;
    if (shared != NULL)
        shared_put_origins(shared, project, clock_now_ms(), (struct str){out, *n});
    return 0;
}

int
submit_origins(struct submit *s, int64_t project, char *out, size_t *n, struct error *e)
{
    uint32_t tag = submit_writer_tag(&s->writer);
    struct str body, text;
    bool known;

    buf_clear(&s->question, SIZE_MAX);
    frame_origins(&s->question, tag, project);
    switch (ask(s, &s->question, tag, FRAME_ALLOWED, &body, e)) {
    case SUBMIT_WRITER_ANSWERED:
        if (frame_parse_allowed(body, &known, &text, e) != 0)
            return bad_answer(e);
        if (!known || text.n > ORIGINS_MAX_BYTES)
            return bad_answer(e);
        *n = text.n;
        (void)memcpy(out, text.p, text.n);
        return 0;
    case SUBMIT_WRITER_SILENT:
        return -1;
    case SUBMIT_WRITER_ABSENT:
        break;
    }
    return origins_here(s, project, out, n, e);
}

static int
scrubbing_here(struct submit *s, int64_t project, char *out, size_t *n, struct error *e)
{
    const char *dir = s->settings.fallback.spool.dir;
    struct submit_direct *direct;
    bool away = is_away(s);

    if (s->spool_first && (away || files_are_young(s)) &&
        scrubfile_find(dir, project, out, n, e) == 0)
        return 0;
    direct = away ? NULL : direct_of(s, e);
    if (direct != NULL && submit_direct_scrubbing(direct, project, out, n, e) == 0)
        return 0;
    return dir[0] == '\0' ? -1 : scrubfile_find(dir, project, out, n, e);
}

int
submit_scrubbing(struct submit *s, int64_t project, char *out, size_t *n, struct error *e)
{
    uint32_t tag = submit_writer_tag(&s->writer);
    const char *dir = s->settings.fallback.spool.dir;
    struct str body, text;
    bool known;

    buf_clear(&s->question, SIZE_MAX);
    frame_scrub(&s->question, tag, project);
    switch (ask(s, &s->question, tag, FRAME_SCRUBBING, &body, e)) {
    case SUBMIT_WRITER_ANSWERED:
        if (frame_parse_scrubbing(body, &known, &text, e) != 0 ||
            text.n > SCRUBBING_MAX_BYTES)
            return bad_answer(e);
        if (!known)
            break;
        *n = text.n;
        (void)memcpy(out, text.p, text.n);
        return 0;
    case SUBMIT_WRITER_SILENT:
        break;
    case SUBMIT_WRITER_ABSENT:
        return scrubbing_here(s, project, out, n, e);
    }
    (void)error_set(e, ERROR_UNAVAILABLE, "database unavailable");
    return dir[0] == '\0' ? -1 : scrubfile_find(dir, project, out, n, e);
}

int
submit_run(struct submit *s, struct buf *frame, struct verdict *out, size_t count,
           struct error *e)
{
    uint32_t tag = submit_writer_tag(&s->writer);
    struct str body;

    frame_set_tag(frame, tag);
    switch (ask(s, frame, tag, FRAME_VERDICTS, &body, e)) {
    case SUBMIT_WRITER_ANSWERED:
        return frame_parse_verdicts(body, out, count, e) == 0 ? 0 : bad_answer(e);
    case SUBMIT_WRITER_SILENT:
        return run_here(s, frame, SUBMIT_SPOOL, out, count, e);
    case SUBMIT_WRITER_ABSENT:
        break;
    }
    return run_here(s, frame,
                    is_away(s)       ? SUBMIT_SPOOL
                    : s->spool_first ? SUBMIT_SPOOL_FIRST
                                     : SUBMIT_DATABASE,
                    out, count, e);
}

void
submit_health(struct submit *s, struct submit_state *out)
{
    uint32_t tag = submit_writer_tag(&s->writer);
    struct submit_direct *direct;
    struct error e;
    struct str body;
    int ok = 0;

    *out = (struct submit_state){
        .writer_configured = has_writer(s),
        .spool_configured = spool_is_configured(fallback_spool(s->fallback)),
        .spool_ok = spool_is_configured(fallback_spool(s->fallback)) &&
                    spool_has_room(fallback_spool(s->fallback))};
    buf_clear(&s->question, SIZE_MAX);
    frame_status(&s->question, tag);
    switch (ask(s, &s->question, tag, FRAME_STATE, &body, &e)) {
    case SUBMIT_WRITER_ANSWERED:
        out->writer_ok = true;
        out->database_ok = frame_parse_state(body, &ok, &e) == 0 && ok;
        return;
    case SUBMIT_WRITER_SILENT:
        return;
    case SUBMIT_WRITER_ABSENT:
        break;
    }
    direct = direct_of(s, &e);
    out->database_ok = direct != NULL && submit_direct_ping(direct);
}
