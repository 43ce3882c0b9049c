#include "doctor/idleconf.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/str.h"

/* Of a server: the setting, its default, and the blocks that are a site of their own. */
static const struct language {
    struct str setting, site, include;
    long fallback_ms;
    bool lines; /* a line is a statement; else it ends with a semicolon */
} languages[WEBSERVER_OTHER] = {
    [WEBSERVER_LIGHTTPD] = {STR_INIT("server.max-keep-alive-idle"),
                            STR_INIT("$SERVER[\"socket\"]"), STR_INIT("include"), 5000,
                            true},
    [WEBSERVER_NGINX] = {STR_INIT("keepalive_timeout"), STR_INIT("server"),
                         STR_INIT("include"), 75000, false},
    [WEBSERVER_APACHE] = {STR_INIT("KeepAliveTimeout"), STR_INIT("<VirtualHost"),
                          STR_INIT("Include"), 5000, true},
};

struct block {
    bool site, ours;
    struct idleconf value; /* ms: -1 if not set */
};

struct reader {
    enum webserver server;
    const struct language *language;
    char root[PATH_MAX];
    unsigned port;
    const char *path; /* of the current file */
    unsigned line, files, nesting, depth;
    struct block block[IDLECONF_DEPTH + 1]; /* the first: outside of any */
    unsigned too_deep;
    struct idleconf own; /* of the site */
};

/* Included files are read where they are named; IDLECONF_NESTING bounds the recursion. */
static void read_file(struct reader *r, const char *path);

bool
idleconf_has_port(struct str text, unsigned port)
{
    char number[16];
    size_t n = (size_t)snprintf(number, sizeof number, "%u", port);

    for (size_t i = 0; i + n <= text.n; i++)
        if (memcmp(text.p + i, number, n) == 0 &&
            (i == 0 || !isdigit((unsigned char)text.p[i - 1])) &&
            (i + n == text.n || !isdigit((unsigned char)text.p[i + n])))
            return true;
    return false;
}

/* Returns the milliseconds of "5", "5s", "500ms", "2m", "1h", "1min"; -1 for anything
 * else. */
static long
ms_of(struct str word)
{
    char text[32];
    char *unit;
    long n;

    str_copy(word, text, sizeof text);
    n = strtol(text, &unit, 10);
    if (unit == text || n < 0 || n > 1000000)
        return -1;
    if (strcmp(unit, "ms") == 0)
        return n;
    if (*unit == 'm')
        return n * 60 * 1000;
    return *unit == 'h' ? n * 3600 * 1000 : n * 1000;
}

/* The nearest site around, or what is outside of all. */
static struct block *
site_of(struct reader *r)
{
    unsigned i = r->depth;

    while (i > 0 && !r->block[i].site)
        i--;
    return &r->block[i];
}

static void
set(struct reader *r, long ms)
{
    struct idleconf *to = &site_of(r)->value;

    if (ms < 0)
        return;
    to->ms = ms;
    (void)snprintf(to->at, sizeof to->at, "%s:%u", r->path, r->line);
}

static void
open_block(struct reader *r, struct str head)
{
    const struct language *l = r->language;
    struct block *b;

    if (r->depth == IDLECONF_DEPTH) {
        r->too_deep++;
        return;
    }
    b = &r->block[++r->depth];
    *b = (struct block){.value = {.ms = -1}};
    while (head.n > 0 && isspace((unsigned char)head.p[0]))
        head = (struct str){head.p + 1, head.n - 1};
    b->site =
        head.n >= l->site.n && str_eq_nocase((struct str){head.p, l->site.n}, l->site);
    b->ours = b->site && r->server != WEBSERVER_NGINX && idleconf_has_port(head, r->port);
}

static void
close_block(struct reader *r)
{
    struct block *b = &r->block[r->depth];

    if (r->too_deep > 0) {
        r->too_deep--;
        return;
    }
    if (r->depth == 0)
        return;
    r->depth--;
    if (b->ours && b->value.ms >= 0 && (r->own.ms < 0 || b->value.ms < r->own.ms))
        r->own = b->value;
}

/* NOLINTBEGIN(misc-no-recursion) */

/* Reads the files that the pattern names, in their order. */
static void
include(struct reader *r, struct str pattern)
{
    const char *path = r->path;
    unsigned line = r->line;
    char name[2 * PATH_MAX];
    glob_t found;

    (void)snprintf(name, sizeof name, "%s%s%.*s", pattern.p[0] == '/' ? "" : r->root,
                   pattern.p[0] == '/' ? "" : "/",
                   (int)(pattern.n < PATH_MAX ? pattern.n : 0), pattern.p);
    if (glob(name, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        read_file(r, found.gl_pathv[i]);
    globfree(&found);
    r->path = path;
    r->line = line;
}

/* Cuts the next word; quotes around it, a sign of assignment and brackets are no part. */
static struct str
cut_word(struct str *rest)
{
    static const char apart[] = " \t\r\n=\"'()>";
    size_t from = 0, n = 0;
    struct str word;

    while (from < rest->n && memchr(apart, rest->p[from], sizeof apart - 1) != NULL)
        from++;
    while (from + n < rest->n &&
           memchr(apart, rest->p[from + n], sizeof apart - 1) == NULL)
        n++;
    word = (struct str){rest->p + from, n};
    *rest = (struct str){rest->p + from + n, rest->n - from - n};
    return word;
}

static void
directive(struct reader *r, struct str text)
{
    struct str rest = text, name = cut_word(&rest), value = cut_word(&rest);
    const struct language *l = r->language;
    bool apache = r->server == WEBSERVER_APACHE;

    if (value.n == 0 || r->too_deep > 0)
        return;
    if (str_eq_nocase(name, l->setting))
        set(r, ms_of(value));
    else if (str_eq_nocase(name, l->include) ||
             (apache && str_eq_nocase(name, STR("IncludeOptional"))))
        include(r, value);
    else if (apache && str_eq_nocase(name, STR("KeepAlive")) &&
             str_eq_nocase(value, STR("Off")))
        set(r, 0);
    else if (apache && str_eq_nocase(name, STR("ServerRoot")))
        str_copy(value, r->root, sizeof r->root);
    else if (r->server == WEBSERVER_NGINX && str_eq(name, STR("listen")) &&
             idleconf_has_port(value, r->port))
        site_of(r)->ours = true;
}

/* A line of Apache's: its blocks are tags. */
static void
tag_or_directive(struct reader *r, struct str line)
{
    line = str_trim(line);
    if (line.n > 1 && line.p[0] == '<' && line.p[1] == '/')
        close_block(r);
    else if (line.n > 0 && line.p[0] == '<')
        open_block(r, line);
    else
        directive(r, line);
}

static void
read_apache(struct reader *r, struct str text)
{
    while (text.n > 0) {
        struct str line = str_trim(str_cut(&text, '\n'));

        r->line++;
        if (line.n > 0 && line.p[0] != '#')
            tag_or_directive(r, line);
    }
}

/* Returns where the quoted text that begins at p[i] ends: at its last quote. */
static size_t
end_of_quote(struct str text, size_t i)
{
    char quote = text.p[i++];

    while (i < text.n && text.p[i] != quote && text.p[i] != '\n')
        i += text.p[i] == '\\' && i + 1 < text.n ? 2 : 1;
    return i;
}

/* lighttpd's and nginx's: statements, and blocks in braces. */
static void
read_braces(struct reader *r, struct str text)
{
    size_t from = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        struct str statement = {text.p + from, i - from};

        if (c == '"' || c == '\'') {
            i = end_of_quote(text, i);
            r->line += i < text.n && text.p[i] == '\n';
            continue;
        }
        if (c == '{')
            open_block(r, statement);
        else if (c == '}' || c == ';' || c == '#' || (c == '\n' && r->language->lines))
            directive(r, statement);
        if (c == '}')
            close_block(r);
        while (c == '#' && i + 1 < text.n && text.p[i + 1] != '\n')
            i++;
        r->line += c == '\n';
        if (c == '{' || c == '}' || c == ';' || c == '#' ||
            (c == '\n' && r->language->lines))
            from = i + 1;
    }
}

static void
read_file(struct reader *r, const char *path)
{
    struct buf text = buf_init(4 * LIMIT_MIB);
    struct error ignored;

    r->nesting++;
    if (r->nesting <= IDLECONF_NESTING && r->files++ < IDLECONF_FILES &&
        io_read_file(path, &text, &ignored) == 0) {
        r->path = path;
        r->line = r->server == WEBSERVER_APACHE ? 0 : 1;
        if (r->server == WEBSERVER_APACHE)
            read_apache(r, buf_str(&text));
        else
            read_braces(r, buf_str(&text));
    }
    r->nesting--;
    buf_release(&text);
}

/* NOLINTEND(misc-no-recursion) */

static int
start(struct reader *r, const char *path, const char *root, struct error *e)
{
    struct buf text = buf_init(4 * LIMIT_MIB);
    int rc = io_read_file(path, &text, e);
    const char *slash = strrchr(path, '/');

    buf_release(&text);
    if (root != NULL)
        str_copy(str_of(root), r->root, sizeof r->root);
    else
        str_copy((struct str){path, slash == NULL ? 0 : (size_t)(slash - path)}, r->root,
                 sizeof r->root);
    return rc;
}

int
idleconf_read(enum webserver server, const char *path, const char *root, unsigned port,
              struct idleconf *out, struct error *e)
{
    struct reader *r;

    if (server >= WEBSERVER_OTHER)
        return error_set(e, ERROR_CONFIG,
                         "the configuration of this web server is not known");
    r = calloc(1, sizeof *r);
    if (r == NULL)
        return error_set(e, ERROR_SYSTEM, "out of memory");
    r->server = server;
    r->language = &languages[server];
    r->own.ms = r->block[0].value.ms = -1;
    r->port = port;
    if (start(r, path, root, e) != 0) {
        free(r);
        return -1;
    }
    read_file(r, path);
    *out = r->own.ms >= 0 ? r->own : r->block[0].value;
    if (out->ms < 0)
        out->ms = r->language->fallback_ms;
    free(r);
    return 0;
}
