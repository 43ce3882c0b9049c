/*
 * sentryauth: what a request to the Sentry endpoints says about who sends it.
 *
 * In this order: X-Sentry-Auth ("Sentry sentry_key=KEY, …", or a bare key), Authorization
 * ("Sentry …", or Basic with the key as user), the query's sentry_key; other schemes are
 * for others.  Several places may hold the key if they agree (sentry-protocol 2.1 to
 * 2.3).  The last place, the header of an envelope, is not known here.
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
    bool python;          /* a Python client's: it may write NaN */
    struct str timestamp; /* sentry_timestamp as sent, in the header or in text */
    char text[SENTRYAUTH_TEXT_BYTES];
};

/* Finds it.  Returns 0, has_key false when there is no key anywhere; or -1:
 * ERROR_UNAUTHORIZED for a header that holds none, a text that is no key or keys that
 * differ, ERROR_MALFORMED for a protocol version over 7.  The texts are those of Sentry's
 * own server. */
int sentryauth_find(const struct authkey_sources *from, struct sentryauth *out,
                    struct error *e) MUST_CHECK;

#endif
