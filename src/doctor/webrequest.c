#include "doctor/webrequest.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "doctor/libcurl.h"

#define CONNECT_TIMEOUT_S 10L
#define LARGE_BYTES (64 * LIMIT_KIB)

struct exchange {
    const struct webrequest *w;
    struct webanswer *a;
    size_t sent, received;
};

static size_t
length_of(const struct webrequest *w)
{
    return w->head.n + w->filling + w->tail.n;
}

/* Copies as much of a piece as there is room for, from `at` on; advances all. */
static void
give_piece(char **to, size_t *room, size_t *at, struct str piece)
{
    size_t n = piece.n - *at < *room ? piece.n - *at : *room;

    if (piece.p == NULL)
        (void)memset(*to, ' ', n);
    else
        (void)memcpy(*to, piece.p + *at, n);
    *to += n;
    *room -= n;
    *at += n;
}

/* Copies the next bytes of the body; a piece without bytes of its own is the filling. */
static size_t
give(char *to, size_t size, size_t count, void *context)
{
    struct exchange *x = context;
    const struct str pieces[] = {x->w->head, {NULL, x->w->filling}, x->w->tail};
    size_t room = size * count, before = 0;

    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        size_t at = x->sent - before;

        if (x->sent >= before && at < pieces[i].n) {
            give_piece(&to, &room, &at, pieces[i]);
            x->sent = before + at;
        }
        before += pieces[i].n;
    }
    return size * count - room;
}

static size_t
take_body(/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
          char *from, size_t size, size_t count, void *context)
{
    struct exchange *x = context;
    size_t n = size * count, room = sizeof x->a->body - 1 - x->received;

    (void)memcpy(x->a->body + x->received, from, n < room ? n : room);
    x->received += n < room ? n : room;
    return n;
}

/* Copies a header's value to out, if it has this name. */
static void
take_header(struct str line, struct str name, char *out, size_t n)
{
    struct str value = line, found = str_cut(&value, ':');

    if (value.p == NULL || !str_eq_nocase(found, name))
        return;
    str_copy(str_trim(value), out, n);
}

/* An answer has no end after an upgrade; the empty line is taken as one. */
static size_t
take_line(/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
          char *from, size_t size, size_t count, void *context)
{
    struct exchange *x = context;
    struct str line = {from, size * count};
    char date[64] = "", origins[64] = "", keeps[64] = "", connection[64] = "";

    while (line.n > 0 && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
        line.n--;
    if (str_starts(line, STR("HTTP/1.1 101")))
        x->a->status = 101;
    if (line.n == 0 && x->a->status == 101)
        return 0;
    take_header(line, STR("server"), x->a->server, sizeof x->a->server);
    take_header(line, STR("location"), x->a->location, sizeof x->a->location);
    take_header(line, STR("date"), date, sizeof date);
    take_header(line, STR("access-control-allow-origin"), origins, sizeof origins);
    take_header(line, STR("keep-alive"), keeps, sizeof keeps);
    take_header(line, STR("connection"), connection, sizeof connection);
    x->a->cors = x->a->cors || origins[0] != '\0';
    x->a->closes = x->a->closes || str_eq_nocase(str_of(connection), STR("close"));
    if (strncmp(keeps, "timeout=", 8) == 0)
        x->a->keep_alive_s = strtol(keeps + 8, NULL, 10);
    if (date[0] != '\0')
        x->a->date_s = libcurl.curl_getdate(date, NULL);
    return size * count;
}

static struct curl_slist *
headers_of(const struct webrequest *w)
{
    /* Without "Expect:" a large body would wait for a 100 first. */
    struct curl_slist *all = libcurl.curl_slist_append(NULL, "Expect:");

    for (size_t i = 0; i < WEBREQUEST_HEADERS && w->header[i] != NULL; i++)
        all = libcurl.curl_slist_append(all, w->header[i]);
    if (w->chunked)
        all = libcurl.curl_slist_append(all, "Transfer-Encoding: chunked");
    if (w->upgrade) {
        all = libcurl.curl_slist_append(all, "Connection: Upgrade");
        all = libcurl.curl_slist_append(all, "Upgrade: websocket");
        all = libcurl.curl_slist_append(all, "Sec-WebSocket-Version: 13");
        all =
            libcurl.curl_slist_append(all, "Sec-WebSocket-Key: bWVzaGVyY3RsIGRvY3Rvcg==");
    }
    return all;
}

#define SET(option, value)                                                 \
    do {                                                                   \
        if (libcurl.curl_easy_setopt(c, option, value) != CURLE_OK)        \
            return error_set(e, ERROR_SYSTEM, "libcurl refuses " #option); \
    } while (0)

static int
set_transfer(CURL *c, struct exchange *x, struct curl_slist *headers, struct error *e)
{
    const struct webrequest *w = x->w;

    SET(CURLOPT_URL, w->url);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
    SET(CURLOPT_TIMEOUT,
        length_of(w) > LARGE_BYTES ? WEBREQUEST_LARGE_TIMEOUT_S : WEBREQUEST_TIMEOUT_S);
    SET(CURLOPT_USERAGENT, PACKAGE_NAME "-doctor/" PACKAGE_VERSION);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    /* The request must reach this address rather than a proxy. */
    SET(CURLOPT_PROXY, "");
    if (w->chunked || w->upgrade || w->http1)
        SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (w->ca_file != NULL)
        SET(CURLOPT_CAINFO, w->ca_file);
    return 0;
}

static int
set_body(CURL *c, struct exchange *x, struct error *e)
{
    const struct webrequest *w = x->w;

    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, (void *)x);
    SET(CURLOPT_HEADERFUNCTION, take_line);
    SET(CURLOPT_HEADERDATA, (void *)x);
    if (strcmp(w->method, "POST") == 0) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_READFUNCTION, give);
        SET(CURLOPT_READDATA, (void *)x);
        if (!w->chunked)
            SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length_of(w));
    } else {
        SET(CURLOPT_CUSTOMREQUEST, w->method);
    }
    return 0;
}

static int
perform(CURL *c, const struct exchange *x, struct error *e)
{
    CURLcode rc = libcurl.curl_easy_perform(c);
    long status = 0;

    if (libcurl.curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
        status > 0)
        x->a->status = status;
    x->a->at_s = clock_wall_us() / 1000000;
    /* A server that refuses a body need not read the rest of it. */
    if (x->a->status > 0)
        return 0;
    return error_set(e, ERROR_UNAVAILABLE, "%s", libcurl.curl_easy_strerror(rc));
}

int
webrequest_run(const struct webrequest *w, struct webanswer *out, struct error *e)
{
    struct exchange x = {.w = w, .a = out};
    int64_t began_ms = clock_now_ms();
    struct curl_slist *headers;
    CURL *c;
    int rc;

    *out = (struct webanswer){.date_s = -1, .keep_alive_s = -1};
    if (libcurl_load(e) != 0)
        return -1;
    c = libcurl.curl_easy_init();
    headers = headers_of(w);
    rc = c == NULL || headers == NULL ? error_set(e, ERROR_SYSTEM, "out of memory") : 0;
    if (rc == 0)
        rc = set_transfer(c, &x, headers, e);
    if (rc == 0)
        rc = set_body(c, &x, e);
    if (rc == 0)
        rc = perform(c, &x, e);
    out->took_ms = clock_now_ms() - began_ms;
    libcurl.curl_slist_free_all(headers);
    libcurl.curl_easy_cleanup(c);
    return rc;
}
