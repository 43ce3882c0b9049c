#include <stdint.h>

#include "base/num.h"
#include "unit.h"

static void
a_number_is_all_of_the_text(void)
{
    static const struct {
        int line, result;
        const char *text;
        int64_t value;
    } rows[] = {
        {__LINE__, 0, "0", 0},
        {__LINE__, 0, "007", 7},
        {__LINE__, 0, "-5", -5},
        {__LINE__, 0, "9223372036854775807", INT64_MAX},
        {__LINE__, 0, "-9223372036854775808", INT64_MIN},
        {__LINE__, -1, "9223372036854775808", 0},
        {__LINE__, -1, "-9223372036854775809", 0},
        {__LINE__, -1, "", 0},
        {__LINE__, -1, "-", 0},
        {__LINE__, -1, "+1", 0},
        {__LINE__, -1, " 1", 0},
        {__LINE__, -1, "1x", 0},
        {__LINE__, -1, "1.0", 0},
        {__LINE__, -1, "--1", 0},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t v = 99;

        UNIT_EQ_AT(rows[i].line,
                   num_parse(unit_exact(str_of(rows[i].text)), INT64_MIN, INT64_MAX, &v),
                   rows[i].result);
        UNIT_EQ_AT(rows[i].line, v, (rows[i].result == 0 ? rows[i].value : 99));
    }
}

static void
bounds_belong_to_the_range(void)
{
    int64_t v = 0;

    UNIT_EQ(num_parse(STR("9"), 10, 20, &v), -1);
    UNIT(num_parse(STR("10"), 10, 20, &v) == 0 && v == 10);
    UNIT(num_parse(STR("20"), 10, 20, &v) == 0 && v == 20);
    UNIT(num_parse(STR("21"), 10, 20, &v) == -1 && v == 20);
}

static void
sums_and_products_do_not_wrap(void)
{
    size_t v = 7;

    UNIT(num_add(SIZE_MAX - 1, 1, &v) && v == SIZE_MAX);
    v = 7;
    UNIT(!num_add(SIZE_MAX, 1, &v) && v == 7);
    UNIT(num_mul(SIZE_MAX / 2, 2, &v) && v == SIZE_MAX - 1);
    v = 7;
    UNIT(!num_mul(SIZE_MAX / 2 + 1, 2, &v) && v == 7);
}

static void
the_network_is_big_endian(void)
{
    struct str s = unit_exact(STR("\x01\x02\x03\x04\x05\x06\x07\x08"));
    unsigned char out[8];

    UNIT_EQ(num_be16(s.p + 6), 0x0708);
    UNIT_EQ(num_be32(s.p + 1), 0x02030405);
    UNIT_EQ(num_be64(s.p), UINT64_C(0x0102030405060708));
    num_put_be32(out, 0xdeadbeefU);
    UNIT(out[0] == 0xde && out[3] == 0xef && num_be32(out) == 0xdeadbeefU);
    num_put_be64(out, 1);
    UNIT(out[0] == 0 && out[7] == 1 && num_be64(out) == 1);
}

static void
hexadecimal_digits_have_two_cases(void)
{
    UNIT(num_hex_digit('0') == 0 && num_hex_digit('9') == 9);
    UNIT(num_hex_digit('a') == 10 && num_hex_digit('F') == 15);
    UNIT(num_hex_digit('g') == -1 && num_hex_digit('/') == -1 &&
         num_hex_digit(':') == -1);
    UNIT(num_hex_digit('@') == -1 && num_hex_digit('`') == -1 &&
         num_hex_digit('\0') == -1);
}

static const struct unit_test tests[] = {
    {"a_number_is_all_of_the_text", a_number_is_all_of_the_text},
    {"bounds_belong_to_the_range", bounds_belong_to_the_range},
    {"sums_and_products_do_not_wrap", sums_and_products_do_not_wrap},
    {"the_network_is_big_endian", the_network_is_big_endian},
    {"hexadecimal_digits_have_two_cases", hexadecimal_digits_have_two_cases},
};

const struct unit_suite suite_num = {"num", tests, COUNT_OF(tests)};
