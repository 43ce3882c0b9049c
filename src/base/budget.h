/*
 * budget: counts the work of a request and stops it at a limit.
 *
 * Every function that reads a client's bytes reports how many it examined (budget_spend),
 * so that tests and fuzz targets can compare the work with the size of the input: the
 * cost of an input must be proportional to its size.  The same count is the last line of
 * defence: every BUDGET_LOOK_BYTES of work, the thread's processor time is read
 * (clock_gettime(2), CLOCK_THREAD_CPUTIME_ID), and past the limit budget_left() is false.
 * Walks over client data (scan.h and others) then stop as if the data ended there; the
 * code that began the request then rejects it with budget_check().
 *
 * There is one budget per process, since a process handles one request at a time: a
 * parameter would have to go through every function that reads a byte.
 */
#ifndef MESHER_BASE_BUDGET_H
#define MESHER_BASE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"

/* How often the clock is read: after some milliseconds of work. */
#define BUDGET_LOOK_BYTES ((uint64_t)1 << 20)

struct budget {
    uint64_t spent;    /* bytes examined since budget_begin() */
    uint64_t look_at;  /* value of spent at which the clock is read next */
    int64_t limit_ns;  /* processor time; 0: no limit */
    int64_t began_ns;  /* processor time at the first clock reading; -1: not read yet */
    const char *doing; /* for the error text: "reading the log entry" */
    bool over;
};

extern struct budget the_budget;

/* Begins a request that may use cpu_ms milliseconds of processor time; 0: no limit. */
void budget_begin(int64_t cpu_ms);

/* Records that n bytes were examined, copied or hashed. */
static inline void
budget_spend(size_t n)
{
    the_budget.spent += n;
}

/* Reads the clock; used by budget_left(). */
bool budget_look(void) MUST_CHECK;

/* Returns whether the request may go on. */
static inline bool
budget_left(void)
{
    return the_budget.spent < the_budget.look_at || budget_look();
}

/* Names the work that follows: a static text that completes "took too long: ". */
static inline void
budget_doing(const char *what)
{
    the_budget.doing = what;
}

/* Returns 0, or -1 with ERROR_COSTLY when the time is used up: data read since
 * budget_begin() may then be incomplete. */
int budget_check(struct error *e) MUST_CHECK;

#endif
