#include "wire/html.h"

void
html_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '&')
            buf_add_text(out, "&amp;");
        else if (*text == '<')
            buf_add_text(out, "&lt;");
        else if (*text == '>')
            buf_add_text(out, "&gt;");
        else if (*text == '"')
            buf_add_text(out, "&quot;");
        else if (*text == '\'')
            buf_add_text(out, "&#39;");
        else
            buf_add(out, (unsigned char)*text < ' ' || *text == 0x7f ? " " : text, 1);
    }
}
