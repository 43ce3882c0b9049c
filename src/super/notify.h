/*
 * notify: both ends of the protocol of sd_notify(3), without libsystemd.
 *
 * mesherd reports its readiness to systemd, and its children can report theirs to mesherd
 * in the same way.
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
 * NULL or "": does nothing.  Failures are ignored: a supervisor that does not listen
 * needs no report. */
void notify_send(const char *socket_name, const char *state);

/* Opens a socket for children under a name chosen by the kernel, and sets the value of
 * their NOTIFY_SOCKET.  Returns a non-blocking descriptor, or -1 with ERROR_SYSTEM. */
int notify_open(char name[NOTIFY_NAME_BYTES], struct error *e) MUST_CHECK;

/* Reads a message: *ready is set when one of its lines is READY=1; *from is the sender
 * according to the kernel.  Returns false when there is none. */
bool notify_receive(int fd, pid_t *from, bool *ready) MUST_CHECK;

/* Returns whether a line of the message is READY=1. */
bool notify_says_ready(struct str message) MUST_CHECK;

#endif
