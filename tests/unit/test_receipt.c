#include "base/num.h"
#include "store/receipt.h"
#include "unit.h"
#include "wire/row.h"

#define NOW INT64_C(1800000000000000)
#define DAY INT64_C(86400000000)
#define S INT64_C(1000000)

/* Returns the time that a row received at at_us has afterwards. */
static int64_t
corrected(int64_t at_us, int64_t ours_us, int64_t true_us)
{
    static struct receipt r;
    struct batch_entry item = {.what = {.kind = FRAME_ITEM_ROW}};
    char field[12] = {0};

    num_put_be32(field, 8);
    num_put_be64(field + 4, (uint64_t)(at_us - ROW_EPOCH_US));
    item.what.row.field[ROW_RECEIVED_AT] = (struct str){field, sizeof field};
    receipt_correct(&r, &item, 1, ours_us, true_us);
    UNIT_EQ(item.what.row.field[ROW_RECEIVED_AT].n, 12);
    return (int64_t)num_be64(item.what.row.field[ROW_RECEIVED_AT].p + 4) + ROW_EPOCH_US;
}

static void
clocks_that_agree_change_nothing(void)
{
    static const int64_t off[] = {0, S, -S, RECEIPT_OFF_US, -RECEIPT_OFF_US};

    for (size_t i = 0; i < COUNT_OF(off); i++)
        UNIT_EQ(corrected(NOW - S, NOW, NOW + off[i]), NOW - S);
    UNIT_EQ(corrected(NOW - 5 * DAY, NOW, NOW), NOW - 5 * DAY);
}

static void
a_clock_that_is_off_is_set_right(void)
{
    static const int64_t off[] = {RECEIPT_OFF_US + 1, -RECEIPT_OFF_US - 1, 3650 * DAY,
                                  -3650 * DAY};

    for (size_t i = 0; i < COUNT_OF(off); i++) {
        UNIT_EQ(corrected(NOW - S, NOW, NOW + off[i]), NOW + off[i] - S);
        UNIT_EQ(corrected(NOW - DAY + 1, NOW, NOW + off[i]), NOW + off[i] - DAY + 1);
    }
    /* Another clock has stamped what is a day old: it is believed where it is possible.
     */
    UNIT_EQ(corrected(NOW - DAY, NOW, NOW + 60 * S), NOW - DAY);
}

static void
an_impossible_time_becomes_the_present(void)
{
    UNIT_EQ(corrected(NOW - RECEIPT_OLD_US, NOW, NOW), NOW - RECEIPT_OLD_US);
    UNIT_EQ(corrected(NOW - RECEIPT_OLD_US - 1, NOW, NOW), NOW);
    UNIT_EQ(corrected(NOW + RECEIPT_OFF_US, NOW, NOW), NOW + RECEIPT_OFF_US);
    UNIT_EQ(corrected(NOW + RECEIPT_OFF_US + 1, NOW, NOW), NOW);
}

static void
records_have_other_fields(void)
{
    static struct receipt r;
    struct batch_entry item = {.what = {.kind = FRAME_ITEM_RECORD}};
    char field[12] = {0};

    num_put_be32(field, 8);
    num_put_be64(field + 4, 0);
    item.what.record.field[2] = (struct str){field, sizeof field};
    item.what.record.kind = RECORD_USER_REPORT;
    receipt_correct(&r, &item, 1, NOW, NOW);
    UNIT_EQ((int64_t)num_be64(item.what.record.field[2].p + 4) + ROW_EPOCH_US, NOW);
    item.what.record.field[2] = (struct str){field, sizeof field};
    item.what.record.kind = RECORD_CLIENT_REPORT;
    receipt_correct(&r, &item, 1, NOW, NOW);
    UNIT(item.what.record.field[2].p == field);
}

static const struct unit_test tests[] = {
    {"clocks_that_agree_change_nothing", clocks_that_agree_change_nothing},
    {"a_clock_that_is_off_is_set_right", a_clock_that_is_off_is_set_right},
    {"an_impossible_time_becomes_the_present", an_impossible_time_becomes_the_present},
    {"records_have_other_fields", records_have_other_fields},
};

const struct unit_suite suite_receipt = {"receipt", tests, COUNT_OF(tests)};
