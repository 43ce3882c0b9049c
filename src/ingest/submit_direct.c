#include "ingest/submit_direct.h"

#include <stdlib.h>

#include "base/clock.h"

struct submit_direct {
    struct db *db;
    struct batch *batch;
    struct batch_item items[FRAME_MAX_ITEMS];
};

struct submit_direct *
submit_direct_new(const struct db_settings *settings, const char *poison_dir)
{
    struct submit_direct *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->db = db_new(settings);
    s->batch = s->db == NULL ? NULL : batch_new(s->db, poison_dir);
    if (s->batch == NULL) {
        submit_direct_free(s);
        return NULL;
    }
    return s;
}

void
submit_direct_free(struct submit_direct *s)
{
    if (s == NULL)
        return;
    batch_free(s->batch);
    db_free(s->db);
    free(s);
}

void
submit_direct_rest(struct submit_direct *s)
{
    db_close(s->db);
}

struct db *
submit_direct_db(struct submit_direct *s)
{
    return s->db;
}

int
submit_direct_run(struct submit_direct *s, const struct buf *frame, struct verdict *out,
                  size_t count, struct error *e)
{
    struct frame_submission sub;
    struct frame f;

    CHECK(frame_parse(buf_str(frame), &f, e) > 0);
    CHECK(frame_parse_submission(f.body, &sub, e) == 0 && sub.count == count);
    for (size_t i = 0; i < count; i++) {
        CHECK(frame_next_item(&sub, &s->items[i].what, e) == 0);
        s->items[i].project = sub.project;
        s->items[i].again = (sub.flags & FRAME_AGAIN) != 0;
    }
    batch_run(s->batch, s->items, count, clock_wall_us(), e);
    for (size_t i = 0; i < count; i++)
        out[i] = s->items[i].verdict;
    for (size_t i = 0; i < count; i++)
        if (out[i].status != VERDICT_UNAVAILABLE)
            return 0;
    return e->kind == ERROR_NONE ? 0 : -1;
}
