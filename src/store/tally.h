/*
 * tally: adds outcomes that were counted in memory to the table.
 *
 * Accepted and discarded events are not among them: the statement that stores events
 * counts those.
 */
#ifndef MESHER_STORE_TALLY_H
#define MESHER_STORE_TALLY_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"
#include "wire/outcomes.h"

/* The minimum time between two writes of outcomes. */
#define TALLY_MS 1000

/* Sets out to the part of outcomes that this process counts in, as a smallint
 * parameter. */
void tally_part(char out[2]);

/* Adds all of o to the table and empties o.  Returns 0, or -1 as db_run(): o is then
 * unchanged. */
int tally_store(struct db *d, struct outcomes *o, struct error *e) MUST_CHECK;

#endif
