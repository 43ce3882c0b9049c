#include "doctor/webconf.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/str.h"
#include "doctor/idleconf.h"
#include "doctor/reach.h"

#define LISTENING 0x0AU /* TCP_LISTEN in /proc/net/tcp */
#define INODES 16U
#define CANDIDATES 16U

struct search {
    enum webserver server;
    unsigned long inodes[INODES]; /* of the sockets that listen on the port */
    size_t inode_count;

    struct candidate {
        struct webconf conf;
        bool listens;
    } candidates[CANDIDATES]; /* different configurations */

    size_t count;
};

/* The default, and the options for the file and for where relative names begin. */
static const struct where {
    const char *fallback, *file, *root;
} wheres[WEBSERVER_OTHER] = {
    [WEBSERVER_LIGHTTPD] = {"/etc/lighttpd/lighttpd.conf", "-f", ""},
    [WEBSERVER_NGINX] = {"/etc/nginx/nginx.conf", "-c", "-p"},
    [WEBSERVER_APACHE] = {"/etc/apache2/apache2.conf", "-f", "-d"},
};

static int
read_proc(const char *pid, const char *name, struct buf *text)
{
    char path[64];
    struct error ignored;

    (void)snprintf(path, sizeof path, "/proc/%.20s/%s", pid, name);
    return io_read_file(path, text, &ignored);
}

/* A line of /proc/net/tcp: slot, local, remote, state, queues, timer, retries, user,
 * timeout, inode. */
static void
read_socket(struct search *s, struct str line, unsigned port)
{
    struct str word[10];
    char text[32];
    const char *colon;

    for (size_t i = 0; i < COUNT_OF(word); i++)
        word[i] = str_cut_word(&line);
    str_copy(word[3], text, sizeof text);
    if (strtoul(text, NULL, 16) != LISTENING || s->inode_count == INODES)
        return;
    colon = memchr(word[1].p, ':', word[1].n);
    if (colon == NULL)
        return;
    str_copy((struct str){colon + 1, word[1].n - (size_t)(colon + 1 - word[1].p)}, text,
             sizeof text);
    if (strtoul(text, NULL, 16) != port)
        return;
    str_copy(word[9], text, sizeof text);
    s->inodes[s->inode_count++] = strtoul(text, NULL, 10);
}

static void
read_sockets(struct search *s, const char *name, unsigned port)
{
    struct buf text = buf_init(64 * LIMIT_MIB);
    struct str rest;

    if (read_proc("net", name, &text) == 0)
        for (rest = buf_str(&text); rest.n > 0;)
            read_socket(s, str_cut(&rest, '\n'), port);
    buf_release(&text);
}

/* Whether the process has one of the sockets open. */
static bool
listens(const struct search *s, const char *pid)
{
    char path[64], target[64];
    const struct dirent *entry;
    bool found = false;
    DIR *fds;

    (void)snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
    fds = opendir(path);
    while (fds != NULL && !found && (entry = readdir(fds)) != NULL) {
        ssize_t n = readlinkat(dirfd(fds), entry->d_name, target, sizeof target - 1);

        target[n < 0 ? 0 : n] = '\0';
        for (size_t i = 0; i < s->inode_count && strncmp(target, "socket:[", 8) == 0; i++)
            found |= strtoul(target + 8, NULL, 10) == s->inodes[i];
    }
    if (fds != NULL)
        (void)closedir(fds);
    return found;
}

/* Reads the options of a command line whose words are separated by NULs, or by spaces
 * where the program has changed its title. */
static bool
read_options(enum webserver server, struct str text, struct webconf *out)
{
    const struct where *w = &wheres[server];
    char file[PATH_MAX] = "";
    struct str before = STR_NONE;

    for (size_t i = 0; i < text.n; i++) {
        size_t n = 0;
        struct str word;

        while (i + n < text.n && text.p[i + n] != '\0' && text.p[i + n] != ' ')
            n++;
        word = (struct str){text.p + i, n};
        i += n;
        if (str_eq(word, STR("worker")) && server == WEBSERVER_NGINX)
            return false;
        if (str_eq(before, str_of(w->file)))
            str_copy(word, file, sizeof file);
        else if (w->root[0] != '\0' && str_eq(before, str_of(w->root)))
            str_copy(word, out->root, sizeof out->root);
        before = word;
    }
    if (file[0] == '\0')
        str_copy(str_of(w->fallback), file, sizeof file);
    if (file[0] == '/')
        str_copy(str_of(file), out->path, sizeof out->path);
    else
        (void)snprintf(out->path, sizeof out->path, "%.2000s/%.2000s", out->root, file);
    if (server == WEBSERVER_NGINX) /* the prefix is not for included files */
        out->root[0] = '\0';
    return out->path[0] == '/';
}

static void
look_at(struct search *s, const char *pid)
{
    struct buf text = buf_init(LIMIT_MIB);
    struct webconf c = {"", ""};

    if (read_proc(pid, "cmdline", &text) == 0 &&
        read_options(s->server, buf_str(&text), &c)) {
        size_t i = 0;

        while (i < s->count && strcmp(s->candidates[i].conf.path, c.path) != 0)
            i++;
        if (i < CANDIDATES) {
            s->candidates[i].conf = c;
            s->candidates[i].listens |= listens(s, pid);
            s->count += i == s->count;
        }
    }
    buf_release(&text);
}

static bool
names_port(const struct candidate *c, unsigned port)
{
    struct buf text = buf_init(LIMIT_MIB);
    struct error ignored;
    bool found = io_read_file(c->conf.path, &text, &ignored) == 0 &&
                 idleconf_has_port(buf_str(&text), port);

    buf_release(&text);
    return found;
}

/* Returns the only candidate that passes, or NULL. */
static const struct candidate *
only_one(const struct search *s, bool by_socket, unsigned port)
{
    const struct candidate *found = NULL;
    size_t count = 0;

    for (size_t i = 0; i < s->count; i++) {
        const struct candidate *c = &s->candidates[i];

        if (by_socket ? c->listens : names_port(c, port)) {
            found = c;
            count++;
        }
    }
    return count == 1 ? found : NULL;
}

bool
webconf_find(enum webserver server, unsigned port, struct webconf *out)
{
    const struct candidate *found;
    const struct dirent *entry;
    struct search *s;
    DIR *proc;

    if (server >= WEBSERVER_OTHER || (proc = opendir("/proc")) == NULL)
        return false;
    s = calloc(1, sizeof *s);
    if (s == NULL) {
        (void)closedir(proc);
        return false;
    }
    s->server = server;
    read_sockets(s, "tcp", port);
    read_sockets(s, "tcp6", port);
    while ((entry = readdir(proc)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]) &&
            reach_is_program(entry->d_name, webserver_programs(server)))
            look_at(s, entry->d_name);
    (void)closedir(proc);
    found = only_one(s, true, port);
    if (found == NULL)
        found = s->count == 1 ? s->candidates : only_one(s, false, port);
    if (found != NULL)
        *out = found->conf;
    free(s);
    return found != NULL;
}
