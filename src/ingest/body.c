#include "ingest/body.h"

#include <string.h>

#include "base/num.h"

#define CHUNK_BYTES 65536U

struct reader {
    const struct body_source *from;
    struct inflate *inflate; /* NULL: identity */
    size_t limit, got;
    bool announced;
    size_t length;
};

bool
body_is_unannounced(const struct body_source *from)
{
    return from->length.n == 0;
}

int
body_too_large(size_t limit, struct error *e)
{
    return error_set(e, ERROR_TOO_LARGE, "payload too large: limit is %zu bytes", limit);
}

static int
take_length(struct reader *r, struct error *e)
{
    struct str text = r->from->length;
    int64_t n;

    if (text.n == 0)
        return 0;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return error_set(e, ERROR_MALFORMED, "invalid Content-Length: not a number");
    /* A number that does not fit is certainly too many bytes. */
    if (num_parse(text, 0, INT64_MAX, &n) != 0 || (uint64_t)n > r->limit)
        return body_too_large(r->limit, e);
    r->announced = true;
    r->length = (size_t)n;
    return 0;
}

/* Number of bytes to ask for: one more than allowed reveals a larger body. */
static size_t
wanted(const struct reader *r)
{
    size_t end = r->announced ? r->length : r->limit + 1;
    size_t left = end - r->got;

    return left < CHUNK_BYTES ? left : CHUNK_BYTES;
}

static int
read_plain(struct reader *r, struct buf *out, struct error *e)
{
    for (size_t n; (n = wanted(r)) > 0;) {
        char *at = buf_reserve(out, n);
        ptrdiff_t got;

        if (at == NULL)
            return error_no_memory(e);
        got = r->from->read(r->from->context, at, n, e);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        r->got += (size_t)got;
        out->n += (size_t)got;
    }
    return r->got > r->limit ? body_too_large(r->limit, e) : 0;
}

/* Reads the next piece of a coded body.  Returns its bytes, 0 at the end, or -1 with
 * e. */
static ptrdiff_t
next_piece(struct reader *r, char *piece, size_t max, struct error *e)
{
    size_t n = wanted(r);
    ptrdiff_t got =
        n == 0 ? 0 : r->from->read(r->from->context, piece, n < max ? n : max, e);

    if (got <= 0)
        return got;
    r->got += (size_t)got;
    return r->got > r->limit ? body_too_large(r->limit, e) : got;
}

static int
read_coded(struct reader *r, struct buf *out, struct error *e)
{
    char piece[CHUNK_BYTES / 4];
    ptrdiff_t n;

    while ((n = next_piece(r, piece, sizeof piece, e)) > 0)
        if (inflate_feed(r->inflate, piece, (size_t)n, out, e) != 0)
            return -1;
    return n < 0 ? -1 : 0;
}

static int
check_length(const struct reader *r, struct error *e)
{
    if (!r->announced || r->got == r->length)
        return 0;
    return error_set(e, ERROR_MALFORMED, "body has %zu bytes, Content-Length says %zu",
                     r->got, r->length);
}

/* Returns whether the first piece of a gzip body is not gzip at all. */
static bool
was_inflated(enum inflate_coding coding, const char *p, size_t n)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t i = n >= 3 && memcmp(p, mark, 3) == 0 ? 3 : 0;

    while (i < n && (p[i] == ' ' || p[i] == '\n' || p[i] == '\r' || p[i] == '\t'))
        i++;
    return coding == INFLATE_GZIP && i < n && p[i] == '{';
}

static int
stream(struct reader *r, enum inflate_coding coding, struct inflate_sink *sink,
       struct error *e)
{
    char piece[CHUNK_BYTES / 2];
    ptrdiff_t n;

    while ((n = next_piece(r, piece, sizeof piece, e)) > 0) {
        if (r->inflate == NULL) {
            if (was_inflated(coding, piece, (size_t)n))
                coding = INFLATE_IDENTITY;
            r->inflate = inflate_new(coding);
            if (r->inflate == NULL)
                return error_no_memory(e);
        }
        if (inflate_stream(r->inflate, piece, (size_t)n, sink, e) != 0)
            return -1;
    }
    if (n < 0)
        return -1;
    return check_length(r, e);
}

int
body_stream(const struct body_source *from, size_t sent_max, struct inflate_sink *sink,
            struct error *e)
{
    struct reader r = {.from = from, .limit = sent_max};
    enum inflate_coding coding;
    int rc;

    sink->taken = 0;
    if (inflate_coding(from->content_encoding, &coding, e) != 0 ||
        take_length(&r, e) != 0)
        return -1;
    rc = stream(&r, coding, sink, e);
    if (rc == 0 && r.inflate != NULL)
        rc = inflate_end(r.inflate, e);
    inflate_free(r.inflate);
    return rc;
}

int
body_read(const struct body_source *from, size_t limit, struct buf *out, struct error *e)
{
    struct reader r = {.from = from, .limit = limit};
    enum inflate_coding coding;
    int rc;

    buf_clear(out, SIZE_MAX);
    out->max = limit + 1;
    if (inflate_coding(from->content_encoding, &coding, e) != 0 ||
        take_length(&r, e) != 0)
        return -1;
    if (coding == INFLATE_IDENTITY)
        return read_plain(&r, out, e) != 0 ? -1 : check_length(&r, e);
    out->max = limit;
    r.inflate = inflate_new(coding);
    if (r.inflate == NULL)
        return error_no_memory(e);
    rc = read_coded(&r, out, e);
    if (rc == 0)
        rc = check_length(&r, e);
    if (rc == 0)
        rc = inflate_end(r.inflate, e);
    inflate_free(r.inflate);
    return rc;
}
