/*
 * evaluate: the work of the ticker on monitors: counts the check-ins that arrived, and
 * finds those that are missed or take too long.
 *
 * Each monitor in an environment is evaluated in a transaction that holds its row, which
 * the writer locks, too, before it stores check-ins of it: so any number of tickers see
 * each failure once.  A failure that is to be reported gets the id of its event in the
 * same transaction; the event itself is stored later, under that id, so that a repeated
 * attempt is a duplicate.  A monitor costs a few statements, and is read only when it is
 * due.
 */
#ifndef MESHER_ADMIN_EVALUATE_H
#define MESHER_ADMIN_EVALUATE_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/table.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Evaluates at most `most` monitors that are due by the database's clock, those that have
 * waited longest first.  Sets *n to their number.  Returns 0, or -1 as db_run(). */
int evaluate_due(struct db *d, int64_t most, int64_t *n, struct error *e) MUST_CHECK;

/* A failure whose event is to be stored; texts are views of the table. */
struct evaluate_event {
    struct str project, slug, environment, checkin, status, started_at, expected_at, id;
    struct str config; /* JSON; absent: none */
    bool stored;       /* already, by an attempt that nobody took note of */
};

/* Takes at most `most` of these, for a minute: then another attempt may take them.
 * Returns 0 with rows to be freed with table_release(), or -1 as db_run(). */
int evaluate_events(struct db *d, int64_t most, struct table *out,
                    struct error *e) MUST_CHECK;

/* Returns one of them. */
struct evaluate_event evaluate_event_of(const struct table *t, size_t row) MUST_CHECK;

/* Notes that an event is stored, or never will be. */
int evaluate_told(struct db *d, const struct evaluate_event *event,
                  struct error *e) MUST_CHECK;

#endif
