/*
 * unit: what a unit test needs besides CUnit.
 *
 * A suite is a file test_NAME.c that defines suite_NAME, and a line in UNIT_SUITES.
 * Inputs are put into heap blocks of exactly their size, so that a sanitizer sees one
 * byte too many.
 */
#ifndef MESHER_TESTS_UNIT_H
#define MESHER_TESTS_UNIT_H

#include <CUnit/CUnit.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

/* clang-format off */
#define UNIT_SUITES(X) \
    X(address) \
    X(answer) \
    X(arena) \
    X(arrays) \
    X(authkey) \
    X(backoff) \
    X(base64) \
    X(body) \
    X(buf) \
    X(bulk) \
    X(bulk_answer) \
    X(childconf) \
    X(clock) \
    X(conf) \
    X(control) \
    X(display) \
    X(dsn) \
    X(envelope) \
    X(error) \
    X(event) \
    X(fingerprint) \
    X(frame) \
    X(front) \
    X(function) \
    X(glob) \
    X(group) \
    X(home) \
    X(hosts) \
    X(html) \
    X(http) \
    X(ids) \
    X(images) \
    X(inflate) \
    X(inherited) \
    X(install) \
    X(intensity) \
    X(io) \
    X(items) \
    X(json) \
    X(jsonout) \
    X(key) \
    X(keycache) \
    X(keyfile) \
    X(leftovers) \
    X(library) \
    X(log) \
    X(logentry) \
    X(minidump_form) \
    X(multipart) \
    X(normal) \
    X(notes) \
    X(notify) \
    X(num) \
    X(origins) \
    X(outcomes) \
    X(ownership) \
    X(pack) \
    X(parameterize) \
    X(parcel) \
    X(pidfile) \
    X(place) \
    X(quota) \
    X(record) \
    X(refusal) \
    X(render) \
    X(repair) \
    X(report) \
    X(reports) \
    X(row) \
    X(rules) \
    X(scan) \
    X(security) \
    X(sentry_answer) \
    X(sentryauth) \
    X(service) \
    X(sessions) \
    X(shared) \
    X(setting) \
    X(signals) \
    X(spawn) \
    X(splitter) \
    X(spool) \
    X(storebody) \
    X(str) \
    X(stream) \
    X(tempfile) \
    X(title) \
    X(trace) \
    X(tree) \
    X(trial) \
    X(usermark) \
    X(utf8) \
    X(verdict) \
    X(window)

/* clang-format on */

struct unit_test {
    const char *name; /* a sentence: misses_never_evict_live_hits */
    void (*fn)(void);
};

struct unit_suite {
    const char *name;
    const struct unit_test *tests;
    size_t count;
};

#define UNIT_DECLARE(name) extern const struct unit_suite suite_##name;
UNIT_SUITES(UNIT_DECLARE)

/* Asserts x; the second form for a row of a table, which knows its own line. */
#define UNIT(x) UNIT_AT(__LINE__, x)
#define UNIT_AT(line, x)                                                           \
    ((void)CU_assertImplementation((x) ? CU_TRUE : CU_FALSE, (unsigned)(line), #x, \
                                   __FILE__, "", CU_FALSE))

/* A copy of s in a heap block of exactly its size.  Freed when the test ends. */
struct str unit_exact(struct str s) MUST_CHECK;

/* An arena of 8 MiB.  Reset when the test ends. */
struct arena *unit_arena(void) MUST_CHECK;

/* The path of an empty directory.  Removed with its files when the test ends. */
const char *unit_dir(void) MUST_CHECK;

/* Is s this text?  NULL stands for the absent view. */
bool unit_is(struct str s, const char *text) MUST_CHECK;

#endif
