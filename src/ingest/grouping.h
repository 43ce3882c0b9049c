/*
 * grouping: the administrator's grouping rules, from the file that mesher.conf names.
 */
#ifndef MESHER_INGEST_GROUPING_H
#define MESHER_INGEST_GROUPING_H

#include "base/compat.h"
#include "base/error.h"

struct rules;

/* Reads the file at path ("": no rules, *out is NULL); gives them for grouping_free().
 * Returns 0, or -1: ERROR_CONFIG, "FILE: line 3, column 7: …", or when the file cannot be
 * read; ERROR_SYSTEM when there is no memory. */
int grouping_load(const char *path, struct rules **out, struct error *e) MUST_CHECK;

/* rules_free(), for who may not include that. */
void grouping_free(struct rules *rules);

#endif
