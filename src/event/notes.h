/*
 * notes: what was wrong with an event that is kept all the same.
 *
 * Stored beside the event as Sentry does it: a list of {"type", "name", "value"}.  At
 * most LIMIT_NOTES of them; a note that finds no memory is not made, since no note is
 * worth an event.
 */
#ifndef MESHER_EVENT_NOTES_H
#define MESHER_EVENT_NOTES_H

#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Types, in Sentry's words. */
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

/* No notes yet; a is kept. */
void notes_init(struct notes *n, struct arena *a);

/* Notes type about the member name.  value is what was sent, a slice of sound JSON: a
 * scalar is kept as text, cut to LIMIT_NOTE_CHARS; absent, an array or an object leaves
 * it out.  name and value must outlive n. */
void notes_add(struct notes *n, const char *type, struct str name, struct str value);

/* The list as JSON text that jsonb takes; absent when there are none.  Returns 0, or -1
 * with ERROR_UNAVAILABLE when the arena is exhausted. */
int notes_text(const struct notes *n, struct str *out, struct error *e) MUST_CHECK;

#endif
