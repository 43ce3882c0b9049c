#include "ingest/scrubber.h"

#include <stdlib.h>
#include <string.h>

#include "admit/scrubbing.h"
#include "base/clock.h"

/* Projects with rules of their own whose compiled scrubbers are kept. */
#define OWN_SLOTS 8U

struct own {
    struct scrub *scrub; /* NULL: unused */
    size_t n;
    char text[SCRUBBING_MAX_BYTES]; /* the settings it was built from */
};

struct scrubber {
    struct submit *submit;
    struct scrub *usual; /* NULL until needed */
    struct scrubbing_table table;
    struct own own[OWN_SLOTS];
};

struct scrubber *
scrubber_new(struct submit *s)
{
    struct scrubber *c = calloc(1, sizeof *c);

    if (c != NULL)
        c->submit = s;
    return c;
}

void
scrubber_free(struct scrubber *c)
{
    if (c == NULL)
        return;
    scrub_free(c->usual);
    for (size_t i = 0; i < OWN_SLOTS; i++)
        scrub_free(c->own[i].scrub);
    free(c);
}

/* Returns the project's settings, as far as they can be determined.  After a failure,
 * does not ask again for a while. */
static struct str
text_of(struct scrubber *c, int64_t project)
{
    struct str text = STR(SCRUBBING_USUAL);
    char told[SCRUBBING_MAX_BYTES];
    struct error ignored;
    bool fresh = false;
    size_t n = 0;

    if (scrubbing_get(&c->table, project, clock_now_ms(), &text, &fresh) && fresh)
        return text;
    if (submit_scrubbing(c->submit, project, told, &n, &ignored) == 0)
        text = (struct str){told, n};
    scrubbing_put(&c->table, project, clock_now_ms(), text);
    if (!scrubbing_get(&c->table, project, clock_now_ms(), &text, &fresh))
        text = STR(SCRUBBING_USUAL);
    return text;
}

static int
compile(struct scrub **out, const struct scrubbing *w, struct error *e)
{
    const struct scrub_rules rules = {
        .addresses = w->addresses, .own = w->own, .safe = w->safe};

    if (*out == NULL)
        *out = scrub_new(&rules);
    if (*out == NULL)
        return error_no_memory(e);
    return 0;
}

static int
compile_own(struct scrubber *c, int64_t project, struct str text,
            const struct scrubbing *w, struct scrub **out, struct error *e)
{
    struct own *own = &c->own[(uint64_t)project % OWN_SLOTS];

    if (own->scrub == NULL || !str_eq((struct str){own->text, own->n}, text)) {
        scrub_free(own->scrub);
        own->scrub = NULL;
        own->n = text.n;
        (void)memcpy(own->text, text.p, text.n);
    }
    *out = NULL;
    if (compile(&own->scrub, w, e) != 0)
        return -1;
    *out = own->scrub;
    return 0;
}

int
scrubber_get(struct scrubber *c, int64_t project, struct scrub **out, struct error *e)
{
    struct str text = text_of(c, project);
    struct scrubbing w;

    *out = NULL;
    if (scrubbing_parse(text, &w) != 0) {
        text = STR(SCRUBBING_USUAL);
        CHECK(scrubbing_parse(text, &w) == 0);
    }
    if (!w.on)
        return 0;
    if (!str_eq(text, STR(SCRUBBING_USUAL)))
        return compile_own(c, project, text, &w, out, e);
    if (compile(&c->usual, &w, e) != 0)
        return -1;
    *out = c->usual;
    return 0;
}

void
scrubber_settings(struct scrubber *c, int64_t project, struct str *filters,
                  bool *old_issues)
{
    struct scrubbing w;
    bool valid = scrubbing_parse(text_of(c, project), &w) == 0;

    *filters = valid ? w.filters : STR_NONE;
    *old_issues = valid && w.old_issues;
}
