/*
 * storing: the text of the statement that stores events and keeps their issues.
 *
 * Everything that an event changes is in it, so that it is one transaction and one round
 * trip.  Its parameters are made by store/eventrows.h.
 */
#ifndef MESHER_STORE_STORING_H
#define MESHER_STORE_STORING_H

#include "base/compat.h"

/* Gives STATEMENT_STORE; good for ever. */
const char *storing_sql(void) MUST_CHECK;

#endif
