/*
 * scrub_cost FILE...: what scrubbing adds to the time in which a responder makes a
 * submission of an event: parse, group, pack, frame.
 *
 * Each file is an event.  Both sides take turns, since machines are noisy, and the best
 * turn of each counts; time is that of the processor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "ingest/prepare.h"

#define ROUNDS 25
#define TURN_NS 10000000.0

struct side {
    struct prepare prepare;
    double best_ns;
};

static double
cpu_ns(void)
{
    struct timespec t;

    CHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Makes submissions for about TURN_NS. */
static void
turn(struct side *s, struct str event, struct buf *frame)
{
    double began = cpu_ns(), spent = 0;
    unsigned n = 0;

    while (spent < TURN_NS) {
        struct prepare_id id;
        struct error e;

        if (prepare_event(&s->prepare, event, frame, &id, &e) != 0) {
            (void)fprintf(stderr, "scrub_cost: %s\n", e.text);
            exit(1);
        }
        arena_reset(s->prepare.arena);
        n++;
        spent = cpu_ns() - began;
    }
    spent /= n;
    if (s->best_ns <= 0 || spent < s->best_ns)
        s->best_ns = spent;
}

static void
measure(const char *path, const struct prepare *p, struct scrub *scrub)
{
    struct side off = {*p, 0}, on = {*p, 0};
    struct buf event = buf_init(LIMIT_EVENT_BYTES), frame = buf_init(FRAME_MAX_BYTES);
    struct error e;

    if (io_read_file(path, &event, &e) != 0) {
        (void)fprintf(stderr, "scrub_cost: %s: %s\n", path, e.detail);
        exit(1);
    }
    on.prepare.scrub = scrub;
    for (int i = 0; i < ROUNDS; i++) {
        turn(&off, buf_str(&event), &frame);
        turn(&on, buf_str(&event), &frame);
    }
    (void)printf("%10zu%14.1f%14.1f%14.1f%12.3f\n", event.n, off.best_ns / 1000,
                 on.best_ns / 1000, (on.best_ns - off.best_ns) / 1000,
                 on.best_ns / off.best_ns);
    buf_release(&event);
    buf_release(&frame);
}

int
main(int argc, char **argv)
{
    const struct scrub_rules usual = {.addresses = false};
    struct scrub *scrub = scrub_new(&usual);
    const struct prepare p = {.arena = arena_new(LIMIT_MIB, 64 * LIMIT_MIB),
                              .pack = pack_new(3),
                              .project = 1,
                              .now_us = clock_wall_us()};

    CHECK(scrub != NULL && p.arena != NULL && p.pack != NULL);
    (void)printf("%10s%14s%14s%14s%12s\n", "bytes", "off, us", "on, us", "scrubbing",
                 "on to off");
    for (int i = 1; i < argc; i++)
        measure(argv[i], &p, scrub);
    scrub_free(scrub);
    arena_free(p.arena);
    pack_free(p.pack);
    return 0;
}
