#include "wire/http.h"

#include <stddef.h>

#include "base/num.h"

enum http_method
http_method(struct str word)
{
    static const struct {
        const char *word;
        enum http_method method;
    } known[] = {{"POST", HTTP_POST},
                 {"GET", HTTP_GET},
                 {"HEAD", HTTP_HEAD},
                 {"OPTIONS", HTTP_OPTIONS}};

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_eq(word, str_of(known[i].word)))
            return known[i].method;
    return HTTP_OTHER;
}

const char *
http_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } known[] = {{200, "OK"},
                 {201, "Created"},
                 {202, "Accepted"},
                 {204, "No Content"},
                 {400, "Bad Request"},
                 {401, "Unauthorized"},
                 {403, "Forbidden"},
                 {404, "Not Found"},
                 {405, "Method Not Allowed"},
                 {408, "Request Timeout"},
                 {411, "Length Required"},
                 {413, "Content Too Large"},
                 {415, "Unsupported Media Type"},
                 {429, "Too Many Requests"},
                 {500, "Internal Server Error"},
                 {503, "Service Unavailable"}};

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (known[i].status == status)
            return known[i].reason;
    return "Unknown";
}

static void
add_folded(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '/' || out->n == 0 || out->data[out->n - 1] != '/')
            buf_add_char(out, s.p[i]);
}

static void
add_decoded(struct buf *out, struct str uri)
{
    struct str path = str_cut(&uri, '?');

    for (size_t i = 0; i < path.n; i++) {
        char c = path.p[i];

        if (c == '%' && path.n - i > 2 && num_hex_digit(path.p[i + 1]) >= 0 &&
            num_hex_digit(path.p[i + 2]) >= 0) {
            c = (char)(num_hex_digit(path.p[i + 1]) << 4 | num_hex_digit(path.p[i + 2]));
            i += 2;
        }
        add_folded(out, (struct str){&c, 1});
    }
}

void
http_path(struct str script_name, struct str path_info, struct str request_uri,
          struct buf *out)
{
    add_folded(out, script_name);
    add_folded(out, path_info);
    if (out->n == 0)
        add_decoded(out, request_uri);
}

struct str
http_path_from(struct str path, struct str mark)
{
    for (size_t at = path.n < mark.n ? 0 : path.n - mark.n + 1; at-- > 0;) {
        struct str rest = {path.p + at, path.n - at};

        if (str_starts(rest, mark))
            return rest;
    }
    return STR_NONE;
}
