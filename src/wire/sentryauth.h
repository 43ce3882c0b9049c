/*
 * sentryauth: finds the sender's credentials in a request to the Sentry endpoints.
 *
 * In this order: X-Sentry-Auth ("Sentry sentry_key=KEY, …", or a bare key), Authorization
 * ("Sentry …", or Basic with the key as user), the query's sentry_key; other schemes are
 * ignored.  A request may send the key in several places if they agree (sentry-protocol
 * 2.1 to 2.3).  The last place, the header of an envelope, is not handled here.
 */
#ifndef MESHER_WIRE_SENTRYAUTH_H
#define MESHER_WIRE_SENTRYAUTH_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "base/str.h"
#include "wire/authkey.h"

#define SENTRYAUTH_TEXT_BYTES 64U

struct sentryauth {
    bool has_key;
    struct key key;
    bool python;          /* a Python client, which may send NaN */
    struct str timestamp; /* sentry_timestamp as sent, in the header or in text */
    char text[SENTRYAUTH_TEXT_BYTES];
};

/* Finds the credentials.  Returns 0, with has_key false when the request has no key; or
 * -1: ERROR_UNAUTHORIZED for a header without a key, an invalid key or keys that differ,
 * ERROR_MALFORMED for a protocol version over 7.  The texts are those of Sentry's own
 * server. */
int sentryauth_find(const struct authkey_sources *from, struct sentryauth *out,
                    struct error *e) MUST_CHECK;

/* Adds a key that is in the path (absent: none).  Returns as above. */
int sentryauth_path(struct sentryauth *out, struct str text, struct error *e) MUST_CHECK;

#endif
