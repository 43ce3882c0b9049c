/*
 * authkey: finds the project key in a request to the native API.
 *
 * In this order: X-Sentry-Auth (a bare key, or "Sentry sentry_key=KEY, …"), Authorization
 * ("Bearer KEY", "Sentry sentry_key=KEY, …", or a bare KEY), the query's sentry_key.
 * Basic authentication does not carry a key here.  A request may send the key in several
 * places if they agree.
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
    struct str x_sentry_auth; /* header values as sent; absent when not sent */
    struct str authorization; /* ignored when absent or empty */
    struct str query;         /* the raw query string, without '?' */
};

/* Finds the key.  Returns 0, or -1 with ERROR_UNAUTHORIZED: no key, an invalid key, or
 * keys that differ (the detail names the case without showing a key). */
int authkey_find(const struct authkey_sources *from, struct key *out,
                 struct error *e) MUST_CHECK;

#endif
