/*
 * minidump_form: the fields of a crash report's form, and the event that they make.
 */
#ifndef MESHER_INGEST_MINIDUMP_FORM_H
#define MESHER_INGEST_MINIDUMP_FORM_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

struct minidump_field;

struct minidump_form {
    struct arena *arena;
    struct buf *values; /* their bytes, one behind the other */
    struct minidump_field *first, **end;
};

/* No fields yet; arena and values (emptied) are kept. */
void minidump_form_init(struct minidump_form *f, struct arena *arena, struct buf *values,
                        size_t max_bytes);

/* Begins a field; its value is what is appended to f->values until the next one.  Returns
 * 0, or -1 with ERROR_UNAVAILABLE. */
int minidump_form_field(struct minidump_form *f, struct str name,
                        struct error *e) MUST_CHECK;

/* Makes the JSON text of the event, from the arena.  Returns as above. */
int minidump_form_event(const struct minidump_form *f, struct str *out,
                        struct error *e) MUST_CHECK;

#endif
