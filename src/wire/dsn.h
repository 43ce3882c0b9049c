/*
 * dsn: parses SCHEME://KEY[:SECRET]@HOST[:PORT][/PATH]/PROJECT, the setting that clients
 * connect with.
 */
#ifndef MESHER_WIRE_DSN_H
#define MESHER_WIRE_DSN_H

#include "base/compat.h"
#include "base/str.h"

/* Views into the text. */
struct dsn {
    struct str key, project;
};

/* Splits a DSN; the secret, the host and the path are ignored.  Returns 0, or -1 when the
 * scheme, key, host or project is missing. */
int dsn_parse(struct str text, struct dsn *out) MUST_CHECK;

#endif
