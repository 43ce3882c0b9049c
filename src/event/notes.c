#include "event/notes.h"

#include "base/jsonout.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "json/json.h"

struct note {
    struct note *next;
    const char *type;
    struct str name, value;
};

void
notes_init(struct notes *n, struct arena *a)
{
    *n = (struct notes){.a = a};
    n->end = &n->first;
}

void
notes_add(struct notes *n, const char *type, struct str name, struct str value)
{
    struct note *made;
    struct error ignored;
    struct str text;

    if (n->count == LIMIT_NOTES)
        return;
    made = arena_get(n->a, sizeof *made);
    if (made == NULL || json_scalar(n->a, value, &text, &ignored) != 0)
        return;
    *made = (struct note){NULL, type, name, utf8_head(text, LIMIT_NOTE_CHARS)};
    if (text.p == NULL)
        made->value = STR_NONE;
    *n->end = made;
    n->end = &made->next;
    n->count++;
}

int
notes_text(const struct notes *n, struct str *out, struct error *e)
{
    struct buf b = buf_init(64 * LIMIT_KIB);
    int rc = 0;

    *out = STR_NONE;
    if (n->count == 0)
        return 0;
    buf_add_char(&b, '[');
    for (const struct note *at = n->first; at != NULL; at = at->next) {
        buf_add_text(&b, at == n->first ? "{" : ",{");
        jsonout_text(&b, "type", str_of(at->type));
        jsonout_text(&b, "name", at->name);
        if (at->value.p != NULL)
            jsonout_text(&b, "value", at->value);
        buf_add_char(&b, '}');
    }
    buf_add_char(&b, ']');
    if (b.failed || arena_copy(n->a, buf_str(&b), out) != 0) {
        rc = error_no_memory(e);
    }
    buf_release(&b);
    return rc;
}
