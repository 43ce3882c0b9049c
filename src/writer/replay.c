#include "writer/replay.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "outage/restore.h"
#include "spool/replay.h"

struct writer_replay {
    struct db *db;
    struct commit_queue *group;
    const char *spool_dir;
    struct replay *replay; /* NULL: there is no spool */
    int64_t at_ms;
    int64_t replayed; /* events since the spool was empty */
};

struct writer_replay *
writer_replay_new(struct db *db, struct commit_queue *g, const char *spool_dir)
{
    struct writer_replay *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    *d = (struct writer_replay){.db = db, .group = g, .spool_dir = spool_dir};
    d->at_ms = clock_now_ms();
    if (spool_dir[0] == '\0')
        return d;
    d->replay =
        restore_new(fallback_spool(commit_queue_fallback(g)), commit_queue_batch(g));
    if (d->replay == NULL) {
        writer_replay_free(d);
        return NULL;
    }
    return d;
}

void
writer_replay_free(struct writer_replay *d)
{
    if (d == NULL)
        return;
    replay_free(d->replay);
    free(d);
}

int64_t
writer_replay_at_ms(const struct writer_replay *d)
{
    return d->at_ms;
}

/* Nothing to replay: checks whether the database is back. */
static void
ask_database(struct writer_replay *d)
{
    struct error e;

    d->at_ms = clock_now_ms() + WRITER_REPLAY_LOOK_MS;
    if (!commit_queue_is_down(d->group))
        return;
    if (db_run(d->db, STATEMENT_PING, NULL, 0, NULL, &e) == 0)
        commit_queue_set_up(d->group);
    else
        d->at_ms = clock_now_ms() + WRITER_REPLAY_RETRY_MS;
}

static void
say_drained(struct writer_replay *d)
{
    if (d->replayed > 0)
        log_write(LOG_LEVEL_INFO, LOG_SPOOL_DRAINED, &LOG_NUMBER("events", d->replayed),
                  1);
    d->replayed = 0;
}

static void
give_up(struct writer_replay *d, const struct error *e)
{
    d->at_ms = clock_now_ms() + WRITER_REPLAY_RETRY_MS;
    if (e->kind == ERROR_SYSTEM) { /* the spool's own disk: the database may be fine */
        log_error(LOG_LEVEL_ERROR, LOG_SPOOL_REFUSES, e, NULL, 0);
        ask_database(d);
    } else {
        commit_queue_saw_failure(d->group, e);
    }
}

void
writer_replay_step(struct writer_replay *d)
{
    struct error e = {.kind = ERROR_NONE};
    size_t events;

    if (d->replay == NULL || !replay_lock(d->replay, d->spool_dir) ||
        !replay_is_due(d->replay)) {
        ask_database(d);
        return;
    }
    switch (replay_step(d->replay, clock_wall_us(), &events, &e)) {
    case REPLAY_EMPTY:
        say_drained(d);
        ask_database(d);
        break;
    case REPLAY_STORED:
        d->replayed += (int64_t)events;
        d->at_ms = clock_now_ms();
        /* A damaged file says nothing about the database. */
        if (commit_queue_is_down(d->group) && events > 0)
            commit_queue_set_up(d->group);
        break;
    case REPLAY_FAILED:
        give_up(d, &e);
        break;
    }
}
