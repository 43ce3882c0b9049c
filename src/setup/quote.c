#include "setup/quote.h"

void
quote_text(struct buf *out, const char *text)
{
    buf_add_char(out, '"');
    for (const char *s = text; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\' || *s == '$') /* ${…} would expand a variable */
            buf_add_char(out, '\\');
        buf_add_char(out, *s);
    }
    buf_add_char(out, '"');
}
