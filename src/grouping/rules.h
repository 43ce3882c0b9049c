/*
 * rules: the administrator's own ways to group, read from a file (mesher-rules(5)).
 *
 * A rule is a line: what must be true of an event, "->", the fingerprint that it then
 * gets, perhaps a title.  The first rule that fits counts.
 */
#ifndef MESHER_EVENT_RULES_H
#define MESHER_EVENT_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

enum rule_field {
    RULE_TYPE, /* of any exception, and so its value */
    RULE_VALUE,
    RULE_MESSAGE,
    RULE_FUNCTION, /* of any frame, and so the next three */
    RULE_MODULE,
    RULE_PATH,
    RULE_PACKAGE,
    RULE_LEVEL,
    RULE_LOGGER,
    RULE_RELEASE,
    RULE_ENVIRONMENT,
    RULE_PLATFORM,
    RULE_TAG
};

struct rule_matcher {
    enum rule_field field;
    bool negated;
    struct str tag; /* RULE_TAG: its name */
    struct str pattern;
};

struct rule {
    size_t line; /* from 1 */
    const struct rule_matcher *matchers;
    size_t matcher_count;
    const struct str *parts; /* of the fingerprint */
    size_t part_count;
    struct str title; /* absent: as it would be */
};

struct rules {
    struct arena *a;
    struct rule *list;
    size_t count;
    bool want_frames, want_exceptions;
};

/* Reads the text of a file.  Gives them for rules_free().  Returns 0, or -1:
 * ERROR_CONFIG, "line 3, column 7: …", ERROR_SYSTEM when there is no memory. */
int rules_parse(struct str text, struct rules **out, struct error *e) MUST_CHECK;

/* Frees r; NULL is allowed. */
void rules_free(struct rules *r);

#endif
