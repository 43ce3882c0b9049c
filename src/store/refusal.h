/*
 * refusal: why PostgreSQL refused a connection.
 *
 * libpq has no call that tells the SQLSTATE of it, and the words are translated; but when
 * it is told to be verbose its message has the SQLSTATE between severity and words.
 */
#ifndef MESHER_STORE_REFUSAL_H
#define MESHER_STORE_REFUSAL_H

#include "base/compat.h"

#define REFUSAL_BYTES 6U

/* too_many_connections: of the server, the database or the role. */
#define REFUSAL_FULL "53300"

/* Finds the SQLSTATE in such a message: "… FATAL:  53300: sorry, too many clients
 * already".  "" where there is none. */
void refusal_read(const char *message, char out[REFUSAL_BYTES]);

#endif
