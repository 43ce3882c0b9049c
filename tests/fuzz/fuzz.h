/*
 * fuzz: what all fuzz targets share.
 *
 * A target reads its input as one client's bytes and CHECKs what must hold whatever they
 * are.  libFuzzer gives each input in a heap block of exactly its size.
 */
#ifndef MESHER_TESTS_FUZZ_H
#define MESHER_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
