#include "scrub/scrub.h"

#include <stdlib.h>
#include <string.h>

#include "base/budget.h"
#include "base/jsonout.h"
#include "base/num.h"
#include "scrub/scrub_walk.h"

#define OUT_MAX_BYTES (256 * LIMIT_MIB)
#define KEEP_BYTES (256 * LIMIT_KIB)

struct scrub *
scrub_new(const struct scrub_rules *rules)
{
    struct scrub *s = calloc(1, sizeof *s);
    struct str own = rules->own, safe = rules->safe;

    if (s == NULL)
        return NULL;
    s->addresses = rules->addresses;
    s->out = buf_init(OUT_MAX_BYTES);
    s->spare = buf_init(OUT_MAX_BYTES);
    s->own_text = malloc(own.n + safe.n + 1);
    s->names = scrub_names_new(own);
    if (s->own_text == NULL || s->names == NULL) {
        scrub_free(s);
        return NULL;
    }
    if (safe.n > 0)
        (void)memcpy(s->own_text, safe.p, safe.n);
    scrub_keys_init(&s->keys, s->names,
                    safe.n == 0 ? STR_NONE : (struct str){s->own_text, safe.n});
    return s;
}

void
scrub_free(struct scrub *s)
{
    if (s == NULL)
        return;
    scrub_names_free(s->names);
    buf_release(&s->out);
    buf_release(&s->spare);
    free(s->own_text);
    free(s);
}

bool
scrub_hides_addresses(const struct scrub *s)
{
    return s->addresses;
}

int
scrub_json(struct scrub *s, struct arena *a, struct str json, struct scrub_result *out,
           struct error *e)
{
    int rc;

    *out = (struct scrub_result){.text = json};
    if (json.n == 0)
        return 0;
    buf_clear(&s->out, KEEP_BYTES);
    budget_doing("removing secrets");
    rc = scrub_json_text(s, a, out, e);
    budget_spend(out->looked_at);
    return rc;
}

int
scrub_text(struct scrub *s, struct arena *a, struct str text, struct scrub_result *out,
           struct error *e)
{
    struct scrub_scan x;

    *out = (struct scrub_result){.text = text};
    if (text.n == 0)
        return 0;
    buf_clear(&s->out, KEEP_BYTES);
    scrub_scan_begin(&x, s->names, text, SCRUB_TEXT, s->addresses);
    out->removed = scrub_pieces(&x, text, &s->out);
    out->looked_at = x.looked_at;
    budget_spend(x.looked_at);
    if (out->removed > 0 &&
        (s->out.failed || arena_copy(a, buf_str(&s->out), &out->text) != 0))
        return error_no_memory(e);
    return 0;
}

static void
add_note(struct buf *b, struct str name, size_t more)
{
    if (b->n > 1)
        buf_add_char(b, ',');
    buf_add_char(b, '{');
    jsonout_text(b, "type", STR(SCRUB_NOTE));
    jsonout_text(b, "name", name);
    if (more > 0) {
        char number[24];

        num_format((int64_t)more, number);
        jsonout_text(b, "value", str_of(number));
    }
    buf_add_char(b, '}');
}

int
scrub_notes(struct arena *a, const struct scrub_result *r, struct str *errors,
            struct error *e)
{
    struct buf b = buf_init(LIMIT_MIB);
    int rc = 0;

    if (r->removed == 0)
        return 0;
    if (errors->n > 2) /* all but the closing bracket */
        buf_add(&b, errors->p, errors->n - 1);
    else
        buf_add_char(&b, '[');
    for (size_t i = 0; i < r->paths; i++)
        add_note(&b, r->path[i], 0);
    if (r->removed > r->paths)
        add_note(&b, STR("..."), r->removed - r->paths);
    buf_add_char(&b, ']');
    if (b.failed || arena_copy(a, buf_str(&b), errors) != 0)
        rc = error_no_memory(e);
    buf_release(&b);
    return rc;
}
