/*
 * questions: what the writer is asked beside the batches: whose a key is, how the
 * database is, from where a project's pages may send.
 *
 * What is known is answered at once; the rest waits for questions_run(), which asks the
 * database.  While that is away, keys are looked up in the file of keys.
 */
#ifndef MESHER_WRITER_QUESTIONS_H
#define MESHER_WRITER_QUESTIONS_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "wire/frame.h"
#include "writer/clients.h"
#include "writer/commit_queue.h"

/* Takes a frame of type LOOKUP, STATUS or ORIGINS.  Returns 0, or -1 with
 * ERROR_MALFORMED, or with ERROR_UNAVAILABLE for no memory. */
int questions_take(struct group *g, struct client *from, const struct frame *f,
                   struct error *e) MUST_CHECK;

/* Answers what is there; what comes in meanwhile waits for the next round. */
void questions_run(struct group *g);

/* Answers what came before that time, without the database. */
void questions_relieve(struct group *g, int64_t before_ms);

#endif
