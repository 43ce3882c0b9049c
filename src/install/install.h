/*
 * install: sets Mesher up from the values of a form.
 *
 * It checks the values, connects to the database, upgrades it to this version's schema
 * and creates a project; the configuration is written last, and its existence ends the
 * setup.  So any failure can be corrected and the form sent again.  An error is shown
 * next to the field that must be changed.
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

enum install_field { INSTALL_FIELDS(INSTALL_ENUM) N_INSTALL_FIELDS };

#define INSTALL_VALUE_BYTES 256U

struct install {
    char value[N_INSTALL_FIELDS][INSTALL_VALUE_BYTES];
    char wrong[N_INSTALL_FIELDS][256]; /* "": no error */
    char failed[512];                  /* an error that belongs to no field */
};

/* Paths. */
struct install_place {
    const char *data_dir, *sql_dir;
};

/* The result. */
struct install_result {
    char dsn[1024], key[65], project[24];
};

/* Returns the name of a field in the form. */
const char *install_name(enum install_field field) MUST_CHECK;

/* The allowed values of the field SSLMODE; NULL after the last. */
extern const char *const install_sslmodes[];

/* Sets the initial values of the form. */
void install_preset(struct install *in);

/* Reads the values of a form (application/x-www-form-urlencoded) and checks them.
 * Returns true when all are valid; in->wrong has the errors. */
bool install_read(struct install *in, struct str form) MUST_CHECK;

/* Appends the connection string. */
void install_conninfo(const struct install *in, struct buf *out);

/* Sets Mesher up.  Returns 0, or -1 with the reason in wrong or failed. */
int install_run(struct install *in, const struct install_place *place,
                struct install_result *out) MUST_CHECK;

/* Reads the token that guards the page from data_dir/setup-token (mode 0600), creating it
 * if missing.  Returns 0, or -1 with ERROR_SYSTEM. */
int install_token(const char *data_dir, char out[65], struct error *e) MUST_CHECK;

/* Compares a token in a time that does not depend on where it differs. */
bool install_token_is(const char *token, const char *given) MUST_CHECK;

#endif
