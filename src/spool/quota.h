/*
 * quota: how much the spool holds, counted over all processes that write to it.
 *
 * Two numbers in the file `usage` of the spool's directory, read and changed under
 * flock(2), so that the limits hold exactly for any number of processes.  What is taken
 * is given back with the file that it was taken for; a process that dies in between
 * leaves the count too high, never too low, until somebody counts the files again
 * (quota_set).
 */
#ifndef MESHER_SPOOL_QUOTA_H
#define MESHER_SPOOL_QUOTA_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"

struct quota_usage {
    int64_t files, bytes;
};

/* A count that is changed from the moment of quota_lock() to that of quota_unlock(): no
 * other process changes it meanwhile. */
struct quota {
    int fd; /* -1: not locked */
    struct quota_usage usage;
    struct quota_usage before; /* as it stands in the file */
};

/* Opens and locks the count of the spool in dir; it is 0 where there was none.  Returns
 * 0, or -1 with ERROR_SYSTEM. */
int quota_lock(struct quota *q, const char *dir, struct error *e) MUST_CHECK;

/* Writes the count where it was changed, and unlocks it.  Returns 0, or -1 with
 * ERROR_SYSTEM; it is unlocked in any case. */
int quota_unlock(struct quota *q, struct error *e) MUST_CHECK;

/* Takes a file of so many bytes.  Returns 0, or -1 with ERROR_UNAVAILABLE (retry_after_s
 * is set): the spool is full. */
int quota_take(struct quota *q, int64_t bytes, int64_t max_files, int64_t max_bytes,
               struct error *e) MUST_CHECK;

/* Gives a file of so many bytes back. */
void quota_give(struct quota *q, int64_t bytes);

#endif
