#include <string.h>

#include "install/trial.h"
#include "unit.h"

static void
a_failed_connect_is_laid_to_a_field(void)
{
    static const struct {
        int line;
        enum install_field field; /* N_INSTALL_FIELDS: none is to blame */
        const char *state, *words;
    } rows[] = {
        {__LINE__, INSTALL_PASSWORD, "28P01", "in any language"},
        {__LINE__, INSTALL_USER, "28000", ""},
        {__LINE__, INSTALL_DATABASE, "3D000", ""},
        {__LINE__, INSTALL_DATABASE, "42501", ""},
        {__LINE__, N_INSTALL_FIELDS, "53300", "Connection refused"},
        {__LINE__, INSTALL_HOST, "", "connect: could not translate host name \"x\""},
        {__LINE__, INSTALL_HOST, "", "connect: … Connection refused"},
        {__LINE__, INSTALL_HOST, "", "connect: no answer in time"},
        {__LINE__, INSTALL_PASSWORD, "", "fe_sendauth: no password supplied"},
        {__LINE__, INSTALL_SSLMODE, "",
         "server does not support SSL, but SSL was required"},
        {__LINE__, N_INSTALL_FIELDS, "", "something new"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct install in = {.failed = ""};

        trial_explain(&in, rows[i].state, rows[i].words);
        for (int f = 0; f < N_INSTALL_FIELDS; f++)
            UNIT_AT(rows[i].line, (in.wrong[f][0] != '\0') == (f == (int)rows[i].field));
        UNIT_AT(rows[i].line,
                (in.failed[0] != '\0') == (rows[i].field == N_INSTALL_FIELDS));
    }
}

static const struct unit_test tests[] = {
    {"a_failed_connect_is_laid_to_a_field", a_failed_connect_is_laid_to_a_field},
};

const struct unit_suite suite_trial = {"trial", tests, COUNT_OF(tests)};
