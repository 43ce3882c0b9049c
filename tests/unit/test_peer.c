#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/peer.h"
#include "unit.h"

static void
users_are_names_and_numbers(void)
{
    struct peers p;
    struct error e;

    UNIT(peer_parse("", &p, &e) == 0 && p.count == 0);
    UNIT(peer_parse(" , ", &p, &e) == 0 && p.count == 0);
    UNIT(peer_parse("root, 4000000000\t7 ,8", &p, &e) == 0 && p.count == 4);
    UNIT(p.uid[0] == 0 && p.uid[1] == 4000000000U && p.uid[2] == 7 && p.uid[3] == 8);
}

static void
who_does_not_exist_is_refused(void)
{
    static const char *const texts[] = {"nobody-of-that-name", "7 -1", "4294967295",
                                        "root;7", "99999999999999999999"};
    struct buf many = buf_init(200);
    struct peers p;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        UNIT(peer_parse(texts[i], &p, &e) == -1 && e.kind == ERROR_CONFIG &&
             strstr(e.detail, "no such user") != NULL);
    for (size_t i = 0; i < PEER_USERS; i++)
        buf_add_text(&many, "9 ");
    buf_add_char(&many, '\0');
    UNIT(peer_parse(many.data, &p, &e) == 0 && p.count == PEER_USERS);
    many.n--;
    buf_add_text(&many, "9");
    buf_add_char(&many, '\0');
    UNIT_EQ(peer_parse(many.data, &p, &e), -1);
    buf_release(&many);
}

static void
root_ourselves_and_the_named_may(void)
{
    const struct peers none = {.count = 0}, two = {.count = 2, .uid = {33, 34}};

    UNIT(peer_is_allowed(&none, 1000, 0) && peer_is_allowed(&none, 1000, 1000));
    UNIT(!peer_is_allowed(&none, 1000, 33) && !peer_is_allowed(&none, 1000, (uid_t)-1));
    UNIT(peer_is_allowed(&two, 1000, 33) && peer_is_allowed(&two, 1000, 34));
    UNIT(!peer_is_allowed(&two, 1000, 35) && !peer_is_allowed(&two, 1000, 1001));
}

static void
the_kernel_says_who_is_behind_a_socket(void)
{
    const struct peers none = {.count = 0};
    int pair[2] = {-1, -1}, pipes[2] = {-1, -1};
    uid_t uid = 1;

    UNIT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(pipes) == 0);
    UNIT(peer_check(&none, pair[0], &uid) && uid == geteuid());
    UNIT(!peer_check(&none, pipes[0], &uid));
    for (int i = 0; i < 2; i++) {
        (void)close(pair[i]);
        (void)close(pipes[i]);
    }
}

static const struct unit_test tests[] = {
    {"users_are_names_and_numbers", users_are_names_and_numbers},
    {"who_does_not_exist_is_refused", who_does_not_exist_is_refused},
    {"root_ourselves_and_the_named_may", root_ourselves_and_the_named_may},
    {"the_kernel_says_who_is_behind_a_socket", the_kernel_says_who_is_behind_a_socket},
};

const struct unit_suite suite_peer = {"peer", tests, COUNT_OF(tests)};
