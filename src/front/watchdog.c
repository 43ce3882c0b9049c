#include "front/watchdog.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define TICK_NS (WATCHDOG_PATIENCE_MS * 1000000L)

enum stage { STAGE_NONE, STAGE_HEAD, STAGE_BODY, STAGE_WORK, STAGE_ANSWER };

/* The handler reads all of it, so it is written in an order that is consistent at any
 * time: the stage last. */
static struct {
    timer_t timer;
    unsigned places;
    unsigned long long listening; /* the socket's number: equal in all processes */
    const int *fd;
    const struct pace *pace;
    int64_t began_ms; /* start of the stage */
    int place;        /* the socket that holds a place; -1: none */
    volatile sig_atomic_t stage, known, armed, bitten;
} dog = {.place = -1};

static void
arm(void)
{
    const struct itimerspec once = {.it_value = {.tv_nsec = TICK_NS}};

    dog.armed = 1;
    if (timer_settime(dog.timer, 0, &once, NULL) != 0)
        dog.armed = 0;
}

/* Uses only functions allowed in a signal handler: socket, bind, close.  The names end
 * with a letter for each place; each process starts with a different letter, so that they
 * do not all try the same places. */
static bool
take_place(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    unsigned first = (unsigned)getpid() % dog.places;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return false;
    (void)memcpy(at.sun_path + 1, "mesher-slow-", 12);
    (void)memcpy(at.sun_path + 13, &dog.listening, sizeof dog.listening);
    for (unsigned i = 0; i < dog.places; i++) {
        unsigned place = (first + i) % dog.places;

        (void)memcpy(at.sun_path + 13 + sizeof dog.listening, &place, sizeof place);
        if (bind(fd, (const struct sockaddr *)&at,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 13 +
                             sizeof dog.listening + sizeof place)) == 0) {
            dog.place = fd;
            return true;
        }
    }
    (void)close(fd);
    return false;
}

static void
bite(int how)
{
    dog.bitten = 1;
    if (dog.fd != NULL && *dog.fd >= 0)
        (void)shutdown(*dog.fd, how);
}

static void
look(int64_t now_ms)
{
    switch ((enum stage)dog.stage) {
    case STAGE_NONE:
    case STAGE_WORK:
        break;
    case STAGE_HEAD:
        if (now_ms >= dog.began_ms + WATCHDOG_HEAD_MS)
            bite(SHUT_RDWR);
        break;
    case STAGE_BODY:
        if (now_ms >= pace_deadline_ms(dog.pace, dog.known) ||
            (dog.place < 0 && now_ms >= dog.pace->began_ms + WATCHDOG_PATIENCE_MS &&
             !take_place()))
            bite(SHUT_RD);
        break;
    case STAGE_ANSWER:
        if (now_ms >= dog.began_ms + WATCHDOG_ANSWER_MS)
            bite(SHUT_RDWR);
        break;
    }
}

static void
on_tick(int signal_number)
{
    int saved = errno;

    (void)signal_number;
    look(clock_now_ms());
    if (dog.stage == STAGE_NONE || dog.stage == STAGE_WORK)
        dog.armed = 0;
    else
        arm();
    errno = saved;
}

int
watchdog_start(int listening, unsigned places, struct error *e)
{
    /* Without SA_RESTART libfcgi would take an interrupted read for the end of the
     * body. */
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct stat st;

    if (fstat(listening, &st) != 0)
        return error_errno(e, "listening socket");
    dog.listening = st.st_ino;
    dog.places = places;
    if (sigaction(SIGALRM, &action, NULL) != 0 ||
        timer_create(CLOCK_MONOTONIC, &event, &dog.timer) != 0)
        return error_errno(e, "timer");
    return 0;
}

static void
enter(enum stage stage)
{
    dog.began_ms = clock_now_ms();
    dog.stage = (sig_atomic_t)stage;
    if (!dog.armed)
        arm();
}

void
watchdog_head(const int *fd)
{
    dog.stage = STAGE_NONE;
    dog.fd = fd;
    dog.known = dog.bitten = 0;
    enter(STAGE_HEAD);
}

void
watchdog_body(const struct pace *p)
{
    dog.pace = p;
    dog.stage = STAGE_BODY;
    if (!dog.armed)
        arm();
}

void
watchdog_known(bool known)
{
    dog.known = known;
}

void
watchdog_work(void)
{
    dog.stage = STAGE_WORK;
}

void
watchdog_answer(void)
{
    dog.stage = STAGE_WORK;
    enter(STAGE_ANSWER);
}

void
watchdog_end(void)
{
    dog.stage = STAGE_NONE;
    dog.fd = NULL;
    if (dog.place >= 0)
        (void)close(dog.place);
    dog.place = -1;
}

bool
watchdog_may_wait(void)
{
    sig_atomic_t stage = dog.stage;
    bool may;

    if (dog.known || dog.place >= 0)
        return true;
    dog.stage = STAGE_WORK; /* the handler takes no other place meanwhile */
    may = take_place();
    dog.stage = stage;
    return may;
}

bool
watchdog_has_bitten(void)
{
    return dog.bitten != 0;
}
