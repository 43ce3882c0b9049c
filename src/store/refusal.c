#include "store/refusal.h"

#include <string.h>

#define STATE_CHARS (REFUSAL_BYTES - 1)

void
refusal_read(const char *message, char out[REFUSAL_BYTES])
{
    static const char before[] = ":  ";

    out[0] = '\0';
    for (const char *at = strstr(message, before); at != NULL; at = strstr(at, before)) {
        at += sizeof before - 1;
        if (strspn(at, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") >= STATE_CHARS &&
            at[STATE_CHARS] == ':') {
            (void)memcpy(out, at, STATE_CHARS);
            out[STATE_CHARS] = '\0';
            return;
        }
    }
}
