/*
 * keyfile: the keys that were good when the database last answered, in a small file of
 * the spool.
 *
 * They stay good while the database is away, also for a process that starts then.  The
 * file `keys` in the spool's directory (mode 0600) has a line of fixed length per key,
 * sorted, so that a look-up reads a few lines and keeps nothing in memory:
 *
 *   sha256-of-the-key project rate-limit rate-window-in-seconds byte-limit
 *
 * The hash does not reveal the key.  A process that can ask the database rewrites the
 * whole file when it finds a good key that is not in it, and from time to time.
 */
#ifndef MESHER_OUTAGE_KEYFILE_H
#define MESHER_OUTAGE_KEYFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "store/db.h"
#include "store/keys.h"

#define KEYFILE_HASH_CHARS 64U

/* Maximum number of keys in the file: further ones are not good during an outage. */
#define KEYFILE_MAX 100000U

struct keyfile_entry {
    char hash[KEYFILE_HASH_CHARS + 1]; /* lower-case hexadecimal digits */
    int64_t project;
    struct keys_limits limits;
};

/* Fills all fields of an entry. */
void keyfile_entry(struct keyfile_entry *out, const struct key *k, int64_t project,
                   const struct keys_limits *limits);

/* Sorts the entries and writes the file of the spool in dir, durably, unless it already
 * holds exactly these.  Returns 0, or -1 with ERROR_SYSTEM; then the old file is
 * unchanged. */
int keyfile_write(const char *dir, struct keyfile_entry *entries, size_t count,
                  struct error *e) MUST_CHECK;

/* Asks the database for all good keys and writes them, and before them the projects'
 * scrubbing settings (scrubfile.h); the file's time is that of the question.  Returns 0,
 * or -1: as db_run(), or ERROR_SYSTEM. */
int keyfile_renew(const char *dir, struct db *d, struct error *e) MUST_CHECK;

/* Returns the milliseconds since that question; INT64_MAX when there is no file or the
 * clock was set back. */
int64_t keyfile_age_ms(const char *dir) MUST_CHECK;

/* Finds a key.  Returns 0, or -1: ERROR_NOT_FOUND, ERROR_SYSTEM (no file, or an
 * unreadable one). */
int keyfile_find(const char *dir, const struct key *k, struct keyfile_entry *out,
                 struct error *e) MUST_CHECK;

/* The same for the first key of a project; reads the whole file. */
int keyfile_find_project(const char *dir, int64_t project, struct keyfile_entry *out,
                         struct error *e) MUST_CHECK;

#endif
