/*
 * num: number parsing with bounds, checked arithmetic, big-endian access.
 */
#ifndef MESHER_BASE_NUM_H
#define MESHER_BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"

/* Parses all of s as a decimal integer: an optional '-', then digits.  Returns 0 and sets
 * *out when min <= value <= max, else -1 with *out unmodified. */
int num_parse(struct str s, int64_t min, int64_t max, int64_t *out) MUST_CHECK;

/* *out = a + b or a * b.  Returns false, with *out unmodified, on overflow. */
bool num_add(size_t a, size_t b, size_t *out) MUST_CHECK;
bool num_mul(size_t a, size_t b, size_t *out) MUST_CHECK;

/* Read or write integers in network byte order at any alignment. */
uint16_t num_be16(const void *p) MUST_CHECK;
uint32_t num_be32(const void *p) MUST_CHECK;
uint64_t num_be64(const void *p) MUST_CHECK;
void num_put_be32(void *p, uint32_t v);
void num_put_be64(void *p, uint64_t v);

/* Writes v as a decimal integer. */
void num_format(int64_t v, char out[24]);

/* Returns the value of a hexadecimal digit of either case, or -1. */
int num_hex_digit(char c) MUST_CHECK;

#endif
