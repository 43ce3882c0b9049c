/*
 * pattern: the patterns of parameterize.c, one function each.
 *
 * Each takes the state and a position in its line, and returns the length of the match in
 * bytes, or 0.
 */
#ifndef MESHER_GROUPING_PATTERN_H
#define MESHER_GROUPING_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ascii.h"
#include "base/compat.h"
#include "grouping/parameterize.h"

typedef size_t pattern(struct parameterize *s, const char *p);

/* pattern_net.c; path: an absolute file system path */
pattern pattern_email, pattern_url, pattern_host, pattern_ip, pattern_path;

/* pattern_date.c */
pattern pattern_date;

/* pattern_number.c */
pattern pattern_trace, pattern_uuid, pattern_measure, pattern_hex, pattern_float,
    pattern_int;

/* pattern_code.c: what stays */
pattern pattern_code, pattern_error_url;

/* pattern_data.c */
pattern pattern_quoted, pattern_list, pattern_key_value, pattern_dump, pattern_identity,
    pattern_id, pattern_pod;

/* Returns the end of the line that s is in. */
static inline const char *
pattern_end(const struct parameterize *s)
{
    return s->line.p + s->line.n;
}

/* Returns whether no word continues here. */
static inline bool
pattern_edge(const struct parameterize *s, const char *p)
{
    return p == pattern_end(s) || !ascii_is_word(*p);
}

/* Returns whether no word reaches up to here. */
static inline bool
pattern_start(const struct parameterize *s, const char *p)
{
    return p == s->begin || !ascii_is_word(p[-1]);
}

/* Returns the end of the digits that begin here. */
const char *pattern_digits(struct parameterize *s, const char *p) MUST_CHECK;

/* Returns the number of hexadecimal digits here. */
size_t pattern_hex_run(struct parameterize *s, const char *p) MUST_CHECK;

#endif
