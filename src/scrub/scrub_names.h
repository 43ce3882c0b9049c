/*
 * scrub_names: decides whether a name belongs to a secret.
 *
 * Names are compared without case and punctuation, so that "API-Key", "apiKey" and
 * "%61pi_key" are the same, in a single pass through an automaton of all words (Aho and
 * Corasick), however many there are.  The words are those of Sentry's default scrubbers,
 * names of sessions and cookies, and the project's own.  Percent escapes and \uXXXX in a
 * name are decoded.
 */
#ifndef MESHER_SCRUB_SCRUB_NAMES_H
#define MESHER_SCRUB_SCRUB_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/str.h"

/* What a name says about its value, as bits. */
#define SCRUB_NAME_SECRET 1U
#define SCRUB_NAME_COUNTS 2U   /* a number is harmless here: "max_tokens" */
#define SCRUB_NAME_PROSE 4U    /* SECRET also before a colon in prose */
#define SCRUB_NAME_WORD 8U     /* PROSE, and almost any word is secret: "password" */
#define SCRUB_NAME_HEADER 16U  /* PROSE, and the value is preceded by a scheme */
#define SCRUB_NAME_COOKIES 32U /* its value is a list of cookies */
#define SCRUB_NAME_ADDRESS 64U /* its value is the address of a person's host */

#define SCRUB_NAME_PUBLIC 128U /* never a secret; not returned */

struct scrub_names;

/* Builds the automaton; own: further names, separated by commas, which are SECRET
 * anywhere within a name.  Returns an object to be freed with scrub_names_free(), or NULL
 * (ENOMEM). */
struct scrub_names *scrub_names_new(struct str own) MUST_CHECK;

/* Frees n, which may be NULL. */
void scrub_names_free(struct scrub_names *n);

/* Returns the bits of a name; 0 for an unknown name. */
unsigned scrub_names_find(const struct scrub_names *n, struct str name) MUST_CHECK;

#endif
