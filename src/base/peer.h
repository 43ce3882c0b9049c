/*
 * peer: decides which users may connect to a Unix socket of Mesher.
 *
 * The mode of a socket's file admits a whole group, including users who are in it for
 * other reasons; the kernel reports who has connected (SO_PEERCRED).  Root and the user
 * of this process are always allowed: neither can be kept out.
 */
#ifndef MESHER_BASE_PEER_H
#define MESHER_BASE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/compat.h"
#include "base/error.h"

#define PEER_USERS 32U

/* Users allowed besides root and our own; all zero bytes: none. */
struct peers {
    size_t count;
    uid_t uid[PEER_USERS];
};

/* Parses names or numbers of users, separated by blanks or commas.  Returns 0, or -1 with
 * ERROR_CONFIG for an unknown user or too many users. */
int peer_parse(const char *users, struct peers *out, struct error *e) MUST_CHECK;

/* Returns whether this user may connect to a process of the user `own`. */
bool peer_is_allowed(const struct peers *p, uid_t own, uid_t uid) MUST_CHECK;

/* Returns whether the peer of the connected socket fd is allowed, and sets *uid; an
 * unknown peer is not allowed. */
bool peer_check(const struct peers *p, int fd, uid_t *uid) MUST_CHECK;

#endif
