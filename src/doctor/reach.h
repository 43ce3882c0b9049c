/*
 * reach: may another user do something with a file?
 *
 * The kernel is asked, as that user, so that modes, groups, ACLs, read-only mounts and
 * every directory on the way count.
 */
#ifndef MESHER_DOCTOR_REACH_H
#define MESHER_DOCTOR_REACH_H

#include <stddef.h>
#include <sys/types.h>

#include "base/compat.h"

enum reach { REACH_YES, REACH_NO, REACH_UNKNOWN /* only root can ask for others */ };

/* Would access(2) with this mode succeed for the user?  errno says why not. */
enum reach reach_of(uid_t uid, gid_t gid, const char *path, int mode) MUST_CHECK;

#define REACH_USERS 4U

struct reach_user {
    uid_t uid;
    gid_t gid;
};

/* The users that processes of these programs (NULL after the last) run as on this
 * machine, each once, at most REACH_USERS.  Gives their number. */
size_t reach_users(const char *const *programs,
                   struct reach_user out[REACH_USERS]) MUST_CHECK;

/* The name of a user, or its number. */
void reach_user_name(uid_t uid, char out[64]);

#endif
