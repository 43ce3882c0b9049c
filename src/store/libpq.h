/*
 * libpq: PostgreSQL's client library, loaded at the first statement.
 *
 * libpq depends on 22 libraries; loading them takes about half the time of a plain CGI
 * request, and most requests to a responder never need them.  So no program is linked
 * with libpq: this module loads it once with dlopen(3) and resolves the functions, and
 * the rest of store/ calls them through `libpq`.
 */
#ifndef MESHER_STORE_LIBPQ_H
#define MESHER_STORE_LIBPQ_H

#include <libpq-fe.h>

#include "base/compat.h"
#include "base/error.h"

/* Every function of libpq that store/ uses. */
#define LIBPQ_FUNCTIONS(X)  \
    X(PQbackendPID)         \
    X(PQclear)              \
    X(PQcmdTuples)          \
    X(PQconnectPoll)        \
    X(PQconnectStartParams) \
    X(PQconninfoFree)       \
    X(PQconninfoParse)      \
    X(PQconsumeInput)       \
    X(PQenterPipelineMode)  \
    X(PQerrorMessage)       \
    X(PQexitPipelineMode)   \
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
    X(PQparameterStatus)    \
    X(PQpipelineSync)       \
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

/* The functions; all are NULL before libpq_load(). */
extern struct libpq libpq;

/* Loads the library; later calls do nothing.  Returns 0, or -1 with ERROR_SYSTEM. */
int libpq_load(struct error *e) MUST_CHECK;

#endif
