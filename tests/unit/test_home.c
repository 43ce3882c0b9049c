#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "setup/home.h"
#include "unit.h"

static void
below_is_a_matter_of_whole_names(void)
{
    static const struct {
        int line;
        bool below;
        const char *path, *dir;
    } rows[] = {
        {__LINE__, true, "/a/b", "/a"},  {__LINE__, true, "/a", "/a"},
        {__LINE__, true, "/a/b", "/a/"}, {__LINE__, false, "/ab", "/a"},
        {__LINE__, false, "/a", "/a/b"}, {__LINE__, true, "/a", "/"},
        {__LINE__, true, "/", "/"},      {__LINE__, false, "/home/u", "/home/u/www"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        UNIT_EQ_AT(rows[i].line, home_is_below(rows[i].path, rows[i].dir), rows[i].below);
}

static void
up_ends_at_the_root(void)
{
    char path[] = "/a/b";

    UNIT(home_up(path) && strcmp(path, "/a") == 0);
    UNIT(home_up(path) && strcmp(path, "/") == 0);
    UNIT(!home_up(path) && strcmp(path, "/") == 0);
}

static void
a_hidden_name_has_32_digits(void)
{
    UNIT(home_is_hidden_name("mesher-data-0123456789abcdef0123456789abcdef"));
    UNIT(!home_is_hidden_name("mesher-data-0123456789abcdef0123456789abcde"));
    UNIT(!home_is_hidden_name("mesher-data-0123456789abcdef0123456789abcdef0"));
    UNIT(!home_is_hidden_name("mesher-data-0123456789ABCDEF0123456789abcdef"));
    UNIT(!home_is_hidden_name("mesher-data") && !home_is_hidden_name(""));
}

/* Makes dir/name with what it needs; gives its path. */
static const char *
make(const char *dir, const char *name)
{
    static char path[2][1000];
    static int next;
    char *out = path[next ^= 1];
    struct error e;

    (void)snprintf(out, sizeof path[0], "%s/%s", unit_dir(), dir);
    UNIT(mkdir(out, 0700) == 0 || name != NULL);
    if (name != NULL)
        UNIT_EQ(io_durable_file(out, name, STR("# nothing\n"), &e), 0);
    return out;
}

static void
a_configuration_is_found_above_and_beside(void)
{
    char program[PATH_MAX + 16];
    struct stat st;
    struct error e;
    struct home h;
    const char *conf;

    (void)make("web", NULL);
    (void)snprintf(program, sizeof program, "%s/mesher.cgi", make("web/m", "mesher.cgi"));
    UNIT(home_find(&h, program, &e) == 0 && !h.has_conf && h.data_dir[0] == '\0');
    UNIT_STR(str_of(strrchr(h.program_dir, '/')), "/m");
    (void)make("web/m/mesher-data", "mesher.conf"); /* anybody can guess that */
    UNIT(home_find(&h, program, &e) == 0 && !h.has_conf);
    (void)make("web/m/mesher-data-0123456789abcdef0123456789abcdef", "mesher.conf");
    UNIT(home_find(&h, program, &e) == 0 && h.has_conf && h.hidden);
    UNIT(!home_is_public(&h, &(struct home_web){unit_dir(), NULL}));
    conf = make("mesher-data", "mesher.conf");
    (void)snprintf(program, sizeof program, "%s/mesher.conf", conf);
    UNIT_EQ(chmod(program, 0644), 0);
    (void)snprintf(program, sizeof program, "%s/web/m/mesher.cgi", unit_dir());
    UNIT(home_find(&h, program, &e) == 0 && h.has_conf && !h.hidden);
    UNIT_STR(str_of(strrchr(h.data_dir, '/')), "/mesher-data");
    (void)snprintf(program, sizeof program, "%s/mesher.conf", h.data_dir);
    UNIT(stat(program, &st) == 0 && (st.st_mode & 0777) == 0600);
    UNIT(home_is_public(&h, &(struct home_web){unit_dir(), NULL}));
    UNIT(!home_is_public(&h, &(struct home_web){NULL, NULL}));
    (void)snprintf(program, sizeof program, "%s/web", unit_dir());
    UNIT(!home_is_public(&h, &(struct home_web){program, "/web/m/mesher.cgi"}));
}

static void
what_is_served_is_found_by_its_names(void)
{
    static const struct {
        int line;
        const char *dir, *script, *served;
    } rows[] = {
        {__LINE__, "/home/u/cgi-bin/m", "/cgi-bin/m/mesher.cgi", "/home/u/cgi-bin"},
        {__LINE__, "/home/u/www/m", "/m/mesher.cgi", "/home/u/www/m"},
        {__LINE__, "/home/u/www/m", "/alias/mesher.cgi", "/home/u/www/m"},
        {__LINE__, "/home/u/www/m", "/mesher.cgi", "/home/u/www/m"},
        {__LINE__, "/a/m", "/a/m/mesher.cgi", "/a"},
        {__LINE__, "/m", "/x/a/m/mesher.cgi", "/m"},
        {__LINE__, "/a/m", "", "/a/m"},
        {__LINE__, "/a/m", "no path", "/a/m"},
        {__LINE__, "/", "/m/mesher.cgi", "/"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char served[PATH_MAX];

        home_served(rows[i].dir, rows[i].script, served);
        UNIT_STR_AT(rows[i].line, str_of(served), rows[i].served);
    }
}

static const struct unit_test tests[] = {
    {"below_is_a_matter_of_whole_names", below_is_a_matter_of_whole_names},
    {"up_ends_at_the_root", up_ends_at_the_root},
    {"a_hidden_name_has_32_digits", a_hidden_name_has_32_digits},
    {"what_is_served_is_found_by_its_names", what_is_served_is_found_by_its_names},
    {"a_configuration_is_found_above_and_beside",
     a_configuration_is_found_above_and_beside},
};

const struct unit_suite suite_home = {"home", tests, COUNT_OF(tests)};
