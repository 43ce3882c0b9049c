/*
 * hosts: a libpq connection string as one connection attempt for each host that it names.
 *
 * host, hostaddr and port may be lists with commas (libpq, "Specifying Multiple Hosts"):
 * as long as one another, but for a single port, which goes with all.  Everything else,
 * target_session_attrs too, is the same for each.
 */
#ifndef MESHER_STORE_HOSTS_H
#define MESHER_STORE_HOSTS_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"

#define HOSTS_MAX 16U
#define HOSTS_LIST_BYTES 4096U

/* Entries that hosts_params() may write, the final NULL included. */
#define HOSTS_PARAMS 7U

struct hosts {
    const char *conninfo; /* borrowed */
    size_t count;         /* at least 1 */
    /* Their parts; NULL where the string has none. */
    const char *host[HOSTS_MAX], *hostaddr[HOSTS_MAX], *port[HOSTS_MAX];
    char *memory;
};

/* Reads a connection string (libpq is loaded); no host at all is one attempt.  Returns 0
 * with *out for hosts_release(), or -1 with ERROR_UNAVAILABLE: it cannot be parsed, or
 * names more than HOSTS_MAX hosts. */
int hosts_read(struct hosts *out, const char *conninfo, struct error *e) MUST_CHECK;

/* Frees what hosts_read() gave. */
void hosts_release(struct hosts *h);

/* Fills the arguments of PQconnectStartParams() for attempt i. */
void hosts_params(const struct hosts *h, size_t i, const char *names[HOSTS_PARAMS],
                  const char *values[HOSTS_PARAMS]);

#endif
