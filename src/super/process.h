/*
 * process: what /proc knows: strays, and memory.
 *
 * mesherd is a subreaper: whoever loses his parent below it becomes its child.  Those
 * that also left their process group (a backend of PostgreSQL whose server was killed, a
 * program that made itself a daemon) are found here.
 */
#ifndef MESHER_SUPER_PROCESS_H
#define MESHER_SUPER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/compat.h"

/* Does a process group belong to somebody who is looked after? */
typedef bool process_is_known(const void *context, pid_t group);

/* Sends a signal (0: none) to each child of this process whose group is not known;
 * zombies do not count.  Gives their number. */
size_t process_strays(process_is_known *known, const void *context, int signal_number);

/* Does the group have a member? */
bool process_group_lives(pid_t group) MUST_CHECK;

/* Memory that the process shares with no file, in KiB; 0 when it is gone. */
int64_t process_memory_kib(pid_t pid) MUST_CHECK;

#endif
