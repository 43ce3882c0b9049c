/*
 * record: what is stored beside events, ready to be copied, as wire/row.h is for events.
 *
 * An item of a submission that begins with a byte other than 0 is one: its kind, then its
 * fields, each as an element of a PostgreSQL binary array (4 bytes of length, the value).
 * A row begins with the length of its id, whose first byte is 0.  The first field is an
 * id, by which the same record is known when it comes again: it is counted once.
 */
#ifndef MESHER_WIRE_RECORD_H
#define MESHER_WIRE_RECORD_H

#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"

/* With their fields behind the id.  Times are timestamptz as in a row. */
enum record_kind {
    RECORD_ATTACHMENT = 1, /* event id, received, chunk, chunks, file name, content type,
                              attachment type, bytes in all, this chunk's bytes */
    RECORD_USER_REPORT,    /* event id, received, source, name, email, comments, url */
    RECORD_SESSION,        /* received, hour, release, environment, total, crashed,
                              errored, abnormal, bit of the user */
    RECORD_CLIENT_REPORT,  /* received, reason, category, quantity */
    RECORD_COUNT,          /* received, hour, type, quantity */
    RECORD_KINDS           /* one more than the last */
};

#define RECORD_FIELDS_MAX 10U

/* Users of a session are counted in a bitmap of so many bits: the record names one. */
#define RECORD_USER_BITS 16384U

/* field[i] starts at its 4 bytes of length; there are as many as the shape has letters.
 */
struct record {
    enum record_kind kind;
    struct str field[RECORD_FIELDS_MAX];
};

/* The types of a kind's fields, a letter each: u uuid, t timestamptz, i int4, l int8, s
 * text, b bytea; a capital letter may be NULL. */
const char *record_shape(enum record_kind kind) MUST_CHECK;

/* Begin a record: its kind and its id.  The fields follow in the order of the shape, by
 * row_add_…() of wire/row.h and these two. */
void record_begin(struct buf *b, enum record_kind kind, const struct uuid *id);
void record_add_int4(struct buf *b, int32_t v);
void record_add_int8(struct buf *b, int64_t v);

/* Finds the fields of a record that fills all of s; checks its kind, every length and
 * what must not be NULL.  The views point into s.  Returns 0, or -1 with ERROR_MALFORMED.
 */
int record_parse(struct str s, struct record *out, struct error *e) MUST_CHECK;

#endif
