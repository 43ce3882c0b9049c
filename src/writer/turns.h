/*
 * turns: waiting submissions, scheduled fairly between projects.
 *
 * Deficit round robin (Shreedhar and Varghese, 1995): each project has its own queue and,
 * each time its turn comes, may send TURNS_QUANTUM bytes more; unused bytes are kept
 * while it has submissions waiting.  So a project that sends much delays others by one of
 * its turns at most, however long its queue.
 */
#ifndef MESHER_WRITER_TURNS_H
#define MESHER_WRITER_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "writer/waiting.h"

#define TURNS_QUANTUM ((size_t)64 * 1024)

struct turns;

/* Creates an empty schedule.  Returns an object to be freed with turns_free(), or NULL
 * (ENOMEM). */
struct turns *turns_new(void) MUST_CHECK;

/* Frees t and all submissions in it; t may be NULL. */
void turns_free(struct turns *t);

/* Takes over w, a submission.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int turns_push(struct turns *t, struct waiting *w, struct error *e) MUST_CHECK;

/* Returns whether nothing is waiting. */
bool turns_is_empty(const struct turns *t) MUST_CHECK;

/* Returns the next submission among those that arrived before before_ms, or NULL.  It
 * stays in the queue, and is the same until turns_pop() or the next turns_push(). */
struct waiting *turns_next(struct turns *t, int64_t before_ms) MUST_CHECK;

/* Removes the submission that turns_next() returned last. */
void turns_pop(struct turns *t);

#endif
