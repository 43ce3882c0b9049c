#include "admit/scrubbing.h"

#include <string.h>

#include "base/ascii.h"
#include "base/utf8.h"

static struct scrubbing_slot *
slot_of(struct scrubbing_table *t, int64_t project)
{
    return &t->slot[(uint64_t)project % SCRUBBING_SLOTS];
}

void
scrubbing_format(const struct scrubbing *w, struct buf *b)
{
    buf_add_text(b, w->on ? "on\n" : "off\n");
    buf_add_text(b, w->addresses ? "on\n" : "off\n");
    if (w->own.n > 0)
        buf_add_str(b, w->own);
    buf_add_char(b, '\n');
    if (w->safe.n > 0)
        buf_add_str(b, w->safe);
    if (w->filters.n > 0 || w->old_issues) {
        buf_add_char(b, '\n');
        if (w->filters.n > 0)
            buf_add_str(b, w->filters);
    }
    if (w->old_issues)
        buf_add_text(b, "\nold");
}

static int
parse_switch(struct str text, bool *out)
{
    *out = str_eq(text, STR("on"));
    return *out || str_eq(text, STR("off")) ? 0 : -1;
}

int
scrubbing_parse(struct str text, struct scrubbing *out)
{
    struct str rest = text;

    if (text.n > SCRUBBING_MAX_BYTES ||
        parse_switch(str_cut(&rest, '\n'), &out->on) != 0 ||
        parse_switch(str_cut(&rest, '\n'), &out->addresses) != 0)
        return -1;
    out->own = str_cut(&rest, '\n');
    out->safe = str_cut(&rest, '\n');
    out->filters = str_cut(&rest, '\n');
    out->old_issues = str_eq(rest, STR("old"));
    return out->safe.p == NULL || out->own.n > LIMIT_SCRUB_LIST_BYTES ||
                   out->safe.n > LIMIT_SCRUB_LIST_BYTES ||
                   out->filters.n > LIMIT_FILTER_LIST_BYTES
               ? -1
               : 0;
}

static bool
has_letter(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (ascii_is_word(name.p[i]) && name.p[i] != '_')
            return true;
    return false;
}

int
scrubbing_check_list(const char *what, struct str list, struct error *e)
{
    struct str rest = list;
    size_t count = 0;

    if (list.n == 0)
        return 0;
    if (list.n > LIMIT_SCRUB_LIST_BYTES)
        return error_set(e, ERROR_MALFORMED, "%s must have at most %u bytes", what,
                         LIMIT_SCRUB_LIST_BYTES);
    if (!utf8_valid(list, NULL))
        return error_set(e, ERROR_MALFORMED, "%s must be UTF-8", what);
    while (rest.p != NULL) {
        struct str name = str_cut(&rest, ',');

        if (name.n > LIMIT_SCRUB_NAME_BYTES || !has_letter(name))
            return error_set(e, ERROR_MALFORMED,
                             "each name in %s must have 1 to %u bytes and a letter or "
                             "digit",
                             what, LIMIT_SCRUB_NAME_BYTES);
        for (size_t i = 0; i < name.n; i++)
            if ((unsigned char)name.p[i] < 0x20U)
                return error_set(e, ERROR_MALFORMED, "%s must have no control characters",
                                 what);
        if (++count > LIMIT_SCRUB_NAMES)
            return error_set(e, ERROR_MALFORMED, "%s must have at most %u names", what,
                             LIMIT_SCRUB_NAMES);
    }
    return 0;
}

void
scrubbing_put(struct scrubbing_table *t, int64_t project, int64_t now_ms, struct str text)
{
    struct scrubbing_slot *s = slot_of(t, project);

    CHECK(text.n <= SCRUBBING_MAX_BYTES);
    s->project = project;
    s->until_ms = now_ms + SCRUBBING_TTL_MS;
    s->n = (uint16_t)text.n;
    if (text.n > 0 && text.p != s->text)
        (void)memmove(s->text, text.p, text.n);
}

bool
scrubbing_get(const struct scrubbing_table *t, int64_t project, int64_t now_ms,
              struct str *text, bool *fresh)
{
    const struct scrubbing_slot *s = &t->slot[(uint64_t)project % SCRUBBING_SLOTS];

    if (s->project != project)
        return false;
    *text = (struct str){s->text, s->n};
    *fresh = now_ms < s->until_ms;
    return true;
}
