/*
 * record: data stored along with events, in a form ready to be copied, as wire/row.h is
 * for events.
 *
 * An item of a submission that begins with a byte other than 0 is a record: its kind,
 * then its fields, each as an element of a PostgreSQL binary array (4 bytes of length,
 * the value).  A row begins with the length of its id, whose first byte is 0.  The first
 * field is an id, which identifies a record that is sent again: it is counted once.
 */
#ifndef MESHER_WIRE_RECORD_H
#define MESHER_WIRE_RECORD_H

#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"

/*
 * The kinds of records: X(number, NAME, name, shape).  A shape has a letter for the type
 * of each field: u uuid, t timestamptz as in a row, i int4, l int8, s text, b bytea; a
 * capital letter may be NULL.  Each line defines the statement STATEMENT_NAME, which is
 * store/sql/NAME.sql, and its parameters.  HACKING says how to add one.
 */
/* clang-format off */
#define RECORD_KINDS(X) \
    /* id, event id, received, chunk, chunks, file name, content type, attachment type, bytes in all, \
       this chunk's bytes */ \
    X(1, ATTACHMENT, attachment, "uutiisSslb") \
    /* id, event id, received, source, name, email, comments, url */ \
    X(2, USER_REPORT, user_report, "uutsSSSS") \
    /* id, received, hour, release, environment, total, crashed, errored, abnormal, bit of the user */ \
    X(3, SESSION, session, "uttssllllI") \
    /* id, received, reason, category, quantity */ \
    X(4, CLIENT_REPORT, client_report, "utssl") \
    /* id, received, hour, type, quantity */ \
    X(5, COUNTED, counted, "uttsl") \
    /* id, received, slug, environment, check-in id, status, duration in ms, configuration (JSON) */ \
    X(6, CHECK_IN, check_in, "utssUsLS")

#define RECORD_KIND(number, NAME, name, shape) RECORD_##NAME = (number),
enum record_kind {
    RECORD_KINDS(RECORD_KIND)
    RECORD_KINDS_END /* one more than the last */
};

/* clang-format on */

#define RECORD_FIELDS_MAX 10U

/* The users of a session are counted in a bitmap of this many bits: a record names one
 * bit. */
#define RECORD_USER_BITS 16384U

/* The largest int8 of a record: four times the largest count that a client may report for
 * one thing, or the largest attachment in bytes.  Even a sum of two billion of them does
 * not overflow in the database, where an overflow would refuse the whole batch. */
#define RECORD_INT8_MAX (INT64_C(1) << 32)

/* field[i] starts at its 4 bytes of length; one field per letter of the shape. */
struct record {
    enum record_kind kind;
    struct str field[RECORD_FIELDS_MAX];
};

/* Returns the shape of a kind; "" for an unknown number. */
const char *record_shape(enum record_kind kind) MUST_CHECK;

/* Begin a record: its kind and its id.  The fields follow in the order of the shape,
 * written with row_add_…() of wire/row.h and these two. */
void record_begin(struct buf *b, enum record_kind kind, const struct uuid *id);
void record_add_int4(struct buf *b, int32_t v);
void record_add_int8(struct buf *b, int64_t v);

/* Finds the fields of a record that fills all of s; checks its kind, every length, that
 * required fields are not NULL, and that times and numbers are in range.  The views point
 * into s.  Returns 0, or -1 with ERROR_MALFORMED. */
int record_parse(struct str s, struct record *out, struct error *e) MUST_CHECK;

/* As row_check_texts(). */
int record_check_texts(const struct record *r, struct error *e) MUST_CHECK;

#endif
