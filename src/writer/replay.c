#include "writer/replay.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "spool/replay.h"

struct drain {
    struct db *db;
    struct group *group;
    const char *spool_dir;
    struct replay *replay; /* NULL: there is no spool */
    int64_t at_ms;
    int64_t replayed; /* events since the spool was empty */
};

struct drain *
drain_new(struct db *db, struct group *g, const char *spool_dir)
{
    struct drain *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    *d = (struct drain){.db = db, .group = g, .spool_dir = spool_dir};
    d->at_ms = clock_now_ms();
    if (spool_dir[0] == '\0')
        return d;
    d->replay = replay_new(fallback_spool(group_fallback(g)), group_batch(g));
    if (d->replay == NULL) {
        drain_free(d);
        return NULL;
    }
    return d;
}

void
drain_free(struct drain *d)
{
    if (d == NULL)
        return;
    replay_free(d->replay);
    free(d);
}

int64_t
drain_at_ms(const struct drain *d)
{
    return d->at_ms;
}

/* Nothing to replay: is the database back? */
static void
ask_database(struct drain *d)
{
    struct error e;

    d->at_ms = clock_now_ms() + DRAIN_LOOK_MS;
    if (!group_is_down(d->group))
        return;
    if (db_run(d->db, STATEMENT_PING, NULL, 0, NULL, &e) == 0)
        group_set_up(d->group);
    else
        d->at_ms = clock_now_ms() + DRAIN_RETRY_MS;
}

static void
say_drained(struct drain *d)
{
    if (d->replayed > 0)
        log_write(LOG_LEVEL_INFO, LOG_SPOOL_DRAINED, &LOG_NUMBER("events", d->replayed),
                  1);
    d->replayed = 0;
}

static void
give_up(struct drain *d, const struct error *e)
{
    d->at_ms = clock_now_ms() + DRAIN_RETRY_MS;
    if (e->kind == ERROR_SYSTEM) { /* the spool's own disk: the database may be well */
        log_error(LOG_LEVEL_ERROR, LOG_SPOOL_REFUSES, e, NULL, 0);
        ask_database(d);
    } else {
        group_set_down(d->group, e);
    }
}

void
drain_step(struct drain *d)
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
        /* A file that was only put aside says nothing about the database. */
        if (group_is_down(d->group) && events > 0)
            group_set_up(d->group);
        break;
    case REPLAY_FAILED:
        give_up(d, &e);
        break;
    }
}
