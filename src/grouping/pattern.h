/*
 * pattern: the patterns of parameterize.c, a function for each.
 *
 * Each takes the state and a place in its line, and gives how many bytes there are of
 * that kind, or 0.
 */
#ifndef MESHER_EVENT_PATTERN_H
#define MESHER_EVENT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ascii.h"
#include "base/compat.h"
#include "grouping/parameterize.h"

typedef size_t pattern(struct parameterize *s, const char *p);

/* pattern_net.c; path: of a file system, absolute */
pattern pattern_email, pattern_url, pattern_host, pattern_ip, pattern_path;

/* pattern_date.c */
pattern pattern_date;

/* pattern_number.c */
pattern pattern_trace, pattern_uuid, pattern_sha1, pattern_md5, pattern_duration,
    pattern_hex, pattern_git_sha, pattern_float, pattern_int;

/* The end of the line that s is in. */
static inline const char *
pattern_end(const struct parameterize *s)
{
    return s->line.p + s->line.n;
}

/* Does a word end here, or none go on? */
static inline bool
pattern_edge(const struct parameterize *s, const char *p)
{
    return p == pattern_end(s) || !ascii_is_word(*p);
}

/* Does no word reach up to here? */
static inline bool
pattern_start(const struct parameterize *s, const char *p)
{
    return p == s->begin || !ascii_is_word(p[-1]);
}

/* Where the digits end that begin here. */
const char *pattern_digits(struct parameterize *s, const char *p) MUST_CHECK;

/* How many hexadecimal digits there are here. */
size_t pattern_hex_run(struct parameterize *s, const char *p) MUST_CHECK;

#endif
