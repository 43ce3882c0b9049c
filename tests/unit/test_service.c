#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/address.h"
#include "super/service.h"
#include "unit.h"

static char path[300];
static struct childconf conf;
static char *command[] = {(char[]){"/bin/true"}, NULL};

static struct service *
make(int64_t instances, int64_t mode)
{
    struct service *s;

    (void)snprintf(path, sizeof path, "%s/s", unit_dir());
    conf = (struct childconf){.name = (char[]){"pool"},
                              .command = command,
                              .words = 1,
                              .instances = instances,
                              .listen = path,
                              .listen_mode = mode,
                              .listen_backlog = 5,
                              .listen_as = (char[]){"stdin"},
                              .ready = (char[]){""},
                              .stop_signal = (char[]){"TERM"},
                              .log_file = (char[]){""}};
    s = service_new(&conf);
    UNIT(s != NULL);
    return s;
}

static void
children_are_numbered_when_there_may_be_several(void)
{
    struct service *s = make(0, 0600);

    UNIT(s->count == 1 && strcmp(s->children[0].name, "pool") == 0);
    service_free(s);
    s = make(1, 0600);
    UNIT(s->count == 1 && strcmp(s->children[0].name, "pool-1") == 0);
    service_free(s);
    s = make(256, 0600);
    UNIT(s->count == 256 && strcmp(s->children[255].name, "pool-256") == 0);
    service_free(s);
    service_free(NULL);
}

static void
fewer_instances_leave_a_surplus(void)
{
    struct leftovers l = {.count = 0};
    struct service *s = make(3, 0600);

    s->conf.instances = 2;
    service_resize(s);
    UNIT(s->count == 3 && !s->children[1].surplus && s->children[2].surplus);
    s->children[0].state = s->children[1].state = CHILD_UP;
    UNIT(service_is_up(s) && !service_is_gone(s, &l));
    s->conf.instances = 4;
    service_resize(s);
    UNIT(s->count == 4 && !s->children[2].surplus && !service_is_up(s));
    service_free(s);
}

static void
gone_means_nothing_is_left_either(void)
{
    struct service *s = make(1, 0600);
    struct leftovers l = {.count = 0};

    UNIT(service_is_gone(s, &l));
    l.all[l.count++] = (struct leftover){.group = 1, .owner = &s->children[0]};
    UNIT(!service_is_gone(s, &l));
    service_free(s);
}

static void
a_socket_can_change_hands(void)
{
    struct service *a = make(0, 0600), *b = make(0, 0640);
    struct stat st;
    struct error e;
    int fd;

    UNIT(service_listen(a, &e) == 0 && address_answers(path));
    UNIT_EQ(service_listen(a, &e), 0); /* is open */
    UNIT(service_listen(b, &e) == -1 && e.kind == ERROR_SYSTEM);
    fd = a->listen_fd;
    UNIT(service_take_socket(b, a, &e) == 0 && b->listen_fd == fd && a->listen_fd == -1);
    UNIT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0640);
    service_unlisten(a); /* has none: the file stays */
    UNIT(address_answers(path));
    service_unlisten(b);
    UNIT(!address_answers(path) && stat(path, &st) != 0);
    service_free(a);
    service_free(b);
}

static const struct unit_test tests[] = {
    {"children_are_numbered_when_there_may_be_several",
     children_are_numbered_when_there_may_be_several},
    {"fewer_instances_leave_a_surplus", fewer_instances_leave_a_surplus},
    {"gone_means_nothing_is_left_either", gone_means_nothing_is_left_either},
    {"a_socket_can_change_hands", a_socket_can_change_hands},
};

const struct unit_suite suite_service = {"service", tests, COUNT_OF(tests)};
