/*
 * group_state: what a group consists of; for group.c and questions.c only.
 */
#ifndef MESHER_WRITER_GROUP_STATE_H
#define MESHER_WRITER_GROUP_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admit/keycache.h"
#include "admit/limited.h"
#include "store/batch.h"
#include "wire/frame.h"
#include "writer/commit_queue.h"
#include "writer/waiting.h"

struct group {
    struct group_settings settings;
    struct batch *batch;
    struct keycache *keys;
    struct verdict_table refused;
    struct waiting_queue submissions, questions;
    size_t bytes;
    bool database_ok;
    int64_t database_seen_ms;
    bool down;       /* the database is away: nothing is asked of it here */
    bool wants_keys; /* the file of keys lacks one */
    struct batch_item items[FRAME_MAX_ITEMS];
    struct batch_item relieved[FRAME_MAX_ITEMS]; /* while items are in the database */
    struct verdict verdicts[FRAME_MAX_ITEMS];
    struct outcomes outcomes; /* of responders, to be told to the database */
    int64_t tally_at_ms;
};

/* Remembers how the database was found to be. */
void group_saw_database(struct group *g, bool ok);

/* Gives what is asked of the database next as long as a batch may take. */
void group_set_deadline(struct group *g);

#endif
