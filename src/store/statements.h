/*
 * statements: the SQL texts of the hot path, by name.
 *
 * Each is prepared under its name at first use.  None has now() or an interval in an ON
 * CONFLICT clause, and none has a unique target without project_id, so that they also
 * run on distributed tables.
 */
#ifndef MESHER_STORE_STATEMENTS_H
#define MESHER_STORE_STATEMENTS_H

#include "base/compat.h"
#include "wire/record.h"

#define STATEMENT_OF_RECORD(number, NAME, name, shape) STATEMENT_##NAME,

enum statement {
    STATEMENT_PING,       /* -> 1 */
    STATEMENT_SCHEMA,     /* -> highest applied migration (int4, 0 for none) */
    STATEMENT_KEY,        /* key (text) -> project (int8), revoked (bool) */
    STATEMENT_KEY_ACCESS, /* key (text) -> project (int8), revoked (bool), rate_limit,
                       rate_window (int8, s), left_ms, used (int8; 0: no window);
                       byte_limit, left_ms, used of its bytes (int8) */
    STATEMENT_ADMIT,  /* projects, units, projects, bytes (int8[]) -> project, granted,
                         retry_ms, used, limit (int8), the same four of its bytes */
    STATEMENT_SETTLE, /* projects, units taken elsewhere, ms to the window's end
                         (int8[]) */
    STATEMENT_SETTLE_BYTES, /* the same for bytes */
    STATEMENT_PROJECTS,     /* projects (int8[]) -> those that exist (int8) */
    STATEMENT_KEYS,         /* at most (int8) -> key (text), project, rate_limit,
                               rate_window, byte_limit (int8) of the good ones */
    STATEMENT_EXHAUSTED, /* projects (int8[]) -> project, retry_ms (int8) of those without
                            a unit */
    STATEMENT_STORED,    /* projects (int8[]), ids (uuid[]) -> position (int8) of those
                            stored */
    STATEMENT_REPLAYED,  /* projects, ids, times (timestamptz[]) -> position (int8) of
                            those stored */
    STATEMENT_STORE,     /* see store/sql/store.sql */
    STATEMENT_TAKE_OVER, /* projects (int8[]), new and old fingerprints (bytea[]) ->
                            number of issues (int8) */
    STATEMENT_SPLIT,     /* the same -> nothing */
    STATEMENT_FORGET,    /* before (timestamptz), at most (int8) -> number of ids removed
                            (int8) */
    STATEMENT_ORIGINS,   /* project (int8) -> allowed origins (text) */
    STATEMENT_SCRUBBING, /* project (int8) -> scrub, scrub_ip (bool), scrub_fields,
                            safe_fields (text) */
    STATEMENT_SCRUBBINGS, /* -> project (int8) and the same, of projects without the
                             default settings */
    /* For each kind of record: projects (int8[]), then an array for each field. */
    RECORD_KINDS(STATEMENT_OF_RECORD) STATEMENT_FORGET_RECORDS, /* as STATEMENT_FORGET */
    STATEMENT_DROP_INCOMPLETE, /* before (timestamptz), at most (int8) -> number of rows
                                  removed (int8) */
    STATEMENT_DROP_ORPHANS,    /* the same */
    STATEMENT_OUTCOMES,        /* projects (int8[]), minutes (timestamptz[]), outcomes
                                  (text[]), quantities (int8[]), part (int2) */
    STATEMENT_TELL, /* -> a row when somebody follows the events, and was notified */
    N_STATEMENTS    /* the number of statements */
};

/* The name under which a statement is prepared and logged, and its SQL text. */
const char *statement_name(enum statement s) MUST_CHECK;
const char *statement_sql(enum statement s) MUST_CHECK;

#endif
