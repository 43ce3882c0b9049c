/*
 * setup_page: Mesher before its setup: one page at the program's own address, and 503
 * everywhere else.
 *
 * The page works only while there is no configuration, and does nothing without the token
 * from a file that only the owner can read.  The token is part of the form, so no other
 * site can submit the form on somebody's behalf.
 */
#ifndef MESHER_FRONT_SETUP_PAGE_H
#define MESHER_FRONT_SETUP_PAGE_H

#include "base/compat.h"
#include "base/error.h"
#include "front/request.h"
#include "ingest/answer.h"
#include "setup/home.h"

struct setup_page {
    struct home home;    /* of the program; it has no configuration */
    const char *sql_dir; /* kept */
};

/* Returns whether a configuration exists by now. */
bool setup_page_is_over(void) MUST_CHECK;

/* Answers rq: fills *a, and e for the log. */
void setup_page_answer(struct setup_page *s, struct request *rq, struct answer *a,
                       struct error *e);

#endif
