/*
 * io: whole reads and writes, and files that are on disk when the call returns.
 *
 * EINTR is handled here and nowhere else.
 */
#ifndef MESHER_BASE_IO_H
#define MESHER_BASE_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* read(2) and write(2) that try again after EINTR. */
ssize_t io_read(int fd, void *p, size_t n) MUST_CHECK;
ssize_t io_write(int fd, const void *p, size_t n) MUST_CHECK;

/* Waits until fd has one of `events` (poll(2)) or timeout_ms passed (-1: for ever). Gives
 * the events that came, 0 after the time, or -1 with errno. */
int io_wait(int fd, short events, int64_t timeout_ms) MUST_CHECK;

/* Writes all of n bytes to a blocking or non-blocking fd before deadline_ms
 * (clock_now_ms()). Returns 0, or -1 with errno (ETIMEDOUT after the deadline). */
int io_write_all(int fd, const void *p, size_t n, int64_t deadline_ms) MUST_CHECK;

/* Reads a whole file into out (whose max bounds it).  Returns 0, or -1 with ERROR_SYSTEM.
 */
int io_read_file(const char *path, struct buf *out, struct error *e) MUST_CHECK;

/* Makes dir/name with these bytes, durably: written and flushed under a temporary name in
 * dir (made with mode 0700 if only itself is missing), renamed, the directory flushed.
 * Mode 0600.  Returns 0, or -1 with ERROR_SYSTEM; then there is no file under that name,
 * unless the flush of the directory alone failed. */
int io_durable_file(const char *dir, const char *name, struct str bytes,
                    struct error *e) MUST_CHECK;

/* Connects to a Unix stream socket: a non-blocking, close-on-exec descriptor, or -1 with
 * errno. */
int io_unix_connect(const char *path) MUST_CHECK;

/* Binds and listens on a Unix stream socket with this mode.  A stale socket file (nobody
 * answers) is replaced; one that is in use, or any other kind of file, is left alone and
 * is an error. Returns a non-blocking, close-on-exec descriptor, or -1 with ERROR_CONFIG
 * (path too long) or ERROR_SYSTEM. */
int io_unix_listen(const char *path, unsigned mode, int backlog,
                   struct error *e) MUST_CHECK;

/* Waits for an exclusive lock on an open file (flock(2)); it goes with the last
 * descriptor of that open file, or by LOCK_UN.  Returns 0, or -1 with errno: its file
 * system has none. */
int io_lock(int fd);

/* Opens a file for the lock on it, makes it where there is none (mode 0600), and takes
 * the lock if nobody has it.  Gives a descriptor, close-on-exec, or -1 with errno
 * (EWOULDBLOCK: somebody has it). */
int io_try_lock(const char *path) MUST_CHECK;

/* Milliseconds since the file was changed, by the wall clock; INT64_MAX when there is
 * none, or the clock was put back since. */
int64_t io_file_age_ms(const char *path) MUST_CHECK;

/* Flushes what stands in a directory, new names and removed ones, to the disk (fsync(2)).
 * Returns 0, or -1 with errno. */
int io_flush_folder(const char *path) MUST_CHECK;

#endif
