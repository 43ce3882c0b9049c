/*
 * notes: the problems of an event that is stored nevertheless.
 *
 * Stored with the event in Sentry's format: a list of {"type", "name", "value"}, at most
 * LIMIT_NOTES of them.  When memory runs out, notes are omitted rather than the event
 * refused.
 */
#ifndef MESHER_EVENT_NOTES_H
#define MESHER_EVENT_NOTES_H

#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Types, as Sentry names them. */
#define NOTES_INVALID "invalid_data"
#define NOTES_LONG "value_too_long"
#define NOTES_PAST "past_timestamp"
#define NOTES_FUTURE "future_timestamp"
#define NOTES_DRIFT "clock_drift"

struct note;

struct notes {
    struct arena *a;
    struct note *first, **end;
    size_t count;
};

/* Initialises an empty list; keeps a. */
void notes_init(struct notes *n, struct arena *a);

/* Adds a note of this type about the member name.  value is the one sent, a slice of
 * valid JSON: a scalar is kept as text, cut to LIMIT_NOTE_CHARS; absent values, arrays
 * and objects are left out.  name and value must outlive n. */
void notes_add(struct notes *n, const char *type, struct str name, struct str value);

/* Sets the list as JSON text that jsonb accepts; absent when it is empty.  Returns 0, or
 * -1 with ERROR_UNAVAILABLE when the arena is exhausted. */
int notes_text(const struct notes *n, struct str *out, struct error *e) MUST_CHECK;

#endif
