/*
 * slots: connections counted by locked files, where no writer does it.
 *
 * Each connection holds one lock of a set; the kernel lets it go whatever way the process
 * ends.
 */
#ifndef MESHER_INGEST_SLOTS_H
#define MESHER_INGEST_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"

/* Takes a slot of `count` of the set `name` in dir (made if only itself is missing).
 * Gives the descriptor that holds it (close it to give it back), -1 when all are taken,
 * or -2 with ERROR_SYSTEM. */
int slots_take(const char *dir, const char *name, size_t count,
               struct error *e) MUST_CHECK;

#endif
