/*
 * num: number parsing with bounds, checked arithmetic, big-endian reads.
 */
#ifndef MESHER_BASE_NUM_H
#define MESHER_BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"

/* Parses all of s as a decimal integer: an optional '-', digits, nothing else.  Returns 0
 * and sets *out when min <= value <= max, else -1 and *out is unmodified. */
int num_parse(struct str s, int64_t min, int64_t max, int64_t *out) MUST_CHECK;

/* *out = a + b or a * b.  False, *out unmodified, when it does not fit. */
bool num_add(size_t a, size_t b, size_t *out) MUST_CHECK;
bool num_mul(size_t a, size_t b, size_t *out) MUST_CHECK;

/* Integers in network byte order, read from or written to any address. */
uint16_t num_be16(const void *p) MUST_CHECK;
uint32_t num_be32(const void *p) MUST_CHECK;
uint64_t num_be64(const void *p) MUST_CHECK;
void num_put_be32(void *p, uint32_t v);
void num_put_be64(void *p, uint64_t v);

/* Writes v as a decimal integer. */
void num_format(int64_t v, char out[24]);

/* The value of a hexadecimal digit of either case, or -1. */
int num_hex_digit(char c) MUST_CHECK;

#endif
