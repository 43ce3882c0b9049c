#include "cmd/ctl_help.h"

#include <string.h>

#include "cmd/ctl_synopsis.h"

#define COLUMNS 79U
#define WORD_BYTES 32U
#define FAR 3U /* changes of a word that make it another one */

static const struct {
    const char *option, *means;
} meanings[] = {
    {"after", "continues a list: the token at the end of the page before"},
    {"assignee", "only issues that are assigned to this person"},
    {"by", "recorded as the person who did it (default: the login name)"},
    {"count", "until this many more events have arrived"},
    {"days", "the last N days (default 7)"},
    {"environment", "only issues with an event of this environment"},
    {"id", "the project's number"},
    {"in", "resolved in this release: events of earlier ones do not reopen it"},
    {"in-next", "resolved in the next release that is seen"},
    {"issue", "only events of this issue"},
    {"key", "a key of your own: 16 to 64 letters, digits and underscores; -: from stdin"},
    {"label", "a name for the key"},
    {"level", "only issues of this level"},
    {"limit", "the length of the list"},
    {"loop", "does not end, and repeats it"},
    {"nobody", "takes the assignment back"},
    {"payload", "prints the stored payload, byte for byte"},
    {"project", "the event's project, if several have an event of this id"},
    {"query", "only issues with all of these words"},
    {"release", "only issues with an event of this release"},
    {"rules", "a file of grouping rules instead of the ones in use"},
    {"sample", "how many of the newest events (default 10000; with --since, all)"},
    {"since", "only what was seen since then: a date, a time, or 90s, 30m, 24h, 7d, 2w"},
    {"sort", "the order, highest first (default last_seen)"},
    {"status", "only issues with this status"},
    {"until", "until then: a date, a time, or 90s, 30m, 24h, 7d, 2w"},
    {"yes", "confirms that the data is to be removed"},
};

const char *
ctl_help_option(const char *option)
{
    for (size_t i = 0; i < COUNT_OF(meanings); i++)
        if (strcmp(meanings[i].option, option) == 0)
            return meanings[i].means;
    return NULL;
}

/* Returns the length of the piece that must not be broken: a word, or all that is in
 * brackets. */
static size_t
piece_length(const char *p)
{
    size_t n = 0, depth = 0;

    for (; p[n] != '\0' && (depth > 0 || p[n] != ' '); n++) {
        depth += p[n] == '[';
        depth -= p[n] == ']';
    }
    return n;
}

/* Prints pieces, and breaks lines between them. */
static void
print_pieces(FILE *to, const char *text, size_t column, int indent)
{
    while (*text != '\0') {
        size_t n = piece_length(text);

        if (column + 1 + n > COLUMNS) {
            (void)fprintf(to, "\n%*s", indent, "");
            column = (size_t)indent;
        }
        (void)fprintf(to, " %.*s", (int)n, text);
        column += n + 1;
        text += n + (text[n] == ' ');
    }
    (void)fputc('\n', to);
}

static void
print_synopsis(FILE *to, const char *before, const struct ctl_entry *k)
{
    int n = fprintf(to, "%smesherctl %s%s%s", before, k->group,
                    k->name == NULL ? "" : " ", k->name == NULL ? "" : k->name);

    print_pieces(to, k->synopsis, n < 0 ? 0 : (size_t)n, (int)strlen(before) + 8);
}

void
ctl_help_usage(FILE *to, const struct ctl_entry *k)
{
    print_synopsis(to, "usage: ", k);
}

void
ctl_help_command(FILE *to, const struct ctl_entry *k)
{
    const char *rest = k->synopsis;
    struct synopsis_word w;
    unsigned depth = 0;

    ctl_help_usage(to, k);
    (void)fprintf(to, "\n  %s\n", k->does);
    for (bool first = true; synopsis_next(&rest, &depth, &w);) {
        char name[WORD_BYTES], head[128];
        const char *means;

        str_copy(w.name, name, sizeof name);
        means = ctl_help_option(name);
        if (w.kind != SYNOPSIS_OPTION || means == NULL)
            continue;
        (void)snprintf(head, sizeof head, "--%s%s%.*s", name, w.value.n == 0 ? "" : " ",
                       (int)w.value.n, w.value.n == 0 ? "" : w.value.p);
        (void)fprintf(to, strlen(head) > 18 ? "%s  %s\n%22s%s\n" : "%s  %-18s%.0s  %s\n",
                      first ? "\n" : "", head, "", means);
        first = false;
    }
}

void
ctl_help_group(FILE *to, const char *group)
{
    size_t n;
    const struct ctl_entry *k = ctl_entries(&n);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(k[i].group, group) != 0)
            continue;
        print_synopsis(to, "", &k[i]);
        (void)fprintf(to, "    %s\n", k[i].does);
    }
}

/* Whether an earlier line of the table has the same group. */
static bool
is_repeated(const struct ctl_entry *k, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(k[j].group, k[i].group) == 0)
            return true;
    return false;
}

static void
print_names(FILE *to, const char *group)
{
    const char *before = "";
    size_t n;
    const struct ctl_entry *k = ctl_entries(&n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(k[i].group, group) == 0 && k[i].name != NULL) {
            (void)fprintf(to, "%s%s", before, k[i].name);
            before = ", ";
        }
}

void
ctl_help_all(FILE *to)
{
    size_t n;
    const struct ctl_entry *k = ctl_entries(&n);

    (void)fprintf(to,
                  "usage: mesherctl [--conf FILE] [--json] COMMAND [ARGUMENT...]\n\n");
    for (size_t i = 0; i < n; i++) {
        if (is_repeated(k, i))
            continue;
        (void)fprintf(to, "  %-12s", k[i].group);
        if (k[i].name == NULL)
            (void)fputs(k[i].does, to);
        else
            print_names(to, k[i].group);
        (void)fputc('\n', to);
    }
    (void)fprintf(to, "\n`mesherctl help COMMAND` describes one, with its options.  Exit "
                      "status: 0 done,\n1 failed, 2 wrong usage, 3 not found.\n");
}

void
ctl_help_list(FILE *to)
{
    size_t n;
    const struct ctl_entry *k = ctl_entries(&n);

    for (size_t i = 0; i < n; i++)
        (void)fprintf(to, "%s%s%s%s%s\n", k[i].group, k[i].name == NULL ? "" : " ",
                      k[i].name == NULL ? "" : k[i].name,
                      k[i].synopsis[0] == '\0' ? "" : " ", k[i].synopsis);
}

/* Counts the letters to change, add, leave out or exchange to make one of the other. */
static size_t
distance(struct str a, struct str b)
{
    size_t row[3][WORD_BYTES + 1];

    a.n = a.n > WORD_BYTES ? WORD_BYTES : a.n;
    b.n = b.n > WORD_BYTES ? WORD_BYTES : b.n;
    for (size_t j = 0; j <= b.n; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *now = row[i % 3], *last = row[(i + 2) % 3], *older = row[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = last[j - 1] + (a.p[i - 1] != b.p[j - 1]);

            best = last[j] + 1 < best ? last[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] &&
                older[j - 2] + 1 < best)
                best = older[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[a.n % 3][b.n];
}

/* Keeps the word if it is nearer than the best one so far; the beginning of a word is
 * near. */
static void
nearer(const char *text, struct str word, struct str *best, size_t *least)
{
    struct str typed = str_of(text);
    size_t d = distance(typed, word);

    if (typed.n > 1 && str_starts(word, typed))
        d = 1;
    if (d < *least && d < word.n) {
        *least = d;
        *best = word;
    }
}

struct str
ctl_help_nearest_option(const struct ctl_entry *k, const char *text)
{
    const char *rest = k->synopsis;
    struct str best = STR_NONE;
    struct synopsis_word w;
    unsigned depth = 0;
    size_t least = FAR;

    while (synopsis_next(&rest, &depth, &w))
        if (w.kind == SYNOPSIS_OPTION)
            nearer(text, w.name, &best, &least);
    return best;
}

void
ctl_help_unknown(FILE *to, const char *const *word, size_t words)
{
    struct str best = STR_NONE;
    size_t n, least = FAR;
    const struct ctl_entry *k = ctl_entries(&n);
    bool group = ctl_is_group(word[0]);

    for (size_t i = 0; i < n; i++)
        if (!group)
            nearer(word[0], str_of(k[i].group), &best, &least);
        else if (words > 1 && strcmp(k[i].group, word[0]) == 0)
            nearer(word[1], str_of(k[i].name), &best, &least);
    (void)fprintf(to, "mesherctl: there is no command \"%s%s%s\"", word[0],
                  group && words > 1 ? " " : "", group && words > 1 ? word[1] : "");
    if (best.p != NULL)
        (void)fprintf(to, "; did you mean \"%s%s%.*s\"?", group ? word[0] : "",
                      group ? " " : "", (int)best.n, best.p);
    if (group) {
        (void)fprintf(to, "\n%s has: ", word[0]);
        print_names(to, word[0]);
    } else {
        (void)fprintf(to, "\n`mesherctl help` lists them");
    }
    (void)fputc('\n', to);
}
