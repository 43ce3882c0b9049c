#include <string.h>

#include "event/fingerprint.h"
#include "unit.h"

struct print {
    uint8_t b[FINGERPRINT_BYTES];
};

static struct print
of(enum fingerprint_kind kind, struct str a, struct str b)
{
    struct fingerprint f;
    struct print p = {{0}};

    fingerprint_begin(&f);
    fingerprint_add(&f, kind, a);
    fingerprint_add(&f, kind, b);
    fingerprint_end(&f, p.b);
    return p;
}

static bool
same(struct print a, struct print b)
{
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

static void
parts_do_not_run_together(void)
{
    const struct print p = of(FINGERPRINT_GIVEN, STR("a"), STR("bc"));

    UNIT(same(p, of(FINGERPRINT_GIVEN, STR("a"), STR("bc"))));
    UNIT(!same(p, of(FINGERPRINT_GIVEN, STR("ab"), STR("c"))));
    UNIT(!same(p, of(FINGERPRINT_GIVEN, STR("abc"), STR_NONE)));
    UNIT(!same(p, of(FINGERPRINT_GIVEN, STR("abc"), STR(""))));
    UNIT(!same(p, of(FINGERPRINT_GIVEN, STR("bc"), STR("a"))));
    UNIT(!same(p, of(FINGERPRINT_MESSAGE, STR("a"), STR("bc"))));
}

static void
an_absent_part_is_none(void)
{
    UNIT(same(of(FINGERPRINT_TYPE, STR("a"), STR_NONE),
              of(FINGERPRINT_TYPE, STR_NONE, STR("a"))));
    UNIT(!same(of(FINGERPRINT_TYPE, STR("a"), STR_NONE),
               of(FINGERPRINT_TYPE, STR("a"), STR(""))));
}

/* Issues in the database hang on these values: they change with the version byte only. */
static void
the_hash_stays_what_it_was(void)
{
    static const uint8_t known[FINGERPRINT_BYTES] = {0x7a, 0x5d, 0xff, 0xc4, 0x77, 0xe3,
                                                     0xc0, 0x09, 0x51, 0x81, 0x10, 0xec,
                                                     0x8c, 0x73, 0x1d, 0x67};
    const struct print p = of(FINGERPRINT_MESSAGE, STR("fine"), STR_NONE);

    UNIT(memcmp(p.b, known, sizeof known) == 0);
}

static void
the_default_is_known_with_and_without_blanks(void)
{
    UNIT(fingerprint_is_default(unit_exact(STR("{{ default }}"))));
    UNIT(fingerprint_is_default(unit_exact(STR("{{default}}"))));
    UNIT(!fingerprint_is_default(unit_exact(STR("{{ default }"))));
    UNIT(!fingerprint_is_default(unit_exact(STR("{{}}"))));
    UNIT(!fingerprint_is_default(unit_exact(STR("{{}"))));
    UNIT(!fingerprint_is_default(unit_exact(STR("{{"))));
    UNIT(!fingerprint_is_default(unit_exact(STR("default"))));
    UNIT(!fingerprint_is_default(STR("")));
}

static const struct unit_test tests[] = {
    {"parts_do_not_run_together", parts_do_not_run_together},
    {"an_absent_part_is_none", an_absent_part_is_none},
    {"the_hash_stays_what_it_was", the_hash_stays_what_it_was},
    {"the_default_is_known_with_and_without_blanks",
     the_default_is_known_with_and_without_blanks},
};

const struct unit_suite suite_fingerprint = {"fingerprint", tests, COUNT_OF(tests)};
