/*
 * slots: counts connections with locked files, when there is no writer to count them.
 *
 * Each connection holds one lock of a set; the kernel releases it however the process
 * ends.
 */
#ifndef MESHER_WS_SLOTS_H
#define MESHER_WS_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"

/* Takes one of `count` slots of the set `name` in dir (created if only its last component
 * is missing).  Returns the descriptor that holds it (close it to release the slot), -1
 * when all are taken, or -2 with ERROR_SYSTEM. */
int slots_take(const char *dir, const char *name, size_t count,
               struct error *e) MUST_CHECK;

#endif
