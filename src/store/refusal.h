/*
 * refusal: why PostgreSQL refused a connection.
 *
 * libpq has no call that returns the SQLSTATE of a refused connection, and the message
 * is translated.  With verbose errors, however, the message has the SQLSTATE between the
 * severity and the text.
 */
#ifndef MESHER_STORE_REFUSAL_H
#define MESHER_STORE_REFUSAL_H

#include "base/compat.h"

#define REFUSAL_BYTES 6U

/* too_many_connections: of the server, the database or the role. */
#define REFUSAL_FULL "53300"

/* Copies the SQLSTATE from such a message to out: "… FATAL:  53300: sorry, too many
 * clients already".  Sets "" when there is none. */
void refusal_read(const char *message, char out[REFUSAL_BYTES]);

#endif
