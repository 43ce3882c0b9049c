/*
 * frames: the exceptions and stack traces of an event, read once: whose each frame is,
 * and its names without noise.
 *
 * Grouping, title, culprit, `event explain` and the drawing of stacks use these results.
 * Of a deep stack the oldest and the newest frames are kept, of many exceptions the last.
 */
#ifndef MESHER_FRAMES_FRAMES_H
#define MESHER_FRAMES_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "frames/images.h"
#include "frames/language.h"
#include "frames/name.h"
#include "frames/owner.h"
#include "frames/trace.h"

/* Frames kept of one stack: half of them at its beginning, half at its end. */
#define FRAMES_OF_STACK 1024U
/* Frames kept of one event. */
#define FRAMES_OF_EVENT 4096U
/* Exceptions kept, the last of the list. */
#define FRAMES_EXCEPTIONS 1024U

/* Of a module of Go's, the parts that are looked up among the event's modules, which have
 * six at most in life; and the closures of a stack that are looked at as recoveries. */
#define FRAMES_MODULE_PARTS 12U
#define FRAMES_RECOVERIES 16U

struct stackframe {
    struct str object;       /* JSON */
    struct trace_frame sent; /* its members, JSON */
    enum language language;
    struct str function, module, file, path, package; /* as sent; absent: not given */
    struct name name;                                 /* the function without noise */
    struct owner_frame asked; /* for decide.c: as owner.c sees it */
    struct owner_answer owner;
    bool is_cut; /* newer than a frame that raises: it does not count */
};

struct stack {
    struct stackframe *frame; /* the oldest first, as they are sent */
    size_t count;
    bool is_short; /* frames in the middle are left out */
};

/* An exception. */
struct thrown {
    struct str object;      /* JSON */
    struct str type, value; /* absent: missing or empty */
    struct str mechanism;   /* JSON object, or absent */
    struct str how;         /* the mechanism's type, "chained"; or absent */
    bool synthetic;         /* the SDK made the type up */
    bool is_group, has_id, has_parent;
    int64_t id, parent;
    struct str domain, code; /* of an NSError */
    struct stack stack;
};

/* Decides for the administrator whether a frame is the program's: returns true if it
 * does, with the rule's text in *why. */
typedef bool frames_decider(const void *rules, const struct stackframe *f,
                            bool *is_program, struct str *why);

struct frames {
    struct arena *a;
    enum language language; /* of the event */
    struct thrown *exceptions;
    size_t exception_count;
    struct stack thread; /* of the thread that crashed, else the current, else only one */
    bool thread_crashed;
    struct stack own; /* the event's, unless it became that of the only exception */

    /* For frames.c. */
    struct str debug_meta;
    bool has_images;
    struct images images;
    struct str *modules; /* sorted: Go's, of dependencies */
    size_t module_count;
    size_t left;   /* frames that may still be kept */
    bool saw_rust; /* in an event of compiled code */
};

/* Where the lists of an event are. */
struct frames_source {
    const struct trace *trace;
    struct str sdk; /* JSON, or absent, like the next two */
    struct str debug_meta;
    struct str modules;
    frames_decider *decide; /* or NULL */
    const void *rules;      /* for decide */
};

/* Reads all of it.  Sets *out to an object in the arena.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE, like the next two. */
int frames_read(struct arena *a, const struct frames_source *from, struct frames **out,
                struct error *e) MUST_CHECK;

/* Sets the module (or the base name of the file) without noise; *is_file tells which.
 * Absent when the frame has neither. */
int frames_place(struct frames *all, const struct stackframe *f, struct str *out,
                 bool *is_file, struct error *e) MUST_CHECK;

/* Sets the source line as it counts: for languages that run from their source, with each
 * run of white space as one blank; absent when it is missing or longer than handwritten
 * code. */
int frames_line(struct frames *all, const struct stackframe *f, struct str *out,
                struct error *e) MUST_CHECK;

/* Returns whether the frame is the program's, and counts. */
static inline bool
frames_is_own(const struct stackframe *f)
{
    return f->owner.owner == OWNER_PROGRAM && !f->is_cut;
}

/* Returns whether a frame of the stack is. */
static inline bool
frames_has_own(const struct stack *s)
{
    for (size_t i = s->count; i > 0; i--)
        if (frames_is_own(&s->frame[i - 1]))
            return true;
    return false;
}

/* Returns the program's newest frame with a name, else its newest, else NULL. */
const struct stackframe *frames_newest_own(const struct stack *s) MUST_CHECK;

#endif
