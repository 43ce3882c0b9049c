/*
 * dsn: SCHEME://KEY[:SECRET]@HOST[:PORT][/PATH]/PROJECT, what a client is configured
 * with.
 */
#ifndef MESHER_WIRE_DSN_H
#define MESHER_WIRE_DSN_H

#include "base/compat.h"
#include "base/str.h"

/* Views into the text. */
struct dsn {
    struct str key, project;
};

/* Takes it apart; the secret, the host and the path are not looked at.  Returns 0, or -1
 * when it is none: no scheme, key, host or project. */
int dsn_parse(struct str text, struct dsn *out) MUST_CHECK;

#endif
