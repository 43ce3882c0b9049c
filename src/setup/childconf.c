#include "setup/childconf.h"

#include <confuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/jsonout.h"
#include "base/num.h"
#include "setup/quote.h"

enum kind { KIND_TEXT, KIND_NUMBER, KIND_FLAG };

struct option {
    enum kind kind;
    const char *name;
    size_t offset; /* in struct childconf */
    int64_t min, max;
};

#define OPTION(kind, name, preset, min, max) \
    {KIND_##kind, #name, offsetof(struct childconf, name), (min), (max)},

static const struct option options[] = {CHILDCONF_OPTIONS(OPTION)};

static const struct {
    const char *name;
    int number;
} signals[] = {{"TERM", SIGTERM}, {"INT", SIGINT},   {"QUIT", SIGQUIT},
               {"HUP", SIGHUP},   {"USR1", SIGUSR1}, {"USR2", SIGUSR2}};

/* libconfuse's callbacks take no context. */
static childconf_complain *said_to;

#define CFG_CHILD_TEXT(name, preset) CFG_STR(#name, preset, CFGF_NONE),
#define CFG_CHILD_NUMBER(name, preset) CFG_INT(#name, preset, CFGF_NONE),
#define CFG_CHILD_FLAG(name, preset) \
    CFG_BOOL(#name, (preset) ? cfg_true : cfg_false, CFGF_NONE),
#define CFG_CHILD(kind, name, preset, min, max) CFG_CHILD_##kind(name, preset)

cfg_opt_t *
childconf_options(void)
{
    static cfg_opt_t wanted[] = {CFG_STR_LIST("command", NULL, CFGF_NONE),
                                 CHILDCONF_OPTIONS(CFG_CHILD) CFG_END()};

    return wanted;
}

/* ---- values */

static void *
place_of(struct childconf *c, const struct option *o)
{
    return (char *)c + o->offset;
}

static const void *
look_at(const struct childconf *c, const struct option *o)
{
    return (const char *)c + o->offset;
}

static char *
copy_of(const char *s)
{
    char *copy = strdup(s);

    CHECK(copy != NULL);
    return copy;
}

int
childconf_signal(const struct childconf *c)
{
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        if (strcmp(c->stop_signal, signals[i].name) == 0)
            return signals[i].number;
    return SIGTERM;
}

bool
childconf_listens_as_stdin(const struct childconf *c)
{
    return strcmp(c->listen_as, "stdin") == 0;
}

/* Parses "fd:N": 0 with the number, or -1. */
static int
line_fd(const char *ready, int *fd)
{
    int64_t n;

    if (strncmp(ready, "fd:", 3) != 0 || num_parse(str_of(ready + 3), 3, 255, &n) != 0)
        return -1;
    *fd = (int)n;
    return 0;
}

enum childconf_ready
childconf_ready_of(const struct childconf *c, int *fd)
{
    if (c->ready[0] == '\0')
        return CHILDCONF_READY_AT_ONCE;
    if (strcmp(c->ready, "notify") == 0)
        return CHILDCONF_READY_NOTIFY;
    return line_fd(c->ready, fd) == 0 ? CHILDCONF_READY_LINE : CHILDCONF_READY_CONNECTION;
}

/* ---- checks */

static const char *
word_problem(const char *name, const char *text)
{
    int fd;

    if (text[0] == '\0')
        return NULL;
    if (strcmp(name, "listen") == 0 && !address_is_valid(text))
        return "an absolute path, or an IP address and a port (127.0.0.1:9000)";
    if (strcmp(name, "listen_as") == 0 && strcmp(text, "stdin") != 0 &&
        strcmp(text, "systemd") != 0)
        return "stdin or systemd";
    if (strcmp(name, "ready") == 0 && strcmp(text, "notify") != 0 &&
        line_fd(text, &fd) != 0 && !address_is_valid(text))
        return "empty, notify, fd:N (N 3 to 255) or an address";
    if (strcmp(name, "log_file") == 0 && text[0] != '/')
        return "an absolute path";
    if (strcmp(name, "stop_signal") == 0) {
        for (size_t i = 0; i < COUNT_OF(signals); i++)
            if (strcmp(text, signals[i].name) == 0)
                return NULL;
        return "TERM, INT, QUIT, HUP, USR1 or USR2";
    }
    return NULL;
}

static void
complain(const cfg_t *cfg, const char *what)
{
    said_to(cfg->filename != NULL ? cfg->filename : "configuration", cfg->line, what);
}

static void
check_text(cfg_t *cfg, const struct option *o, const char *text)
{
    size_t bytes = text == NULL ? 0 : strlen(text);
    const char *allowed = NULL;
    char what[160];

    if (bytes < (size_t)o->min)
        (void)snprintf(what, sizeof what, "%s must not be empty", o->name);
    else if (bytes > (size_t)o->max)
        (void)snprintf(what, sizeof what, "%s must have at most %lld bytes", o->name,
                       (long long)o->max);
    else if ((allowed = word_problem(o->name, text == NULL ? "" : text)) != NULL)
        (void)snprintf(what, sizeof what, "%s must be %s", o->name, allowed);
    else
        return;
    complain(cfg, what);
}

static int
on_value(cfg_t *cfg, cfg_opt_t *opt)
{
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const struct option *o = &options[i];
        char what[160];

        if (strcmp(o->name, cfg_opt_name(opt)) != 0)
            continue;
        if (o->kind == KIND_TEXT)
            check_text(cfg, o, cfg_opt_getnstr(opt, 0));
        if (o->kind != KIND_NUMBER ||
            (cfg_opt_getnint(opt, 0) >= o->min && cfg_opt_getnint(opt, 0) <= o->max))
            continue;
        if (strcmp(o->name, "listen_mode") == 0)
            (void)snprintf(what, sizeof what, "%s must be 0 to 0%llo", o->name,
                           (unsigned long long)o->max);
        else
            (void)snprintf(what, sizeof what, "%s must be %lld to %lld", o->name,
                           (long long)o->min, (long long)o->max);
        complain(cfg, what);
    }
    return 0;
}

static bool
is_name(const char *s)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t n = strlen(s);

    return n > 0 && n <= CHILDCONF_NAME_MAX && strspn(s, allowed) == n && s[0] != '.' &&
           strcmp(s, "mesherd") != 0;
}

/* At the end of a section: checks that involve the whole section. */
static int
on_section(cfg_t *cfg, cfg_opt_t *opt)
{
    unsigned count = cfg_opt_size(opt);
    cfg_t *sec = cfg_opt_getnsec(opt, count - 1);
    unsigned words = cfg_size(sec, "command");
    const char *title = cfg_title(sec), *listen = cfg_getstr(sec, "listen");
    char what[256];

    if (!is_name(title)) {
        (void)snprintf(
            what, sizeof what,
            "child \"%.64s\": its name must be 1 to %d letters, digits and . _ -, "
            "no dot first, not mesherd",
            title, CHILDCONF_NAME_MAX);
        complain(cfg, what);
    }
    if (words == 0 || words > CHILDCONF_WORDS_MAX ||
        cfg_getnstr(sec, "command", 0)[0] == '\0') {
        (void)snprintf(
            what, sizeof what,
            "child \"%.64s\": command must have 1 to %d words, a program first", title,
            CHILDCONF_WORDS_MAX);
        complain(cfg, what);
    }
    if (listen[0] != '\0' && strcmp(cfg_getstr(sec, "listen_as"), "systemd") == 0 &&
        strcmp(cfg_getstr(sec, "ready"), "fd:3") == 0) {
        (void)snprintf(
            what, sizeof what,
            "child \"%.64s\": descriptor 3 is the socket: ready must be another", title);
        complain(cfg, what);
    }
    if (cfg_getbool(sec, "oneshot") &&
        (cfg_getstr(sec, "ready")[0] != '\0' || listen[0] != '\0')) {
        (void)snprintf(what, sizeof what,
                       "child \"%.64s\": a oneshot has neither listen nor ready", title);
        complain(cfg, what);
    }
    if (count > CHILDCONF_SECTIONS_MAX) {
        (void)snprintf(what, sizeof what, "there may be at most %d children",
                       CHILDCONF_SECTIONS_MAX);
        complain(cfg, what);
    }
    for (unsigned i = 0; listen[0] != '\0' && i + 1 < count; i++)
        if (strcmp(listen, cfg_getstr(cfg_opt_getnsec(opt, i), "listen")) == 0) {
            (void)snprintf(what, sizeof what,
                           "child \"%.64s\": listen is that of \"%.64s\"", title,
                           cfg_title(cfg_opt_getnsec(opt, i)));
            complain(cfg, what);
        }
    return 0;
}

void
childconf_check(cfg_t *cfg, childconf_complain *to)
{
    said_to = to;
    (void)cfg_set_validate_func(cfg, "child", on_section);
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        char path[64];

        (void)snprintf(path, sizeof path, "child|%s", options[i].name);
        (void)cfg_set_validate_func(cfg, path, on_value);
    }
}

/* ---- taking, copying, freeing */

static void
set_command(struct childconf *c, size_t words)
{
    c->words = words;
    c->command = calloc(words + 1, sizeof *c->command);
    CHECK(c->command != NULL);
}

static void
take_section(cfg_t *sec, struct childconf *out)
{
    out->name = copy_of(cfg_title(sec));
    set_command(out, cfg_size(sec, "command"));
    for (unsigned i = 0; i < out->words; i++)
        out->command[i] = copy_of(cfg_getnstr(sec, "command", i));
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const struct option *o = &options[i];

        if (o->kind == KIND_TEXT)
            *(char **)place_of(out, o) = copy_of(cfg_getstr(sec, o->name));
        else if (o->kind == KIND_NUMBER)
            *(int64_t *)place_of(out, o) = cfg_getint(sec, o->name);
        else
            *(bool *)place_of(out, o) = cfg_getbool(sec, o->name) == cfg_true;
    }
}

void
childconf_take(cfg_t *cfg, struct childconf_list *out)
{
    unsigned count = cfg_size(cfg, "child");

    *out = (struct childconf_list){
        .all = calloc(count == 0 ? 1 : count, sizeof *out->all), .count = count};
    CHECK(out->all != NULL);
    for (unsigned i = 0; i < count; i++)
        take_section(cfg_getnsec(cfg, "child", i), &out->all[i]);
}

struct childconf
childconf_copy(const struct childconf *c)
{
    struct childconf out = *c;

    out.name = copy_of(c->name);
    set_command(&out, c->words);
    for (size_t i = 0; i < c->words; i++)
        out.command[i] = copy_of(c->command[i]);
    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (options[i].kind == KIND_TEXT)
            *(char **)place_of(&out, &options[i]) =
                copy_of(*(char *const *)look_at(c, &options[i]));
    return out;
}

void
childconf_release(struct childconf *c)
{
    free(c->name);
    for (size_t i = 0; i < c->words; i++)
        free(c->command[i]);
    free(c->command);
    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (options[i].kind == KIND_TEXT)
            free(*(char **)place_of(c, &options[i]));
    *c = (struct childconf){0};
}

void
childconf_list_release(struct childconf_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        childconf_release(&l->all[i]);
    free(l->all);
    *l = (struct childconf_list){0};
}

static bool
same_option(const struct option *o, const struct childconf *a, const struct childconf *b)
{
    const void *left = look_at(a, o), *right = look_at(b, o);

    switch (o->kind) {
    case KIND_TEXT:
        return strcmp(*(char *const *)left, *(char *const *)right) == 0;
    case KIND_NUMBER:
        return *(const int64_t *)left == *(const int64_t *)right;
    case KIND_FLAG:
        break;
    }
    return *(const bool *)left == *(const bool *)right;
}

bool
childconf_runs(const struct childconf *c, const char *name)
{
    const char *slash = strrchr(c->command[0], '/');

    return strcmp(slash == NULL ? c->command[0] : slash + 1, name) == 0;
}

bool
childconf_same(const struct childconf *a, const struct childconf *b)
{
    if (a->words != b->words)
        return false;
    for (size_t i = 0; i < a->words; i++)
        if (strcmp(a->command[i], b->command[i]) != 0)
            return false;
    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (strcmp(options[i].name, "instances") != 0 && !same_option(&options[i], a, b))
            return false;
    return true;
}

/* ---- printing */

static void
print_option(const struct childconf *c, const struct option *o, struct buf *out)
{
    buf_add_f(out, "    %s = ", o->name);
    if (o->kind == KIND_TEXT)
        quote_text(out, *(char *const *)look_at(c, o));
    else if (o->kind == KIND_FLAG)
        buf_add_text(out, *(const bool *)look_at(c, o) ? "true" : "false");
    else
        buf_add_f(out, strcmp(o->name, "listen_mode") == 0 ? "0%llo" : "%llu",
                  (unsigned long long)*(const int64_t *)look_at(c, o));
    buf_add_char(out, '\n');
}

void
childconf_print(const struct childconf_list *l, struct buf *out)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct childconf *c = &l->all[i];

        buf_add_text(out, "child ");
        quote_text(out, c->name);
        buf_add_text(out, " {\n    command = { ");
        for (size_t j = 0; j < c->words; j++) {
            buf_add_text(out, j == 0 ? "" : ", ");
            quote_text(out, c->command[j]);
        }
        buf_add_text(out, " }\n");
        for (size_t j = 0; j < COUNT_OF(options); j++)
            print_option(c, &options[j], out);
        buf_add_text(out, "}\n");
    }
}

static void
print_json(const struct childconf *c, struct buf *out)
{
    buf_add_char(out, '{');
    jsonout_text(out, "name", str_of(c->name));
    jsonout_raw(out, "command", STR("["));
    for (size_t i = 0; i < c->words; i++) {
        buf_add_text(out, i == 0 ? "" : ",");
        jsonout_string(out, str_of(c->command[i]));
    }
    buf_add_char(out, ']');
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const struct option *o = &options[i];

        if (o->kind == KIND_TEXT)
            jsonout_text(out, o->name, str_of(*(char *const *)look_at(c, o)));
        else if (o->kind == KIND_NUMBER)
            jsonout_number(out, o->name, *(const int64_t *)look_at(c, o));
        else
            jsonout_raw(out, o->name,
                        *(const bool *)look_at(c, o) ? STR("true") : STR("false"));
    }
    buf_add_char(out, '}');
}

void
childconf_print_json(const struct childconf_list *l, struct buf *out)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < l->count; i++) {
        buf_add_text(out, i == 0 ? "" : ",");
        print_json(&l->all[i], out);
    }
    buf_add_char(out, ']');
}
