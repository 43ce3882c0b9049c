/*
 * query: values in query strings and in forms sent as application/x-www-form-urlencoded
 * (WHATWG URL, section 5.1).
 */
#ifndef MESHER_WIRE_QUERY_H
#define MESHER_WIRE_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/str.h"

/* Finds name in an application/x-www-form-urlencoded query and decodes its value ('+' is
 * a blank) into out, at most out_bytes.  The first of several wins.  Returns the value's
 * length, or -1 when the name is missing or the value does not fit or cannot be
 * decoded. */
int query_value(struct str query, struct str name, char *out,
                size_t out_bytes) MUST_CHECK;

/* Returns whether name is in the query with a non-empty value. */
bool query_has(struct str query, struct str name) MUST_CHECK;

/* Returns the raw value of name, not decoded; absent when name is missing. */
struct str query_raw(struct str query, struct str name) MUST_CHECK;

/* Decodes percent-encoding into out; plus: '+' is a blank.  Returns the length, or -1 for
 * an invalid escape or when it does not fit. */
ptrdiff_t query_decode(struct str raw, bool plus, char *out, size_t out_bytes) MUST_CHECK;

#endif
