/*
 * compat: compiler attributes, and an assertion that stays in release builds.
 */
#ifndef MESHER_BASE_COMPAT_H
#define MESHER_BASE_COMPAT_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define NO_RETURN __attribute__((noreturn))

/* Number of elements of an array (not of a pointer). */
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* Aborts with file and line when x is false.  For bugs in Mesher, never for input; NDEBUG
 * does not remove it, since a supervisor restarts the process. */
#define CHECK(x) ((x) ? (void)0 : check_failed(#x, __FILE__, __LINE__))

/* Implements CHECK: writes one line to stderr, then calls abort(). */
NO_RETURN void check_failed(const char *what, const char *file, int line);

#endif
