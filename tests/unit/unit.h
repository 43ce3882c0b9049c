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
#include <stdbool.h>
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
    X(budget) \
    X(buf) \
    X(bulk) \
    X(bulk_answer) \
    X(checkin) \
    X(childconf) \
    X(childstate) \
    X(clients) \
    X(clock) \
    X(closing) \
    X(conf) \
    X(confine) \
    X(control) \
    X(crontab) \
    X(display) \
    X(dsn) \
    X(envelope) \
    X(environment) \
    X(error) \
    X(event) \
    X(fingerprint) \
    X(format) \
    X(frame) \
    X(function) \
    X(glob) \
    X(grouping) \
    X(home) \
    X(hosts) \
    X(html) \
    X(http) \
    X(idleconf) \
    X(ids) \
    X(images) \
    X(inflate) \
    X(inherited) \
    X(install) \
    X(intensity) \
    X(io) \
    X(item_type) \
    X(items) \
    X(json) \
    X(jsonout) \
    X(key) \
    X(keycache) \
    X(keyfile) \
    X(leftovers) \
    X(library) \
    X(limited) \
    X(log) \
    X(logentry) \
    X(merge) \
    X(minidump_form) \
    X(msgpack) \
    X(multipart) \
    X(name) \
    X(normal) \
    X(notes) \
    X(notify) \
    X(num) \
    X(origins) \
    X(outcomes) \
    X(owner) \
    X(ownership) \
    X(pace) \
    X(pack) \
    X(parameterize) \
    X(pattern) \
    X(pattern_form) \
    X(peer) \
    X(pidfile) \
    X(place) \
    X(quota) \
    X(receipt) \
    X(record) \
    X(refusal) \
    X(rehearsal) \
    X(release_health) \
    X(render) \
    X(repair) \
    X(report) \
    X(reports) \
    X(row) \
    X(rules) \
    X(scan) \
    X(schedule) \
    X(scrub) \
    X(scrub_names) \
    X(scrub_scan) \
    X(scrub_work) \
    X(scrubbing) \
    X(scrubfile) \
    X(security) \
    X(sentry_answer) \
    X(sentryauth) \
    X(service) \
    X(setting) \
    X(shared) \
    X(signals) \
    X(spawn) \
    X(splitter) \
    X(spool) \
    X(sqltext) \
    X(storebody) \
    X(str) \
    X(stream) \
    X(synopsis) \
    X(tempfile) \
    X(title) \
    X(trace) \
    X(tree) \
    X(trial) \
    X(turns) \
    X(usermark) \
    X(utf8) \
    X(watch) \
    X(webserver) \
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

/* Asserts x; the forms with _AT are for a row of a table, which knows its own line. */
#define UNIT(x) UNIT_AT(__LINE__, x)
#define UNIT_AT(line, x)                                                           \
    ((void)CU_assertImplementation((x) ? CU_TRUE : CU_FALSE, (unsigned)(line), #x, \
                                   __FILE__, "", CU_FALSE))

/* Asserts that two integers of whatever types are the same number; else shows both.  What
 * was got is found out first, since what is expected may ask for what that has changed.
 */
#define UNIT_EQ(got, expected) UNIT_SAME(__LINE__, got, expected, #got " == " #expected)
#define UNIT_EQ_AT(line, got, expected) \
    UNIT_SAME(line, got, expected, #got " == " #expected)

/* Asserts that s (a struct str) is the text expected (NULL: absent); else shows both. */
#define UNIT_STR(s, expected) \
    unit_str(UNIT_PLACE(__LINE__, #s " is " #expected), (s), (expected))
#define UNIT_STR_AT(line, s, expected) \
    unit_str(UNIT_PLACE(line, #s " is " #expected), (s), (expected))

#define UNIT_PLACE(line, what) (&(struct unit_place){__FILE__, (unsigned)(line), what})

#define UNIT_SAME(line, got, expected, what) \
    (unit_got(UNIT_NUMBER(got)), unit_eq(UNIT_PLACE(line, what), UNIT_NUMBER(expected)))

struct unit_place {
    const char *file;
    unsigned line;
    const char *what;
};

struct unit_number {
    bool negative;
    unsigned long long bits; /* two's complement */
};

/* clang-format off */
#define UNIT_NUMBER(x) \
    (_Generic((x), \
        char: unit_signed, signed char: unit_signed, short: unit_signed, int: unit_signed, \
        long: unit_signed, long long: unit_signed, default: unit_unsigned)(x))

/* clang-format on */

struct unit_number unit_signed(long long n) MUST_CHECK;
struct unit_number unit_unsigned(unsigned long long n) MUST_CHECK;
void unit_got(struct unit_number got);
void unit_eq(const struct unit_place *at, struct unit_number expected);
void unit_str(const struct unit_place *at, struct str got, const char *expected);

/* A copy of s in a heap block of exactly its size.  Freed when the test ends. */
struct str unit_exact(struct str s) MUST_CHECK;

/* An arena of 8 MiB.  Reset when the test ends. */
struct arena *unit_arena(void) MUST_CHECK;

/* The path of an empty directory.  Removed with its files when the test ends. */
const char *unit_dir(void) MUST_CHECK;

/* Is s this text?  NULL stands for the absent view. */
bool unit_is(struct str s, const char *text) MUST_CHECK;

#endif
