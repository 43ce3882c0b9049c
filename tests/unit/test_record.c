#include <string.h>

#include "base/num.h"
#include "unit.h"
#include "wire/frame.h"

static const struct uuid an_id = {{9, 2, 3}};

/* A record whose fields have 1 byte, or the size of their type; `null`: of which one is
 * NULL. */
static struct buf
make_record(enum record_kind kind, size_t null)
{
    const char *shape = record_shape(kind);
    struct buf b = buf_init(10000);

    record_begin(&b, kind, &an_id);
    for (size_t i = 1; shape[i] != '\0'; i++) {
        if (i == null)
            row_add_bytes(&b, STR_NONE);
        else if (shape[i] == 'u' || shape[i] == 'U')
            row_add_uuid(&b, &an_id);
        else if (shape[i] == 't')
            row_add_time(&b, 5);
        else if (shape[i] == 'i' || shape[i] == 'I')
            record_add_int4(&b, 7);
        else if (shape[i] == 'l' || shape[i] == 'L')
            record_add_int8(&b, 7);
        else
            row_add_bytes(&b, STR("x"));
    }
    return b;
}

static void
what_was_written_is_found(void)
{
    for (unsigned k = RECORD_ATTACHMENT; k < RECORD_KINDS_END; k++) {
        struct buf b = make_record((enum record_kind)k, 0);
        struct record r;
        struct error e;

        UNIT_EQ(record_parse(unit_exact(buf_str(&b)), &r, &e), 0);
        UNIT(r.kind == (enum record_kind)k && r.field[0].n == 20);
        UNIT(memcmp(r.field[0].p + 4, an_id.b, 16) == 0);
        buf_release(&b);
    }
}

static void
null_is_only_where_it_may_be(void)
{
    for (unsigned k = RECORD_ATTACHMENT; k < RECORD_KINDS_END; k++) {
        const char *shape = record_shape((enum record_kind)k);

        for (size_t i = 1; shape[i] != '\0'; i++) {
            struct buf b = make_record((enum record_kind)k, i);
            struct record r;
            struct error e;
            bool may_be = shape[i] >= 'A' && shape[i] <= 'Z';

            UNIT_EQ(record_parse(unit_exact(buf_str(&b)), &r, &e), (may_be ? 0 : -1));
            buf_release(&b);
        }
    }
}

static void
a_record_cut_lengthened_or_unknown_is_refused(void)
{
    for (unsigned k = RECORD_ATTACHMENT; k < RECORD_KINDS_END; k++) {
        struct buf b = make_record((enum record_kind)k, 0);
        struct record r;
        struct error e;

        for (size_t n = 0; n < b.n; n++)
            UNIT(record_parse(unit_exact((struct str){b.data, n}), &r, &e) == -1 &&
                 e.kind == ERROR_MALFORMED);
        buf_add_char(&b, '\0');
        UNIT_EQ(record_parse(unit_exact(buf_str(&b)), &r, &e), -1);
        b.n--;
        b.data[0] = RECORD_KINDS_END;
        UNIT(record_parse(unit_exact(buf_str(&b)), &r, &e) == -1);
        buf_release(&b);
    }
}

static void
fixed_sizes_hold(void)
{
    for (unsigned k = RECORD_ATTACHMENT; k < RECORD_KINDS_END; k++) {
        const char *shape = record_shape((enum record_kind)k);
        size_t at = 1;

        for (size_t i = 0; shape[i] != '\0'; i++) {
            struct buf b = make_record((enum record_kind)k, 0), shorter = buf_init(10000);
            uint32_t n = num_be32(b.data + at);
            struct record r;
            struct error e;

            /* One byte less, which is not there any more. */
            buf_add(&shorter, b.data, at);
            buf_add_be32(&shorter, n - 1);
            buf_add(&shorter, b.data + at + 5, b.n - at - 5);
            UNIT_EQ(record_parse(unit_exact(buf_str(&shorter)), &r, &e),
                    (shape[i] == 's' || shape[i] == 'S' || shape[i] == 'b' ? 0 : -1));
            at += 4 + n;
            buf_release(&b);
            buf_release(&shorter);
        }
    }
}

/* Each field of the type gets this value, 8 or 4 bytes long; what record_parse() says. */
static void
try_number(int line, char type, int64_t value, int result)
{
    for (unsigned k = RECORD_ATTACHMENT; k < RECORD_KINDS_END; k++) {
        const char *shape = record_shape((enum record_kind)k);
        size_t at = 1;

        for (size_t i = 0; shape[i] != '\0'; i++) {
            struct buf b = make_record((enum record_kind)k, 0);
            uint32_t n = num_be32(b.data + at);
            struct record r;
            struct error e;

            if (shape[i] == type && n == 8)
                num_put_be64(b.data + at + 4, (uint64_t)value);
            else if (shape[i] == type)
                num_put_be32(b.data + at + 4, (uint32_t)value);
            UNIT_EQ_AT(line, record_parse(unit_exact(buf_str(&b)), &r, &e),
                       (shape[i] == type ? result : 0));
            at += 4 + n;
            buf_release(&b);
        }
    }
}

static void
numbers_that_the_database_would_refuse_are_refused(void)
{
    static const struct {
        int line;
        char type;
        int64_t value;
        int result;
    } rows[] = {
        {__LINE__, 't', INT64_MIN, -1},
        {__LINE__, 't', -ROW_EPOCH_US - 1, -1},
        {__LINE__, 't', -ROW_EPOCH_US, 0},
        {__LINE__, 't', ROW_TIME_MAX_US - ROW_EPOCH_US, 0},
        {__LINE__, 't', ROW_TIME_MAX_US - ROW_EPOCH_US + 1, -1},
        {__LINE__, 't', INT64_MAX, -1},
        {__LINE__, 'l', -1, -1},
        {__LINE__, 'l', 0, 0},
        {__LINE__, 'l', RECORD_INT8_MAX, 0},
        {__LINE__, 'l', RECORD_INT8_MAX + 1, -1},
        {__LINE__, 'l', INT64_MAX, -1},
        {__LINE__, 'l', INT64_MIN, -1},
        {__LINE__, 'L', -1, -1},
        {__LINE__, 'L', RECORD_INT8_MAX, 0},
        {__LINE__, 'L', RECORD_INT8_MAX + 1, -1},
        {__LINE__, 'i', INT32_MAX, 0},
        {__LINE__, 'i', -1, -1},
        {__LINE__, 'i', INT32_MIN, -1},
        {__LINE__, 'I', 0, 0},
        {__LINE__, 'I', RECORD_USER_BITS - 1, 0},
        {__LINE__, 'I', RECORD_USER_BITS, -1},
        {__LINE__, 'I', -1, -1},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        try_number(rows[i].line, rows[i].type, rows[i].value, rows[i].result);
}

static void
texts_are_utf8_without_zero_bytes(void)
{
    for (unsigned k = RECORD_ATTACHMENT; k < RECORD_KINDS_END; k++) {
        const char *shape = record_shape((enum record_kind)k);
        size_t at = 1;

        for (size_t i = 0; shape[i] != '\0'; i++) {
            struct buf b = make_record((enum record_kind)k, 0);
            bool text = shape[i] == 's' || shape[i] == 'S';
            struct record r;
            struct error e;

            UNIT(record_parse(buf_str(&b), &r, &e) == 0 &&
                 record_check_texts(&r, &e) == 0);
            at += 4 + num_be32(b.data + at);
            if (text || shape[i] == 'b') {
                b.data[at - 1] = '\0';
                UNIT_EQ(record_parse(buf_str(&b), &r, &e), 0);
                UNIT_EQ(record_check_texts(&r, &e), (text ? -1 : 0));
                b.data[at - 1] = '\xff';
                UNIT_EQ(record_check_texts(&r, &e), (text ? -1 : 0));
            }
            buf_release(&b);
        }
    }
}

static void
items_of_a_frame_are_told_apart(void)
{
    struct buf b = buf_init(10000), record = make_record(RECORD_COUNTED, 0);
    size_t at = frame_begin(&b, FRAME_SUBMIT, 1), item;
    struct frame_submission s = {.count = 0};
    struct frame_item got;
    struct frame f;
    struct error e;

    frame_submission_head(&b, 42, 0, 1);
    frame_charge(&b);
    item = frame_item_begin(&b);
    buf_add_str(&b, buf_str(&record));
    frame_end(&b, item);
    frame_set_submission(&b, FRAME_RECORDS, 2);
    frame_end(&b, at);
    UNIT_EQ(frame_parse(buf_str(&b), &f, &e), (ptrdiff_t)b.n);
    UNIT(frame_parse_submission(f.body, &s, &e) == 0 && s.count == 2 &&
         s.flags == FRAME_RECORDS);
    UNIT(frame_next_item(&s, &got, &e) == 0 && got.kind == FRAME_ITEM_CHARGE);
    UNIT(frame_next_item(&s, &got, &e) == 0 && got.kind == FRAME_ITEM_RECORD &&
         got.record.kind == RECORD_COUNTED);
    buf_release(&b);
    buf_release(&record);
}

static const struct unit_test tests[] = {
    {"what_was_written_is_found", what_was_written_is_found},
    {"null_is_only_where_it_may_be", null_is_only_where_it_may_be},
    {"a_record_cut_lengthened_or_unknown_is_refused",
     a_record_cut_lengthened_or_unknown_is_refused},
    {"fixed_sizes_hold", fixed_sizes_hold},
    {"numbers_that_the_database_would_refuse_are_refused",
     numbers_that_the_database_would_refuse_are_refused},
    {"texts_are_utf8_without_zero_bytes", texts_are_utf8_without_zero_bytes},
    {"items_of_a_frame_are_told_apart", items_of_a_frame_are_told_apart},
};

const struct unit_suite suite_record = {"record", tests, COUNT_OF(tests)};
