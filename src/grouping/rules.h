/*
 * rules: the administrator's grouping rules, read from a file (mesher-rules(5)).
 *
 * A rule is a line: conditions on an event, "->", the fingerprint of events that match,
 * and an optional title.  The first rule that matches wins.  Rules with "+app" or "-app"
 * behind the "->" decide whose a stack frame is instead.
 */
#ifndef MESHER_GROUPING_RULES_H
#define MESHER_GROUPING_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

enum rule_field {
    RULE_TYPE, /* of any exception, like its value */
    RULE_VALUE,
    RULE_MESSAGE,
    RULE_FUNCTION, /* of any frame, like the next three */
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

/* What a rule decides. */
enum rule_kind {
    RULE_GROUPS,  /* the fingerprint of an event, and its title */
    RULE_PROGRAM, /* "-> +app": a frame is the program's */
    RULE_LIBRARY  /* "-> -app": it is not */
};

struct rule {
    enum rule_kind kind;
    size_t line; /* from 1 */
    const struct rule_matcher *matchers;
    size_t matcher_count;
    const struct str *parts; /* of the fingerprint */
    size_t part_count;
    struct str title; /* absent: the usual title */
};

struct rules {
    struct arena *a;
    struct rule *list;
    size_t count;
    bool want_frames, want_exceptions;
    bool has_frame_rules;
};

/* Parses the text of a file.  Sets *out to an object to be freed with rules_free().
 * Returns 0, or -1: ERROR_CONFIG, "line 3, column 7: …", or ERROR_SYSTEM when memory runs
 * out. */
int rules_parse(struct str text, struct rules **out, struct error *e) MUST_CHECK;

/* Reads the file at path ("": no rules, *out is NULL).  Sets *out to an object to be
 * freed with rules_free().  Returns 0, or -1: ERROR_CONFIG, "FILE: line 3, column 7: …",
 * or when the file cannot be read; ERROR_SYSTEM when memory runs out. */
int rules_load(const char *path, struct rules **out, struct error *e) MUST_CHECK;

/* Frees r, which may be NULL. */
void rules_free(struct rules *r);

#endif
