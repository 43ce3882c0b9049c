#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int
num_parse(struct str s, int64_t min, int64_t max, int64_t *out)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    int64_t v = 0;

    if (s.n == (negative ? 1U : 0U))
        return -1;
    for (size_t i = negative ? 1 : 0; i < s.n; i++) {
        int digit = s.p[i] - '0';

        if (digit < 0 || digit > 9 || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, negative ? -digit : digit, &v))
            return -1;
    }
    if (v < min || v > max)
        return -1;
    *out = v;
    return 0;
}

bool
num_add(size_t a, size_t b, size_t *out)
{
    size_t sum;

    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *out = sum;
    return true;
}

bool
num_mul(size_t a, size_t b, size_t *out)
{
    size_t product;

    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *out = product;
    return true;
}

uint16_t
num_be16(const void *p)
{
    uint16_t v;

    (void)memcpy(&v, p, sizeof v);
    return __builtin_bswap16(v);
}

uint32_t
num_be32(const void *p)
{
    uint32_t v;

    (void)memcpy(&v, p, sizeof v);
    return __builtin_bswap32(v);
}

uint64_t
num_be64(const void *p)
{
    uint64_t v;

    (void)memcpy(&v, p, sizeof v);
    return __builtin_bswap64(v);
}

void
num_put_be32(void *p, uint32_t v)
{
    v = __builtin_bswap32(v);
    (void)memcpy(p, &v, sizeof v);
}

void
num_put_be64(void *p, uint64_t v)
{
    v = __builtin_bswap64(v);
    (void)memcpy(p, &v, sizeof v);
}

int
num_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void
num_format(int64_t v, char out[24])
{
    (void)snprintf(out, 24, "%" PRId64, v);
}
