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

/* Makes a UUIDv7 for the moment at_us (wall clock, microseconds since 1970): 48 bits of
 * milliseconds, the rest random from getrandom(2).  Returns 0, or -1 with ERROR_SYSTEM.
 */
int ids_new(int64_t at_us, struct uuid *out, struct error *e) MUST_CHECK;

/* Takes 32 hexadecimal digits, or 8-4-4-4-12, either case.  Returns 0 or -1. */
int ids_parse(struct str text, struct uuid *out) MUST_CHECK;

/* Writes the 8-4-4-4-12 form, lower case. */
void ids_format(const struct uuid *id, char out[IDS_TEXT_BYTES]);

/* Writes 32 lower-case digits, as Sentry's SDKs want it. */
void ids_format_hex(const struct uuid *id, char out[IDS_HEX_BYTES]);

/* Same id? */
bool ids_eq(const struct uuid *a, const struct uuid *b) MUST_CHECK;

#endif
