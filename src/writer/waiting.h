/*
 * waiting: frames that wait in the writer, in the order of arrival.
 *
 * Each holds its client until it is freed.
 */
#ifndef MESHER_WRITER_WAITING_H
#define MESHER_WRITER_WAITING_H

#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "wire/frame.h"
#include "writer/clients.h"

/* One waiting frame; the bytes of a submission follow it. */
struct waiting {
    struct waiting *next;
    struct client *from;
    uint32_t tag;
    int64_t at_ms; /* time of arrival */
    enum frame_type type;
    struct key key;
    int64_t project; /* of a question about a project */
    struct frame_submission submission;
    size_t bytes;
    char body[];
};

struct waiting_queue {
    struct waiting *first, **end;
};

/* Creates an entry for a frame of that client, with a copy of the first bytes of its
 * body.  Returns an object to be freed with waiting_free(), or NULL with
 * ERROR_UNAVAILABLE. */
struct waiting *waiting_new(struct client *from, const struct frame *f, size_t bytes,
                            struct error *e) MUST_CHECK;
void waiting_free(struct waiting *w);

/* Append w to q, and remove the first entry or return NULL. */
void waiting_push(struct waiting_queue *q, struct waiting *w);
struct waiting *waiting_pop(struct waiting_queue *q);

#endif
