/*
 * message: one message of a connection, from its arrival to its answer.
 */
#ifndef MESHER_WS_MESSAGE_H
#define MESHER_WS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "ingest/bulk_answer.h"
#include "ingest/prepare.h"
#include "wire/frame.h"

struct message {
    struct message *next;
    bool answered;      /* line is complete */
    bool is_bulk;       /* bulk is set */
    bool by_client;     /* the client sent the event_id */
    struct uuid id;     /* of a single event */
    struct error error; /* of a charge: its reason */
    struct bulk bulk;
    size_t count;  /* items in the frame */
    size_t weight; /* of its frame, in bytes */
    uint32_t tag;  /* of the frame, while it is under way */
    int64_t asked_ms;
    struct buf frame; /* kept until the verdict: it may have to be sent again */
    struct buf line;  /* the answer, with its newline */
};

/* Creates a message from its text: either it has a frame, or it is answered already.
 * Returns an object to be freed with message_free(), or NULL (ENOMEM). */
struct message *message_new(const struct prepare *p, struct str text,
                            size_t bulk_max_events) MUST_CHECK;

/* Creates a message that is an error, with a charge if the error costs one. */
struct message *message_bad(int64_t project, const struct error *e) MUST_CHECK;

/* Frees m, which may be NULL. */
void message_free(struct message *m);

/* Answers it with its verdicts, or with an error. */
void message_settle(struct message *m, const struct verdict *v);
void message_fail(struct message *m, const struct error *e);

#endif
