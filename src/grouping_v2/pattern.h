/*
 * pattern: the patterns of parameterize.c, one function each.
 *
 * Each takes the state and a position in its line, and returns the length of the match in
 * bytes, or 0.
 */
#ifndef MESHER_GROUPING_V2_PATTERN_H
#define MESHER_GROUPING_V2_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ascii.h"
#include "base/compat.h"
#include "grouping_v2/parameterize.h"

typedef size_t pattern(struct parameterize *s, const char *p);

/* pattern_net.c; path: an absolute file system path */
pattern v2_pattern_email, v2_pattern_url, v2_pattern_host, v2_pattern_ip, v2_pattern_path;

/* v2_pattern_date.c */
pattern v2_pattern_date;

/* pattern_number.c */
pattern v2_pattern_trace, v2_pattern_uuid, v2_pattern_sha1, v2_pattern_md5,
    v2_pattern_duration, v2_pattern_hex, v2_pattern_git_sha, v2_pattern_float,
    v2_pattern_int;

/* Returns the end of the line that s is in. */
static inline const char *
v2_pattern_end(const struct parameterize *s)
{
    return s->line.p + s->line.n;
}

/* Returns whether no word continues here. */
static inline bool
v2_pattern_edge(const struct parameterize *s, const char *p)
{
    return p == v2_pattern_end(s) || !ascii_is_word(*p);
}

/* Returns whether no word reaches up to here. */
static inline bool
v2_pattern_start(const struct parameterize *s, const char *p)
{
    return p == s->begin || !ascii_is_word(p[-1]);
}

/* Returns the end of the digits that begin here. */
const char *v2_pattern_digits(struct parameterize *s, const char *p) MUST_CHECK;

/* Returns the number of hexadecimal digits here. */
size_t v2_pattern_hex_run(struct parameterize *s, const char *p) MUST_CHECK;

#endif
