#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "setup/conf.h"
#include "unit.h"

static const char *
no_environment(const char *name)
{
    (void)name;
    return NULL;
}

/* Reads a file with this text; what was said goes to nobody. */
static int
read_text(const char *text, struct conf *out, struct error *e)
{
    int kept = dup(STDERR_FILENO), rc;
    char path[300];

    (void)snprintf(path, sizeof path, "%s/c.conf", unit_dir());
    UNIT_EQ(io_durable_file(unit_dir(), "c.conf", str_of(text), e), 0);
    UNIT(freopen("/dev/null", "w", stderr) != NULL);
    rc = conf_read(path, no_environment, out, e);
    (void)fflush(stderr);
    UNIT(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    return rc;
}

static void
a_section_has_defaults_and_its_values(void)
{
    struct conf c;
    struct error e;
    const struct childconf *one, *two;
    int fd = 0;

    UNIT_EQ(
        read_text("child one { command = { \"/bin/true\" } }\n"
                  "child \"two.x_y-1\" {\n command = { a, \"b c\", '' }\n instances = 3\n"
                  " listen = \"127.0.0.1:9000\" listen_mode = 0600 listen_backlog = 7\n"
                  " listen_as = systemd ready = \"fd:4\" start_timeout = 100\n"
                  " stop_signal = INT stop_timeout = 1 alone = yes rolling = off\n"
                  " log_file = \"/l\" }\n",
                  &c, &e),
        0);
    UNIT_EQ(c.children.count, 2);
    one = &c.children.all[0];
    two = &c.children.all[1];
    UNIT(strcmp(one->name, "one") == 0 && one->words == 1 && one->instances == 0);
    UNIT(one->listen[0] == '\0' && one->listen_mode == 0660 &&
         one->listen_backlog == 4096);
    UNIT(childconf_listens_as_stdin(one) && childconf_signal(one) == SIGTERM);
    UNIT(one->start_timeout == 30000 && one->stop_timeout == 5000 && !one->oneshot &&
         !one->alone && one->rolling && one->log_file[0] == '\0');
    UNIT_EQ(childconf_ready_of(one, &fd), CHILDCONF_READY_AT_ONCE);
    UNIT(strcmp(two->name, "two.x_y-1") == 0 && two->words == 3);
    UNIT(strcmp(two->command[1], "b c") == 0 && strcmp(two->command[2], "") == 0 &&
         two->command[3] == NULL);
    UNIT(two->instances == 3 && two->listen_mode == 0600 && two->listen_backlog == 7);
    UNIT(!childconf_listens_as_stdin(two) && childconf_signal(two) == SIGINT);
    UNIT(childconf_ready_of(two, &fd) == CHILDCONF_READY_LINE && fd == 4);
    UNIT(two->alone && !two->rolling && two->stop_timeout == 1);
    conf_release(&c);
}

#define GOOD "command = { a } "

/* What is wrong in a file, and at which line it is said. */
static const struct {
    int line, at;
    const char *text, *what;
} mistakes[] = {
    {__LINE__, 2, "child a {\n instances = 257 " GOOD "}", "instances must be 0 to 256"},
    {__LINE__, 1, "child a { instances = -1 " GOOD "}", "instances must be 0 to 256"},
    {__LINE__, 3, "child a {\n" GOOD "\n listen = \"x\" }", "listen must be an abs"},
    {__LINE__, 1, "child a { listen_mode = 01000 " GOOD "}",
     "listen_mode must be 0 to 0777"},
    {__LINE__, 1, "child a { listen_backlog = 0 " GOOD "}",
     "listen_backlog must be 1 to 65535"},
    {__LINE__, 1, "child a { listen_as = both " GOOD "}",
     "listen_as must be stdin or systemd"},
    {__LINE__, 1, "child a { ready = \"fd:2\" " GOOD "}", "ready must be empty, not"},
    {__LINE__, 1, "child a { ready = \"fd:256\" " GOOD "}", "ready must be empty, not"},
    {__LINE__, 1, "child a { ready = soon " GOOD "}", "ready must be empty, notify"},
    {__LINE__, 1, "child a { start_timeout = 99 " GOOD "}",
     "start_timeout must be 100 to 3600000"},
    {__LINE__, 1, "child a { stop_timeout = 0 " GOOD "}",
     "stop_timeout must be 1 to 600000"},
    {__LINE__, 1, "child a { stop_signal = KILL " GOOD "}",
     "stop_signal must be TERM, INT,"},
    {__LINE__, 1, "child a { stop_signal = \"\" " GOOD "}",
     "stop_signal must not be empty"},
    {__LINE__, 1, "child a { log_file = \"l\" " GOOD "}",
     "log_file must be an absolute path"},
    {__LINE__, 2, "child a {\n}", "command must have 1 to 64 words"},
    {__LINE__, 1, "child a { command = {} }", "command must have 1 to 64 words"},
    {__LINE__, 1, "child a { command = { '' } }", "command must have 1 to 64 words"},
    {__LINE__, 1, "child \"a b\" { " GOOD "}", "its name must be 1 to 64 letters"},
    {__LINE__, 1, "child \"\" { " GOOD "}", "its name must be 1 to 64 letters"},
    {__LINE__, 1, "child \"a/b\" { " GOOD "}", "its name must be 1 to 64 letters"},
    {__LINE__, 1, "child \".a\" { " GOOD "}", "no dot first"},
    {__LINE__, 1, "child mesherd { " GOOD "}", "not mesherd"},
    {__LINE__, 1, "child a { nothing = 1 }", "no such option 'nothing'"},
    {__LINE__, 1, "child a { oneshot = true ready = notify " GOOD "}",
     "a oneshot has neither"},
    {__LINE__, 1,
     "child a { listen = \"/s\" listen_as = systemd ready = \"fd:3\" " GOOD "}",
     "descriptor 3 is the socket"},
    {__LINE__, 2,
     "child a { listen = \"/s\" " GOOD "}\nchild b { listen = \"/s\" " GOOD "}",
     "listen is that of \"a\""},
    {__LINE__, 2, "child a { " GOOD "}\nchild a { " GOOD "}", "title"},
};

static void
mistakes_are_said_with_their_line(void)
{
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        char where[40];
        struct conf c;
        struct error e;

        (void)snprintf(where, sizeof where, "c.conf:%d: ", mistakes[i].at);
        UNIT_EQ_AT(mistakes[i].line, read_text(mistakes[i].text, &c, &e), -1);
        UNIT_EQ_AT(mistakes[i].line, e.kind, ERROR_CONFIG);
        UNIT_AT(mistakes[i].line, strstr(e.detail, mistakes[i].what) != NULL);
        UNIT_AT(mistakes[i].line, strstr(e.detail, where) != NULL);
        conf_release(&c);
    }
}

/* A file with so many sections, or words, or letters in a name. */
static int
read_many(int sections, int words, int letters)
{
    struct buf b = buf_init(100000);
    struct conf c;
    struct error e;
    int rc;

    for (int i = 0; i < sections; i++) {
        buf_add_f(&b, "child %0*d { command = {", letters, i);
        for (int j = 0; j < words; j++)
            buf_add_text(&b, j == 0 ? " a" : ", a");
        buf_add_text(&b, " } }\n");
    }
    buf_add_char(&b, '\0');
    rc = read_text(b.data, &c, &e);
    buf_release(&b);
    conf_release(&c);
    return rc;
}

static void
limits_hold_at_minus_one_zero_and_plus_one(void)
{
    UNIT(read_many(63, 1, 1) == 0 && read_many(64, 1, 1) == 0 &&
         read_many(65, 1, 1) == -1);
    UNIT(read_many(1, 63, 1) == 0 && read_many(1, 64, 1) == 0 &&
         read_many(1, 65, 1) == -1);
    UNIT(read_many(1, 1, 63) == 0 && read_many(1, 1, 64) == 0 &&
         read_many(1, 1, 65) == -1);
}

static void
what_is_printed_can_be_read_again(void)
{
    struct buf first = buf_init(100000), second = buf_init(100000),
               json = buf_init(100000);
    struct conf c, d;
    struct error e;

    UNIT_EQ(read_text("child one { command = { \"$x\", 'q\"\\\\' } instances = 2\n"
                      " listen = \"/s\" listen_mode = 0600 alone = true }\n",
                      &c, &e),
            0);
    conf_print(&c, &first);
    buf_add_char(&first, '\0');
    UNIT_EQ(read_text(first.data, &d, &e), 0);
    UNIT(childconf_same(&c.children.all[0], &d.children.all[0]));
    UNIT_EQ(d.children.all[0].instances, 2);
    conf_print(&d, &second);
    buf_add_char(&second, '\0');
    UNIT(str_eq(buf_str(&first), buf_str(&second)));
    conf_print_json(&c, &json);
    buf_add_char(&json, '\0');
    UNIT(strstr(json.data, "\"children\":[{\"name\":\"one\",\"command\":[\"$x\",") !=
         NULL);
    UNIT(strstr(json.data, "\"alone\":true,\"rolling\":true,") != NULL);
    conf_release(&c);
    conf_release(&d);
    buf_release(&first);
    buf_release(&second);
    buf_release(&json);
}

static void
every_difference_counts_but_the_number(void)
{
    static const struct {
        int line;
        bool same;
        const char *text;
    } rows[] = {
        {__LINE__, true, "child a { command = { a, b } }"},
        {__LINE__, true, "child a { command = { a, b } instances = 5 }"},
        {__LINE__, false, "child a { command = { a } }"},
        {__LINE__, false, "child a { command = { a, c } }"},
        {__LINE__, false, "child a { command = { a, b } stop_timeout = 4999 }"},
        {__LINE__, false, "child a { command = { a, b } log_file = \"/l\" }"},
        {__LINE__, false, "child a { command = { a, b } rolling = false }"},
    };
    struct conf c, d;
    struct childconf copy;
    struct error e;

    UNIT_EQ(read_text(rows[0].text, &c, &e), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        UNIT_EQ_AT(rows[i].line, read_text(rows[i].text, &d, &e), 0);
        UNIT_EQ_AT(rows[i].line, childconf_same(&c.children.all[0], &d.children.all[0]),
                   rows[i].same);
        UNIT_AT(rows[i].line, conf_same(&c, &d));
        copy = childconf_copy(&d.children.all[0]);
        conf_release(&d);
        UNIT_EQ_AT(rows[i].line, childconf_same(&c.children.all[0], &copy), rows[i].same);
        childconf_release(&copy);
    }
    UNIT(read_text("rate_limit = 5\n", &d, &e) == 0 && !conf_same(&c, &d));
    conf_release(&d);
    UNIT(read_text("public_url = \"http://x\"\n", &d, &e) == 0 && !conf_same(&c, &d));
    conf_release(&d);
    conf_release(&c);
}

static void
a_program_is_known_in_any_folder(void)
{
    static const struct {
        const char *text, *name;
        bool runs;
        int line;
    } rows[] = {
        {"child a { command = { websocketd, x } }", "websocketd", true, __LINE__},
        {"child a { command = { \"/usr/bin/websocketd\" } }", "websocketd", true,
         __LINE__},
        {"child a { command = { \"/opt/my-websocketd\" } }", "websocketd", false,
         __LINE__},
        {"child websocketd { command = { a, websocketd } }", "websocketd", false,
         __LINE__},
    };
    struct conf c;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        UNIT_EQ_AT(rows[i].line, read_text(rows[i].text, &c, &e), 0);
        UNIT_EQ_AT(rows[i].line, childconf_runs(&c.children.all[0], rows[i].name),
                   rows[i].runs);
        conf_release(&c);
    }
}

static const struct unit_test tests[] = {
    {"a_section_has_defaults_and_its_values", a_section_has_defaults_and_its_values},
    {"mistakes_are_said_with_their_line", mistakes_are_said_with_their_line},
    {"limits_hold_at_minus_one_zero_and_plus_one",
     limits_hold_at_minus_one_zero_and_plus_one},
    {"what_is_printed_can_be_read_again", what_is_printed_can_be_read_again},
    {"a_program_is_known_in_any_folder", a_program_is_known_in_any_folder},
    {"every_difference_counts_but_the_number", every_difference_counts_but_the_number},
};

const struct unit_suite suite_childconf = {"childconf", tests, COUNT_OF(tests)};
