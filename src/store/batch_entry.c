#include "store/batch_entry.h"

size_t
batch_entry_take(const struct frame_submission *s, struct batch_entry *items)
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
batch_entry_payer(const struct batch_entry *item)
{
    return item->what.kind == FRAME_ITEM_RECORD ? -item->project : item->project;
}

int64_t
batch_entry_bytes(const struct batch_entry *item)
{
    return item->what.kind == FRAME_ITEM_CHARGE ? 0 : (int64_t)item->bytes.n;
}
