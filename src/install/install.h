/*
 * install: from what somebody filled in to a Mesher that is set up.
 *
 * The values are checked, the database is tried, brought to this version's schema and
 * given a project; the configuration is written last, and with it in place there is
 * nothing left to set up.  So whatever fails can be put right and sent again.  What is
 * wrong is said beside the field that has to be changed.
 */
#ifndef MESHER_INSTALL_INSTALL_H
#define MESHER_INSTALL_INSTALL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* X(FIELD, name in the form, most bytes, may it be empty) */
#define INSTALL_FIELDS(X)              \
    X(TOKEN, "token", 64, false)       \
    X(HOST, "host", 255, true)         \
    X(PORT, "port", 5, true)           \
    X(DATABASE, "database", 63, false) \
    X(USER, "user", 63, false)         \
    X(PASSWORD, "password", 255, true) \
    X(SSLMODE, "sslmode", 16, false)   \
    X(PROJECT, "project", 64, false)   \
    X(URL, "url", 255, false)

#define INSTALL_ENUM(field, name, most, empty) INSTALL_##field,

enum install_field { INSTALL_FIELDS(INSTALL_ENUM) INSTALL_COUNT };

#define INSTALL_VALUE_BYTES 256U

struct install {
    char value[INSTALL_COUNT][INSTALL_VALUE_BYTES];
    char wrong[INSTALL_COUNT][256]; /* "": nothing */
    char failed[512];               /* what no field is to blame for */
};

/* Where things are. */
struct install_place {
    const char *data_dir, *sql_dir;
};

/* What it came to. */
struct install_result {
    char dsn[1024], key[65], project[24];
};

/* The name of a field in the form. */
const char *install_name(enum install_field field) MUST_CHECK;

/* What the field SSLMODE may be; NULL after the last. */
extern const char *const install_sslmodes[];

/* The values of a page that nobody has filled in. */
void install_preset(struct install *in);

/* Takes the values of a form (application/x-www-form-urlencoded) and checks them.  True
 * when none is wrong; in->wrong says what is. */
bool install_read(struct install *in, struct str form) MUST_CHECK;

/* Appends the connection string. */
void install_conninfo(const struct install *in, struct buf *out);

/* Sets up.  Returns 0, or -1: then wrong and failed say why. */
int install_run(struct install *in, const struct install_place *place,
                struct install_result *out) MUST_CHECK;

/* The token that guards the page, in data_dir/setup-token (mode 0600), made where it is
 * missing.  Returns 0, or -1 with ERROR_SYSTEM. */
int install_token(const char *data_dir, char out[65], struct error *e) MUST_CHECK;

/* Is that the token?  Takes the same time for all that are not. */
bool install_token_is(const char *token, const char *given) MUST_CHECK;

#endif
