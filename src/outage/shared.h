/*
 * shared: what the processes of a host that serve one request each know together.
 *
 * A CGI process is gone before it could use what it learned.  So the file `shared` in the
 * spool's directory (mode 0600, of a fixed size, mapped into each of them) keeps what a
 * process that stays has in its memory: the windows of the limits (admit/window.h), from
 * which pages may be sent (admit/origins.h), what became of events and was not told yet
 * (wire/outcomes.h), and whether the database was away.  It is as lasting as an UNLOGGED
 * table: lost with the machine, never flushed.  Whatever does not look like it, or is
 * from before the last start of the machine, is made anew.  Times are clock_now_ms()
 * values from the caller.
 */
#ifndef MESHER_SPOOL_SHARED_H
#define MESHER_SPOOL_SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admit/origins.h"
#include "admit/window.h"
#include "base/compat.h"
#include "base/error.h"
#include "wire/outcomes.h"

/* So long nobody asks a database that did not answer. */
#define SHARED_AWAY_MS 5000

struct shared;

/* Opens the file in dir; make: makes it where there is none.  Gives it for
 * shared_close(), or NULL with ERROR_NOT_FOUND or ERROR_SYSTEM. */
struct shared *shared_open(const char *dir, bool make, struct error *e) MUST_CHECK;

/* Closes it; NULL is allowed. */
void shared_close(struct shared *s);

/* The windows, good until shared_close(). */
struct window_table *shared_windows(struct shared *s) MUST_CHECK;

/* Who tells the database of units taken here, or asks it for more after that, does so
 * alone.  Waits until deadline_ms; false: another still does. */
bool shared_lock_settling(struct shared *s, int64_t deadline_ms) MUST_CHECK;
void shared_unlock_settling(struct shared *s);

/* The database did not answer (away), or did. Was it so within SHARED_AWAY_MS? */
void shared_set_away(struct shared *s, int64_t now_ms, bool away);
bool shared_is_away(struct shared *s, int64_t now_ms) MUST_CHECK;

/* As origins_put() and origins_get(); out has room for ORIGINS_MAX_BYTES. */
void shared_put_origins(struct shared *s, int64_t project, int64_t now_ms,
                        struct str list);
bool shared_get_origins(struct shared *s, int64_t project, int64_t now_ms, char *out,
                        size_t *n) MUST_CHECK;

/* Adds all of o and empties it; takes all that is there into o. */
void shared_add_outcomes(struct shared *s, struct outcomes *o);
void shared_take_outcomes(struct shared *s, struct outcomes *o);
bool shared_has_outcomes(struct shared *s) MUST_CHECK;

#endif
