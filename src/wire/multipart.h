/*
 * multipart: multipart/form-data (RFC 7578), parsed as its bytes arrive.
 *
 * A part's body is not kept: it goes to the sink piece by piece.
 */
#ifndef MESHER_WIRE_MULTIPART_H
#define MESHER_WIRE_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* The longest boundary (RFC 2046), and the longest header block of a part. */
#define MULTIPART_BOUNDARY_MAX 70U
#define MULTIPART_HEAD_BYTES 4096U

/* Views into the part's headers, valid only during part(); absent when not given. */
struct multipart_part {
    struct str name, filename, content_type;
};

/* Receives the parts: for each one part(), then bytes() once per piece, then end().  Each
 * returns 0, or -1 with e, which stops the parser. */
struct multipart_sink {
    int (*part)(void *context, const struct multipart_part *part, struct error *e);
    int (*bytes)(void *context, const char *p, size_t n, struct error *e);
    int (*end)(void *context, struct error *e);
    void *context;
};

enum multipart_state {
    MULTIPART_PREAMBLE, /* before the first boundary */
    MULTIPART_BOUNDARY, /* after one, to the end of its line */
    MULTIPART_HEAD,
    MULTIPART_BODY,
    MULTIPART_DONE
};

struct multipart {
    const struct multipart_sink *sink;
    enum multipart_state state;
    char needle[MULTIPART_BOUNDARY_MAX + 4]; /* CR LF, two dashes, the boundary */
    size_t needle_bytes, matched;
    size_t assumed; /* of these, never received: as if a line had ended */
    char head[MULTIPART_HEAD_BYTES];
    size_t head_bytes;
};

/* Begins a parse with the boundary of this Content-Type; keeps sink.  Returns 0, or -1
 * when it is not multipart/form-data or has no boundary. */
int multipart_init(struct multipart *m, struct str content_type,
                   const struct multipart_sink *sink) MUST_CHECK;

/* The same with the boundary itself. */
int multipart_init_boundary(struct multipart *m, struct str boundary,
                            const struct multipart_sink *sink) MUST_CHECK;

/* Parses n bytes.  Returns 0, or -1: ERROR_MALFORMED, or the sink's error. */
int multipart_feed(struct multipart *m, const char *p, size_t n,
                   struct error *e) MUST_CHECK;

/* Ends the input.  Returns 0, or -1 with ERROR_MALFORMED when the last boundary is
 * missing. */
int multipart_finish(const struct multipart *m, struct error *e) MUST_CHECK;

#endif
