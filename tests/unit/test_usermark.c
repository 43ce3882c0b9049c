#include "store/usermark.h"
#include "unit.h"

static void
the_highest_bits_name_the_register_and_the_zeros_behind_them_the_rank(void)
{
    static const struct {
        int line;
        uint64_t hash;
        int64_t reg, rank;
    } rows[] = {
        {__LINE__, 0, 0, 55},
        {__LINE__, 1, 0, 54},
        {__LINE__, 2, 0, 53},
        {__LINE__, UINT64_MAX, 1023, 1},
        {__LINE__, (uint64_t)1 << 53, 0, 1},
        {__LINE__, (uint64_t)1 << 54, 1, 55},
        {__LINE__, (uint64_t)512 << 54 | (uint64_t)1 << 52, 512, 2},
        {__LINE__, (uint64_t)1023 << 54, 1023, USERMARK_RANK_MAX},
    };

    for (size_t r = 0; r < COUNT_OF(rows); r++) {
        int64_t mark = usermark_of_hash(rows[r].hash);

        UNIT_AT(rows[r].line, mark >> 6 == rows[r].reg);
        UNIT_EQ_AT(rows[r].line, (mark & 63), rows[r].rank);
    }
}

/* They are stored: another value would count all users again. */
static void
marks_stay_what_they_are(void)
{
    UNIT_EQ(usermark_of(STR("")), usermark_of_hash(0x2d06800538d394c2U));
    UNIT_EQ(usermark_of(STR("u-48213")), usermark_of_hash(0xe36f40b5aa7574b9U));
    UNIT_EQ(usermark_of(STR("u-48213")), usermark_of(STR("u-48213")));
    UNIT(usermark_of(STR("u-48213")) != usermark_of(STR("u-48214")));
}

static void
users_spread_over_all_registers(void)
{
    static unsigned char seen[USERMARK_REGISTERS];
    size_t empty = 0;

    for (uint32_t i = 0; i < 20 * USERMARK_REGISTERS; i++) {
        char id[4] = {(char)(i & 127), (char)(i >> 7 & 127), (char)(i >> 14 & 127), 0};

        seen[usermark_of((struct str){id, sizeof id}) >> 6] = 1;
    }
    for (size_t i = 0; i < USERMARK_REGISTERS; i++)
        empty += seen[i] == 0;
    UNIT_EQ(empty, 0);
}

static const struct unit_test tests[] = {
    {"the_highest_bits_name_the_register_and_the_zeros_behind_them_the_rank",
     the_highest_bits_name_the_register_and_the_zeros_behind_them_the_rank},
    {"marks_stay_what_they_are", marks_stay_what_they_are},
    {"users_spread_over_all_registers", users_spread_over_all_registers},
};

const struct unit_suite suite_usermark = {"usermark", tests, COUNT_OF(tests)};
