/*
 * ids: UUIDs (RFC 9562) as 16 bytes.
 */
#ifndef MESHER_BASE_IDS_H
#define MESHER_BASE_IDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

#define IDS_TEXT_BYTES 37U /* 8-4-4-4-12 and a NUL */
#define IDS_HEX_BYTES 33U  /* 32 digits and a NUL */

struct uuid {
    uint8_t b[16];
};

/* Creates a UUIDv7 for the time at_us (wall clock, microseconds since 1970): 48 bits of
 * milliseconds, the rest random from getrandom(2).  Returns 0, or -1 with
 * ERROR_SYSTEM. */
int ids_new(int64_t at_us, struct uuid *out, struct error *e) MUST_CHECK;

/* Parses 32 hexadecimal digits, or 8-4-4-4-12, in either case.  Returns 0 or -1. */
int ids_parse(struct str text, struct uuid *out) MUST_CHECK;

/* Returns whether all bits are zero: no id (RFC 9562, 5.9), which clients send that have
 * not made one. */
bool ids_is_nil(const struct uuid *id) MUST_CHECK;

/* Returns an id without {braces} around it or "urn:uuid:" before it. */
struct str ids_bare(struct str text) MUST_CHECK;

/* Parses the id of an event or of a session in any of these forms.  Returns 0, or -1 also
 * for the nil id. */
int ids_parse_event(struct str text, struct uuid *out) MUST_CHECK;

/* Writes the 8-4-4-4-12 form, lower case. */
void ids_format(const struct uuid *id, char out[IDS_TEXT_BYTES]);

/* Writes 32 lower-case digits, the form that Sentry's SDKs expect. */
void ids_format_hex(const struct uuid *id, char out[IDS_HEX_BYTES]);

/* Returns whether both ids are equal. */
bool ids_eq(const struct uuid *a, const struct uuid *b) MUST_CHECK;

#endif
