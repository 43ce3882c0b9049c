/*
 * libpq: PostgreSQL's client library, loaded when the first statement is needed.
 *
 * libpq brings 22 libraries with it, whose loading is about half of what a plain CGI
 * request costs, and most requests to a responder never need it.  So no program is linked
 * with it: this module loads it once with dlopen(3) and finds the functions, and the rest
 * of store/ calls them through `libpq`.
 */
#ifndef MESHER_STORE_LIBPQ_H
#define MESHER_STORE_LIBPQ_H

#include <libpq-fe.h>

#include "base/compat.h"
#include "base/error.h"

/* Every function of libpq that store/ uses. */
#define LIBPQ_FUNCTIONS(X)  \
    X(PQclear)              \
    X(PQcmdTuples)          \
    X(PQconnectPoll)        \
    X(PQconnectStartParams) \
    X(PQconninfoFree)       \
    X(PQconninfoParse)      \
    X(PQconsumeInput)       \
    X(PQerrorMessage)       \
    X(PQfinish)             \
    X(PQflush)              \
    X(PQfreemem)            \
    X(PQgetResult)          \
    X(PQgetisnull)          \
    X(PQgetlength)          \
    X(PQgetvalue)           \
    X(PQisBusy)             \
    X(PQnfields)            \
    X(PQnotifies)           \
    X(PQntuples)            \
    X(PQresultErrorField)   \
    X(PQresultStatus)       \
    X(PQsendPrepare)        \
    X(PQsendQuery)          \
    X(PQsendQueryParams)    \
    X(PQsendQueryPrepared)  \
    X(PQserverVersion)      \
    X(PQsetErrorVerbosity)  \
    X(PQsetNoticeProcessor) \
    X(PQsetnonblocking)     \
    X(PQsocket)             \
    X(PQstatus)             \
    X(PQtransactionStatus)

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration takes none */
#define LIBPQ_FIELD(name) __typeof__(name) *name;

struct libpq {
    LIBPQ_FUNCTIONS(LIBPQ_FIELD)
};

/* The functions; all NULL before libpq_load(). */
extern struct libpq libpq;

/* Loads the library; the second call does nothing.  Returns 0, or -1 with ERROR_SYSTEM.
 */
int libpq_load(struct error *e) MUST_CHECK;

#endif
