#include "store/batch_entry.h"

size_t
item_take(const struct frame_submission *s, struct batch_item *items)
{
    struct frame_submission left = *s;

    for (size_t i = 0; i < s->count; i++) {
        struct str before = left.items;
        struct error e;

        CHECK(frame_next_item(&left, &items[i].what, &e) == 0);
        items[i].project = s->project;
        items[i].again = (s->flags & FRAME_AGAIN) != 0;
        items[i].admitted = false;
        items[i].verdict = (struct verdict){.status = VERDICT_UNAVAILABLE};
        items[i].bytes = (struct str){before.p, before.n - left.items.n};
    }
    return s->count;
}

int64_t
item_payer(const struct batch_item *item)
{
    return item->what.kind == FRAME_ITEM_RECORD ? -item->project : item->project;
}
