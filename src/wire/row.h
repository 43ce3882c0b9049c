/*
 * row: one event as the columns that are stored, ready to be copied.
 *
 * The responder writes a row once; the writer finds its fields without understanding them
 * and copies them into the parameters of its statement.  Each field is what an element of
 * a PostgreSQL binary array is: 4 bytes of length in network order (0xFFFFFFFF: NULL),
 * then that many bytes in the binary format of the column's type.  The fields stand in
 * the order of enum row_field.
 */
#ifndef MESHER_WIRE_ROW_H
#define MESHER_WIRE_ROW_H

#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"

enum row_field {
    ROW_ID,          /* uuid */
    ROW_RECEIVED_AT, /* timestamptz: microseconds since 2000-01-01 */
    ROW_TIMESTAMP,   /* timestamptz */
    ROW_FINGERPRINT, /* bytea, 16 bytes */
    ROW_LEVEL,       /* text, never NULL; the others that follow may be */
    ROW_TITLE,
    ROW_MESSAGE,
    ROW_CULPRIT,
    ROW_ENVIRONMENT,
    ROW_RELEASE,
    ROW_PLATFORM,
    ROW_TRANSACTION,
    ROW_SERVER_NAME,
    ROW_USER_ID,
    ROW_TAGS,    /* jsonb: a version byte 1, then JSON text */
    ROW_PAYLOAD, /* bytea: a zstd frame; the last one of frame version 1 */
    ROW_TYPE,    /* text, like all that follow it may be NULL */
    ROW_VALUE,
    ROW_ERRORS, /* jsonb */
    ROW_FIELDS  /* their number */
};

/* 1970 to 2000 in microseconds. */
#define ROW_EPOCH_US 946684800000000LL

/* A row that was found in foreign bytes: field[i] starts at its 4 bytes of length. */
struct row {
    struct str field[ROW_FIELDS];
};

/* Append one field.  A text or bytes that are absent are NULL. */
void row_add_bytes(struct buf *b, struct str s);
void row_add_uuid(struct buf *b, const struct uuid *id);
void row_add_time(struct buf *b, int64_t at_us);
void row_add_jsonb(struct buf *b, struct str json);

/* Finds the fields of a row that fills all of s; checks every length, the fixed sizes,
 * and that what must not be NULL is not.  A row of frame version 1 ends with its payload:
 * the fields behind it are then NULL.  The views point into s or to static bytes. Returns
 * 0, or -1 with ERROR_MALFORMED. */
int row_parse(struct str s, struct row *out, struct error *e) MUST_CHECK;

/* A field's bytes without the length; absent when it is NULL. */
struct str row_value(const struct row *r, enum row_field f) MUST_CHECK;

/* The id and the time of receipt (microseconds since 1970) of a parsed row. */
struct uuid row_id(const struct row *r) MUST_CHECK;
int64_t row_received_at_us(const struct row *r) MUST_CHECK;

#endif
