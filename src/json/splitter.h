/*
 * splitter: finds messages in a stream of bytes that does not mark their ends.
 *
 * In text mode websocketd appends a newline to each message and leaves newlines within it
 * unchanged; binary frames get none.  So a message is one whole JSON value, wherever its
 * newlines are.  A malformed message should only lose itself, as far as possible: after a
 * syntax error, or when splitter_give_up() says that no more bytes arrive, parsing
 * resumes at the first later line, counted from the start of the malformed message, that
 * begins with '{' or '['.  Three cases count as part of the malformed message: text after
 * it on its last line, later messages that do not begin a line, and later messages that
 * happen to complete it.  No I/O, no clock.
 */
#ifndef MESHER_JSON_SPLITTER_H
#define MESHER_JSON_SPLITTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "json/stream.h"

enum splitter_result {
    SPLITTER_MORE,    /* no complete message yet */
    SPLITTER_MESSAGE, /* *message is set: a view, valid until the next call */
    SPLITTER_BAD /* a message was lost; e says why (ERROR_MALFORMED, ERROR_TOO_LARGE) */
};

struct splitter {
    struct buf in;
    size_t taken;     /* bytes at the front that were returned */
    size_t scanned;   /* bytes after them that the stream parser has seen */
    size_t limit;     /* of one message, in bytes */
    size_t rescanned; /* bytes read again since the last good message */
    bool skipping;    /* inside a message over the limit: its bytes are discarded */
    bool lost;        /* searching for a line to resume at */
    bool at_line;     /* lost, and the last byte dropped was a newline */
    struct stream stream;
};

/* Initialises s; a message may have up to limit bytes. */
void splitter_init(struct splitter *s, size_t limit);

/* Frees the memory. */
void splitter_release(struct splitter *s);

/* Adds bytes.  Returns 0, or -1 when memory ran out. */
int splitter_add(struct splitter *s, const char *p, size_t n) MUST_CHECK;

/* Finds the next message, or reports a malformed one; call it until SPLITTER_MORE. */
enum splitter_result splitter_next(struct splitter *s, struct str *message,
                                   struct error *e) MUST_CHECK;

/* Returns whether part of a message is left. splitter_give_up() then turns it into a
 * malformed one (e says at which byte it was cut), and parsing resumes as after a syntax
 * error. */
bool splitter_is_open(const struct splitter *s) MUST_CHECK;
void splitter_give_up(struct splitter *s, struct error *e);

#endif
