/*
 * statements: every SQL text of the hot path, by name.
 *
 * All are prepared by their name at first use.  None has now() or an interval in an ON
 * CONFLICT clause, and none a unique target without project_id, so that they run on
 * distributed tables.
 */
#ifndef MESHER_STORE_STATEMENTS_H
#define MESHER_STORE_STATEMENTS_H

#include "base/compat.h"

enum statement {
    STATEMENT_PING,      /* -> 1 */
    STATEMENT_SCHEMA,    /* -> highest applied migration (int4, 0 for none) */
    STATEMENT_KEY,       /* key (text) -> project (int8), revoked (bool) */
    STATEMENT_DOOR,      /* key (text) -> project (int8), revoked (bool), rate_limit,
                            rate_window (int8, s), left_ms, used (int8; 0: no window) */
    STATEMENT_ADMIT,     /* projects (int8[]), units (int8[]) -> project, granted,
                            retry_ms, used, limit (int8) */
    STATEMENT_SETTLE,    /* projects, units taken elsewhere, ms to the window's end
                            (int8[]) */
    STATEMENT_PROJECTS,  /* projects (int8[]) -> those that are there (int8) */
    STATEMENT_KEYS,      /* at most (int8) -> key (text), project, rate_limit, rate_window
                            (int8) of the good ones */
    STATEMENT_EXHAUSTED, /* projects (int8[]) -> project, retry_ms (int8) of those without
                            a unit */
    STATEMENT_STORED,    /* projects (int8[]), ids (uuid[]) -> position (int8) of those
                            stored */
    STATEMENT_REPLAYED,  /* projects, ids, times (timestamptz[]) -> position (int8) of
                            those stored */
    STATEMENT_STORE,     /* see store/batch.c */
    STATEMENT_FORGET,    /* before (timestamptz), at most (int8) -> number of ids removed
                            (int8) */
    STATEMENT_ORIGINS,   /* project (int8) -> allowed origins (text) */
    /* The records of wire/record.h: projects (int8[]), then an array for each field. */
    STATEMENT_ATTACHMENT,
    STATEMENT_USER_REPORT,
    STATEMENT_SESSION,
    STATEMENT_CLIENT_REPORT,
    STATEMENT_COUNT,
    STATEMENT_FORGET_RECORDS,  /* as STATEMENT_FORGET */
    STATEMENT_DROP_INCOMPLETE, /* before (timestamptz), at most (int8) -> number of rows
                                  removed (int8) */
    STATEMENT_OUTCOMES,        /* projects (int8[]), minutes (timestamptz[]), outcomes
                                  (text[]), quantities (int8[]), part (int2) */
    STATEMENT_TELL,            /* -> a row when somebody follows the events: he is told */
    STATEMENTS                 /* their number */
};

/* The name that a statement is prepared and logged under, and its text. */
const char *statement_name(enum statement s) MUST_CHECK;
const char *statement_sql(enum statement s) MUST_CHECK;

#endif
