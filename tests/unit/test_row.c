#include <string.h>

#include "base/num.h"
#include "unit.h"
#include "wire/row.h"

#define RECEIVED_US 1767225600123456
#define FIRST_NULLABLE ROW_MESSAGE

static const struct uuid an_id = {
    {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

/* A row of texts; those of the bits in `nulls` are NULL. */
static struct buf
make_row(unsigned nulls)
{
    struct buf b = buf_init(10000);

    row_add_uuid(&b, &an_id);
    row_add_time(&b, RECEIVED_US);
    row_add_time(&b, -1);
    row_add_bytes(&b, STR("0123456789abcdef"));
    for (unsigned f = ROW_LEVEL; f < ROW_TAGS; f++)
        row_add_bytes(&b, (nulls & 1U << f) != 0 ? STR_NONE
                                                 : (struct str){"abcdefghijklmnop", f});
    row_add_jsonb(&b, (nulls & 1U << ROW_TAGS) != 0 ? STR_NONE : STR("{}"));
    row_add_bytes(&b, STR("pay\0load"));
    row_add_bytes(&b, STR_NONE);
    row_add_bytes(&b, STR("value"));
    row_add_jsonb(&b, STR("[]"));
    return b;
}

static void
what_was_written_is_found(void)
{
    for (unsigned nulls = 0; nulls < 1U << ROW_PAYLOAD; nulls += 1U << FIRST_NULLABLE) {
        struct buf b = make_row(nulls);
        struct uuid id;
        struct error e;
        struct row r;

        UNIT_EQ(row_parse(unit_exact(buf_str(&b)), &r, &e), 0);
        id = row_id(&r);
        UNIT(ids_eq(&id, &an_id) && row_received_at_us(&r) == RECEIVED_US);
        UNIT_EQ((int64_t)num_be64(row_value(&r, ROW_TIMESTAMP).p), -1 - ROW_EPOCH_US);
        UNIT_STR(row_value(&r, ROW_FINGERPRINT), "0123456789abcdef");
        for (unsigned f = ROW_LEVEL; f < ROW_TAGS; f++)
            UNIT(str_eq(row_value(&r, (enum row_field)f),
                        (nulls & 1U << f) != 0 ? STR_NONE
                                               : (struct str){"abcdefghijklmnop", f}));
        UNIT(str_eq(row_value(&r, ROW_TAGS),
                    (nulls & 1U << ROW_TAGS) != 0 ? STR_NONE : STR("\1{}")));
        UNIT(str_eq(row_value(&r, ROW_PAYLOAD), STR("pay\0load")));
        UNIT(row_value(&r, ROW_TYPE).p == NULL &&
             unit_is(row_value(&r, ROW_VALUE), "value"));
        UNIT_STR(row_value(&r, ROW_ERRORS), "\1[]");
        buf_release(&b);
    }
}

static void
an_empty_text_is_not_null(void)
{
    struct buf b = buf_init(100);

    row_add_bytes(&b, STR(""));
    UNIT(b.n == 4 && num_be32(b.data) == 0);
    row_add_bytes(&b, STR_NONE);
    UNIT(b.n == 8 && num_be32(b.data + 4) == UINT32_MAX);
    row_add_jsonb(&b, STR_NONE);
    UNIT(b.n == 12 && num_be32(b.data + 8) == UINT32_MAX);
    buf_release(&b);
}

/* Offset of the length of field f. */
static size_t
at_of(const struct buf *b, unsigned f)
{
    size_t at = 0;

    while (f-- > 0) {
        uint32_t n = num_be32(b->data + at);

        at += 4 + (n == UINT32_MAX ? 0 : n);
    }
    return at;
}

static void
a_row_of_the_first_version_ends_with_its_payload(void)
{
    struct buf b = make_row(0);
    struct error e;
    struct row r;

    UNIT_EQ(row_parse(unit_exact((struct str){b.data, at_of(&b, ROW_TYPE)}), &r, &e), 0);
    UNIT(str_eq(row_value(&r, ROW_PAYLOAD), STR("pay\0load")));
    for (unsigned f = ROW_TYPE; f < N_ROW_FIELDS; f++)
        UNIT(row_value(&r, (enum row_field)f).p == NULL);
    buf_release(&b);
}

static void
a_row_cut_or_lengthened_is_refused(void)
{
    struct buf b = make_row(0);
    struct error e;
    struct row r;

    for (size_t n = 0; n < b.n; n++) {
        if (n == at_of(&b, ROW_TYPE)) /* where rows of frame version 1 end */
            continue;
        UNIT_EQ(row_parse(unit_exact((struct str){b.data, n}), &r, &e), -1);
        UNIT(e.kind == ERROR_MALFORMED && e.text[0] != '\0');
    }
    UNIT_EQ(row_parse(unit_exact(buf_str(&b)), &r, &e), 0);
    buf_add_char(&b, '\0');
    UNIT_EQ(row_parse(unit_exact(buf_str(&b)), &r, &e), -1);
    buf_release(&b);
}

static void
fixed_sizes_hold_and_null_only_where_it_may_be(void)
{
    static const enum row_field never_null[] = {
        ROW_ID,    ROW_RECEIVED_AT, ROW_TIMESTAMP, ROW_FINGERPRINT,
        ROW_LEVEL, ROW_TITLE,       ROW_PAYLOAD};
    struct error e;
    struct row r;

    for (unsigned f = ROW_ID; f <= ROW_FINGERPRINT; f++) {
        struct buf whole = make_row(0), b = buf_init(10000);
        size_t at = at_of(&whole, f), n = num_be32(whole.data + at);

        /* One byte less, which is not there any more: all lengths agree but this one. */
        buf_add(&b, whole.data, at);
        buf_add_be32(&b, (uint32_t)n - 1);
        buf_add(&b, whole.data + at + 5, whole.n - at - 5);
        UNIT_EQ(row_parse(unit_exact(buf_str(&b)), &r, &e), -1);
        UNIT(strstr(e.text, "wrong length") != NULL);
        buf_release(&whole);
        buf_release(&b);
    }
    for (size_t i = 0; i < COUNT_OF(never_null); i++) {
        struct buf whole = make_row(0), b = buf_init(10000);
        size_t at = at_of(&whole, never_null[i]), n = num_be32(whole.data + at);

        buf_add(&b, whole.data, at);
        buf_add_be32(&b, UINT32_MAX);
        buf_add(&b, whole.data + at + 4 + n, whole.n - at - 4 - n);
        UNIT_EQ(row_parse(unit_exact(buf_str(&b)), &r, &e), -1);
        UNIT(strstr(e.text, "must not be null") != NULL);
        buf_release(&whole);
        buf_release(&b);
    }
}

static void
lengths_beyond_the_end_are_refused(void)
{
    static const uint32_t lengths[] = {UINT32_MAX - 1, INT32_MAX, 0x80000000U, 10001};
    struct error e;
    struct row r;

    for (unsigned f = 0; f < N_ROW_FIELDS; f++)
        for (size_t i = 0; i < COUNT_OF(lengths); i++) {
            struct buf b = make_row(0);

            buf_set_be32(&b, at_of(&b, f), lengths[i]);
            UNIT_EQ(row_parse(unit_exact(buf_str(&b)), &r, &e), -1);
            buf_release(&b);
        }
}

/* A whole row with other bytes in the place of a field's. */
static int
parse_with(enum row_field f, struct str value, struct row *r, struct error *e)
{
    struct buf whole = make_row(0), b = buf_init(10000);
    size_t at = at_of(&whole, f), n = num_be32(whole.data + at);
    size_t behind = at + 4 + (n == UINT32_MAX ? 0 : n);
    int rc;

    buf_add(&b, whole.data, at);
    row_add_bytes(&b, value);
    buf_add(&b, whole.data + behind, whole.n - behind);
    rc = row_parse(unit_exact(buf_str(&b)), r, e);
    buf_release(&whole);
    buf_release(&b);
    return rc;
}

static void
times_that_the_database_would_refuse_are_refused(void)
{
    static const struct {
        int line;
        enum row_field field;
        int64_t at_us; /* since 2000 */
        int result;
    } rows[] = {
        {__LINE__, ROW_RECEIVED_AT, INT64_MIN, -1}, /* -infinity */
        {__LINE__, ROW_RECEIVED_AT, -ROW_EPOCH_US - 1, -1},
        {__LINE__, ROW_RECEIVED_AT, -ROW_EPOCH_US, 0},
        {__LINE__, ROW_RECEIVED_AT, ROW_TIME_MAX_US - ROW_EPOCH_US, 0},
        {__LINE__, ROW_RECEIVED_AT, ROW_TIME_MAX_US - ROW_EPOCH_US + 1, -1},
        {__LINE__, ROW_RECEIVED_AT, INT64_MAX, -1}, /* infinity */
        {__LINE__, ROW_TIMESTAMP, INT64_MIN, -1},
        {__LINE__, ROW_TIMESTAMP, ROW_TIME_MIN_US - ROW_EPOCH_US - 1, -1},
        {__LINE__, ROW_TIMESTAMP, ROW_TIME_MIN_US - ROW_EPOCH_US, 0},
        {__LINE__, ROW_TIMESTAMP, ROW_TIME_MAX_US - ROW_EPOCH_US, 0},
        {__LINE__, ROW_TIMESTAMP, ROW_TIME_MAX_US - ROW_EPOCH_US + 1, -1},
        {__LINE__, ROW_TIMESTAMP, INT64_MAX, -1},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char bytes[8];
        struct error e;
        struct row r;

        num_put_be64(bytes, (uint64_t)rows[i].at_us);
        UNIT_EQ_AT(rows[i].line,
                   parse_with(rows[i].field, (struct str){bytes, 8}, &r, &e),
                   rows[i].result);
        UNIT_AT(rows[i].line, rows[i].result == 0 || e.kind == ERROR_MALFORMED);
    }
}

static void
jsonb_has_its_version(void)
{
    static const enum row_field fields[] = {ROW_TAGS, ROW_ERRORS};
    struct error e;
    struct row r;

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        UNIT_EQ(parse_with(fields[i], STR(""), &r, &e), -1);
        UNIT_EQ(parse_with(fields[i], STR("{}"), &r, &e), -1);
        UNIT_EQ(parse_with(fields[i], STR("\2{}"), &r, &e), -1);
        UNIT_EQ(parse_with(fields[i], STR("\1{}"), &r, &e), 0);
        UNIT_EQ(parse_with(fields[i], STR("\1"), &r, &e), 0); /* PostgreSQL's to judge */
        UNIT_EQ(parse_with(fields[i], STR_NONE, &r, &e), 0);
    }
}

static void
texts_are_utf8_without_zero_bytes(void)
{
    struct error e;
    struct row r;

    UNIT(parse_with(ROW_TITLE, STR("gr\xc3\xbc\xc3\x9f"), &r, &e) == 0 &&
         row_check_texts(&r, &e) == 0);
    for (unsigned f = ROW_LEVEL; f < N_ROW_FIELDS; f++) {
        bool jsonb = f == ROW_TAGS || f == ROW_ERRORS;

        UNIT_EQ(
            parse_with((enum row_field)f, jsonb ? STR("\1a\0b") : STR("a\0b"), &r, &e),
            0);
        UNIT_EQ(row_check_texts(&r, &e), (f == ROW_PAYLOAD ? 0 : -1));
        UNIT_EQ(
            parse_with((enum row_field)f, jsonb ? STR("\1\xff") : STR("\xff"), &r, &e),
            0);
        UNIT_EQ(row_check_texts(&r, &e), (f == ROW_PAYLOAD ? 0 : -1));
    }
}

static const struct unit_test tests[] = {
    {"what_was_written_is_found", what_was_written_is_found},
    {"an_empty_text_is_not_null", an_empty_text_is_not_null},
    {"a_row_of_the_first_version_ends_with_its_payload",
     a_row_of_the_first_version_ends_with_its_payload},
    {"a_row_cut_or_lengthened_is_refused", a_row_cut_or_lengthened_is_refused},
    {"fixed_sizes_hold_and_null_only_where_it_may_be",
     fixed_sizes_hold_and_null_only_where_it_may_be},
    {"lengths_beyond_the_end_are_refused", lengths_beyond_the_end_are_refused},
    {"times_that_the_database_would_refuse_are_refused",
     times_that_the_database_would_refuse_are_refused},
    {"jsonb_has_its_version", jsonb_has_its_version},
    {"texts_are_utf8_without_zero_bytes", texts_are_utf8_without_zero_bytes},
};

const struct unit_suite suite_row = {"row", tests, COUNT_OF(tests)};
