/*
 * group: groups events, one JSON text a line on standard input, as Sentry's endpoints do.
 *
 *     group [-c|-e]
 *
 * For each line: the fingerprint, that of version 2, the strategy, the title and the
 * culprit, divided by tabs; "error" and the reason when it is no event.  -c: only the
 * number of lines, to count the instructions of it; -e: also the components and each
 * frame's owner, in lines of their own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "event/work.h"
#include "frames/frames.h"
#include "grouping/fingerprint.h"
#include "grouping/grouping.h"
#include "grouping_v2/v2.h"

#define RECEIVED_AT_US INT64_C(1767225600000000)

static void
print_text(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        putchar(text.p[i] == '\t' || text.p[i] == '\n' || text.p[i] == '\r' ? ' '
                                                                            : text.p[i]);
}

static void
print_event(const struct event *ev, const struct grouping_record *r)
{
    char hex[2 * FINGERPRINT_BYTES + 1], old[2 * FINGERPRINT_BYTES + 1];

    fingerprint_hex(ev->fingerprint, hex);
    fingerprint_hex(ev->old_fingerprint, old);
    printf("%s\t%s\t%s\t", hex, old, grouping_name(r->strategy));
    print_text(ev->title);
    putchar('\t');
    print_text(ev->culprit);
    putchar('\n');
}

static void
print_components(const struct grouping_record *r)
{
    struct str rest = buf_str(&r->components);

    while (rest.n > 0) {
        struct str one = str_cut(&rest, FINGERPRINT_END);
        if (one.n == 0)
            continue;
        printf("    %-10s ", fingerprint_name(one.p[0]));
        print_text((struct str){one.p + 1, one.n - 1});
        putchar('\n');
    }
}

static void
print_stack(const char *name, const struct stack *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct stackframe *f = &s->frame[i];

        printf("    %s %s%s  ", name, owner_name(f->owner.owner),
               f->is_cut ? " cut" : "");
        print_text(f->owner.why);
        printf("  |  ");
        print_text(f->function);
        printf(" -> ");
        print_text(f->name.full);
        printf("  |  ");
        print_text(f->module.p != NULL ? f->module : f->path);
        putchar('\n');
    }
}

static int
group_line(struct arena *a, struct str line, const struct grouping_settings *g,
           bool explain, bool quiet)
{
    struct event_sentry how = {.received_at_us = RECEIVED_AT_US,
                               .sent_at_us = EVENT_NO_TIME};
    struct event ev;
    struct error e;
    struct work w;

    if (event_parse_sentry(&w, a, line, &how, &ev, &e) != 0 ||
        grouping_event(&w, g, &ev, &e) != 0 || event_finish(&w, &ev, &e) != 0) {
        printf("error\t%s\n", e.text);
        return -1;
    }
    if (quiet)
        return 0;
    print_event(&ev, g->record);
    if (!explain)
        return 0;
    print_components(g->record);
    for (size_t i = 0; i < w.frames->exception_count; i++)
        print_stack("exception", &w.frames->exceptions[i].stack);
    print_stack("thread", &w.frames->thread);
    print_stack("event", &w.frames->own);
    return 0;
}

int
main(int argc, char **argv)
{
    struct arena *a = arena_new(LIMIT_MIB, 512 * LIMIT_MIB);
    bool explain = argc > 1 && strcmp(argv[1], "-e") == 0;
    bool quiet = argc > 1 && strcmp(argv[1], "-c") == 0;
    struct grouping_record record = {.strategy = GROUPING_NONE};
    struct grouping_settings g = {.record = quiet ? NULL : &record,
                                  .older = quiet ? NULL : grouping_v2};
    char *line = NULL;
    size_t room = 0, lines = 0;
    ssize_t n;

    if (a == NULL)
        return 2;
    while ((n = getline(&line, &room, stdin)) > 0) {
        if (line[n - 1] == '\n')
            n--;
        grouping_record_init(&record, 64 * LIMIT_MIB);
        (void)group_line(a, (struct str){line, (size_t)n}, &g, explain, quiet);
        grouping_record_release(&record);
        arena_reset(a);
        lines++;
    }
    if (quiet)
        printf("%zu\n", lines);
    free(line);
    arena_free(a);
    return 0;
}
