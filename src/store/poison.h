/*
 * poison: events that PostgreSQL refused, put aside on disk.
 *
 * One file for each, PROJECT-ID.poison in the poison directory, mode 0600: a line of JSON
 * (project, id, time of receipt, SQLSTATE), then the row as in wire/row.h, so that
 * nothing that was accepted is lost while somebody looks for the reason.
 */
#ifndef MESHER_STORE_POISON_H
#define MESHER_STORE_POISON_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "wire/row.h"

/* Puts the row aside, durably, because of `why` (ERROR_POISON).  Returns 0, or -1 with
 * ERROR_SYSTEM. */
int poison_keep(const char *dir, int64_t project, const struct row *row,
                const struct error *why, struct error *e) MUST_CHECK;

#endif
