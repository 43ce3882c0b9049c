/*
 * signals: turns signals into events to poll for.
 *
 * A process with a poll loop blocks the signals that it handles and reads them from a
 * descriptor (signalfd(2)), so that no handler interrupts it.
 */
#ifndef MESHER_BASE_SIGNALS_H
#define MESHER_BASE_SIGNALS_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"

/* Blocks these signals, resets those that were ignored so that they are delivered, and
 * ignores SIGPIPE.  Returns a non-blocking, close-on-exec descriptor to read them from,
 * or -1 with ERROR_SYSTEM. */
int signals_open(const int *numbers, size_t count, struct error *e) MUST_CHECK;

#endif
