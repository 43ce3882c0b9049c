#include "install/install.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/projects.h"
#include "base/io.h"
#include "base/key.h"
#include "base/num.h"
#include "install/trial.h"
#include "outage/keyfile.h"
#include "setup/quote.h"
#include "store/migrate.h"
#include "wire/authkey.h"
#include "wire/query.h"

#define TOKEN_FILE "setup-token"
#define TOKEN_BYTES 16U
#define CONF_MAX_BYTES ((size_t)8 * 1024)
#define CONNINFO_MAX_BYTES ((size_t)4 * 1024)

/* Defaults of a new project, as in mesher.conf. */
#define RATE_LIMIT 1000
#define RATE_WINDOW 60

#define FIELD(field, name, most, empty) {name, most, empty},

static const struct {
    const char *name;
    size_t most;
    bool may_be_empty;
} fields[N_INSTALL_FIELDS] = {INSTALL_FIELDS(FIELD)};

const char *const install_sslmodes[] = {"prefer", "require", "disable", NULL};

const char *
install_name(enum install_field field)
{
    return fields[field].name;
}

void
install_preset(struct install *in)
{
    *in = (struct install){.failed = ""};
    (void)snprintf(in->value[INSTALL_HOST], INSTALL_VALUE_BYTES, "localhost");
    (void)snprintf(in->value[INSTALL_PORT], INSTALL_VALUE_BYTES, "5432");
    (void)snprintf(in->value[INSTALL_SSLMODE], INSTALL_VALUE_BYTES, "prefer");
    (void)snprintf(in->value[INSTALL_PROJECT], INSTALL_VALUE_BYTES, "web");
}

PRINTF_LIKE(3, 4)

static void
say(struct install *in, enum install_field field, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(in->wrong[field], sizeof in->wrong[field], fmt, ap);
    va_end(ap);
}

static void
take(struct install *in, enum install_field field, struct str form)
{
    char *value = in->value[field];
    int n = query_value(form, str_of(fields[field].name), value, INSTALL_VALUE_BYTES - 1);

    value[n < 0 ? 0 : n] = '\0';
    in->wrong[field][0] = '\0';
    if (n < 0 && query_has(form, str_of(fields[field].name)))
        say(in, field, "cannot be read: at most %zu bytes", fields[field].most);
    else if (n <= 0 && !fields[field].may_be_empty)
        say(in, field, "must not be empty");
    else if (n > 0 && (size_t)n > fields[field].most)
        say(in, field, "must have at most %zu bytes", fields[field].most);
    for (int i = 0; i < n; i++)
        if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
            say(in, field, "must not have control characters");
    if (memchr(value, '\0', n < 0 ? 0 : (size_t)n) != NULL)
        say(in, field, "must not have control characters");
}

static bool
is_sslmode(const char *text)
{
    for (size_t i = 0; install_sslmodes[i] != NULL; i++)
        if (strcmp(text, install_sslmodes[i]) == 0)
            return true;
    return false;
}

/* Scheme, host, and a path without characters that would end it; "//" ends nothing. */
static bool
is_url(const char *text)
{
    size_t scheme = strncmp(text, "http://", 7) == 0    ? 7
                    : strncmp(text, "https://", 8) == 0 ? 8
                                                        : 0;

    return scheme > 0 && text[scheme] != '\0' && text[scheme] != '/' &&
           strpbrk(text, " \"'<>@?#\\$`") == NULL;
}

bool
install_read(struct install *in, struct str form)
{
    struct error e;
    int64_t port;
    bool good = true;

    in->failed[0] = '\0';
    for (int i = 0; i < N_INSTALL_FIELDS; i++)
        take(in, (enum install_field)i, form);
    if (in->value[INSTALL_PORT][0] != '\0' && in->wrong[INSTALL_PORT][0] == '\0' &&
        num_parse(str_of(in->value[INSTALL_PORT]), 1, 65535, &port) != 0)
        say(in, INSTALL_PORT, "must be 1 to 65535");
    if (in->wrong[INSTALL_PROJECT][0] == '\0' &&
        projects_check_name(in->value[INSTALL_PROJECT], &e) != 0)
        say(in, INSTALL_PROJECT, "%s", e.text);
    if (in->wrong[INSTALL_SSLMODE][0] == '\0' && !is_sslmode(in->value[INSTALL_SSLMODE]))
        say(in, INSTALL_SSLMODE, "must be prefer, require or disable");
    if (in->wrong[INSTALL_URL][0] == '\0' && !is_url(in->value[INSTALL_URL]))
        say(in, INSTALL_URL, "must begin with http:// or https:// and a host");
    for (int i = 0; i < N_INSTALL_FIELDS; i++)
        good = good && in->wrong[i][0] == '\0';
    return good;
}

/* keyword='value', with quotes and backslashes escaped (libpq's rules). */
static void
add_parameter(struct buf *out, const char *keyword, const char *value)
{
    if (value[0] == '\0')
        return;
    buf_add_f(out, "%s%s='", out->n == 0 ? "" : " ", keyword);
    for (; *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, *value);
    }
    buf_add_char(out, '\'');
}

void
install_conninfo(const struct install *in, struct buf *out)
{
    add_parameter(out, "host", in->value[INSTALL_HOST]);
    add_parameter(out, "port", in->value[INSTALL_PORT]);
    add_parameter(out, "dbname", in->value[INSTALL_DATABASE]);
    add_parameter(out, "user", in->value[INSTALL_USER]);
    add_parameter(out, "password", in->value[INSTALL_PASSWORD]);
    add_parameter(out, "sslmode", in->value[INSTALL_SSLMODE]);
}

static void
copy(struct str from, char *out, size_t n)
{
    (void)snprintf(out, n, "%.*s", (int)from.n, from.n > 0 ? from.p : "");
}

static int
read_project(const struct projects *c, const char *project, struct install_result *out,
             struct error *e)
{
    struct table t;

    if (projects_list(c, project, &t, e) != 0)
        return -1;
    copy(table_value(&t, 0, 0), out->project, sizeof out->project);
    copy(table_value(&t, 0, 5), out->key, sizeof out->key);
    copy(table_value(&t, 0, 6), out->dsn, sizeof out->dsn);
    table_release(&t);
    return 0;
}

/* Finds the project of that name, or creates it, with a good key. */
static int
make_project(struct db *d, const struct install *in, struct install_result *out,
             struct error *e)
{
    const char *name = in->value[INSTALL_PROJECT];
    struct projects c = {d, in->value[INSTALL_URL], RATE_LIMIT, RATE_WINDOW};

    if (read_project(&c, name, out, e) != 0)
        return e->kind != ERROR_NOT_FOUND ||
                       projects_add(&c, name, NULL, out->project, e) != 0
                   ? -1
                   : read_project(&c, out->project, out, e);
    if (out->key[0] != '\0')
        return 0;
    if (projects_add_key(&c, out->project, "setup", NULL, out->key, e) != 0)
        return -1;
    return read_project(&c, out->project, out, e);
}

static void
add_option(struct buf *out, const char *name, const char *text)
{
    buf_add_f(out, "%s = ", name);
    quote_text(out, text);
    buf_add_char(out, '\n');
}

static int
write_conf(const struct install *in, const char *conninfo, const char *data_dir,
           struct error *e)
{
    struct buf out = buf_init(CONF_MAX_BYTES);
    int rc;

    buf_add_text(&out, "# Made by the setup page.  All options: mesher.conf.sample next "
                       "to the program.\n"
                       "# Paths begin here.\n");
    add_option(&out, "database", conninfo);
    add_option(&out, "public_url", in->value[INSTALL_URL]);
    add_option(&out, "spool_dir", "spool");
    add_option(&out, "poison_dir", "poison");
    add_option(&out, "slot_dir", "slots");
    rc = out.failed ? error_set(e, ERROR_SYSTEM, "out of memory")
                    : io_durable_file(data_dir, "mesher.conf", buf_str(&out), e);
    buf_release(&out);
    return rc;
}

/* Creates the directories in the configuration, and the file of the keys that are good
 * when the database is away, or full, from the first event on. */
static int
make_directories(struct db *d, const char *data_dir, struct error *e)
{
    static const char *const names[] = {"spool", "poison", "slots"};
    char path[4200];

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", data_dir, names[i]);
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return error_errno(e, path);
    }
    (void)snprintf(path, sizeof path, "%s/spool", data_dir);
    return keyfile_renew(path, d, e);
}

static int
set_up(struct db *d, const struct install *in, const struct install_place *place,
       struct install_result *out, struct error *e)
{
    struct migrate_result result;

    if (migrate_run(d, place->sql_dir, &result, e) != 0 ||
        make_project(d, in, out, e) != 0)
        return -1;
    return make_directories(d, place->data_dir, e);
}

/* The token is not needed any more. */
static void
remove_token(const char *data_dir)
{
    char path[4200];

    (void)snprintf(path, sizeof path, "%s/" TOKEN_FILE, data_dir);
    (void)unlink(path);
}

int
install_run(struct install *in, const struct install_place *place,
            struct install_result *out)
{
    struct buf conninfo = buf_init(CONNINFO_MAX_BYTES);
    struct error e = {.kind = ERROR_NONE};
    struct db *d;
    int rc = -1;

    *out = (struct install_result){.dsn = ""};
    install_conninfo(in, &conninfo);
    d = trial_open(buf_text(&conninfo));
    if (d == NULL)
        (void)error_set(&e, ERROR_SYSTEM, "out of memory");
    else if (trial_run(d, in) == 0)
        rc = set_up(d, in, place, out, &e);
    if (rc == 0)
        rc = write_conf(in, buf_text(&conninfo), place->data_dir, &e);
    if (rc != 0 && e.kind == ERROR_MALFORMED)
        say(in, INSTALL_PROJECT, "%s", e.text);
    else if (rc != 0 && e.kind != ERROR_NONE)
        (void)snprintf(in->failed, sizeof in->failed, "%s%s%s", e.text,
                       e.detail[0] == '\0' ? "" : ": ", e.detail);
    db_free(d);
    buf_release(&conninfo);
    if (rc == 0)
        remove_token(place->data_dir);
    return rc;
}

int
install_token(const char *data_dir, char out[65], struct error *e)
{
    unsigned char secret[TOKEN_BYTES];
    struct buf file = buf_init(256);
    char path[4200];
    struct key checked;
    size_t n = 0;

    (void)snprintf(path, sizeof path, "%s/" TOKEN_FILE, data_dir);
    if (io_read_file(path, &file, e) == 0) {
        struct str text = buf_str(&file);

        while (text.n > 0 && text.p[text.n - 1] <= ' ')
            text.n--;
        if (text.n >= KEY_MIN_BYTES && key_parse(text, &checked) == 0) {
            (void)memcpy(out, text.p, text.n); /* has room for a key */
            out[text.n] = '\0';
            buf_release(&file);
            return 0;
        }
    }
    buf_release(&file);
    if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret)
        return error_errno(e, "getrandom");
    for (size_t i = 0; i < sizeof secret; i++)
        n += (size_t)snprintf(out + n, 65 - n, "%02x", secret[i]);
    return io_durable_file(data_dir, TOKEN_FILE, str_of(out), e);
}

bool
install_token_is(const char *token, const char *given)
{
    struct key a, b;

    return key_parse(str_of(token), &a) == 0 && key_parse(str_of(given), &b) == 0 &&
           key_eq(&a, &b);
}
