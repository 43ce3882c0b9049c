/*
 * commit_queue: collects submissions while the last batch commits, and makes the next
 * batch of them; it also answers the questions of responders.
 *
 * Submissions queue here, bounded in bytes; commit_queue_run() stores one batch of them.
 * There is no timer: an idle writer commits the first event at once, a busy one commits
 * all that arrived meanwhile.  Nothing waits for the database longer than
 * store_timeout_ms.
 *
 * Questions are frames of type LOOKUP (the project of a key), STATUS, ORIGINS and SCRUB
 * (settings of a project).  Cached answers go out at once; the others wait for
 * commit_queue_run(), which asks the database.  While the database is away, keys are
 * looked up in the key file.
 */
#ifndef MESHER_WRITER_COMMIT_QUEUE_H
#define MESHER_WRITER_COMMIT_QUEUE_H

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

struct commit_queue;

struct commit_queue_settings {
    struct db *db;             /* kept */
    struct fallback *fallback; /* kept */
    const char *poison_dir;    /* kept */
    int64_t store_timeout_ms;  /* submissions that wait longer go to the spool */
    size_t max_events, max_bytes;
    size_t ws_max_project, ws_max; /* long-lived connections */
};

/* Creates an empty queue.  Returns an object to be freed with commit_queue_free(), or
 * NULL (ENOMEM). */
struct commit_queue *commit_queue_new(const struct commit_queue_settings *settings)
    MUST_CHECK;

/* Frees g and its pending submissions, unanswered; g may be NULL. */
void commit_queue_free(struct commit_queue *g);

/* Takes a frame; answers at once if that needs no database.  Returns 0, or -1 with
 * ERROR_MALFORMED. */
int commit_queue_take(struct commit_queue *g, struct client *from, const struct frame *f,
                      struct error *e) MUST_CHECK;

/* Return whether there is work to run, and whether so much is waiting that reading should
 * pause. */
bool commit_queue_has_work(const struct commit_queue *g) MUST_CHECK;
bool commit_queue_is_full(const struct commit_queue *g) MUST_CHECK;

/* Runs the look-ups and one batch, and answers them.  While the database is away,
 * look-ups are answered from the key file and the batch goes to the spool. */
void commit_queue_run(struct commit_queue *g);

/* Call it while waiting for the database: answers, without the database, submissions and
 * questions that have waited too long, or all of them when it is known to be away. */
void commit_queue_relieve(struct commit_queue *g);

/* Return and set whether the database is known to be away, set by the code that detects
 * it; when it is back, the units taken meanwhile have been reported to it. */
bool commit_queue_is_down(const struct commit_queue *g) MUST_CHECK;
void commit_queue_set_down(struct commit_queue *g, const struct error *why);
void commit_queue_set_up(struct commit_queue *g);

/* Records a failure of the database: it is away, unless only the data was bad
 * (ERROR_POISON), which says nothing about its state. */
void commit_queue_saw_failure(struct commit_queue *g, const struct error *why);

/* Return when outcomes counted by responders must be reported to the database
 * (clock_now_ms(); INT64_MAX: there are none, or it is away); and report them. */
int64_t commit_queue_tally_at_ms(const struct commit_queue *g) MUST_CHECK;
void commit_queue_tally(struct commit_queue *g);

/* Returns, once, whether a good key was seen that the spool's key file does not have. */
bool commit_queue_wants_keys(struct commit_queue *g) MUST_CHECK;

/* Return its parts, for replay. */
struct batch *commit_queue_batch(struct commit_queue *g) MUST_CHECK;
struct fallback *commit_queue_fallback(struct commit_queue *g) MUST_CHECK;

#endif
