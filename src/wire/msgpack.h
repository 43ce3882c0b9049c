/*
 * msgpack: converts MessagePack to JSON.
 *
 * Crash handlers keep an event and its breadcrumbs in this form, since it can be written
 * without much code in a process that is about to die.  All types are read: a time is its
 * seconds, any other extension null, like a number that JSON does not have.  Bytes of
 * texts are copied as they are, so that the result is JSON only if they are UTF-8.  The
 * names of a map are texts, bytes or integers.  No recursion; the work is proportional to
 * the bytes, of which a list or map must have at least one for each of its values.
 */
#ifndef MESHER_WIRE_MSGPACK_H
#define MESHER_WIRE_MSGPACK_H

#include "base/buf.h"
#include "base/compat.h"
#include "base/str.h"

#define MSGPACK_DEPTH_MAX 128U

/* Appends the first value in *in to out, as JSON, and cuts it off *in.  Returns 0, or -1
 * when it is malformed, cut off, or nested more than MSGPACK_DEPTH_MAX levels deep: then
 * *in and the content of out are undefined. */
int msgpack_json(struct str *in, struct buf *out) MUST_CHECK;

#endif
