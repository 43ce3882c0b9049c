/*
 * notify: the protocol of sd_notify(3), both ends, without libsystemd.
 *
 * mesherd tells systemd that it is ready, and its children can tell mesherd the same way.
 */
#ifndef MESHER_SUPER_NOTIFY_H
#define MESHER_SUPER_NOTIFY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

#define NOTIFY_NAME_BYTES 108

/* Sends `state` (lines NAME=VALUE) to a socket: a path, or "@NAME" for an abstract one;
 * NULL or "": does nothing.  A supervisor that does not listen is none: failures are not
 * told. */
void notify_send(const char *socket_name, const char *state);

/* Opens a socket for children under a name that the kernel chooses, and gives the value
 * for their NOTIFY_SOCKET.  Returns a non-blocking descriptor, or -1 with ERROR_SYSTEM.
 */
int notify_open(char name[NOTIFY_NAME_BYTES], struct error *e) MUST_CHECK;

/* Reads a message: *ready when a line of it is READY=1, *from is the sender as the kernel
 * knows it.  False when there is none. */
bool notify_receive(int fd, pid_t *from, bool *ready) MUST_CHECK;

/* Is a line of the message READY=1? */
bool notify_says_ready(struct str message) MUST_CHECK;

#endif
