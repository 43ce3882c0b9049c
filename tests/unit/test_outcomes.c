#include "base/num.h"
#include "unit.h"
#include "wire/frame.h"
#include "wire/outcomes.h"

#define MINUTE_US 60000000LL

static struct outcomes o, other;

static void
the_same_of_one_minute_is_one_row(void)
{
    o.count = o.last = 0;
    outcomes_add(&o, 1, 0, OUTCOME_MALFORMED, 2);
    outcomes_add(&o, 2, 0, OUTCOME_MALFORMED, 1);
    outcomes_add(&o, 1, MINUTE_US - 1, OUTCOME_MALFORMED, 3);
    outcomes_add(&o, 1, MINUTE_US, OUTCOME_MALFORMED, 1);
    outcomes_add(&o, 1, 0, OUTCOME_ENCODING, 1);
    UNIT_EQ(o.count, 4);
    UNIT(o.row[0].quantity == 5 && o.row[0].minute == 0);
    UNIT(o.row[2].quantity == 1 && o.row[2].minute == 1);
}

static void
a_full_table_forgets_minutes_before_events(void)
{
    o.count = o.last = 0;
    for (int64_t i = 0; i < OUTCOMES_MAX - 1; i++)
        outcomes_add(&o, 1, i * MINUTE_US, OUTCOME_RATE_LIMITED, 1);
    UNIT_EQ(o.count, OUTCOMES_MAX - 1);
    outcomes_add(&o, 1, (int64_t)OUTCOMES_MAX * MINUTE_US, OUTCOME_RATE_LIMITED, 1);
    UNIT_EQ(o.count, OUTCOMES_MAX);
    outcomes_add(&o, 1, 2 * (int64_t)OUTCOMES_MAX * MINUTE_US, OUTCOME_RATE_LIMITED, 7);
    UNIT_EQ(o.count, OUTCOMES_MAX);
    UNIT_EQ(o.row[OUTCOMES_MAX - 1].quantity, 8);
    outcomes_add(&o, 2, 0, OUTCOME_RATE_LIMITED, 1);
    UNIT_EQ(o.count, OUTCOMES_MAX);
}

static void
every_outcome_has_a_name(void)
{
    for (unsigned k = OUTCOME_NONE + 1; k < OUTCOME_KINDS; k++)
        UNIT(outcomes_name((enum outcome)k) != NULL);
    UNIT_EQ(outcomes_of_error(ERROR_TOO_LARGE), OUTCOME_TOO_LARGE);
    UNIT_EQ(outcomes_of_error(ERROR_UNAVAILABLE), OUTCOME_NONE);
}

static struct str
frame_of(struct buf *b, const struct outcomes *from)
{
    struct frame f;
    struct error e;

    buf_clear(b, SIZE_MAX);
    frame_outcomes(b, 7, from);
    UNIT_EQ(frame_parse(buf_str(b), &f, &e), (ptrdiff_t)b->n);
    UNIT(f.type == FRAME_OUTCOMES && f.tag == 7);
    return f.body;
}

static void
a_frame_of_them_comes_back_and_is_added(void)
{
    struct buf b = buf_init(FRAME_MAX_BYTES);
    struct error e;

    o.count = o.last = other.count = other.last = 0;
    outcomes_add(&o, 42, 5 * MINUTE_US, OUTCOME_DUPLICATE, 3);
    outcomes_add(&o, 0, 6 * MINUTE_US, OUTCOME_UNAUTHORIZED, 1);
    UNIT_EQ(frame_parse_outcomes(frame_of(&b, &o), &other, &e), 0);
    UNIT_EQ(frame_parse_outcomes(frame_of(&b, &o), &other, &e), 0);
    UNIT_EQ(other.count, 2);
    UNIT(other.row[0].project == 42 && other.row[0].minute == 5);
    UNIT(other.row[0].quantity == 6 && other.row[1].quantity == 2);
    buf_release(&b);
}

static void
a_frame_that_lies_changes_nothing(void)
{
    static const struct {
        int line;
        int byte;
        size_t at;
    } rows[] = {
        {__LINE__, 0x80, 0},  /* project below 0 */
        {__LINE__, 0x80, 8},  /* minute below 0 */
        {__LINE__, 0x80, 12}, /* minute beyond all calendars */
        {__LINE__, OUTCOME_NONE, 16},
        {__LINE__, OUTCOME_KINDS, 16},
        {__LINE__, 0x80, 17}, /* quantity below 0 */
        {__LINE__, 0x80, 21}, /* quantity whose sums may overflow */
        {__LINE__, 0, 24},    /* no quantity */
    };
    struct buf b = buf_init(FRAME_MAX_BYTES);
    struct error e;

    for (size_t r = 0; r < COUNT_OF(rows); r++) {
        o.count = o.last = other.count = other.last = 0;
        outcomes_add(&o, 1, 0, OUTCOME_POISON, 1);
        (void)frame_of(&b, &o);
        b.data[FRAME_HEAD_BYTES + rows[r].at] = (char)rows[r].byte;
        UNIT_AT(rows[r].line,
                frame_parse_outcomes((struct str){b.data + FRAME_HEAD_BYTES, 25}, &other,
                                     &e) != 0);
        UNIT_AT(rows[r].line, other.count == 0 && e.kind == ERROR_MALFORMED);
    }
    UNIT(frame_parse_outcomes((struct str){b.data + FRAME_HEAD_BYTES, 24}, &other, &e) !=
         0);
    buf_release(&b);
}

static const struct unit_test tests[] = {
    {"the_same_of_one_minute_is_one_row", the_same_of_one_minute_is_one_row},
    {"a_full_table_forgets_minutes_before_events",
     a_full_table_forgets_minutes_before_events},
    {"every_outcome_has_a_name", every_outcome_has_a_name},
    {"a_frame_of_them_comes_back_and_is_added", a_frame_of_them_comes_back_and_is_added},
    {"a_frame_that_lies_changes_nothing", a_frame_that_lies_changes_nothing},
};

const struct unit_suite suite_outcomes = {"outcomes", tests, COUNT_OF(tests)};
