/*
 * reach: finds out whether another user can access a file.
 *
 * A process asks the kernel as that user, so that modes, groups, ACLs, read-only mounts
 * and every directory on the path count.
 */
#ifndef MESHER_DOCTOR_REACH_H
#define MESHER_DOCTOR_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/compat.h"

enum reach {
    REACH_YES,
    REACH_NO,
    REACH_UNKNOWN /* only root can ask for others */
};

/* Returns whether access(2) with this mode would succeed for the user; errno has the
 * reason if not. */
enum reach reach_of(uid_t uid, gid_t gid, const char *path, int mode) MUST_CHECK;

/* Returns whether the process with this number (a name in /proc) runs one of these
 * programs (NULL after the last). */
bool reach_is_program(const char *pid, const char *const *programs) MUST_CHECK;

#define REACH_USERS 4U

struct reach_user {
    uid_t uid;
    gid_t gid;
};

/* Finds the users that run processes of these programs (NULL after the last) on this
 * machine, each once, at most REACH_USERS.  Returns their number. */
size_t reach_users(const char *const *programs,
                   struct reach_user out[REACH_USERS]) MUST_CHECK;

/* The same for processes that use the configuration at path only (NULL: none), as far as
 * their environment and arguments are readable. */
size_t reach_users_of(const char *const *programs, const char *path,
                      struct reach_user out[REACH_USERS]) MUST_CHECK;

/* Counts the processes of these programs that use that configuration, and those of them
 * that are confined (base/confine.h). */
size_t reach_confined(const char *const *programs, const char *path,
                      size_t *confined) MUST_CHECK;

/* Writes the name of a user, or its number. */
void reach_user_name(uid_t uid, char out[64]);

#endif
