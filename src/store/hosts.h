/*
 * hosts: turns a libpq connection string into one connection attempt per host.
 *
 * host, hostaddr and port may be comma-separated lists (libpq, "Specifying Multiple
 * Hosts").  The lists must have the same length, except that a single port applies to
 * all hosts.  All other settings, including target_session_attrs, are the same for each
 * host.
 */
#ifndef MESHER_STORE_HOSTS_H
#define MESHER_STORE_HOSTS_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"

#define HOSTS_MAX 16U
#define HOSTS_LIST_BYTES 4096U

/* The number of entries that hosts_params() may write, including the final NULL. */
#define HOSTS_PARAMS 7U

struct hosts {
    const char *conninfo; /* borrowed */
    size_t count;         /* at least 1 */
    /* The parts of the three lists; NULL where the string has none. */
    const char *host[HOSTS_MAX], *hostaddr[HOSTS_MAX], *port[HOSTS_MAX];
    char *memory;
};

/* Reads a connection string (libpq must be loaded); a string without a host makes one
 * attempt.  Returns 0 with *out to be released with hosts_release(), or -1 with
 * ERROR_UNAVAILABLE: the string cannot be parsed, or names more than HOSTS_MAX
 * hosts. */
int hosts_read(struct hosts *out, const char *conninfo, struct error *e) MUST_CHECK;

/* Frees the memory of a result of hosts_read(). */
void hosts_release(struct hosts *h);

/* Fills the arguments of PQconnectStartParams() for attempt i. */
void hosts_params(const struct hosts *h, size_t i, const char *names[HOSTS_PARAMS],
                  const char *values[HOSTS_PARAMS]);

#endif
