#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "super/notify.h"
#include "unit.h"

static void
a_message_is_ready_by_a_whole_line_of_it(void)
{
    static const struct {
        int line;
        bool ready;
        const char *text;
    } rows[] = {
        {__LINE__, true, "READY=1"},
        {__LINE__, true, "READY=1\n"},
        {__LINE__, true, "STATUS=x\nREADY=1"},
        {__LINE__, true, "READY=1\nMAINPID=5\n"},
        {__LINE__, false, ""},
        {__LINE__, false, "READY=0"},
        {__LINE__, false, "READY=11"},
        {__LINE__, false, "xREADY=1"},
        {__LINE__, false, "STATUS=READY=1"},
        {__LINE__, false, "STOPPING=1"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        UNIT_EQ_AT(rows[i].line, notify_says_ready(unit_exact(str_of(rows[i].text))),
                   rows[i].ready);
}

static void
what_is_sent_comes_with_its_sender(void)
{
    char name[NOTIFY_NAME_BYTES];
    struct error e;
    pid_t from = 0;
    bool ready = false;
    int fd = notify_open(name, &e);

    UNIT(fd >= 0 && name[0] == '@');
    UNIT(!notify_receive(fd, &from, &ready));
    notify_send(name, "READY=1");
    UNIT(notify_receive(fd, &from, &ready) && ready && from == getpid());
    notify_send(name, "STATUS=busy");
    UNIT(notify_receive(fd, &from, &ready) && !ready && from == getpid());
    UNIT_EQ(close(fd), 0);
    notify_send(name, "READY=1"); /* to nobody */
}

static void
a_path_is_a_name_too_and_nonsense_is_none(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char text[100] = "", longest[200];
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/n", unit_dir());
    UNIT_EQ(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    notify_send(at.sun_path, "WATCHDOG=1");
    UNIT_EQ(recv(fd, text, sizeof text - 1, MSG_DONTWAIT), 10);
    UNIT_STR(str_of(text), "WATCHDOG=1");
    (void)memset(longest, 'x', sizeof longest);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    notify_send(longest, "READY=1");
    notify_send("relative", "READY=1");
    notify_send("", "READY=1");
    notify_send(NULL, "READY=1");
    UNIT(recv(fd, text, sizeof text, MSG_DONTWAIT) < 0);
    UNIT_EQ(close(fd), 0);
}

static const struct unit_test tests[] = {
    {"a_message_is_ready_by_a_whole_line_of_it",
     a_message_is_ready_by_a_whole_line_of_it},
    {"what_is_sent_comes_with_its_sender", what_is_sent_comes_with_its_sender},
    {"a_path_is_a_name_too_and_nonsense_is_none",
     a_path_is_a_name_too_and_nonsense_is_none},
};

const struct unit_suite suite_notify = {"notify", tests, COUNT_OF(tests)};
