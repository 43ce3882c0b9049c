#include "submit/submit_direct.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/keys.h"

struct submit_direct {
    struct db *db;
    struct batch *batch;
    struct fallback *fallback;
    int64_t store_timeout_ms;
    struct batch_entry items[FRAME_MAX_ITEMS];
};

struct submit_direct *
submit_direct_new(const struct db_settings *settings, const char *poison_dir,
                  struct fallback *fallback, int64_t store_timeout_ms)
{
    struct submit_direct *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->fallback = fallback;
    s->store_timeout_ms = store_timeout_ms;
    s->db = db_new(settings);
    s->batch =
        s->db == NULL ? NULL : batch_new(s->db, fallback_windows(fallback), poison_dir);
    if (s->batch == NULL) {
        submit_direct_free(s);
        return NULL;
    }
    return s;
}

void
submit_direct_free(struct submit_direct *s)
{
    if (s == NULL)
        return;
    batch_free(s->batch);
    db_free(s->db);
    free(s);
}

void
submit_direct_rest(struct submit_direct *s)
{
    db_close(s->db);
}

struct db *
submit_direct_db(struct submit_direct *s)
{
    return s->db;
}

static void
set_deadline(struct submit_direct *s)
{
    db_set_deadline(s->db, clock_now_ms() + s->store_timeout_ms);
}

bool
submit_direct_ping(struct submit_direct *s)
{
    struct error e;

    set_deadline(s);
    return db_run(s->db, STATEMENT_PING, NULL, 0, NULL, &e) == 0;
}

int
submit_direct_origins(struct submit_direct *s, int64_t project, char *out, size_t *n,
                      struct error *e)
{
    set_deadline(s);
    return keys_origins(s->db, project, out, n, e);
}

int
submit_direct_scrubbing(struct submit_direct *s, int64_t project, char *out, size_t *n,
                        struct error *e)
{
    set_deadline(s);
    return keys_scrubbing(s->db, project, out, n, e);
}

/* Saves later processes from finding out on their own. */
static void
tell_others(struct submit_direct *s, int rc, const struct error *e)
{
    struct shared *shared = fallback_shared(s->fallback);

    if (shared != NULL && (rc == 0 || db_error_is_lost(e)))
        shared_set_away(shared, clock_now_ms(), rc != 0);
}

static int
look_up(struct submit_direct *s, const struct key *k, enum key_state *state,
        int64_t *project, struct error *e)
{
    struct windows windows = fallback_windows(s->fallback);
    struct keys_access access;

    if (fallback_shared(s->fallback) == NULL)
        return keys_find(s->db, k, state, project, e);
    if (keys_find_access(s->db, k, &access, e) != 0)
        return -1;
    *state = access.state;
    *project = access.project;
    if (access.state == KEY_STATE_GOOD) {
        if (access.left_ms > 0)
            window_merge(windows.units, access.project, clock_now_ms(), access.left_ms,
                         access.used, access.limits.rate_limit);
        if (access.bytes_left_ms > 0)
            window_merge(windows.bytes, access.project, clock_now_ms(),
                         access.bytes_left_ms, access.bytes_used,
                         access.limits.byte_limit);
        fallback_set_limit(s->fallback, access.project, &access.limits);
    }
    return 0;
}

int
submit_direct_lookup(struct submit_direct *s, const struct key *k, enum key_state *state,
                     int64_t *project, struct error *e)
{
    int rc;

    set_deadline(s);
    rc = look_up(s, k, state, project, e);
    tell_others(s, rc, e);
    if (rc != 0)
        return -1;
    if (*state == KEY_STATE_GOOD && !fallback_knows_key(s->fallback, k))
        fallback_renew_keys(s->fallback, s->db);
    return 0;
}

void
submit_direct_idle_maintenance(struct submit_direct *s,
                               const struct idle_maintenance_settings *c)
{
    set_deadline(s);
    idle_maintenance_run(c, s->fallback, s->batch, s->db);
}

void
submit_direct_after_response(struct submit_direct *s, const char *spool_dir, bool replays,
                             const struct idle_maintenance_settings *maintenance)
{
    struct replay_after d = {.spool_dir = spool_dir,
                             .fallback = s->fallback,
                             .batch = s->batch,
                             .db = s->db,
                             .store_timeout_ms = s->store_timeout_ms};
    bool detached;

    replays = replays && replay_after_begin(&d);
    detached = (replays || maintenance != NULL) && replay_after_detach();
    if (replays)
        replay_after_run(&d, detached ? REPLAY_AFTER_LIFE_MS : IDLE_MAINTENANCE_MS);
    if (maintenance != NULL)
        submit_direct_idle_maintenance(s, maintenance);
}

/* The database counts as back once it has accepted the report of units taken while it was
 * away. */
static void
run_in_database(struct submit_direct *s, size_t count, struct error *e)
{
    int64_t now_ms = clock_now_ms();

    set_deadline(s);
    if (batch_settle(s->batch, now_ms, e) == 0)
        batch_run(s->batch, s->items, count, clock_wall_us(), e);
    if (e->kind != ERROR_NONE)
        log_error(LOG_LEVEL_WARNING, LOG_SPOOLED, e, "events", (int64_t)count);
}

static bool
all_settled(const struct submit_direct *s, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (s->items[i].verdict.status == VERDICT_UNAVAILABLE)
            return false;
    return true;
}

/* Connects first: a process waiting for a connection must not keep others from asking. */
static int
admit_in_database(struct submit_direct *s, size_t count, struct error *e)
{
    int rc;

    set_deadline(s);
    rc = db_connect(s->db, e);
    if (rc == 0)
        rc = fallback_admit(s->fallback, s->batch, s->items, count,
                            clock_now_ms() + s->store_timeout_ms, e);
    tell_others(s, rc, e);
    if (rc != 0)
        log_error(LOG_LEVEL_WARNING, LOG_SPOOLED, e, "events", (int64_t)count);
    return rc;
}

/* For a one-request process: admitted rows, whoever admitted them, go to the spool.  Rows
 * without room there are stored at once. */
static void
run_in_spool_first(struct submit_direct *s, size_t count, struct error *e)
{
    if (fallback_admit_early(s->fallback, s->items, count) ||
        admit_in_database(s, count, e) == 0)
        *e = (struct error){.kind = ERROR_NONE};
    if (!all_settled(s, count))
        fallback_run(s->fallback, s->items, count, e);
    if (all_settled(s, count))
        return;
    set_deadline(s);
    batch_store(s->batch, s->items, count, clock_wall_us(), e);
}

int
submit_direct_run(struct submit_direct *s, const struct buf *frame,
                  enum submit_direct_way way, struct verdict *out, size_t count,
                  struct error *e)
{
    struct frame_submission sub;
    struct frame f;
    bool settled = false;

    CHECK(frame_parse(buf_str(frame), &f, e) > 0);
    CHECK(frame_parse_submission(f.body, &sub, e) == 0 && sub.count == count);
    (void)batch_entry_take(&sub, s->items);
    *e = (struct error){.kind = ERROR_NONE};
    if (way == SUBMIT_SPOOL_FIRST) {
        run_in_spool_first(s, count, e);
    } else {
        if (way == SUBMIT_DATABASE)
            run_in_database(s, count, e);
        if (!all_settled(s, count))
            fallback_run(s->fallback, s->items, count, e);
    }
    for (size_t i = 0; i < count; i++) {
        out[i] = s->items[i].verdict;
        settled = settled || out[i].status != VERDICT_UNAVAILABLE;
    }
    return settled || e->kind == ERROR_NONE ? 0 : -1;
}
