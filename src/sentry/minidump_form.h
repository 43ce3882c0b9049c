/*
 * minidump_form: the fields of a crash report's form, and the event built from them.
 *
 * "sentry" and "sentry___NAME" are JSON objects of their own, and the pieces "sentry__N"
 * are another one together, by number.  "sentry[a][b]" is one member of the event, any
 * other field one of its extra.  All are merged member by member (json/merge.h): the
 * first one to give a member a value wins, and the pieces come last.
 */
#ifndef MESHER_SENTRY_MINIDUMP_FORM_H
#define MESHER_SENTRY_MINIDUMP_FORM_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

struct minidump_field;

struct minidump_form {
    struct arena *arena;
    struct buf *values; /* their bytes, concatenated */
    struct minidump_field *first, **end;
    size_t count;
};

/* Initialises f without fields; keeps arena and values (emptied). */
void minidump_form_init(struct minidump_form *f, struct arena *arena, struct buf *values,
                        size_t max_bytes);

/* Begins a field; its value is everything appended to f->values until the next field.
 * Returns 0, or -1: ERROR_TOO_LARGE beyond LIMIT_FORM_FIELDS, ERROR_UNAVAILABLE. */
int minidump_form_field(struct minidump_form *f, struct str name,
                        struct error *e) MUST_CHECK;

/* Builds the JSON text of the event, from the arena: count other objects, slices of valid
 * JSON, come before the fields.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int minidump_form_event(const struct minidump_form *f, const struct str *first,
                        size_t count, struct str *out, struct error *e) MUST_CHECK;

#endif
