#include "doctor/setting.h"
#include "unit.h"

static struct childconf
child(char **command, int64_t instances)
{
    return (struct childconf){
        .name = command[0], .command = command, .words = 1, .instances = instances};
}

static void
every_responder_needs_a_connection_without_a_writer(void)
{
    char fcgi[] = "/opt/mesher.fcgi", ws[] = "websocketd",
         other[] = "/opt/not-mesher.fcgi";
    char *commands[][2] = {{fcgi, NULL}, {ws, NULL}, {other, NULL}};
    struct childconf all[] = {child(commands[0], 16), child(commands[1], 0),
                              child(commands[2], 7)};
    struct childconf single[] = {child(commands[0], 0), child(commands[1], 0)};
    char none[] = "", writer[] = "/run/writer.sock";
    struct conf conf = {.writer_socket = none, .ws_max = 50, .children = {all, 0}};
    int64_t handlers;

    UNIT(setting_connections(&conf, &handlers) == 3 && handlers == 0);
    conf.children.count = 1;
    UNIT(setting_connections(&conf, &handlers) == 19 && handlers == 0);
    conf.children.count = 3;
    UNIT(setting_connections(&conf, &handlers) == 19 && handlers == 50);
    conf.children = (struct childconf_list){single, 2};
    UNIT(setting_connections(&conf, &handlers) == 4 && handlers == 50);
    conf.writer_socket = writer;
    UNIT(setting_connections(&conf, &handlers) == 3 && handlers == 0);
}

static const struct unit_test tests[] = {
    {"every_responder_needs_a_connection_without_a_writer",
     every_responder_needs_a_connection_without_a_writer},
};

const struct unit_suite suite_setting = {"setting", tests, COUNT_OF(tests)};
