/*
 * decide: whose each frame of an event is (owner.h), with all that the event's frames say
 * together: what its SDK's words are worth, where an error was raised, where a panic was
 * recovered from.
 */
#ifndef MESHER_FRAMES_DECIDE_H
#define MESHER_FRAMES_DECIDE_H

#include "base/compat.h"
#include "base/error.h"
#include "frames/frames.h"

/* Sets owner and is_cut of all frames that were read.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int decide_owners(struct frames *all, const struct frames_source *from,
                  struct error *e) MUST_CHECK;

#endif
