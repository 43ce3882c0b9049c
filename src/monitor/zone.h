/*
 * zone: offsets of a time zone, from this host's tz database (the C library's).
 *
 * A process has one zone in use, which is the environment variable TZ: for programs with
 * one thread.
 */
#ifndef MESHER_MONITOR_ZONE_H
#define MESHER_MONITOR_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"

/* Returns whether text has the form of a zone's name, such as Europe/Berlin or Etc/GMT+1:
 * words of letters, digits, -, + and _, at most LIMIT_ZONE_BYTES in all.  Whether there
 * is such a zone only zone_use() knows. */
bool zone_is_name(struct str text) MUST_CHECK;

/* Takes a zone into use.  Returns 0, or -1 when this host does not know it; UTC is then
 * in use. */
int zone_use(const char *name) MUST_CHECK;

/* Returns how far local time is ahead of UTC, in seconds, at a time in seconds since 1970
 * UTC. */
int64_t zone_offset(int64_t at_s) MUST_CHECK;

#endif
