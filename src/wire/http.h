/*
 * http: the parts of HTTP that the backend needs: methods, statuses, and the path after
 * any prefix.
 */
#ifndef MESHER_WIRE_HTTP_H
#define MESHER_WIRE_HTTP_H

#include "base/buf.h"
#include "base/compat.h"
#include "base/str.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_OPTIONS, HTTP_OTHER };

/* Returns the method of a request (RFC 9110: case-sensitive). */
enum http_method http_method(struct str word) MUST_CHECK;

/* Returns the reason phrase of a status that Mesher sends. */
const char *http_reason(int status) MUST_CHECK;

/* Appends the decoded path of a request: script_name followed by path_info (either may be
 * absent), with repeated slashes folded into one.  When both are absent or empty, uses
 * the path of request_uri, percent-decoded and without the query. */
void http_path(struct str script_name, struct str path_info, struct str request_uri,
               struct buf *out);

/* Returns the part of path from the last `mark` on, including the mark; absent when path
 * does not contain it. http_path_from("/cgi-bin/m.cgi/api/v1/events", "/api/") is
 * "/api/v1/events". */
struct str http_path_from(struct str path, struct str mark) MUST_CHECK;

#endif
