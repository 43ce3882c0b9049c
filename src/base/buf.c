#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/budget.h"

#define FIRST_BYTES 256U

struct buf
buf_init(size_t max)
{
    return (struct buf){.max = max};
}

void
buf_release(struct buf *b)
{
    free(b->data);
    *b = buf_init(b->max);
}

void
buf_clear(struct buf *b, size_t keep)
{
    if (b->cap > keep) {
        buf_release(b);
        return;
    }
    b->n = 0;
    b->failed = false;
}

char *
buf_reserve(struct buf *b, size_t n)
{
    size_t need, cap;
    char *p;

    if (b->failed || n > b->max - b->n) {
        b->failed = true;
        return NULL;
    }
    need = b->n + n;
    if (need <= b->cap && b->data != NULL)
        return b->data + b->n;
    cap = b->cap > b->max / 2 ? b->max : b->cap * 2;
    if (cap < need)
        cap = need;
    if (cap < FIRST_BYTES)
        cap = FIRST_BYTES;
    p = realloc(b->data, cap);
    if (p == NULL) {
        b->failed = true;
        return NULL;
    }
    b->data = p;
    b->cap = cap;
    return p + b->n;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
    char *at = buf_reserve(b, n);

    if (at == NULL || n == 0)
        return;
    budget_spend(n);
    (void)memcpy(at, p, n);
    b->n += n;
}

void
buf_add_str(struct buf *b, struct str s)
{
    buf_add(b, s.p, s.n);
}

void
buf_add_text(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void
buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void
buf_add_f(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    size_t room = b->data == NULL ? 0 : b->cap - b->n;
    char *at;
    int n;

    if (b->failed)
        return;
    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(room == 0 ? NULL : b->data + b->n, room, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < room && (size_t)n < b->max - b->n) {
        b->n += (size_t)n; /* the usual case: there was enough room */
    } else if (n >= 0 && (at = buf_reserve(b, (size_t)n + 1)) != NULL) {
        (void)vsnprintf(at, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void
buf_add_u8(struct buf *b, uint8_t v)
{
    buf_add(b, &v, sizeof v);
}

void
buf_add_be16(struct buf *b, uint16_t v)
{
    v = __builtin_bswap16(v);
    buf_add(b, &v, sizeof v);
}

void
buf_add_be32(struct buf *b, uint32_t v)
{
    v = __builtin_bswap32(v);
    buf_add(b, &v, sizeof v);
}

void
buf_add_be64(struct buf *b, uint64_t v)
{
    v = __builtin_bswap64(v);
    buf_add(b, &v, sizeof v);
}

void
buf_set_be32(struct buf *b, size_t at, uint32_t v)
{
    if (b->failed)
        return;
    CHECK(at <= b->n && b->n - at >= sizeof v);
    v = __builtin_bswap32(v);
    (void)memcpy(b->data + at, &v, sizeof v);
}

void
buf_drop(struct buf *b, size_t n)
{
    CHECK(n <= b->n);
    if (n > 0 && n < b->n)
        (void)memmove(b->data, b->data + n, b->n - n);
    b->n -= n;
}

struct str
buf_str(const struct buf *b)
{
    return (struct str){b->data == NULL ? "" : b->data, b->n};
}

const char *
buf_text(struct buf *b)
{
    char *end = buf_reserve(b, 1);

    if (end == NULL)
        return "";
    *end = '\0';
    return b->data;
}
