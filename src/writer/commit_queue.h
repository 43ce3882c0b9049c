/*
 * group: what arrived while the last batch committed, and the next batch made of it.
 *
 * Submissions, key look-ups and questions for the state queue here, bounded in bytes;
 * group_run() answers all look-ups and one batch of submissions.  There is no timer: an
 * idle writer commits the first event at once, a busy one commits as many together as
 * came.  Nothing waits for the database for longer than store_timeout_ms.
 */
#ifndef MESHER_WRITER_GROUP_H
#define MESHER_WRITER_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "outage/fallback.h"
#include "store/batch.h"
#include "store/db.h"
#include "wire/frame.h"
#include "writer/clients.h"

struct group;

struct group_settings {
    struct db *db;             /* kept */
    struct fallback *fallback; /* kept */
    const char *poison_dir;    /* kept */
    int64_t store_timeout_ms;  /* what waits for longer goes to the spool */
    size_t max_events, max_bytes;
    size_t ws_max_project, ws_max; /* long-lived connections */
};

/* Makes an empty queue.  Gives it for group_free(), or NULL (ENOMEM). */
struct group *group_new(const struct group_settings *settings) MUST_CHECK;

/* Frees g and what waits in it, unanswered; NULL is allowed. */
void group_free(struct group *g);

/* Takes a frame in; answers what needs no database at once.  Returns 0, or -1 with
 * ERROR_MALFORMED. */
int group_take(struct group *g, struct client *from, const struct frame *f,
               struct error *e) MUST_CHECK;

/* Is there something to run?  Is so much waiting that no more should be read? */
bool group_has_work(const struct group *g) MUST_CHECK;
bool group_is_full(const struct group *g) MUST_CHECK;

/* Runs the look-ups and one batch; answers them.  While the database is away they are
 * answered from the file of keys, and the batch goes to the spool. */
void group_run(struct group *g);

/* For the time in which the database is waited for, for whatever: answers without it what
 * waits for too long, or, when it is known to be away, all. */
void group_relieve(struct group *g);

/* Is the database known to be away?  Who finds out that it is, or that it is back, says
 * so; back means that the units taken meanwhile were told to it. */
bool group_is_down(const struct group *g) MUST_CHECK;
void group_set_down(struct group *g, const struct error *why);
void group_set_up(struct group *g);

/* When outcomes that responders counted are to be told to the database (clock_now_ms();
 * INT64_MAX: there are none, or it is away); and does it. */
int64_t group_tally_at_ms(const struct group *g) MUST_CHECK;
void group_tally(struct group *g);

/* Has a good key been seen that the spool's file of keys does not have?  Says so once. */
bool group_wants_keys(struct group *g) MUST_CHECK;

/* Its parts, for replay. */
struct batch *group_batch(struct group *g) MUST_CHECK;
struct fallback *group_fallback(struct group *g) MUST_CHECK;

#endif
