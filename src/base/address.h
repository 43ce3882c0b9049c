/*
 * address: the address of a stream socket, either the path of a Unix socket or a numeric
 * IP address and a port.
 *
 * "/run/mesher/fcgi.sock", "127.0.0.1:9000", "[::1]:9000".
 */
#ifndef MESHER_BASE_ADDRESS_H
#define MESHER_BASE_ADDRESS_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Returns whether text is a valid address.  A path has at most 107 bytes; host names are
 * not resolved. */
bool address_is_valid(const char *text) MUST_CHECK;

/* Returns whether text is an IP address, IPv4 or IPv6, and nothing else. */
bool address_is_ip(struct str text) MUST_CHECK;

/* Listens on a valid address; mode applies to a path, as in io_unix_listen().  Returns a
 * non-blocking, close-on-exec descriptor, or -1 with ERROR_CONFIG or ERROR_SYSTEM and
 * errno. */
int address_listen(const char *text, unsigned mode, int backlog,
                   struct error *e) MUST_CHECK;

/* Returns whether a valid address accepts connections.  Waits a few milliseconds at
 * most. */
bool address_answers(const char *text) MUST_CHECK;

#endif
