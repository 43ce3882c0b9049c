/*
 * signals: signals as something to poll for.
 *
 * A process with a poll loop blocks the signals that it wants and reads them from a
 * descriptor, so that none arrives between two lines (signalfd(2)).
 */
#ifndef MESHER_BASE_SIGNALS_H
#define MESHER_BASE_SIGNALS_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"

/* Blocks these signals and has them delivered even if they were ignored, ignores SIGPIPE
 * and gives a non-blocking, close-on-exec descriptor to read them from, or -1 with
 * ERROR_SYSTEM. */
int signals_open(const int *numbers, size_t count, struct error *e) MUST_CHECK;

#endif
