/*
 * conf: mesher.conf (libconfuse syntax) and MESHER_… variables, read once into one
 * struct.
 *
 * An environment variable MESHER_NAME overrides `name` in the file.  An unknown option, a
 * wrong type or a value out of range stops the program with the file, the line and the
 * allowed range.
 */
#ifndef MESHER_SETUP_CONF_H
#define MESHER_SETUP_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "setup/childconf.h"

/* Every option: X(kind, name, default, min, max).  For texts, min and max are lengths in
 * bytes.  A relative PATH in the file is relative to the file's directory, so that both
 * can be moved together.  The manual and conf/mesher.conf document the same list
 * (tests/lint/options compares them). */
#define CONF_OPTIONS(X)                                           \
    X(SECRET, database, "dbname=mesher", 0, 4096)                 \
    X(PATH, writer_socket, "", 0, 107)                            \
    X(TEXT, writer_users, "", 0, 1024)                            \
    X(TEXT, public_url, "http://localhost", 1, 1024)              \
    X(TEXT, public_ws_url, "", 0, 1024)                           \
    X(TEXT, log_target, "stderr", 1, 4095)                        \
    X(TEXT, log_level, "info", 1, 16)                             \
    X(PATH, poison_dir, MESHER_STATE_DIR "/poison", 1, 4000)      \
    X(PATH, sql_dir, MESHER_SQL_DIR, 1, 4000)                     \
    X(NUMBER, rate_limit, 1000, 0, 2147483647)                    \
    X(NUMBER, rate_window, 60, 1, 86400)                          \
    X(NUMBER, bulk_max_events, 100, 1, 10000)                     \
    X(NUMBER, bulk_max_bytes, 5242880, 1048576, 16777216)         \
    X(NUMBER, request_max_bytes, 20971520, 1048576, 1073741824)   \
    X(NUMBER, inflated_max_bytes, 104857600, 1048576, 1073741824) \
    X(NUMBER, event_max_bytes, 1048576, 65536, 8388608)           \
    X(NUMBER, attachment_max_bytes, 20971520, 0, 1073741824)      \
    X(PATH, temp_dir, "/tmp", 1, 4000)                            \
    X(NUMBER, body_timeout, 30, 1, 3600)                          \
    X(NUMBER, slow_requests, 4, 1, 10000)                         \
    X(NUMBER, request_cpu, 2000, 10, 600000)                      \
    X(NUMBER, submit_timeout, 5, 1, 600)                          \
    X(NUMBER, connect_timeout, 3, 1, 60)                          \
    X(NUMBER, statement_timeout, 5000, 100, 600000)               \
    X(NUMBER, store_timeout, 3000, 100, 60000)                    \
    X(PATH, spool_dir, MESHER_STATE_DIR "/spool", 0, 4000)        \
    X(NUMBER, spool_max_files, 100000, 1, 10000000)               \
    X(NUMBER, spool_max_bytes, 1073741824, 65536, 1099511627776)  \
    X(NUMBER, batch_max_events, 1000, 1, 10000)                   \
    X(NUMBER, batch_max_bytes, 1048576, 262144, 67108864)         \
    X(NUMBER, writer_clients, 2000, 1, 100000)                    \
    X(NUMBER, ws_max, 500, 1, 100000)                             \
    X(NUMBER, ws_max_project, 100, 1, 100000)                     \
    X(NUMBER, ws_window_messages, 256, 1, 10000)                  \
    X(NUMBER, ws_window_bytes, 4194304, 1048576, 67108864)        \
    X(TEXT, ws_origins, "", 0, 4096)                              \
    X(PATH, slot_dir, MESHER_STATE_DIR "/slots", 1, 4000)         \
    X(NUMBER, partitions_ahead, 7, 1, 60)                         \
    X(NUMBER, maintenance_interval, 300, 1, 86400)                \
    X(PATH, run_dir, MESHER_RUN_DIR, 1, 4000)                     \
    X(TEXT, control_users, "", 0, 1024)                           \
    X(NUMBER, restart_max, 10, 0, 1000)                           \
    X(NUMBER, restart_window, 60, 1, 3600)                        \
    X(PATH, grouping_rules, "", 0, 4000)                          \
    X(TEXT, confine, "on", 1, 3)                                  \
    X(NUMBER, compression_level, 1, 1, 19)

#define CONF_FIELD_SECRET(name) char *name;
#define CONF_FIELD_TEXT(name) char *name;
#define CONF_FIELD_PATH(name) char *name;
#define CONF_FIELD_NUMBER(name) int64_t name;
#define CONF_FIELD(kind, name, preset, min, max) CONF_FIELD_##kind(name)

struct conf {
    CONF_OPTIONS(CONF_FIELD)
    struct childconf_list children; /* the processes that mesherd runs */
};

/* Returns the value of an environment variable, or NULL: getenv(3), or a test's
 * replacement. */
typedef const char *conf_getenv(const char *name);

/* Reads the file at path, or only the defaults and the environment when path is NULL.
 * Returns 0, or -1 with ERROR_CONFIG (every error was written to stderr, one per line; e
 * holds the first).  *out must be freed with conf_release() in both cases. */
int conf_read(const char *path, conf_getenv *env, struct conf *out,
              struct error *e) MUST_CHECK;

/* Returns whether both have the same options; children are ignored. */
bool conf_same(const struct conf *a, const struct conf *b) MUST_CHECK;

/* Returns whether the connection string may hold a password.  Its quoting is libpq's, so
 * the answer is conservative.  The name of a password file (passfile=) is not a
 * password. */
bool conf_has_password(const struct conf *c) MUST_CHECK;

/* Returns the value of passfile= in the connection string, without its quotes; absent
 * when there is none. */
struct str conf_passfile(const struct conf *c) MUST_CHECK;

/* Frees the contents of conf_read()'s struct; a zeroed struct is allowed. */
void conf_release(struct conf *c);

/* Appends every option and child with its effective value, in the file's syntax; secrets
 * appear as "********" when they hold anything that may be a password. */
void conf_print(const struct conf *c, struct buf *out);

/* The same as a JSON object and a newline. */
void conf_print_json(const struct conf *c, struct buf *out);

#endif
