/*
 * pidfile: files with a process's number, and the lock that prevents a second mesherd.
 *
 * The lock is flock(2) on the file that mesherd holds open: it is released with the
 * process, however it ends, so a stale file never blocks a start.
 */
#ifndef MESHER_SUPER_PIDFILE_H
#define MESHER_SUPER_PIDFILE_H

#include <sys/types.h>

#include "base/compat.h"
#include "base/error.h"

/* Creates or opens dir/NAME.pid, locks it and writes the caller's number.  Returns the
 * descriptor that holds the lock, or -1 with ERROR_CONFIG when another process has it
 * (detail says which), else with ERROR_SYSTEM. */
int pidfile_lock(const char *dir, const char *name, struct error *e) MUST_CHECK;

/* Removes the locked file and releases the lock. */
void pidfile_unlock(const char *dir, const char *name, int fd);

/* Writes dir/NAME.pid, first under another name, so that readers never see a partial
 * file. */
int pidfile_write(const char *dir, const char *name, pid_t pid,
                  struct error *e) MUST_CHECK;

/* Removes dir/NAME.pid if it exists. */
void pidfile_remove(const char *dir, const char *name);

#endif
