#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/address.h"
#include "base/io.h"
#include "unit.h"
#include "writer/clients_state.h"

#define TURN_MS 5000

static struct clients *all;
static struct client *last; /* that sent a frame; held */
static size_t frames;
static int theirs; /* the other end of the only connection */

/* Answers each frame with a state. */
static int
on_frame(void *context, struct client *from, const struct frame *f, struct error *e)
{
    (void)context;
    (void)e;
    frames++;
    if (last != from)
        client_hold(from);
    last = from;
    frame_state(client_out(from), f->tag, 1);
    client_flush(from);
    return 0;
}

static void
turn(void)
{
    UNIT(!clients_serve(all, TURN_MS));
    UNIT(clients_are_sane(all));
}

static void
send_frames(size_t count)
{
    struct buf b = buf_init(FRAME_MAX_BYTES);

    for (size_t i = 0; i < count; i++)
        frame_status(&b, (uint32_t)i + 1);
    UNIT(io_write(theirs, b.data, b.n) == (ssize_t)b.n);
    buf_release(&b);
}

static void
open_one(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct error e;
    int listening;
    void (*before)(int) = signal(SIGPIPE, SIG_IGN); /* as the writer has it */

    UNIT(before != SIG_ERR);
    (void)snprintf(to.sun_path, sizeof to.sun_path, "%s/w", unit_dir());
    listening = address_listen(to.sun_path, 0600, 5, &e);
    UNIT(listening >= 0);
    all = clients_new(listening, -1, 2, on_frame, NULL, &e);
    UNIT(all != NULL);
    last = NULL;
    frames = 0;
    theirs = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    UNIT(connect(theirs, (struct sockaddr *)&to, sizeof to) == 0);
    turn();
    UNIT(all->count == 1);
}

static void
close_all(void)
{
    clients_free(all);
    if (last != NULL)
        client_release(last);
    if (theirs >= 0)
        (void)close(theirs);
}

static void
a_client_is_open_until_the_other_end_closes(void)
{
    open_one();
    send_frames(2);
    turn();
    UNIT(frames == 2 && last->state == CLIENT_OPEN && client_is_sane(last));
    (void)close(theirs);
    theirs = -1;
    turn();
    UNIT(all->count == 0 && last->state == CLIENT_GONE && client_is_sane(last));
    frame_state(client_out(last), 1, 1);
    client_flush(last);
    UNIT(client_out(last)->n == 0);
    close_all();
}

static void
a_client_that_takes_no_answers_is_ending_and_then_gone(void)
{
    open_one();
    UNIT(shutdown(theirs, SHUT_RD) == 0);
    send_frames(3);
    turn();
    UNIT(frames == 3); /* what it had sent counts */
    UNIT(last->state == CLIENT_ENDING && client_is_sane(last));
    frame_state(client_out(last), 1, 1);
    client_flush(last);
    UNIT(client_out(last)->n == 0 && client_is_sane(last));
    turn();
    UNIT(all->count == 0 && last->state == CLIENT_GONE && client_is_sane(last));
    close_all();
}

static void
a_client_of_stopped_clients_is_not_read(void)
{
    struct pollfd waiting = {.events = POLLIN};

    open_one();
    send_frames(1);
    turn();
    clients_stop(all);
    UNIT(clients_are_sane(all) && client_is_sane(last) && last->watched == 0);
    send_frames(1);
    waiting.fd = clients_fd(all);
    UNIT(poll(&waiting, 1, 0) == 0);
    UNIT(frames == 1);
    close_all();
}

/* Each case breaks one member of an open client. */
static bool
break_client(struct client *k, int which)
{
    switch (which) {
    case 0:
        k->fd = -1;
        return true;
    case 1:
        k->watched = 0;
        return true;
    case 2:
        k->watched |= EPOLLOUT; /* with nothing to write */
        return true;
    case 3:
        k->out.n = k->out.cap; /* and nobody waits until it can be written */
        return k->out.n > 0;
    case 4:
        k->out.failed = true;
        return true;
    case 5:
        k->previous = k;
        return true;
    case 6:
        k->in.n = k->in.cap + 1;
        return true;
    case 7:
        k->state = CLIENT_GONE;
        return true;
    case 8:
        k->state = CLIENT_ENDING;
        k->watched |= EPOLLOUT;
        return true;
    case 9:
        k->state = CLIENT_GONE;
        k->fd = -1;
        k->holds = 0;
        return true;
    default:
        return false;
    }
}

static void
a_client_whose_members_disagree_is_not_sane(void)
{
    struct client good;
    int n = 0;

    open_one();
    send_frames(1);
    turn();
    good = *last;
    for (; break_client(last, n); n++) {
        UNIT_AT(__LINE__ + n * 1000, !client_is_sane(last));
        *last = good;
    }
    UNIT(n == 10);
    UNIT(client_is_sane(last));
    close_all();
}

static void
clients_whose_members_disagree_are_not_sane(void)
{
    struct clients good;

    open_one();
    good = *all;
    all->count = all->max + 1;
    UNIT(!clients_are_sane(all));
    *all = good;
    all->count = 0;
    UNIT(!clients_are_sane(all));
    *all = good;
    all->stopped = true;
    UNIT(!clients_are_sane(all));
    *all = good;
    UNIT(clients_are_sane(all));
    close_all();
}

static const struct unit_test tests[] = {
    {"a_client_is_open_until_the_other_end_closes",
     a_client_is_open_until_the_other_end_closes},
    {"a_client_that_takes_no_answers_is_ending_and_then_gone",
     a_client_that_takes_no_answers_is_ending_and_then_gone},
    {"a_client_of_stopped_clients_is_not_read", a_client_of_stopped_clients_is_not_read},
    {"a_client_whose_members_disagree_is_not_sane",
     a_client_whose_members_disagree_is_not_sane},
    {"clients_whose_members_disagree_are_not_sane",
     clients_whose_members_disagree_are_not_sane},
};

const struct unit_suite suite_clients = {"clients", tests, COUNT_OF(tests)};
