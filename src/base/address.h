/*
 * address: where a stream socket is: the path of a Unix socket, or a numeric IP address
 * and a port.
 *
 * "/run/mesher/fcgi.sock", "127.0.0.1:9000", "[::1]:9000".
 */
#ifndef MESHER_BASE_ADDRESS_H
#define MESHER_BASE_ADDRESS_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"

/* Is text an address?  A path has at most 107 bytes; no names are looked up. */
bool address_is_valid(const char *text) MUST_CHECK;

/* Listens on a valid address.  For a path as io_unix_listen() with this mode.  Returns a
 * non-blocking, close-on-exec descriptor, or -1 with ERROR_CONFIG or ERROR_SYSTEM and
 * errno. */
int address_listen(const char *text, unsigned mode, int backlog,
                   struct error *e) MUST_CHECK;

/* Does somebody accept connections at a valid address?  Waits a few milliseconds at most.
 */
bool address_answers(const char *text) MUST_CHECK;

#endif
