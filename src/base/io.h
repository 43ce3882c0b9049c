/*
 * io: complete reads and writes, and files that are on disk when the call returns.
 *
 * Only this module handles EINTR.
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

/* read(2) and write(2), retried after EINTR. */
ssize_t io_read(int fd, void *p, size_t n) MUST_CHECK;
ssize_t io_write(int fd, const void *p, size_t n) MUST_CHECK;

/* Waits until fd has one of `events` (poll(2)) or timeout_ms have passed (-1: no
 * timeout).  Returns the events that occurred, 0 on timeout, or -1 with errno. */
int io_wait(int fd, short events, int64_t timeout_ms) MUST_CHECK;

/* Writes all n bytes to a blocking or non-blocking fd before deadline_ms
 * (clock_now_ms()).  Returns 0, or -1 with errno (ETIMEDOUT after the deadline). */
int io_write_all(int fd, const void *p, size_t n, int64_t deadline_ms) MUST_CHECK;

/* Reads a whole file into out, bounded by out's max.  Returns 0, or -1 with
 * ERROR_SYSTEM. */
int io_read_file(const char *path, struct buf *out, struct error *e) MUST_CHECK;

/* Creates dir/name with these bytes, durably: writes and flushes a temporary file in dir,
 * renames it and flushes the directory.  Creates dir with mode 0700 if only its last
 * component is missing.  The file has mode 0600.  Returns 0, or -1 with ERROR_SYSTEM;
 * then no file has that name, unless only the flush of the directory failed. */
int io_durable_file(const char *dir, const char *name, struct str bytes,
                    struct error *e) MUST_CHECK;

/* Does the same, but leaves a file alone that already has these bytes. */
int io_durable_change(const char *dir, const char *name, struct str bytes,
                      struct error *e) MUST_CHECK;

/* Connects to a Unix stream socket.  Returns a non-blocking, close-on-exec descriptor, or
 * -1 with errno. */
int io_unix_connect(const char *path) MUST_CHECK;

/* Binds and listens on a Unix stream socket with this mode.  Replaces a stale socket file
 * (nothing answers on it); a socket in use, or any other kind of file, is left alone and
 * is an error.  Returns a non-blocking, close-on-exec descriptor, or -1 with ERROR_CONFIG
 * (path too long) or ERROR_SYSTEM. */
int io_unix_listen(const char *path, unsigned mode, int backlog,
                   struct error *e) MUST_CHECK;

/* Waits for an exclusive lock on an open file (flock(2)), which is released with the last
 * descriptor of that open file or by LOCK_UN.  Returns 0, or -1 with errno when the file
 * system has no locks. */
int io_lock(int fd);

/* Opens a lock file, creating it if missing (mode 0600), and takes the lock if it is
 * free.  Returns a close-on-exec descriptor, or -1 with errno (EWOULDBLOCK: the lock is
 * taken). */
int io_try_lock(const char *path) MUST_CHECK;

/* Milliseconds since the file was last changed, by the wall clock; INT64_MAX when the
 * file is missing or the clock was set back since. */
int64_t io_file_age_ms(const char *path) MUST_CHECK;

/* Flushes a directory, its new and removed names, to disk (fsync(2)).  Returns 0, or -1
 * with errno. */
int io_flush_folder(const char *path) MUST_CHECK;

#endif
