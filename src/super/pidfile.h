/*
 * pidfile: files with a process's number, and the lock that keeps a second mesherd away.
 *
 * The lock is flock(2) on the file that mesherd holds open: it goes with the process,
 * whatever ends it, so a file that was left behind locks nobody out.
 */
#ifndef MESHER_SUPER_PIDFILE_H
#define MESHER_SUPER_PIDFILE_H

#include <sys/types.h>

#include "base/compat.h"
#include "base/error.h"

/* Makes or takes dir/NAME.pid, locks it and writes the caller's number.  Gives the
 * descriptor that holds the lock, or -1 with ERROR_CONFIG when another process has it
 * (detail says which), else with ERROR_SYSTEM. */
int pidfile_lock(const char *dir, const char *name, struct error *e) MUST_CHECK;

/* Removes the locked file and gives the lock back. */
void pidfile_unlock(const char *dir, const char *name, int fd);

/* Writes dir/NAME.pid: under another name first, so that a reader never sees half. */
int pidfile_write(const char *dir, const char *name, pid_t pid,
                  struct error *e) MUST_CHECK;

/* Removes dir/NAME.pid if it is there. */
void pidfile_remove(const char *dir, const char *name);

#endif
