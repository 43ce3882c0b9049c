#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "setup/conf.h"
#include "unit.h"

/* The environment: pairs of name and value. */
static const char *variables[8][2];
static char path[256], said_path[256];
static struct buf said; /* what went to stderr */

static const char *
environment(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(variables) && variables[i][0] != NULL; i++)
        if (strcmp(variables[i][0], name) == 0)
            return variables[i][1];
    return NULL;
}

/* Reads a file with this text (NULL: none), with stderr kept in `said`. */
static int
read_conf(const char *text, struct conf *out, struct error *e)
{
    int kept = dup(STDERR_FILENO), rc;
    struct error ignored;

    (void)snprintf(path, sizeof path, "%s/test.conf", unit_dir());
    (void)snprintf(said_path, sizeof said_path, "%s/said", unit_dir());
    if (text != NULL)
        UNIT_EQ(io_durable_file(unit_dir(), "test.conf", str_of(text), e), 0);
    UNIT(freopen(said_path, "w", stderr) != NULL);
    rc = conf_read(text == NULL ? NULL : path, environment, out, e);
    (void)fflush(stderr);
    UNIT(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    buf_release(&said);
    said = buf_init(100000);
    UNIT_EQ(io_read_file(said_path, &said, &ignored), 0);
    return rc;
}

static void
forget_environment(void)
{
    (void)memset(variables, 0, sizeof variables);
}

static void
set_variable(size_t i, const char *name, const char *value)
{
    variables[i][0] = name;
    variables[i][1] = value;
}

/* Was a line said that ends so, and begins with the file and this line number? */
static bool
was_said(int line, const char *what)
{
    char expected[1000];
    struct str rest = buf_str(&said);

    if (line > 0)
        (void)snprintf(expected, sizeof expected, "%s:%d: %s", path, line, what);
    else
        (void)snprintf(expected, sizeof expected, "%s", what);
    while (rest.p != NULL)
        if (str_eq(str_cut(&rest, '\n'), str_of(expected)))
            return true;
    return false;
}

static void
without_a_file_the_defaults_are_in_force(void)
{
    struct conf c;
    struct error e;

    UNIT(read_conf(NULL, &c, &e) == 0 && said.n == 0);
    UNIT(strcmp(c.database, "dbname=mesher") == 0 && strcmp(c.writer_socket, "") == 0);
    UNIT(strcmp(c.log_target, "stderr") == 0 && strcmp(c.log_level, "info") == 0);
    UNIT(c.rate_limit == 1000 && c.rate_window == 60);
    UNIT(c.bulk_max_events == 100 && c.bulk_max_bytes == 5242880);
    conf_release(&c);
    UNIT(read_conf("# nothing\n", &c, &e) == 0 && c.submit_timeout == 5);
    conf_release(&c);
    buf_release(&said);
}

static void
the_environment_wins_over_the_file(void)
{
    struct conf c;
    struct error e;

    set_variable(0, "MESHER_RATE_LIMIT", "7");
    set_variable(1, "MESHER_WRITER_SOCKET", "");
    set_variable(2, "MESHER_DATABASE", "host=\"x\"");
    UNIT_EQ(read_conf("rate_limit = 5\nrate_window = 6\nwriter_socket = \"/s\"\n"
                      "database = 'dbname=of\\file'\n",
                      &c, &e),
            0);
    UNIT(c.rate_limit == 7 && c.rate_window == 6);
    UNIT(strcmp(c.writer_socket, "") == 0 && strcmp(c.database, "host=\"x\"") == 0);
    conf_release(&c);
    forget_environment();
    buf_release(&said);
}

static void
mistakes_are_said_with_file_and_line(void)
{
    static const struct {
        int line, at;
        const char *text, *what;
    } rows[] = {
        {__LINE__, 2, "rate_limit = 1\nrate_limits = 2\n",
         "no such option 'rate_limits'"},
        {__LINE__, 3, "\n\nrate_window = 0\n", "rate_window must be 1 to 86400"},
        {__LINE__, 1, "rate_window = 86401\n", "rate_window must be 1 to 86400"},
        {__LINE__, 1, "rate_limit = -1\n", "rate_limit must be 0 to 2147483647"},
        {__LINE__, 1, "log_target = \"\"\n", "log_target must not be empty"},
        {__LINE__, 1, "log_target = \"log\"\n",
         "log_target must be stderr, syslog or an absolute path"},
        {__LINE__, 1, "rate_limit = many\n",
         "invalid integer value for option 'rate_limit'"},
        {__LINE__, 1, "log_level = \"12345678901234567\"\n",
         "log_level must have at most 16 bytes"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct conf c;
        struct error e;

        UNIT_EQ_AT(rows[i].line, read_conf(rows[i].text, &c, &e), -1);
        UNIT_EQ_AT(rows[i].line, e.kind, ERROR_CONFIG);
        UNIT_AT(rows[i].line, was_said(rows[i].at, rows[i].what));
        UNIT_AT(rows[i].line, strstr(e.detail, rows[i].what) != NULL);
        conf_release(&c);
    }
    buf_release(&said);
}

static void
all_that_is_out_of_range_is_said_at_once(void)
{
    struct conf c;
    struct error e;

    set_variable(0, "MESHER_BODY_TIMEOUT", "3601");
    set_variable(1, "MESHER_SUBMIT_TIMEOUT", "10s");
    UNIT_EQ(read_conf("rate_window = 0\nconnect_timeout = 61\nlog_level = \"loud\"\n", &c,
                      &e),
            -1);
    UNIT(was_said(1, "rate_window must be 1 to 86400"));
    UNIT(was_said(2, "connect_timeout must be 1 to 60"));
    UNIT(was_said(0, "environment: body_timeout must be 1 to 3600"));
    UNIT(was_said(0, "environment: submit_timeout must be 1 to 600"));
    UNIT(was_said(3, "log_level must be error, warning, info or debug"));
    UNIT(strstr(e.detail, "rate_window") != NULL); /* the first */
    conf_release(&c);
    forget_environment();
    buf_release(&said);
}

static void
limits_hold_in_the_environment_too(void)
{
    static const struct {
        int line, rc;
        const char *value;
    } rows[] = {
        {__LINE__, -1, "99"},
        {__LINE__, 0, "100"},
        {__LINE__, 0, "101"},
        {__LINE__, 0, "600000"},
        {__LINE__, -1, "600001"},
        {__LINE__, -1, ""},
        {__LINE__, -1, " 100"},
        {__LINE__, -1, "100.0"},
        {__LINE__, -1, "0x100"},
        {__LINE__, -1, "1e3"},
        {__LINE__, -1, "99999999999999999999"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct conf c;
        struct error e;

        set_variable(0, "MESHER_STATEMENT_TIMEOUT", rows[i].value);
        UNIT_EQ_AT(rows[i].line, read_conf(NULL, &c, &e), rows[i].rc);
        conf_release(&c);
    }
    forget_environment();
    buf_release(&said);
}

static void
a_file_that_is_not_there_is_a_mistake(void)
{
    struct conf c;
    struct error e;
    int kept = dup(STDERR_FILENO);

    UNIT(freopen("/dev/null", "w", stderr) != NULL);
    (void)snprintf(path, sizeof path, "%s/none.conf", unit_dir());
    UNIT(conf_read(path, environment, &c, &e) == -1 && e.kind == ERROR_CONFIG);
    UNIT(strstr(e.detail, "cannot be read") != NULL);
    (void)fflush(stderr);
    UNIT(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    conf_release(&c);
}

static void
what_may_be_a_password_is_not_printed(void)
{
    static const struct {
        int line;
        bool masked;
        const char *database;
    } rows[] = {
        {__LINE__, false, "dbname=mesher"},
        {__LINE__, false, "host=/run user=mesher"},
        {__LINE__, true, "user=m password=geheim"},
        {__LINE__, true, "user=m sslpassword=geheim"},
        {__LINE__, true, "postgresql://m:geheim@host/db"},
        {__LINE__, false, "passfile=/etc/pgpass user=m"},
        {__LINE__, false, "passfile = '/my password' user=m"},
        {__LINE__, true, "passfile='/geheim' password=geheim"},
        {__LINE__, true, "passfile=/geheim password=geheim"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf text = buf_init(10000), json = buf_init(10000);
        struct conf c;
        struct error e;

        set_variable(0, "MESHER_DATABASE", rows[i].database);
        UNIT_EQ_AT(rows[i].line, read_conf(NULL, &c, &e), 0);
        UNIT_EQ_AT(rows[i].line, conf_has_password(&c), rows[i].masked);
        conf_print(&c, &text);
        conf_print_json(&c, &json);
        buf_add_char(&text, '\0');
        buf_add_char(&json, '\0');
        UNIT_EQ_AT(rows[i].line, (strstr(text.data, "database = \"********\"\n") != NULL),
                   rows[i].masked);
        UNIT_EQ_AT(rows[i].line,
                   (strstr(json.data, "{\"database\":\"********\",") != NULL),
                   rows[i].masked);
        UNIT_AT(rows[i].line, strstr(text.data, "geheim") == NULL);
        UNIT_AT(rows[i].line, strstr(json.data, "geheim") == NULL);
        conf_release(&c);
        buf_release(&text);
        buf_release(&json);
    }
    forget_environment();
    buf_release(&said);
}

static void
what_is_printed_can_be_read_again(void)
{
    struct buf first = buf_init(10000), second = buf_init(10000);
    struct conf c;
    struct error e;

    set_variable(0, "MESHER_PUBLIC_URL", "http://a\\b\"c/${HOME}");
    set_variable(1, "MESHER_RATE_LIMIT", "2147483647");
    UNIT_EQ(read_conf(NULL, &c, &e), 0);
    conf_print(&c, &first);
    conf_release(&c);
    forget_environment();
    buf_add_char(&first, '\0');
    UNIT_EQ(read_conf(first.data, &c, &e), 0);
    conf_print(&c, &second);
    buf_add_char(&second, '\0');
    UNIT(str_eq(buf_str(&first), buf_str(&second)));
    conf_release(&c);
    buf_release(&first);
    buf_release(&second);
    buf_release(&said);
}

static void
relative_paths_begin_at_the_file(void)
{
    char expected[300];
    struct conf c;
    struct error e;

    set_variable(0, "MESHER_SQL_DIR", "sql"); /* of the environment: where we are */
    UNIT_EQ(read_conf("spool_dir = \"spool\"\npoison_dir = \"/poison\"\n"
                      "grouping_rules = \"\"\n",
                      &c, &e),
            0);
    (void)snprintf(expected, sizeof expected, "%s/spool", unit_dir());
    UNIT(strcmp(c.spool_dir, expected) == 0 && strcmp(c.poison_dir, "/poison") == 0);
    UNIT(strcmp(c.grouping_rules, "") == 0 && strcmp(c.sql_dir, "sql") == 0);
    conf_release(&c);
    forget_environment();
    buf_release(&said);
}

static const struct unit_test tests[] = {
    {"relative_paths_begin_at_the_file", relative_paths_begin_at_the_file},
    {"without_a_file_the_defaults_are_in_force",
     without_a_file_the_defaults_are_in_force},
    {"the_environment_wins_over_the_file", the_environment_wins_over_the_file},
    {"mistakes_are_said_with_file_and_line", mistakes_are_said_with_file_and_line},
    {"all_that_is_out_of_range_is_said_at_once",
     all_that_is_out_of_range_is_said_at_once},
    {"limits_hold_in_the_environment_too", limits_hold_in_the_environment_too},
    {"a_file_that_is_not_there_is_a_mistake", a_file_that_is_not_there_is_a_mistake},
    {"what_may_be_a_password_is_not_printed", what_may_be_a_password_is_not_printed},
    {"what_is_printed_can_be_read_again", what_is_printed_can_be_read_again},
};

const struct unit_suite suite_conf = {"conf", tests, COUNT_OF(tests)};
