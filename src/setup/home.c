#include "setup/home.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#define SECRET_BYTES ((size_t)16)
#define HIDDEN_DIGITS (2 * SECRET_BYTES)

bool
home_is_below(const char *path, const char *dir)
{
    size_t n = strlen(dir);

    if (n > 0 && dir[n - 1] == '/')
        n--;
    return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

bool
home_up(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash == NULL || path[1] == '\0')
        return false;
    if (slash == path)
        slash++;
    *slash = '\0';
    return true;
}

bool
home_is_hidden_name(const char *name)
{
    static const char prefix[] = HOME_NAME "-";
    const char *digits = name + sizeof prefix - 1;

    return strncmp(name, prefix, sizeof prefix - 1) == 0 &&
           strlen(digits) == HIDDEN_DIGITS &&
           strspn(digits, "0123456789abcdef") == HIDDEN_DIGITS;
}

static bool
join(char out[PATH_MAX], const char *dir, const char *name)
{
    int n =
        snprintf(out, PATH_MAX, "%s%s%s", dir, strcmp(dir, "/") == 0 ? "" : "/", name);

    return n > 0 && n < PATH_MAX;
}

/* Owned by this user, by root, or by the owner of the program. */
static bool
is_trusted(const struct home *p, uid_t owner)
{
    return owner == geteuid() || owner == 0 || owner == p->program_owner;
}

/* Uses dir/name as the data directory if it has a usable configuration. */
static bool
try_conf(struct home *p, const char *dir, const char *name)
{
    char data[PATH_MAX], conf[PATH_MAX];
    struct stat st;

    if (!join(data, dir, name) || !join(conf, data, HOME_CONF) || stat(conf, &st) != 0 ||
        !S_ISREG(st.st_mode) || !is_trusted(p, st.st_uid))
        return false;
    /* A mode that cannot be corrected is no reason to refuse service. */
    if (st.st_uid == geteuid() && (st.st_mode & 077) != 0)
        (void)!chmod(conf, 0600);
    (void)memcpy(p->data_dir, data, sizeof data);
    p->has_conf = true;
    return true;
}

/* Finds the name of our unguessable directory next to the program. */
static bool
find_hidden(const struct home *p, char name[NAME_MAX + 1])
{
    DIR *dir = opendir(p->program_dir);
    const struct dirent *entry;
    bool found = false;

    while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
        char path[PATH_MAX];
        struct stat st;

        if (home_is_hidden_name(entry->d_name) &&
            join(path, p->program_dir, entry->d_name) && lstat(path, &st) == 0 &&
            S_ISDIR(st.st_mode) && is_trusted(p, st.st_uid)) {
            (void)snprintf(name, NAME_MAX + 1, "%s", entry->d_name);
            found = true;
        }
    }
    if (dir != NULL)
        (void)closedir(dir);
    return found;
}

int
home_find(struct home *out, const char *program, struct error *e)
{
    char at[PATH_MAX], name[NAME_MAX + 1];
    struct stat st;

    *out = (struct home){.program_owner = 0};
    if (program == NULL)
        program = "/proc/self/exe";
    if (realpath(program, at) == NULL || stat(at, &st) != 0 || !home_up(at))
        return error_errno(e, "the program's directory");
    out->program_owner = st.st_uid;
    (void)memcpy(out->program_dir, at, sizeof at);
    while (home_up(at))
        if (try_conf(out, at, HOME_NAME))
            return 0;
    if (find_hidden(out, name) && try_conf(out, out->program_dir, name))
        out->hidden = true;
    return 0;
}

void
home_served(const char *dir, const char *script, char out[PATH_MAX])
{
    char url[PATH_MAX], at[PATH_MAX];

    (void)snprintf(out, PATH_MAX, "%s", dir);
    (void)snprintf(at, sizeof at, "%s", dir);
    if (snprintf(url, sizeof url, "%s", script) >= (int)sizeof url || !home_up(url))
        return;
    while (url[1] != '\0' && strrchr(url, '/') != NULL &&
           strcmp(strrchr(url, '/'), strrchr(at, '/')) == 0) {
        (void)memcpy(out, at, sizeof at);
        if (!home_up(at) || !home_up(url))
            return;
    }
}

/* Returns whether path is within the directories that the web server serves, as far as
 * the request tells. */
static bool
is_served(const struct home *p, const struct home_web *web, const char *path)
{
    char root[PATH_MAX];

    if (web->root != NULL && web->root[0] == '/' && realpath(web->root, root) != NULL &&
        home_is_below(path, root))
        return true;
    home_served(p->program_dir, web->script == NULL ? "" : web->script, root);
    return home_is_below(path, root);
}

/* The outermost directory above the program up to which all directories belong to this
 * user and are writable only by him; "" when it is served. */
static void
own_top(const struct home *p, const struct home_web *web, char out[PATH_MAX])
{
    char at[PATH_MAX];
    struct stat st;

    out[0] = '\0';
    (void)memcpy(at, p->program_dir, sizeof at);
    while (home_up(at) && at[1] != '\0' && stat(at, &st) == 0 && st.st_uid == geteuid() &&
           (st.st_mode & S_IWOTH) == 0)
        (void)memcpy(out, at, sizeof at);
    if (out[0] != '\0' && is_served(p, web, out))
        out[0] = '\0';
}

static int
make_hidden_name(char name[NAME_MAX + 1], struct error *e)
{
    unsigned char secret[SECRET_BYTES];
    int n = snprintf(name, NAME_MAX + 1, "%s-", HOME_NAME);

    if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret)
        return error_errno(e, "getrandom");
    for (size_t i = 0; i < sizeof secret; i++)
        n += snprintf(name + n, NAME_MAX + 1 - (size_t)n, "%02x", secret[i]);
    return 0;
}

static int
make_directory(const char *path, struct error *e)
{
    struct stat st;

    if (mkdir(path, 0700) == 0)
        return 0;
    if (errno == EEXIST && lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
        st.st_uid == geteuid())
        return chmod(path, 0700) == 0 ? 0 : error_errno(e, path);
    return error_errno(e, path);
}

/* Denies access to anybody who has learned the name, on servers that honour .htaccess. */
static int
deny_all(const char *dir, struct error *e)
{
    static const char text[] =
        "<IfModule mod_authz_core.c>\nRequire all denied\n</IfModule>\n"
        "<IfModule !mod_authz_core.c>\nDeny from all\n</IfModule>\n";
    char path[PATH_MAX];
    struct stat st;

    if (!join(path, dir, ".htaccess") || stat(path, &st) == 0)
        return 0;
    return io_durable_file(dir, ".htaccess", STR(text), e);
}

int
home_make(struct home *p, const struct home_web *web, struct error *e)
{
    char top[PATH_MAX], name[NAME_MAX + 1] = HOME_NAME;

    if (p->program_owner != geteuid())
        return error_set(e, ERROR_FORBIDDEN,
                         "this host runs programs as a user other than their owner");
    own_top(p, web, top);
    if (top[0] != '\0' && join(p->data_dir, top, name) &&
        make_directory(p->data_dir, e) == 0)
        return 0;
    p->hidden = true;
    if (!find_hidden(p, name) && make_hidden_name(name, e) != 0)
        return -1;
    if (!join(p->data_dir, p->program_dir, name))
        return error_set(e, ERROR_SYSTEM, "the path is too long");
    return make_directory(p->data_dir, e) != 0 ? -1 : deny_all(p->data_dir, e);
}

bool
home_is_public(const struct home *p, const struct home_web *web)
{
    return !p->hidden && p->has_conf && is_served(p, web, p->data_dir);
}
