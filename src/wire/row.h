/*
 * row: one event as its stored columns, in a form ready to be copied.
 *
 * The responder writes a row once; the writer finds its fields without interpreting them
 * and copies them into the parameters of its statement.  Each field is an element of a
 * PostgreSQL binary array: 4 bytes of length in network order (0xFFFFFFFF: NULL), then
 * that many bytes in the binary format of the column's type.  Fields come in the order of
 * their numbers (wire/event_columns.h): jsonb is a version byte 1, then JSON text; times
 * are microseconds since 2000-01-01; the payload is a zstd frame, and the last field of
 * frame version 1.  Behind the columns may follow the fingerprint that the version of
 * grouping before gives the event; its length, ROW_OLD_LENGTH, is that of no column.
 */
#ifndef MESHER_WIRE_ROW_H
#define MESHER_WIRE_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"
#include "wire/event_columns.h"

/* clang-format off */
#define ROW_FIELD(number, NAME, ...) ROW_##NAME = (number),

/* clang-format on */
enum row_field { EVENT_COLUMNS(ROW_FIELD) };

/* clang-format off */
#define ROW_COUNTED(number, NAME, ...) ROW_COUNTED_##NAME,

/* clang-format on */
enum row_counted { EVENT_COLUMNS(ROW_COUNTED) N_ROW_FIELDS };

/* Marks the fingerprint behind the columns. */
#define ROW_OLD_LENGTH 0x80000010U

/* From 1970 to 2000, in microseconds. */
#define ROW_EPOCH_US 946684800000000LL

/* Range of times in a row or record, in microseconds since 1970: the years 1 to 9999,
 * which every program prints with four digits and PostgreSQL accepts. */
#define ROW_TIME_MIN_US (-62135596800000000LL)
#define ROW_TIME_MAX_US 253402300799999999LL

/* A row parsed from untrusted bytes: field[i] starts at its 4 bytes of length. */
struct row {
    struct str field[N_ROW_FIELDS];
    struct str
        old_fingerprint; /* 16 bytes, by the version of grouping before; or absent */
};

/* Append one field.  Absent text or bytes become NULL. */
void row_add_bytes(struct buf *b, struct str s);
void row_add_uuid(struct buf *b, const struct uuid *id);
void row_add_time(struct buf *b, int64_t at_us);
void row_add_jsonb(struct buf *b, struct str json);

/* Ends a row with the fingerprint (16 bytes) of the version of grouping before. */
void row_add_old_fingerprint(struct buf *b, const uint8_t fingerprint[16]);

/* Finds the fields of a row that fills all of s; checks every length, the fixed sizes,
 * the range of times (of receipt: from 1970), the version of jsonb, and that required
 * fields are not NULL.  A row of frame version 1 ends with its payload: the fields after
 * it are then NULL.  The views point into s or to static bytes.  Returns 0, or -1 with
 * ERROR_MALFORMED. */
int row_parse(struct str s, struct row *out, struct error *e) MUST_CHECK;

/* Checks that PostgreSQL accepts the texts of a parsed row: UTF-8 without a zero byte.
 * Returns 0, or -1 with ERROR_MALFORMED. */
int row_check_texts(const struct row *r, struct error *e) MUST_CHECK;

/* Returns whether a field, as in a row, is such a text or NULL. */
bool row_is_text(struct str field) MUST_CHECK;

/* Returns whether the 8 bytes at `at` are a time as in a row, not before min_us. */
bool row_is_time(const char *at, int64_t min_us) MUST_CHECK;

/* Returns a field's bytes without the length; absent when it is NULL. */
struct str row_value(const struct row *r, enum row_field f) MUST_CHECK;

/* Return the id and the time of receipt (microseconds since 1970) of a parsed row. */
struct uuid row_id(const struct row *r) MUST_CHECK;
int64_t row_received_at_us(const struct row *r) MUST_CHECK;

#endif
