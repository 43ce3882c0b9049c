/*
 * crash: labelled points at which a test can make a process abort.
 *
 * Only in builds with --enable-crash-points; otherwise CRASH_POINT() does nothing.
 * MESHER_CRASH in the environment is "LABEL:FILE": the first process that passes the
 * point LABEL and can remove FILE aborts there.
 */
#ifndef MESHER_BASE_CRASH_H
#define MESHER_BASE_CRASH_H

#ifdef MESHER_CRASH_POINTS
#    define CRASH_POINT(label) crash_point(label)
#else
#    define CRASH_POINT(label) ((void)0)
#endif

/* Implements CRASH_POINT. */
void crash_point(const char *label);

#endif
