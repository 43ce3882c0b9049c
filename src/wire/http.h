/*
 * http: the words of HTTP that the backend needs: methods, statuses, the path behind any
 * prefix.
 */
#ifndef MESHER_WIRE_HTTP_H
#define MESHER_WIRE_HTTP_H

#include "base/buf.h"
#include "base/compat.h"
#include "base/str.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_OPTIONS, HTTP_OTHER };

/* The method of a request (RFC 9110: case-sensitive). */
enum http_method http_method(struct str word) MUST_CHECK;

/* The reason phrase of a status that we send. */
const char *http_reason(int status) MUST_CHECK;

/* Appends the decoded path of a request: script_name and path_info put together (either
 * may be absent), repeated slashes folded into one.  When both are absent or empty, the
 * path of request_uri, percent-decoded, the query cut off. */
void http_path(struct str script_name, struct str path_info, struct str request_uri,
               struct buf *out);

/* What stands behind the last `mark` in path, the mark included; absent when it is not
 * there. http_path_from("/cgi-bin/m.cgi/api/v1/events", "/api/") is "/api/v1/events". */
struct str http_path_from(struct str path, struct str mark) MUST_CHECK;

#endif
