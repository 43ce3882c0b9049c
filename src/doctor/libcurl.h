/*
 * libcurl: the HTTP client library, loaded at the first request.
 *
 * It depends on some thirty libraries, and only two commands of mesherctl make requests:
 * so no program is linked with it (as with store/libpq.h), and without it all other
 * checks still run.
 */
#ifndef MESHER_DOCTOR_LIBCURL_H
#define MESHER_DOCTOR_LIBCURL_H

/* Its type-checking macros require a function's name, not a pointer. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/compat.h"
#include "base/error.h"

/* Every function of libcurl that is used. */
#define LIBCURL_FUNCTIONS(X) \
    X(curl_easy_cleanup)     \
    X(curl_easy_getinfo)     \
    X(curl_easy_init)        \
    X(curl_easy_perform)     \
    X(curl_easy_setopt)      \
    X(curl_easy_strerror)    \
    X(curl_getdate)          \
    X(curl_global_init)      \
    X(curl_slist_append)     \
    X(curl_slist_free_all)

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration takes none */
#define LIBCURL_FIELD(name) __typeof__(name) *name;

struct libcurl {
    LIBCURL_FUNCTIONS(LIBCURL_FIELD)
};

/* The functions; all NULL before libcurl_load(). */
extern struct libcurl libcurl;

/* Loads the library; the second call does nothing.  Returns 0, or -1 with ERROR_SYSTEM.
 */
int libcurl_load(struct error *e) MUST_CHECK;

#endif
