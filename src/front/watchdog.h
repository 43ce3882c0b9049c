/*
 * watchdog: ends the waits of a FastCGI responder inside libfcgi.
 *
 * libfcgi reads and writes without a time limit.  Ten times a second, and only while a
 * request is under way, a timer checks whether the peer takes too long and then shuts the
 * socket down (shutdown(2)): the read ends as if the peer had closed it, and the answer
 * can still be written.
 *
 * Slow clients must not use up a pool.  A request whose body has not arrived after
 * WATCHDOG_PATIENCE_MS, or whose sender is still unknown, may only continue to wait while
 * it holds one of a few places that all processes on the listening socket share; the
 * default configuration has a quarter as many places as responders.  A place is the name
 * of an abstract Unix socket (unix(7)): it needs no file, and is free when its holder
 * dies.
 *
 * There is one watchdog per process, since a signal handler uses it.
 */
#ifndef MESHER_FRONT_WATCHDOG_H
#define MESHER_FRONT_WATCHDOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "front/pace.h"

#define WATCHDOG_PATIENCE_MS 100

/* From the first byte of a request to the end of its variables; also the limit for its
 * answer. */
#define WATCHDOG_HEAD_MS 2000
#define WATCHDOG_ANSWER_MS 10000

/* Sets up the timer.  listening: the socket that the processes share; places: how many of
 * their requests may be slow at the same time.  Returns 0, or -1 with ERROR_SYSTEM. */
int watchdog_start(int listening, unsigned places, struct error *e) MUST_CHECK;

/* Begins a request on the connection in *fd, which may be -1 until it is accepted (kept
 * until watchdog_end()).  Its variables are being read. */
void watchdog_head(const int *fd);

/* Its body is being waited for, within the limits of p (kept; the caller counts the
 * bytes).  watchdog_known(): the sender's key is good. */
void watchdog_body(const struct pace *p);
void watchdog_known(bool known);

/* The request is being processed: nothing waits for the peer. */
void watchdog_work(void);

/* Its answer is being written. */
void watchdog_answer(void);

/* Ends the request; releases its place. */
void watchdog_end(void);

/* Returns whether a body may be waited for: false when the sender is unknown and no place
 * is free. */
bool watchdog_may_wait(void) MUST_CHECK;

/* Returns whether the connection was shut down since watchdog_head(). */
bool watchdog_has_bitten(void) MUST_CHECK;

#endif
