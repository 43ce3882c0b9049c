/*
 * folder: one directory of the spool: its files by name, size and age.
 */
#ifndef MESHER_SPOOL_FOLDER_H
#define MESHER_SPOOL_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "spool/quota.h"

#define FOLDER_NAME_BYTES 40U /* of a file, with the NUL */

/* Names of files, sorted: oldest first. */
struct folder_list {
    char (*names)[FOLDER_NAME_BYTES];
    size_t count;
};

/* A younger file in tmp/ may not be locked yet by the process that created it. */
#define FOLDER_SWEEP_AFTER_S 2

/* Opens dir/name in *fd, creating it (and dir, mode 0700, durably) if missing.  Returns
 * 0, or -1 with ERROR_SYSTEM. */
int folder_open(const char *dir, const char *name, int *fd, struct error *e) MUST_CHECK;

/* Closes *fd if it is open, and sets it to -1. */
void folder_close(int *fd);

/* Returns whether this is the name of a spool file. */
bool folder_is_name(const char *name) MUST_CHECK;

/* Lists its spool files, sorted; ignores other files.  Returns 0 with *out to be freed
 * with folder_list_free(), or -1 with ERROR_SYSTEM. */
int folder_list(int fd, struct folder_list *out, struct error *e) MUST_CHECK;
void folder_list_free(struct folder_list *l);

/* Reads a whole file into out, cleared first.  Returns 0, or -1: ERROR_NOT_FOUND,
 * ERROR_SYSTEM. */
int folder_read(int fd, const char *name, struct buf *out, struct error *e) MUST_CHECK;

/* Gets the size of a file.  Returns 0, or -1: ERROR_NOT_FOUND, ERROR_SYSTEM. */
int folder_size(int fd, const char *name, int64_t *bytes, struct error *e) MUST_CHECK;

/* Adds its files to the count.  Returns 0, or -1 with ERROR_SYSTEM. */
int folder_count(int fd, struct quota_usage *usage, struct error *e) MUST_CHECK;

/* Removes files whose writer is dead: they are not locked, and not new.  Returns 0, or -1
 * with ERROR_SYSTEM. */
int folder_sweep(int fd, struct error *e) MUST_CHECK;

#endif
