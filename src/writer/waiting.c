#include "writer/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

void
waiting_push(struct waiting_queue *q, struct waiting *w)
{
    *q->end = w;
    q->end = &w->next;
}

struct waiting *
waiting_pop(struct waiting_queue *q)
{
    struct waiting *w = q->first;

    if (w == NULL)
        return NULL;
    q->first = w->next;
    if (q->first == NULL)
        q->end = &q->first;
    return w;
}

void
waiting_free(struct waiting *w)
{
    client_release(w->from);
    free(w);
}

struct waiting *
waiting_new(struct client *from, const struct frame *f, size_t bytes, struct error *e)
{
    struct waiting *w = malloc(sizeof *w + bytes);

    if (w == NULL) {
        (void)error_no_memory(e);
        return NULL;
    }
    *w = (struct waiting){.from = from,
                          .tag = f->tag,
                          .at_ms = clock_now_ms(),
                          .type = f->type,
                          .bytes = bytes};
    if (bytes > 0)
        (void)memcpy(w->body, f->body.p, bytes);
    client_hold(from);
    return w;
}
