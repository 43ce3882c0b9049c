/*
 * scrub_walk: the walk through a JSON text, for scrub.c.
 */
#ifndef MESHER_SCRUB_SCRUB_WALK_H
#define MESHER_SCRUB_SCRUB_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "json/scan.h"
#include "scrub/scrub.h"
#include "scrub/scrub_keys.h"
#include "scrub/scrub_names.h"
#include "scrub/scrub_scan.h"

/* An open object or array. */
struct scrub_level {
    struct str name;      /* of the current member, decoded */
    size_t index;         /* of the current element */
    unsigned what;        /* bits of the next value; see scrub_keys.h */
    enum scrub_mode mode; /* of the next strings */
    bool object, named;   /* named: the name was read, its value is next */
    bool cookies;         /* everything in it is a cookie */
    bool modules;         /* names in it and below have no meaning */
    bool secret_value;    /* {"name": a secret's, …}: the member "value" is secret */
    bool secret_params;   /* {"message": "password=%s", …}: "params" are secret */
    bool open_key;        /* inside a private key that spans several strings */
};

struct scrub {
    bool addresses;
    char *own_text; /* copies of both lists, one after the other */
    struct scrub_names *names;
    struct scrub_keys keys;
    struct buf out, spare;
    struct scrub_level level[SCAN_DEPTH_MAX + 1];
};

struct scrub_walk {
    struct scrub *s;
    struct arena *a;
    struct scrub_result *result;
    const char *p, *end, *copied;
    size_t depth;
    bool no_memory;
    struct error ignored; /* here because it is large; its content is not needed */
};

/* The text between the quotes of a string. */
struct scrub_value {
    struct str text;
    const char *first; /* where a rule or an escape may begin; else its end */
    bool escapes;
};

static inline struct scrub_level *
scrub_top(const struct scrub_walk *w)
{
    return &w->s->level[w->depth];
}

/* Scrubs out->text, which is JSON; see scrub_json(). */
int scrub_json_text(struct scrub *s, struct arena *a, struct scrub_result *out,
                    struct error *e) MUST_CHECK;

/* Replaces the bytes between from and to with text. */
void scrub_replace(struct scrub_walk *w, const char *from, const char *to,
                   struct str text);

/* scrub_string.c, on the text between quotes.  Return whether escapes can be decoded;
 * whether the rules of x cut something; whether it is the name of a secret; whether
 * something was cut from a value whose name has the bits `what`. */
bool scrub_can_decode(struct str inside) MUST_CHECK;
bool scrub_inside(struct scrub_walk *w, struct str text, bool escapes,
                  struct scrub_scan *x) MUST_CHECK;
bool scrub_names_secret(struct scrub_walk *w, struct str text, bool escapes) MUST_CHECK;
bool scrub_string(struct scrub_walk *w, const struct scrub_value *v,
                  unsigned what) MUST_CHECK;

/* Appends text to `to` without the secrets that x finds in it.  Returns the number of
 * cuts. */
size_t scrub_pieces(struct scrub_scan *x, struct str text, struct buf *to);

#endif
