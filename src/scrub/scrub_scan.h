/*
 * scrub_scan: finds the secrets in one text, in one pass.
 *
 * It finds two kinds of secrets: values recognisable by their shape (card numbers,
 * private keys, tokens, passwords in URLs, addresses if enabled), and values that follow
 * the name of a secret, as in messages, query strings, forms, JSON within a string and
 * the variables of many languages: name=value, 'name': 'value', name => value, --name
 * value, <name>value</name>.  Each rule is tried only at a byte that it requires, and
 * examines either a bounded number of bytes or bytes that no rule examines again; a unit
 * test and a fuzz target count them.
 *
 * The rules are functions of scrub_number.c, scrub_token.c and scrub_pair.c; each takes a
 * position in the text and returns whether a secret is there, and which slice to cut.
 */
#ifndef MESHER_SCRUB_SCRUB_SCAN_H
#define MESHER_SCRUB_SCRUB_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ascii.h"
#include "base/compat.h"
#include "base/str.h"
#include "scrub/scrub_names.h"

/* Replaces a secret. */
#define SCRUB_FILTERED "[Filtered]"

enum scrub_mode {
    SCRUB_TEXT,   /* a message, a variable, a body: every rule */
    SCRUB_SOURCE, /* a line of source code: named values only if quoted */
    SCRUB_CODE,   /* function and file names, ids: no addresses, only name=value */
    SCRUB_COOKIE  /* name=value; name=value: every value is secret */
};

struct scrub_scan {
    const struct scrub_names *names;
    enum scrub_mode mode;
    bool addresses; /* addresses are secrets too */
    const char *begin, *end;
    const char *at;     /* everything before it is done */
    const char *first;  /* no rule begins before it; a caller that knows may set it */
    const char *no_jwt; /* there is none before this position; the next likewise */
    const char *no_base64;
    struct str password; /* of the last URL seen */
    bool open_key;       /* found: a private key that continues after this text */
    bool
        blank_pair; /* found: the name of a secret with a place for its value: "pwd=%s" */
    size_t looked_at; /* bytes examined by all rules */
};

/* Begins a scan of text; text and names must outlive x. */
void scrub_scan_begin(struct scrub_scan *x, const struct scrub_names *names,
                      struct str text, enum scrub_mode mode, bool addresses);

/* Sets *cut to the next slice to replace; slices come in order and do not overlap.
 * Returns false at the end. */
bool scrub_scan_next(struct scrub_scan *x, struct str *cut) MUST_CHECK;

/* Skips bytes that cannot begin a match of any rule except the one for cookies, up to a
 * quote or a backslash; returns that position, or end. */
const char *scrub_scan_pass(const char *p, const char *end) MUST_CHECK;

/* Returns whether a JSON number is a payment card number. */
bool scrub_is_card(struct str number) MUST_CHECK;

/* Returns whether a value is harmless whatever its name: empty, true, null, None,
 * asterisks, or already filtered. */
bool scrub_is_harmless(struct str value) MUST_CHECK;

/* Returns whether something was removed from within a text.  Such a text is not a name,
 * and its end may not be the original end. */
bool scrub_holds_filtered(struct str text) MUST_CHECK;

/* A rule: returns whether there is a secret at p, which is within the text. */
typedef bool scrub_rule(struct scrub_scan *x, const char *p, struct str *cut);

/* scrub_number.c: at the first digit, or at a colon of an IPv6 address */
scrub_rule scrub_card, scrub_ssn, scrub_iban, scrub_ipv4, scrub_ipv6;

/* scrub_token.c: at the mark in or after a prefix, the J of a JWT, the b of Bearer and
 * Basic, the first dash of a private key, the colon of a URL */
scrub_rule scrub_token, scrub_jwt, scrub_scheme, scrub_pem, scrub_url;

/* scrub_pair.c: at the mark between name and value; at the first of two dashes; at the
 * end of an XML tag */
scrub_rule scrub_pair, scrub_argument, scrub_element;

/* Returns whether c is one of the characters in set. */
static inline bool
scrub_is_one_of(char c, const char *set)
{
    while (*set != '\0' && *set != c)
        set++;
    return *set != '\0';
}

static inline size_t
scrub_left(const struct scrub_scan *x, const char *p)
{
    return (size_t)(x->end - p);
}

/* Returns whether text is at p. */
static inline bool
scrub_stands(const struct scrub_scan *x, const char *p, struct str text)
{
    return str_starts((struct str){p, scrub_left(x, p)}, text);
}

static inline bool
scrub_is_filtered(const struct scrub_scan *x, const char *p)
{
    return scrub_stands(x, p, STR(SCRUB_FILTERED));
}

/* Returns whether a word may begin at p, with none before it; a slice that was cut does
 * not count as a word. */
static inline bool
scrub_word_begins(const struct scrub_scan *x, const char *p)
{
    return p == x->at || !ascii_is_word(p[-1]);
}

/* Returns whether no word continues at p. */
static inline bool
scrub_word_ends(const struct scrub_scan *x, const char *p)
{
    return p == x->end || !ascii_is_word(*p);
}

#endif
