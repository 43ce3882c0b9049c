#include "grouping/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/utf8.h"

#define ARENA_FIRST_BYTES (16 * LIMIT_KIB)
#define ARENA_MAX_BYTES (64 * LIMIT_MIB)
#define NAME_SHOWN 32U

/* Patterns, and parts, of one rule. */
#define WORDS_MAX 64U

static const struct {
    struct str name;
    enum rule_field field;
} fields[] = {
    {STR_INIT("type"), RULE_TYPE},
    {STR_INIT("value"), RULE_VALUE},
    {STR_INIT("message"), RULE_MESSAGE},
    {STR_INIT("function"), RULE_FUNCTION},
    {STR_INIT("module"), RULE_MODULE},
    {STR_INIT("path"), RULE_PATH},
    {STR_INIT("package"), RULE_PACKAGE},
    {STR_INIT("level"), RULE_LEVEL},
    {STR_INIT("logger"), RULE_LOGGER},
    {STR_INIT("release"), RULE_RELEASE},
    {STR_INIT("environment"), RULE_ENVIRONMENT},
    {STR_INIT("platform"), RULE_PLATFORM},
};

/* A line while it is parsed. */
struct reader {
    struct rules *rules;
    struct str line;
    size_t number; /* of the line, from 1 */
    size_t at;     /* byte in it */
    size_t word;   /* start of the current word */
    char *scratch; /* LIMIT_RULE_BYTES, for the current word */
    struct error *e;
};

static int
bad(const struct reader *r, size_t at, const char *why)
{
    return error_set(r->e, ERROR_CONFIG, "line %zu, column %zu: %s", r->number, at + 1,
                     why);
}

static bool
is_at(const struct reader *r, const char *text)
{
    size_t n = strlen(text);

    return r->line.n - r->at >= n && memcmp(r->line.p + r->at, text, n) == 0;
}

static void
skip_blanks(struct reader *r)
{
    while (r->at < r->line.n && ascii_is_blank(r->line.p[r->at]))
        r->at++;
    r->word = r->at;
}

static bool
at_end(const struct reader *r)
{
    return r->at == r->line.n || r->line.p[r->at] == '#';
}

/* Parses quoted text; a backslash escapes a quote and a backslash, and is kept before any
 * other character. */
static int
read_quoted(struct reader *r, char **to)
{
    size_t open = r->at++;

    for (; r->at < r->line.n && r->line.p[r->at] != '"'; r->at++) {
        if (r->line.p[r->at] == '\\' && r->at + 1 < r->line.n &&
            (r->line.p[r->at + 1] == '"' || r->line.p[r->at + 1] == '\\'))
            r->at++;
        *(*to)++ = r->line.p[r->at];
    }
    if (r->at == r->line.n)
        return bad(r, open, "unclosed quote");
    r->at++;
    return 0;
}

/* Parses a word up to a blank, including quotes and {{ variables }}. */
static int
read_word(struct reader *r, struct str *out)
{
    char *to = r->scratch;

    while (r->at < r->line.n && !ascii_is_blank(r->line.p[r->at])) {
        const char *close;
        size_t left = r->line.n - r->at;

        if (r->line.p[r->at] == '"') {
            if (read_quoted(r, &to) != 0)
                return -1;
            continue;
        }
        if (!is_at(r, "{{")) {
            *to++ = r->line.p[r->at++];
            continue;
        }
        close = memmem(r->line.p + r->at, left, "}}", 2);
        if (close == NULL)
            return bad(r, r->at, "{{ without }}");
        left = (size_t)(close - (r->line.p + r->at)) + 2;
        (void)memcpy(to, r->line.p + r->at, left);
        to += left;
        r->at += left;
    }
    if (arena_copy(r->rules->a, (struct str){r->scratch, (size_t)(to - r->scratch)},
                   out) != 0)
        return error_no_memory(r->e);
    return 0;
}

static int
find_field(struct reader *r, struct str name, struct rule_matcher *out)
{
    static const struct str tags = STR_INIT("tags.");

    if (str_starts(name, tags) && name.n > tags.n) {
        out->field = RULE_TAG;
        return arena_copy(r->rules->a, (struct str){name.p + tags.n, name.n - tags.n},
                          &out->tag) == 0
                   ? 0
                   : error_no_memory(r->e);
    }
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (str_eq(name, fields[i].name)) {
            out->field = fields[i].field;
            return 0;
        }
    return error_set(r->e, ERROR_CONFIG, "line %zu, column %zu: no field is called %.*s",
                     r->number, r->word + 1,
                     (int)(name.n < NAME_SHOWN ? name.n : NAME_SHOWN), name.p);
}

/* Reads "[!]NAME:PATTERN". */
static int
read_matcher(struct reader *r, struct rule_matcher *out)
{
    struct str name;

    *out = (struct rule_matcher){.negated = r->line.p[r->at] == '!'};
    if (out->negated)
        r->at++;
    name.p = r->line.p + r->at;
    while (r->at < r->line.n && r->line.p[r->at] != ':' &&
           !ascii_is_blank(r->line.p[r->at]))
        r->at++;
    name.n = (size_t)(r->line.p + r->at - name.p);
    if (r->at == r->line.n || r->line.p[r->at] != ':')
        return bad(r, r->word, "expected NAME:PATTERN or ->");
    if (find_field(r, name, out) != 0)
        return -1;
    r->at++;
    if (read_word(r, &out->pattern) != 0)
        return -1;
    if (out->pattern.n == 0)
        return bad(r, r->at, "a pattern is missing");
    if (out->pattern.n > LIMIT_GLOB_BYTES)
        return error_set(r->e, ERROR_CONFIG,
                         "line %zu, column %zu: a pattern of %zu bytes; at most %u",
                         r->number, r->word + 1, out->pattern.n, LIMIT_GLOB_BYTES);
    return 0;
}

static int
read_matchers(struct reader *r, struct rule *out)
{
    struct rule_matcher *list = arena_array(r->rules->a, WORDS_MAX, sizeof *list);

    if (list == NULL)
        return error_no_memory(r->e);
    out->matchers = list;
    for (skip_blanks(r); !is_at(r, "->"); skip_blanks(r)) {
        struct rule_matcher *m = &list[out->matcher_count];

        if (at_end(r))
            return bad(r, r->at, "-> is missing");
        if (out->matcher_count == WORDS_MAX)
            return bad(r, r->at, "more than 64 patterns");
        out->matcher_count++;
        if (read_matcher(r, m) != 0)
            return -1;
        r->rules->want_exceptions = r->rules->want_exceptions || m->field <= RULE_VALUE;
        r->rules->want_frames = r->rules->want_frames ||
                                (m->field >= RULE_FUNCTION && m->field <= RULE_PACKAGE);
    }
    return out->matcher_count > 0 ? 0 : bad(r, r->at, "nothing to match before ->");
}

static int
read_title(struct reader *r, struct rule *out)
{
    static const char name[] = "title=";

    r->at += sizeof name - 1;
    if (read_word(r, &out->title) != 0)
        return -1;
    if (out->title.n == 0)
        return bad(r, r->word, "an empty title");
    skip_blanks(r);
    return at_end(r) ? 0 : bad(r, r->at, "the title must be the last");
}

static int
read_parts(struct reader *r, struct rule *out)
{
    struct str *list = arena_array(r->rules->a, WORDS_MAX, sizeof *list);

    if (list == NULL)
        return error_no_memory(r->e);
    out->parts = list;
    r->at += 2;
    for (skip_blanks(r); !at_end(r) && !is_at(r, "title="); skip_blanks(r)) {
        if (out->part_count == WORDS_MAX)
            return bad(r, r->at, "more than 64 parts");
        if (read_word(r, &list[out->part_count]) != 0)
            return -1;
        if (list[out->part_count++].n == 0)
            return bad(r, r->word, "an empty part");
    }
    if (out->part_count == 0)
        return bad(r, r->at, "a fingerprint is missing after ->");
    return is_at(r, "title=") ? read_title(r, out) : 0;
}

/* "+app" and "-app" are no fingerprints; such a rule looks at one frame. */
static int
read_kind(struct reader *r, struct rule *rule)
{
    bool is_own = str_eq(rule->parts[0], STR("+app"));

    if (rule->part_count != 1 || (!is_own && !str_eq(rule->parts[0], STR("-app"))))
        return 0;
    if (rule->title.p != NULL)
        return bad(r, r->word, "a rule for frames has no title");
    for (size_t i = 0; i < rule->matcher_count; i++)
        if (rule->matchers[i].field < RULE_FUNCTION ||
            rule->matchers[i].field > RULE_PACKAGE)
            return bad(r, r->word,
                       "+app and -app need function, module, path or package");
    rule->kind = is_own ? RULE_PROGRAM : RULE_LIBRARY;
    r->rules->has_frame_rules = true;
    return 0;
}

static int
read_line(struct reader *r)
{
    struct rule *rule = &r->rules->list[r->rules->count];
    size_t bad_at;

    if (r->line.n > LIMIT_RULE_BYTES)
        return error_set(r->e, ERROR_CONFIG,
                         "line %zu, column %zu: a line of %zu bytes; at most %zu",
                         r->number, LIMIT_RULE_BYTES + 1, r->line.n, LIMIT_RULE_BYTES);
    if (!utf8_valid(r->line, &bad_at))
        return bad(r, bad_at, "no UTF-8");
    skip_blanks(r);
    if (at_end(r))
        return 0;
    if (r->rules->count == LIMIT_RULES)
        return error_set(r->e, ERROR_CONFIG, "line %zu, column 1: more than %u rules",
                         r->number, LIMIT_RULES);
    *rule = (struct rule){.line = r->number, .title = STR_NONE};
    if (read_matchers(r, rule) != 0 || read_parts(r, rule) != 0 ||
        read_kind(r, rule) != 0)
        return -1;
    r->rules->count++;
    return 0;
}

int
rules_parse(struct str text, struct rules **out, struct error *e)
{
    struct rules *rules = calloc(1, sizeof *rules);
    struct str rest = text;
    char scratch[LIMIT_RULE_BYTES];
    int rc = 0;

    *out = NULL;
    if (rules == NULL)
        return error_no_memory(e);
    rules->a = arena_new(ARENA_FIRST_BYTES, ARENA_MAX_BYTES);
    if (rules->a != NULL)
        rules->list = arena_array(rules->a, LIMIT_RULES, sizeof *rules->list);
    if (rules->list == NULL) {
        rules_free(rules);
        return error_no_memory(e);
    }
    for (size_t n = 1; rc == 0 && rest.p != NULL; n++) {
        struct reader r = {.rules = rules, .number = n, .scratch = scratch, .e = e};

        r.line = str_cut(&rest, '\n');
        rc = read_line(&r);
    }
    if (rc != 0) {
        rules_free(rules);
        return -1;
    }
    *out = rules;
    return 0;
}

void
rules_free(struct rules *r)
{
    if (r == NULL)
        return;
    arena_free(r->a);
    free(r);
}

/* All rules at their maximum size, and the same amount of comments. */
#define FILE_MAX_BYTES ((size_t)2 * LIMIT_RULES * LIMIT_RULE_BYTES)

/* The end of a path, which distinguishes files, within the room of an error text. */
#define PATH_SHOWN 64U

static const char *
end_of(const char *path)
{
    struct str s = str_of(path);

    return s.n > PATH_SHOWN ? path + s.n - PATH_SHOWN : path;
}

int
rules_load(const char *path, struct rules **out, struct error *e)
{
    struct buf text = buf_init(FILE_MAX_BYTES);
    struct error why;
    int rc = 0;

    *out = NULL;
    if (path[0] == '\0')
        return 0;
    if (io_read_file(path, &text, &why) != 0)
        rc = error_set(e, ERROR_CONFIG, "%s: %s", end_of(path),
                       why.detail[0] == '\0' ? why.text : why.detail);
    else if (rules_parse(buf_str(&text), out, &why) != 0)
        rc = error_set(e, why.kind, "%s: %s", end_of(path), why.text);
    buf_release(&text);
    return rc;
}
