/*
 * watch: follows the check-ins of one monitor in one environment: which are missed, and
 * which failures are reported.
 *
 * All times are seconds since 1970 UTC.  The zone of the monitor must be in use
 * (monitor/zone.h).
 */
#ifndef MESHER_MONITOR_WATCH_H
#define MESHER_MONITOR_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "monitor/schedule.h"

/* A check-in so long before the expected time is the expected one: clocks differ. */
#define WATCH_EARLY_S 30

struct watch_settings {
    bool has_schedule;
    struct schedule schedule;
    int64_t margin_s;                              /* after the expected time */
    int64_t failure_threshold, recovery_threshold; /* consecutive check-ins */
};

struct watch {
    int64_t expected_s, from_s;  /* next check-in, and since when; 0: none is expected */
    bool failing;                /* failures are reported */
    int64_t failures, successes; /* consecutive ones */
};

/* Takes note of a check-in that began at started_s: the next one is expected after it. */
void watch_started(struct watch *w, const struct watch_settings *s, int64_t started_s);

/* Forgets what is expected, after the schedule has changed at changed_s. */
void watch_changed(struct watch *w, int64_t changed_s);

/* Returns whether a check-in is missed at now_s.  Then sets *missed_s to the time for
 * which it was expected, and expects the next.  Those that were to be missed, too,
 * while nobody looked are not counted. */
bool watch_missed(struct watch *w, const struct watch_settings *s, int64_t now_s,
                  int64_t *missed_s) MUST_CHECK;

/* Takes note of a check-in that failed (also: missed, timeout).  Returns whether it is to
 * be reported: with the given number of consecutive failures, and from then on each until
 * the monitor recovers. */
bool watch_failed(struct watch *w, const struct watch_settings *s) MUST_CHECK;

/* Takes note of a check-in that succeeded. */
void watch_succeeded(struct watch *w, const struct watch_settings *s);

#endif
