/*
 * jsonout: writes JSON into a buf, with values quoted and escaped.
 */
#ifndef MESHER_BASE_JSONOUT_H
#define MESHER_BASE_JSONOUT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* Appends s as a JSON string, or null when it is absent. s must be valid UTF-8: bytes
 * above 127 are copied. */
void jsonout_string(struct buf *b, struct str s);

/* Appends "name":, preceded by a comma unless the last byte is '{' or '['. */
void jsonout_name(struct buf *b, const char *name);

/* Appends "name":value for a text (null when absent), a number, or raw JSON. */
void jsonout_text(struct buf *b, const char *name, struct str s);
void jsonout_number(struct buf *b, const char *name, int64_t v);
void jsonout_raw(struct buf *b, const char *name, struct str json);

#endif
