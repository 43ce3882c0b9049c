/*
 * shared: state shared by the one-request processes of a host.
 *
 * A CGI process exits before it could use its state again.  So the file `shared` in the
 * spool's directory (mode 0600, of fixed size, mapped into each process) holds what a
 * long-lived process keeps in memory: the windows of the limits (admit/window.h), the
 * origins that may send (admit/origins.h), outcomes that were not reported yet
 * (wire/outcomes.h), and whether the database was away.  It is as durable as an UNLOGGED
 * table: never flushed, lost in a crash of the machine.  A file with invalid content, or
 * from before the machine's last boot, is created again.  Times are clock_now_ms() values
 * from the caller.
 */
#ifndef MESHER_OUTAGE_SHARED_H
#define MESHER_OUTAGE_SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admit/origins.h"
#include "admit/window.h"
#include "base/compat.h"
#include "base/error.h"
#include "wire/outcomes.h"

/* How long a database that did not answer is not asked again. */
#define SHARED_AWAY_MS 5000

struct shared;

/* Opens the file in dir; make: creates it if missing.  Returns an object to be freed with
 * shared_close(), or NULL with ERROR_NOT_FOUND or ERROR_SYSTEM. */
struct shared *shared_open(const char *dir, bool make, struct error *e) MUST_CHECK;

/* Closes the file; s may be NULL. */
void shared_close(struct shared *s);

/* Returns the windows, valid until shared_close(). */
struct windows shared_windows(struct shared *s) MUST_CHECK;

/* Takes the lock of the one process that may report units taken here to the database, or
 * ask it for more afterwards.  Waits until deadline_ms; returns false when another
 * process still holds it. */
bool shared_lock_settling(struct shared *s, int64_t deadline_ms) MUST_CHECK;
void shared_unlock_settling(struct shared *s);

/* Record that the database did not answer (away) or did, and return whether it did not
 * within SHARED_AWAY_MS. */
void shared_set_away(struct shared *s, int64_t now_ms, bool away);
bool shared_is_away(struct shared *s, int64_t now_ms) MUST_CHECK;

/* As origins_put() and origins_get(); out has room for ORIGINS_MAX_BYTES. */
void shared_put_origins(struct shared *s, int64_t project, int64_t now_ms,
                        struct str list);
bool shared_get_origins(struct shared *s, int64_t project, int64_t now_ms, char *out,
                        size_t *n) MUST_CHECK;

/* Adds all of o and empties it; moves all stored counts to o. */
void shared_add_outcomes(struct shared *s, struct outcomes *o);
void shared_take_outcomes(struct shared *s, struct outcomes *o);
bool shared_has_outcomes(struct shared *s) MUST_CHECK;

#endif
