#include "store/receipt.h"

#include "base/num.h"
#include "wire/row.h"

#define DAY_US INT64_C(86400000000)
#define RECORD_RECEIVED 2 /* of attachments and users' reports */

/* Returns the field that has the time of receipt, or NULL. */
static struct str *
field_of(struct batch_entry *item)
{
    if (item->what.kind == FRAME_ITEM_ROW)
        return &item->what.row.field[ROW_RECEIVED_AT];
    if (item->what.kind == FRAME_ITEM_RECORD &&
        (item->what.record.kind == RECORD_ATTACHMENT ||
         item->what.record.kind == RECORD_USER_REPORT))
        return &item->what.record.field[RECORD_RECEIVED];
    return NULL;
}

static int64_t
corrected(int64_t at_us, int64_t ours_us, int64_t true_us)
{
    int64_t off_us = true_us - ours_us;

    if ((off_us < -RECEIPT_OFF_US || off_us > RECEIPT_OFF_US) &&
        at_us > ours_us - DAY_US && at_us < ours_us + DAY_US)
        at_us += off_us;
    return at_us < true_us - RECEIPT_OLD_US || at_us > true_us + RECEIPT_OFF_US ? true_us
                                                                                : at_us;
}

void
receipt_correct(struct receipt *r, struct batch_entry *items, size_t count,
                int64_t ours_us, int64_t true_us)
{
    for (size_t i = 0; i < count; i++) {
        struct str *field = field_of(&items[i]);
        int64_t at_us, now_us;

        if (field == NULL)
            continue;
        at_us = (int64_t)num_be64(field->p + 4) + ROW_EPOCH_US;
        now_us = corrected(at_us, ours_us, true_us);
        if (now_us == at_us)
            continue;
        num_put_be32(r->stamp[i], 8);
        num_put_be64(r->stamp[i] + 4, (uint64_t)(now_us - ROW_EPOCH_US));
        *field = (struct str){r->stamp[i], sizeof r->stamp[i]};
    }
}
