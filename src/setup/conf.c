#include "setup/conf.h"

#include <confuse.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonout.h"
#include "base/log.h"
#include "base/num.h"
#include "setup/quote.h"

enum kind { KIND_SECRET, KIND_TEXT, KIND_PATH, KIND_NUMBER };

struct option {
    enum kind kind;
    const char *name;
    size_t offset; /* in struct conf */
    int64_t min, max;
};

#define OPTION(kind, name, preset, min, max) \
    {KIND_##kind, #name, offsetof(struct conf, name), (min), (max)},

static const struct option options[] = {CONF_OPTIONS(OPTION)};

/* libconfuse reports errors through a callback without a context. */
static struct error *first_error;

static char **
text_of(struct conf *c, const struct option *o)
{
    return (char **)(void *)((char *)c + o->offset);
}

static int64_t *
number_of(struct conf *c, const struct option *o)
{
    return (int64_t *)(void *)((char *)c + o->offset);
}

static void
complain(const char *where, long line, const char *what)
{
    if (line > 0)
        (void)fprintf(stderr, "%s:%ld: %s\n", where, line, what);
    else
        (void)fprintf(stderr, "%s: %s\n", where, what);
    if (first_error == NULL || first_error->kind != ERROR_NONE)
        return;
    error_set(first_error, ERROR_CONFIG, "bad configuration");
    if (line > 0)
        error_detail(first_error, "%.120s:%ld: %.100s", where, line, what);
    else
        error_detail(first_error, "%.120s: %.100s", where, what);
}

PRINTF_LIKE(2, 0)

static void
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
    char what[256];

    (void)vsnprintf(what, sizeof what, fmt, ap);
    complain(cfg != NULL && cfg->filename != NULL ? cfg->filename : "configuration",
             cfg == NULL ? 0 : cfg->line, what);
}

/* Options whose text is one of a few words. */
static bool
is_allowed_word(const char *name, const char *text)
{
    enum log_level level;

    if (strcmp(name, "log_level") == 0)
        return log_level_parse(str_of(text), &level) == 0;
    if (strcmp(name, "confine") == 0)
        return strcmp(text, "on") == 0 || strcmp(text, "off") == 0;
    if (strcmp(name, "log_target") == 0)
        return text[0] == '/' || strcmp(text, "stderr") == 0 ||
               strcmp(text, "syslog") == 0;
    return true;
}

static const char *
words_of(const char *name)
{
    if (strcmp(name, "log_level") == 0)
        return "error, warning, info or debug";
    return strcmp(name, "confine") == 0 ? "on or off"
                                        : "stderr, syslog or an absolute path";
}

/* Writes the reason why a value is refused to what; returns 0 when it is acceptable. */
static int
refused(const struct option *o, const char *text, int64_t number, char *what, size_t n)
{
    size_t bytes = text == NULL ? 0 : strlen(text);

    if (o->kind == KIND_NUMBER && (number < o->min || number > o->max))
        (void)snprintf(what, n, "%s must be %lld to %lld", o->name, (long long)o->min,
                       (long long)o->max);
    else if (o->kind != KIND_NUMBER && bytes < (size_t)o->min)
        (void)snprintf(what, n, "%s must not be empty", o->name);
    else if (o->kind != KIND_NUMBER && bytes > (size_t)o->max)
        (void)snprintf(what, n, "%s must have at most %lld bytes", o->name,
                       (long long)o->max);
    else if (o->kind != KIND_NUMBER && !is_allowed_word(o->name, text))
        (void)snprintf(what, n, "%s must be %s", o->name, words_of(o->name));
    else
        return 0;
    return -1;
}

/* libconfuse would stop at the first error; here all errors are reported. */
static int
on_value(cfg_t *cfg, cfg_opt_t *opt)
{
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const struct option *o = &options[i];
        int number = o->kind == KIND_NUMBER;

        if (strcmp(o->name, cfg_opt_name(opt)) == 0) {
            char what[160];

            if (refused(o, number ? NULL : cfg_opt_getnstr(opt, 0),
                        number ? cfg_opt_getnint(opt, 0) : 0, what, sizeof what) != 0)
                complain(cfg->filename != NULL ? cfg->filename : "configuration",
                         cfg->line, what);
        }
    }
    return 0;
}

static void
take_environment(const struct option *o, const char *value, struct conf *out)
{
    char reason[160];
    int64_t number = 0;
    int bad = 0;

    if (o->kind == KIND_NUMBER &&
        num_parse(str_of(value), o->min, o->max, &number) != 0) {
        (void)snprintf(reason, sizeof reason, "%s must be %lld to %lld", o->name,
                       (long long)o->min, (long long)o->max);
        bad = -1;
    } else {
        bad = refused(o, value, number, reason, sizeof reason);
    }
    if (bad != 0) {
        complain("environment", 0, reason);
    } else if (o->kind == KIND_NUMBER) {
        *number_of(out, o) = number;
    } else {
        char *copy = strdup(value);

        CHECK(copy != NULL);
        free(*text_of(out, o));
        *text_of(out, o) = copy;
    }
}

static void
apply_environment(conf_getenv *env, struct conf *out)
{
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        char variable[80];
        const char *value;
        size_t n;

        (void)snprintf(variable, sizeof variable, "MESHER_%s", options[i].name);
        n = strlen(variable);
        for (size_t j = 0; j < n; j++)
            variable[j] = (char)toupper((unsigned char)variable[j]);
        value = env(variable);
        if (value != NULL)
            take_environment(&options[i], value, out);
    }
}

static void
copy_values(cfg_t *cfg, struct conf *out)
{
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const struct option *o = &options[i];

        if (o->kind == KIND_NUMBER) {
            *number_of(out, o) = cfg_getint(cfg, o->name);
        } else {
            char *copy = strdup(cfg_getstr(cfg, o->name));

            CHECK(copy != NULL);
            *text_of(out, o) = copy;
        }
    }
}

/* A relative path in the file is relative to the file's directory. */
static void
root_paths(const char *file, struct conf *out)
{
    const char *slash = strrchr(file, '/');
    int n = slash == NULL ? 0 : (int)(slash - file) + 1;

    for (size_t i = 0; i < COUNT_OF(options) && n > 0; i++) {
        char **text = text_of(out, &options[i]), *whole = NULL;

        if (options[i].kind != KIND_PATH || **text == '/' || **text == '\0')
            continue;
        CHECK(asprintf(&whole, "%.*s%s", n, file, *text) > 0);
        free(*text);
        *text = whole;
    }
}

#define CFG_OPTION_SECRET(name, preset) CFG_STR(#name, preset, CFGF_NONE),
#define CFG_OPTION_TEXT(name, preset) CFG_STR(#name, preset, CFGF_NONE),
#define CFG_OPTION_PATH(name, preset) CFG_STR(#name, preset, CFGF_NONE),
#define CFG_OPTION_NUMBER(name, preset) CFG_INT(#name, preset, CFGF_NONE),
#define CFG_OPTION(kind, name, preset, min, max) CFG_OPTION_##kind(name, preset)
#define CFG_CHILDREN \
    CFG_SEC("child", childconf_options(), CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)

int
conf_read(const char *path, conf_getenv *env, struct conf *out, struct error *e)
{
    cfg_opt_t wanted[] = {CONF_OPTIONS(CFG_OPTION) CFG_CHILDREN, CFG_END()};
    cfg_t *cfg;
    int rc = CFG_SUCCESS;

    *out = (struct conf){0};
    *e = (struct error){.kind = ERROR_NONE};
    first_error = e;
    cfg = cfg_init(wanted, CFGF_NONE);
    CHECK(cfg != NULL);
    (void)cfg_set_error_function(cfg, on_error);
    for (size_t i = 0; i < COUNT_OF(options); i++)
        (void)cfg_set_validate_func(cfg, options[i].name, on_value);
    childconf_check(cfg, complain);
    if (path != NULL)
        rc = cfg_parse(cfg, path);
    if (rc == CFG_FILE_ERROR)
        complain(path, 0, "cannot be read");
    else if (rc != CFG_SUCCESS && e->kind == ERROR_NONE)
        complain(path, 0, "cannot be parsed");
    copy_values(cfg, out);
    if (path != NULL)
        root_paths(path, out);
    childconf_take(cfg, &out->children);
    (void)cfg_free(cfg);
    apply_environment(env, out);
    first_error = NULL;
    return e->kind == ERROR_NONE ? 0 : -1;
}

void
conf_release(struct conf *c)
{
    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (options[i].kind != KIND_NUMBER)
            free(*text_of(c, &options[i]));
    childconf_list_release(&c->children);
    *c = (struct conf){0};
}

/* Returns the value after a keyword; *after is the text after the value. */
static struct str
value_behind(const char *keyword, const char **after)
{
    const char *from = keyword + strcspn(keyword, "=");
    struct str value;

    from += strspn(from, "= ");
    if (*from == '\'')
        value = (struct str){from + 1, strcspn(from + 1, "'")};
    else
        value = (struct str){from, strcspn(from, " ")};
    *after = value.p + value.n;
    return value;
}

/* A conninfo without a password is worth showing; one that may hold a password is hidden
 * entirely, since its quoting rules are libpq's. */
static bool
may_hold_password(const char *s)
{
    if (strstr(s, "://") != NULL)
        return true;
    while ((s = strstr(s, "pass")) != NULL) {
        if (strncmp(s, "passfile", strlen("passfile")) != 0)
            return true;
        (void)value_behind(s, &s);
    }
    return false;
}

struct str
conf_passfile(const struct conf *c)
{
    const char *at = strstr(c->database, "passfile"), *after;

    return at == NULL ? STR_NONE : value_behind(at, &after);
}

bool
conf_has_password(const struct conf *c)
{
    return may_hold_password(c->database) != 0;
}

static const void *
place_of(const struct conf *c, const struct option *o)
{
    return (const char *)c + o->offset;
}

bool
conf_same(const struct conf *a, const struct conf *b)
{
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const void *left = place_of(a, &options[i]), *right = place_of(b, &options[i]);

        if (options[i].kind == KIND_NUMBER
                ? *(const int64_t *)left != *(const int64_t *)right
                : strcmp(*(char *const *)left, *(char *const *)right) != 0)
            return false;
    }
    return true;
}

/* The text shown for an option that is not a number. */
static const char *
shown_text(const struct conf *c, const struct option *o)
{
    const char *text = *(char *const *)place_of(c, o);

    return o->kind == KIND_SECRET && may_hold_password(text) ? "********" : text;
}

static int64_t
shown_number(const struct conf *c, const struct option *o)
{
    return *(const int64_t *)place_of(c, o);
}

void
conf_print(const struct conf *c, struct buf *out)
{
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const struct option *o = &options[i];

        buf_add_f(out, "%s = ", o->name);
        if (o->kind == KIND_NUMBER)
            buf_add_f(out, "%lld", (long long)shown_number(c, o));
        else
            quote_text(out, shown_text(c, o));
        buf_add_char(out, '\n');
    }
    childconf_print(&c->children, out);
}

void
conf_print_json(const struct conf *c, struct buf *out)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const struct option *o = &options[i];

        if (o->kind == KIND_NUMBER)
            jsonout_number(out, o->name, shown_number(c, o));
        else
            jsonout_text(out, o->name, str_of(shown_text(c, o)));
    }
    jsonout_name(out, "children");
    childconf_print_json(&c->children, out);
    buf_add_text(out, "}\n");
}
