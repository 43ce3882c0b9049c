/*
 * splitter: messages out of a stream of bytes that does not mark where one ends.
 *
 * websocketd's text mode puts a newline behind each message and leaves those inside it as
 * they are; binary frames get none.  So a message is a whole JSON value, wherever its
 * newlines are.  A message that is broken must cost only itself, as far as that can be
 * told: after a syntax error, or when splitter_give_up() says that nothing more comes,
 * reading starts again at the first later line, counted from the start of the bad
 * message, that begins with '{' or '['.  Not told apart from the bad message are: what
 * follows it on its last line, later messages that do not begin a line, and a bad message
 * that happens to be completed by the ones behind it.  No I/O, no clock.
 */
#ifndef MESHER_EVENT_SPLITTER_H
#define MESHER_EVENT_SPLITTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "json/stream.h"

enum splitter_result {
    SPLITTER_MORE,    /* nothing whole is there */
    SPLITTER_MESSAGE, /* *message is one: a view, good until the next call */
    SPLITTER_BAD /* a message was lost; e says why (ERROR_MALFORMED, ERROR_TOO_LARGE) */
};

struct splitter {
    struct buf in;
    size_t taken;     /* bytes at the front that were given out */
    size_t scanned;   /* bytes behind them that the stream has seen */
    size_t limit;     /* of one message, in bytes */
    size_t rescanned; /* bytes read again since the last good message */
    bool skipping;    /* inside a message over the limit: its bytes are dropped */
    bool lost;        /* looking for a line to start again at */
    bool at_line;     /* lost, and the last byte dropped was a newline */
    struct stream stream;
};

/* Makes it ready; a message may have limit bytes. */
void splitter_init(struct splitter *s, size_t limit);

/* Frees the memory. */
void splitter_release(struct splitter *s);

/* Adds bytes.  Returns 0, or -1 when memory ran out. */
int splitter_add(struct splitter *s, const char *p, size_t n) MUST_CHECK;

/* Gives the next message, or says that one is bad; call it until SPLITTER_MORE. */
enum splitter_result splitter_next(struct splitter *s, struct str *message,
                                   struct error *e) MUST_CHECK;

/* Is there part of a message?  Then splitter_give_up() makes it a bad one (e says at
 * which byte it was cut) and reading starts again as after a syntax error. */
bool splitter_is_open(const struct splitter *s) MUST_CHECK;
void splitter_give_up(struct splitter *s, struct error *e);

#endif
