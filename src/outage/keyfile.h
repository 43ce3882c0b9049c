/*
 * keyfile: the keys that were good when the database was last seen, in a small file
 * beside the spool.
 *
 * While the database is away they stay good, also for a process that starts then.  The
 * file `keys` in the spool's directory (mode 0600) has a line of one length for each key,
 * sorted, so that a look-up reads a few lines of it and nothing is kept in memory:
 *
 *   sha256-of-the-key project rate-limit rate-window-in-seconds
 *
 * The hash says nothing about the key.  Whoever can ask the database writes the file
 * anew, whole, when it finds a good key that is not in it, and now and then.
 */
#ifndef MESHER_SPOOL_KEYFILE_H
#define MESHER_SPOOL_KEYFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "store/db.h"

#define KEYFILE_HASH_CHARS 64U

/* Keys in the file at most: more are not good during an outage. */
#define KEYFILE_MAX 100000U

struct keyfile_entry {
    char hash[KEYFILE_HASH_CHARS + 1]; /* lower-case hexadecimal digits */
    int64_t project;
    int64_t rate_limit;    /* units in a window */
    int64_t rate_window_s; /* its length */
};

/* Fills everything of an entry. */
void keyfile_entry(struct keyfile_entry *out, const struct key *k, int64_t project,
                   int64_t rate_limit, int64_t rate_window_s);

/* Writes the file of the spool in dir, durably, unless it holds just these (sorts them
 * first).  Returns 0, or -1 with ERROR_SYSTEM; then the old file is as it was. */
int keyfile_write(const char *dir, struct keyfile_entry *entries, size_t count,
                  struct error *e) MUST_CHECK;

/* Asks the database for all good keys and writes them; the file's time is that of the
 * question.  Returns 0, or -1: as db_run(), or ERROR_SYSTEM. */
int keyfile_renew(const char *dir, struct db *d, struct error *e) MUST_CHECK;

/* Milliseconds since that question; INT64_MAX when there is no file, or a clock was put
 * back. */
int64_t keyfile_age_ms(const char *dir) MUST_CHECK;

/* Finds a key.  Returns 0, or -1: ERROR_NOT_FOUND, ERROR_SYSTEM (no file, or none that
 * can be read). */
int keyfile_find(const char *dir, const struct key *k, struct keyfile_entry *out,
                 struct error *e) MUST_CHECK;

/* The same for the first key of a project; reads the whole file. */
int keyfile_find_project(const char *dir, int64_t project, struct keyfile_entry *out,
                         struct error *e) MUST_CHECK;

#endif
