#include <stdlib.h>
#include <string.h>

#include "store/environment.h"
#include "store/libpq.h"
#include "unit.h"

/* Sets a variable of each kind; none of them leads to a server. */
static void
set_all(void)
{
    UNIT(setenv("PGHOST", "elsewhere", 1) == 0 && setenv("PGOPTIONS", "-c x=1", 1) == 0 &&
         setenv("PGUSER", "ann", 1) == 0 && setenv("PGSSLROOTCERT", "/a", 1) == 0);
}

static void
unset_all(void)
{
    (void)unsetenv("PGHOST");
    (void)unsetenv("PGOPTIONS");
    (void)unsetenv("PGUSER");
    (void)unsetenv("PGSSLROOTCERT");
}

static bool
takes(const char *conninfo, const char *name)
{
    const char *names[ENVIRONMENT_MAX];
    size_t n = environment_taken(conninfo, names);

    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void
an_empty_string_leaves_all_of_them(void)
{
    struct error e;

    UNIT(libpq_load(&e) == 0);
    set_all();
    environment_settle("");
    UNIT(getenv("PGHOST") != NULL && getenv("PGOPTIONS") != NULL);
    UNIT(takes("", "PGHOST") && takes("", "PGOPTIONS") && takes("", "PGUSER"));
    UNIT(!takes("", "PGPORT"));
    unset_all();
}

static void
a_string_says_where_and_the_variables_who(void)
{
    struct error e;

    UNIT(libpq_load(&e) == 0);
    set_all();
    UNIT(!takes("dbname=m", "PGHOST") && takes("dbname=m", "PGUSER"));
    UNIT(!takes("dbname=m user=bob", "PGUSER") &&
         takes("dbname=m user=bob", "PGSSLROOTCERT"));
    UNIT(!takes("postgresql://bob@h/m", "PGUSER"));
    environment_settle("dbname=m");
    UNIT(getenv("PGHOST") == NULL && getenv("PGOPTIONS") == NULL);
    UNIT_STR(str_of(getenv("PGUSER")), "ann");
    UNIT(getenv("PGSSLROOTCERT") != NULL);
    unset_all();
}

static void
a_string_that_cannot_be_read_sets_nothing(void)
{
    struct error e;

    UNIT(libpq_load(&e) == 0);
    set_all();
    UNIT(takes("=", "PGUSER") && !takes("=", "PGHOST"));
    unset_all();
}

static const struct unit_test tests[] = {
    {"an_empty_string_leaves_all_of_them", an_empty_string_leaves_all_of_them},
    {"a_string_says_where_and_the_variables_who",
     a_string_says_where_and_the_variables_who},
    {"a_string_that_cannot_be_read_sets_nothing",
     a_string_that_cannot_be_read_sets_nothing},
};

const struct unit_suite suite_environment = {"environment", tests, COUNT_OF(tests)};
