/*
 * process: finds stray processes and memory use in /proc.
 *
 * mesherd is a subreaper: a process below it whose parent dies becomes its child.  This
 * module finds those that also left their process group (a backend of PostgreSQL whose
 * server was killed, a program that became a daemon).
 */
#ifndef MESHER_SUPER_PROCESS_H
#define MESHER_SUPER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/compat.h"

/* Returns whether a process group is supervised. */
typedef bool process_is_known(const void *context, pid_t group);

/* Sends a signal (0: none) to each child of this process whose group is not known;
 * zombies do not count.  Returns their number. */
size_t process_strays(process_is_known *known, const void *context, int signal_number);

/* Returns whether the group has a member. */
bool process_group_lives(pid_t group) MUST_CHECK;

/* Returns the memory that the process does not share with a file, in KiB; 0 when the
 * process is gone. */
int64_t process_memory_kib(pid_t pid) MUST_CHECK;

#endif
