#include <string.h>

#include "base/ids.h"
#include "unit.h"

#define DASHED "01234567-89ab-cdef-0123-456789abcdef"

static void
both_forms_are_read_in_either_case(void)
{
    struct uuid a, b;

    UNIT_EQ(ids_parse(unit_exact(STR(DASHED)), &a), 0);
    UNIT_EQ(ids_parse(unit_exact(STR("0123456789ABCDEF0123456789ABCDEF")), &b), 0);
    UNIT(ids_eq(&a, &b));
    UNIT(a.b[0] == 0x01 && a.b[15] == 0xef);
}

static void
other_texts_are_refused(void)
{
    static const char *const texts[] = {
        "",
        "not-a-uuid",
        "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdef0",
        "0123456789abcdef0123456789abcdeg",
        "01234567-89ab-cdef-0123-456789abcde",
        "01234567-89ab-cdef-0123-456789abcdef0",
        "01234567x89ab-cdef-0123-456789abcdef",
        "0123456-789ab-cdef-0123-456789abcdef",
        "{1234567-89ab-cdef-0123-456789abcde}",
        "------------------------------------",
    };
    struct uuid id;

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        UNIT_EQ(ids_parse(unit_exact(str_of(texts[i])), &id), -1);
    for (size_t n = 0; n < 36; n++)
        UNIT(n == 32 || ids_parse(unit_exact((struct str){DASHED, n}), &id) == -1);
}

static void
what_is_written_is_read_back(void)
{
    char text[IDS_TEXT_BYTES], hex[IDS_HEX_BYTES];
    struct uuid id, again;

    UNIT_EQ(ids_parse(STR(DASHED), &id), 0);
    ids_format(&id, text);
    UNIT_STR(str_of(text), DASHED);
    ids_format_hex(&id, hex);
    UNIT_STR(str_of(hex), "0123456789abcdef0123456789abcdef");
    UNIT(ids_parse(str_of(hex), &again) == 0 && ids_eq(&id, &again));
    again.b[15] ^= 1U;
    UNIT(!ids_eq(&id, &again));
}

static void
new_ids_are_version_7_and_differ(void)
{
    struct uuid ids[64];
    struct error e;

    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        UNIT_EQ(ids_new(INT64_C(1700000000123456), &ids[i], &e), 0);
        UNIT(memcmp(ids[i].b, "\x01\x8b\xcf\xe5\x68\x7b", 6) == 0); /* 1700000000123 ms */
        UNIT((ids[i].b[6] & 0xf0U) == 0x70U && (ids[i].b[8] & 0xc0U) == 0x80U);
        for (size_t k = 0; k < i; k++)
            UNIT(!ids_eq(&ids[i], &ids[k]));
    }
}

static void
an_id_of_an_event_has_many_forms(void)
{
    static const char *const good[] = {"0123456789abcdef0123456789ABCDEF",
                                       "01234567-89ab-cdef-0123-456789abcdef",
                                       "{01234567-89ab-cdef-0123-456789abcdef}",
                                       "urn:uuid:01234567-89ab-cdef-0123-456789abcdef",
                                       "00000000000000000000000000000001"};
    static const char *const bad[] = {"",
                                      "{}",
                                      "urn:uuid:",
                                      "00000000000000000000000000000000",
                                      "00000000-0000-0000-0000-000000000000",
                                      "{00000000-0000-0000-0000-000000000000}",
                                      "0123456789abcdef0123456789abcde"};
    struct uuid id;

    for (size_t i = 0; i < COUNT_OF(good); i++)
        UNIT(ids_parse_event(unit_exact(str_of(good[i])), &id) == 0 && !ids_is_nil(&id));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        UNIT_EQ(ids_parse_event(unit_exact(str_of(bad[i])), &id), -1);
}

static const struct unit_test tests[] = {
    {"an_id_of_an_event_has_many_forms", an_id_of_an_event_has_many_forms},
    {"both_forms_are_read_in_either_case", both_forms_are_read_in_either_case},
    {"other_texts_are_refused", other_texts_are_refused},
    {"what_is_written_is_read_back", what_is_written_is_read_back},
    {"new_ids_are_version_7_and_differ", new_ids_are_version_7_and_differ},
};

const struct unit_suite suite_ids = {"ids", tests, COUNT_OF(tests)};
