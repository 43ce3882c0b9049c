/*
 * quota: counts the content of the spool over all processes that write to it.
 *
 * Two numbers in the file `usage` of the spool's directory, read and changed under
 * flock(2), so that the limits are exact for any number of processes.  The count is
 * reduced when the file is removed; a process that dies in between leaves it too high,
 * never too low, until the files are counted again (quota_set).
 */
#ifndef MESHER_SPOOL_QUOTA_H
#define MESHER_SPOOL_QUOTA_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"

struct quota_usage {
    int64_t files, bytes;
};

/* A count that is locked from quota_lock() to quota_unlock(): no other process changes it
 * meanwhile. */
struct quota {
    int fd; /* -1: not locked */
    struct quota_usage usage;
    struct quota_usage before; /* the numbers in the file */
};

/* Opens and locks the count of the spool in dir; a missing count is 0.  Returns 0, or -1
 * with ERROR_SYSTEM. */
int quota_lock(struct quota *q, const char *dir, struct error *e) MUST_CHECK;

/* Writes the count if it was changed, and unlocks it.  Returns 0, or -1 with
 * ERROR_SYSTEM; it is unlocked in any case. */
int quota_unlock(struct quota *q, struct error *e) MUST_CHECK;

/* Adds a file of this size to the count.  Returns 0, or -1 with ERROR_UNAVAILABLE
 * (retry_after_s is set) when the spool is full. */
int quota_take(struct quota *q, int64_t bytes, int64_t max_files, int64_t max_bytes,
               struct error *e) MUST_CHECK;

/* Subtracts a file of this size. */
void quota_give(struct quota *q, int64_t bytes);

#endif
