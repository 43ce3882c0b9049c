#include <string.h>

#include "store/refusal.h"
#include "unit.h"

static void
the_sqlstate_is_found_in_any_language(void)
{
    static const struct {
        int line;
        const char *message, *state;
    } rows[] = {
        {__LINE__,
         "connection to server at \"h\" (1.2.3.4), port 5432 failed: FATAL:  53300: "
         "too many connections for role \"x\"\nLOCATION:  InitProcess, proc.c:1",
         "53300"},
        {__LINE__, "FATAL:  3D000: database \"x\" does not exist", "3D000"},
        {__LINE__, "FEHLER:  28P01: Passwort", "28P01"},
        {__LINE__,
         "connection to server on socket \"/s\" failed: No such file or directory", ""},
        {__LINE__, "FATAL:  sorry, too many clients already", ""},
        {__LINE__, "FATAL:  5330", ""},
        {__LINE__, "FATAL:  53300", ""},
        {__LINE__, "a:  b:  57P03: starting up", "57P03"},
        {__LINE__, ":  ", ""},
        {__LINE__, "", ""},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char state[REFUSAL_BYTES] = "?";

        refusal_read(rows[i].message, state);
        UNIT_STR_AT(rows[i].line, str_of(state), rows[i].state);
    }
}

static const struct unit_test tests[] = {
    {"the_sqlstate_is_found_in_any_language", the_sqlstate_is_found_in_any_language},
};

const struct unit_suite suite_refusal = {"refusal", tests, COUNT_OF(tests)};
