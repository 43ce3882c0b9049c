/*
 * authkey: the places where a request may carry its project key.
 *
 * In this order: X-Sentry-Auth (a bare key, or "Sentry sentry_key=KEY, …"), Authorization
 * ("Bearer KEY", "Sentry sentry_key=KEY, …", or a bare KEY), the query's sentry_key.
 * Basic authentication is no key here.  Several places may hold it if they agree.
 */
#ifndef MESHER_WIRE_AUTHKEY_H
#define MESHER_WIRE_AUTHKEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "base/str.h"

struct authkey_sources {
    struct str x_sentry_auth; /* header values as sent; absent where there is none */
    struct str authorization; /* an absent or empty one is no source */
    struct str query;         /* the raw query string, without '?' */
};

/* Finds the key.  Returns 0, or -1 with ERROR_UNAUTHORIZED: no key, a text that cannot be
 * a key, or keys that differ (the detail says which, without showing any). */
int authkey_find(const struct authkey_sources *from, struct key *out,
                 struct error *e) MUST_CHECK;

/* Finds name in an application/x-www-form-urlencoded query and decodes its value ('+' is
 * a blank) into out, at most out_bytes.  The first of several counts.  Returns the
 * value's length, or -1 when the name is not there, does not fit, or is not decodable. */
int authkey_query_value(struct str query, struct str name, char *out,
                        size_t out_bytes) MUST_CHECK;

/* Is name in the query, with a value that is not empty? */
bool authkey_query_has(struct str query, struct str name) MUST_CHECK;

/* The raw value of name, not decoded; absent when it is not there. */
struct str authkey_query_raw(struct str query, struct str name) MUST_CHECK;

/* Undoes percent-encoding into out; plus: '+' is a blank.  Returns the length, or -1 for
 * a broken escape or when it does not fit. */
ptrdiff_t authkey_decode(struct str raw, bool plus, char *out,
                         size_t out_bytes) MUST_CHECK;

#endif
