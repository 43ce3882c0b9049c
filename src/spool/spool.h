/*
 * spool: batches that the database could not take, as files on disk.
 *
 * A directory in the manner of maildir: a file is written in tmp/, flushed, renamed into
 * new/, and the directory flushed; then, and not before, its events may be acknowledged.
 * What is damaged goes to bad/.  Any number of processes may write at once; files and
 * bytes in tmp/ and new/ are bounded for all of them together (quota.h).  A file begins
 * with
 *
 *   magic     8 bytes   "mshspool"
 *   version   4 bytes   SPOOL_VERSION
 *   events    4 bytes   rows in it
 *   time      8 bytes   when it was submitted: microseconds since 1970, server's clock
 *   length    8 bytes   of all that follows the head
 *   checksum 16 bytes   xxhash128 of what follows, seeded with the xxhash64 of the 32
 *                       bytes above
 *
 * and goes on with whole SUBMIT frames (wire/frame.h).  Integers in network byte order.
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
    int64_t at_us;     /* when it was submitted */
    struct str frames; /* a view into what spool_read() read */
};

/* Makes it; no file is touched yet.  Gives it for spool_free(), or NULL (ENOMEM). */
struct spool *spool_new(const struct spool_settings *settings) MUST_CHECK;

/* Frees s; NULL is allowed. */
void spool_free(struct spool *s);

/* Is there one? */
bool spool_is_configured(const struct spool *s) MUST_CHECK;

/* Makes the directories that are missing (mode 0700; the one above must be there).
 * Returns 0, or -1 with ERROR_SYSTEM. */
int spool_prepare(struct spool *s, struct error *e) MUST_CHECK;

/* Puts whole SUBMIT frames with so many rows into a new file, durably.  Returns 0, or -1
 * with ERROR_UNAVAILABLE: there is no spool, it is full, or the disk refuses; then there
 * is no such file. */
int spool_put(struct spool *s, struct str frames, uint32_t events, int64_t now_us,
              struct error *e) MUST_CHECK;

/* Lists a part.  Returns 0 with *out for folder_list_free(), or -1 with ERROR_SYSTEM. */
int spool_list(struct spool *s, enum spool_part part, struct folder_list *out,
               struct error *e) MUST_CHECK;

/* Reads a file whole into out (cleared first) and checks it.  Returns 0, or -1:
 * ERROR_MALFORMED when it is damaged or of a later version (the text says how),
 * ERROR_NOT_FOUND, else ERROR_SYSTEM. */
int spool_read(struct spool *s, enum spool_part part, const char *name, struct buf *out,
               struct spool_file *file, struct error *e) MUST_CHECK;

/* Removes a file of new/ whose events are in the database. */
int spool_remove(struct spool *s, const char *name, struct error *e) MUST_CHECK;

/* Moves a file of new/ to bad/, or one of bad/ back.  Returns 0, or -1:
 * ERROR_NOT_FOUND, ERROR_UNAVAILABLE (full), ERROR_SYSTEM. */
int spool_set_aside(struct spool *s, const char *name, struct error *e) MUST_CHECK;
int spool_retry(struct spool *s, const char *name, struct error *e) MUST_CHECK;

/* Removes what dead processes left in tmp/ and counts the files again.  *left (may be
 * NULL): files that are still in tmp/, being written or too young to tell.  Returns 0, or
 * -1 with ERROR_SYSTEM. */
int spool_sweep(struct spool *s, int64_t *left, struct error *e) MUST_CHECK;

/* The count, as it stands.  Returns 0, or -1 with ERROR_SYSTEM. */
int spool_usage(struct spool *s, struct quota_usage *out, struct error *e) MUST_CHECK;

/* May one more event be put, as far as the count says? */
bool spool_has_room(struct spool *s) MUST_CHECK;

/* Has new/ or tmp/ changed since the last call?  A look at their times, no more. */
bool spool_changed(struct spool *s) MUST_CHECK;

#endif
