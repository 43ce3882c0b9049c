/*
 * tally: outcomes that were counted in memory, added to the table.
 *
 * What is accepted or discarded is not among them: the statement that stores events
 * counts that.
 */
#ifndef MESHER_STORE_TALLY_H
#define MESHER_STORE_TALLY_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"
#include "wire/outcomes.h"

/* Outcomes are written at most so often. */
#define TALLY_MS 1000

/* The part of outcomes in which this process counts, as a smallint parameter. */
void tally_part(char out[2]);

/* Adds all of o to the table and empties it.  Returns 0, or -1 as db_run(): o stays. */
int tally_store(struct db *d, struct outcomes *o, struct error *e) MUST_CHECK;

#endif
