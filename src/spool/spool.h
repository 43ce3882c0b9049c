/*
 * spool: batches that the database could not take, stored as files.
 *
 * A directory like a maildir: a file is written in tmp/, flushed, renamed into new/, and
 * the directory flushed; only then may its events be acknowledged.  Damaged files are
 * moved to bad/.  Any number of processes may write at once; files and bytes in tmp/ and
 * new/ are bounded for all of them together (quota.h).  A file begins with
 *
 *   magic     8 bytes   "mshspool"
 *   version   4 bytes   SPOOL_VERSION
 *   events    4 bytes   rows in it
 *   time      8 bytes   time of submission: microseconds since 1970, server's clock
 *   length    8 bytes   bytes after this header
 *   checksum 16 bytes   xxhash128 of those bytes, seeded with the xxhash64 of the 32
 *                       bytes above
 *
 * and continues with whole SUBMIT frames (wire/frame.h).  Integers in network byte order.
 * Its name begins with the time in hexadecimal digits, so names sort by age.
 */
#ifndef MESHER_SPOOL_SPOOL_H
#define MESHER_SPOOL_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "spool/folder.h"
#include "spool/quota.h"

#define SPOOL_VERSION 1U
#define SPOOL_HEAD_BYTES 48U

enum spool_part { SPOOL_NEW, SPOOL_BAD };

struct spool_settings {
    const char *dir; /* kept; "": there is no spool */
    int64_t max_files, max_bytes;
};

struct spool;

/* One file. */
struct spool_file {
    char name[FOLDER_NAME_BYTES];
    uint32_t events;
    int64_t at_us;     /* time of submission */
    struct str frames; /* a view into the buf of spool_read() */
};

/* Creates it; touches no file yet.  Returns an object to be freed with spool_free(), or
 * NULL (ENOMEM). */
struct spool *spool_new(const struct spool_settings *settings) MUST_CHECK;

/* Frees s, which may be NULL. */
void spool_free(struct spool *s);

/* Returns whether there is a spool. */
bool spool_is_configured(const struct spool *s) MUST_CHECK;

/* Creates missing directories (mode 0700; the parent must exist).  Returns 0, or -1 with
 * ERROR_SYSTEM. */
int spool_prepare(struct spool *s, struct error *e) MUST_CHECK;

/* Stores whole SUBMIT frames with this number of rows in a new file, durably.  Returns 0,
 * or -1 with ERROR_UNAVAILABLE: there is no spool, it is full, or the disk fails; then no
 * file was created. */
int spool_put(struct spool *s, struct str frames, uint32_t events, int64_t now_us,
              struct error *e) MUST_CHECK;

/* Lists a part.  Returns 0 with *out to be freed with folder_list_free(), or -1 with
 * ERROR_SYSTEM. */
int spool_list(struct spool *s, enum spool_part part, struct folder_list *out,
               struct error *e) MUST_CHECK;

/* Reads a whole file into out (cleared first) and checks it.  Returns 0, or -1:
 * ERROR_MALFORMED when it is damaged or of a later version (the text says how),
 * ERROR_NOT_FOUND, else ERROR_SYSTEM. */
int spool_read(struct spool *s, enum spool_part part, const char *name, struct buf *out,
               struct spool_file *file, struct error *e) MUST_CHECK;

/* Removes a file of new/ whose events are in the database. */
int spool_remove(struct spool *s, const char *name, struct error *e) MUST_CHECK;

/* Moves a file from new/ to bad/, or from bad/ back.  Returns 0, or -1: ERROR_NOT_FOUND,
 * ERROR_UNAVAILABLE (full), ERROR_SYSTEM. */
int spool_set_aside(struct spool *s, const char *name, struct error *e) MUST_CHECK;
int spool_retry(struct spool *s, const char *name, struct error *e) MUST_CHECK;

/* Removes files that dead processes left in tmp/ and counts the files again.  *left (left
 * may be NULL): files still in tmp/, being written or too young to tell.  Returns 0, or
 * -1 with ERROR_SYSTEM. */
int spool_sweep(struct spool *s, int64_t *left, struct error *e) MUST_CHECK;

/* Reads the count.  Returns 0, or -1 with ERROR_SYSTEM. */
int spool_usage(struct spool *s, struct quota_usage *out, struct error *e) MUST_CHECK;

/* Returns whether the count leaves room for one more event. */
bool spool_has_room(struct spool *s) MUST_CHECK;

/* Returns whether new/ or tmp/ have changed since the last call.  Only compares their
 * times. */
bool spool_changed(struct spool *s) MUST_CHECK;

#endif
