#include "base/peer.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/num.h"

#define NAME_BYTES 64U

/* The last one means "no user" in system calls. */
#define UID_MAX_NUMBER INT64_C(4294967294)

static int
find_user(struct str word, uid_t *out, struct error *e)
{
    const struct passwd *found;
    char name[NAME_BYTES];
    int64_t number;

    if (num_parse(word, 0, UID_MAX_NUMBER, &number) == 0) {
        *out = (uid_t)number;
        return 0;
    }
    (void)snprintf(name, sizeof name, "%.*s", (int)(word.n < 63 ? word.n : 63), word.p);
    found = word.n < sizeof name ? getpwnam(name) : NULL;
    if (found == NULL) {
        error_set(e, ERROR_CONFIG, "bad configuration");
        return error_detail(e, "no such user: %s", name);
    }
    *out = found->pw_uid;
    return 0;
}

int
peer_parse(const char *users, struct peers *out, struct error *e)
{
    *out = (struct peers){.count = 0};
    for (;;) {
        struct str word;

        users += strspn(users, " ,\t\n");
        word = (struct str){users, strcspn(users, " ,\t\n")};
        if (word.n == 0)
            return 0;
        if (out->count == PEER_USERS) {
            error_set(e, ERROR_CONFIG, "bad configuration");
            return error_detail(e, "more than %u users", PEER_USERS);
        }
        if (find_user(word, &out->uid[out->count], e) != 0)
            return -1;
        out->count++;
        users += word.n;
    }
}

bool
peer_is_allowed(const struct peers *p, uid_t own, uid_t uid)
{
    if (uid == 0 || uid == own)
        return true;
    for (size_t i = 0; i < p->count; i++)
        if (p->uid[i] == uid)
            return true;
    return false;
}

bool
peer_check(const struct peers *p, int fd, uid_t *uid)
{
    struct ucred who;
    socklen_t n = sizeof who;

    *uid = (uid_t)-1;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0 || n != sizeof who)
        return false;
    *uid = who.uid;
    return peer_is_allowed(p, geteuid(), who.uid);
}
