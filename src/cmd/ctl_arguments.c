#include "cmd/ctl_arguments.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd/ctl_help.h"
#include "cmd/ctl_synopsis.h"

/* Options of commands, and where each stores its value. */
#define VALUE(name, field)                               \
    {                                                    \
        (name), offsetof(struct ctl, option.field), true \
    }
#define FLAG(name, field)                                 \
    {                                                     \
        (name), offsetof(struct ctl, option.field), false \
    }

static const struct {
    const char *name;
    size_t at;
    bool value; /* a text; otherwise a bool */
} options[] = {
    VALUE("id", id),
    VALUE("label", label),
    VALUE("key", key),
    VALUE("issue", issue),
    VALUE("limit", limit),
    VALUE("project", project),
    VALUE("status", status),
    VALUE("level", level),
    VALUE("environment", environment),
    VALUE("release", release),
    VALUE("query", query),
    VALUE("since", since),
    VALUE("assignee", assignee),
    VALUE("sort", sort),
    VALUE("after", after),
    VALUE("in", in),
    VALUE("until", until),
    VALUE("count", count),
    VALUE("by", by),
    VALUE("days", days),
    VALUE("rules", rules),
    VALUE("sample", sample),
    FLAG("yes", yes),
    FLAG("payload", payload),
    FLAG("loop", loop),
    FLAG("in-next", in_next),
    FLAG("nobody", nobody),
};

/* getopt's value for options[0]; not a letter. */
#define FIRST_OPTION 256

struct reading {
    struct ctl *c;
    struct ctl_arguments *a;
    bool given[COUNT_OF(options)];
    const char *unknown; /* the first option that does not exist, as typed */
    const char *bare;    /* the first one without its value */
};

static void
take_option(struct reading *r, int letter, const char *typed)
{
    size_t i = (size_t)letter - FIRST_OPTION;

    if (letter == 'c')
        r->a->conf = optarg;
    else if (letter == 'j')
        r->c->json = true;
    else if (letter == 'h')
        r->a->help = true;
    else if (letter == 'V')
        r->a->version = true;
    else if (letter == ':')
        r->bare = r->bare == NULL ? typed : r->bare;
    else if (letter < FIRST_OPTION || i >= COUNT_OF(options))
        r->unknown = r->unknown == NULL ? typed : r->unknown;
    else if (options[i].value)
        (void)memcpy((char *)r->c + options[i].at, &optarg, sizeof optarg);
    else
        *((char *)r->c + options[i].at) = true;
    if (letter >= FIRST_OPTION && i < COUNT_OF(options))
        r->given[i] = true;
}

/* Reads everything, whatever command it belongs to.  Returns false if there are too many
 * words. */
static bool
read_all(int argc, char *const argv[], struct reading *r)
{
    static const struct option general[] = {{"conf", required_argument, NULL, 'c'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'}};
    struct option known[COUNT_OF(general) + COUNT_OF(options) + 1] = {{0}};
    (void)memcpy(known, general, sizeof general);
    for (size_t i = 0; i < COUNT_OF(options); i++)
        known[COUNT_OF(general) + i] = (struct option){
            options[i].name, options[i].value ? required_argument : no_argument, NULL,
            FIRST_OPTION + (int)i};
    for (;;) {
        int at = optind, letter;

        letter = getopt_long(argc, argv, ":c:jh", known, NULL);
        if (letter == -1)
            break;
        take_option(r, letter, argv[optind > at ? optind - 1 : at]);
    }
    for (int i = optind; i < argc; i++) {
        if (r->c->words == CTL_WORDS)
            return false;
        r->c->word[r->c->words++] = argv[i];
    }
    return true;
}

/* Begins the line of a mistake with the command's name. */
static void
print_name(const struct ctl_entry *k)
{
    (void)fprintf(stderr, "mesherctl %s%s%s: ", k->group, k->name == NULL ? "" : " ",
                  k->name == NULL ? "" : k->name);
}

/* typed: with "--" and perhaps "=VALUE". */
static int
no_such_option(const struct ctl_entry *k, const char *typed)
{
    const char *name = typed + strspn(typed, "-");
    char text[64];
    struct str best;

    str_copy((struct str){name, strcspn(name, "=")}, text, sizeof text);
    best = ctl_help_nearest_option(k, text);
    print_name(k);
    (void)fprintf(stderr, "there is no option %s%s",
                  typed[0] == '-' && typed[1] != '-' ? "-" : "--", text);
    if (best.p != NULL)
        (void)fprintf(stderr, "; did you mean --%.*s?", (int)best.n, best.p);
    (void)fputc('\n', stderr);
    ctl_help_usage(stderr, k);
    return -1;
}

static int
check_options(const struct reading *r, const struct ctl_entry *k)
{
    if (r->unknown != NULL)
        return no_such_option(k, r->unknown);
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        struct str value;
        const char *text;

        if (!r->given[i])
            continue;
        if (!synopsis_has(k->synopsis, options[i].name, &value))
            return no_such_option(k, options[i].name);
        if (!options[i].value)
            continue;
        (void)memcpy(&text, (const char *)r->c + options[i].at, sizeof text);
        if (!synopsis_allows(value, text)) {
            print_name(k);
            (void)fprintf(stderr, "--%s is one of %.*s, not \"%s\"\n", options[i].name,
                          (int)value.n, value.p, text);
            return -1;
        }
    }
    if (r->bare == NULL)
        return 0;
    print_name(k);
    (void)fprintf(stderr, "%s needs a value\n", r->bare);
    ctl_help_usage(stderr, k);
    return -1;
}

static int
check_words(const struct ctl *c, const struct ctl_entry *k)
{
    struct str missing;
    int rc = synopsis_arguments(k->synopsis, c->words, &missing);

    if (rc == 0)
        return 0;
    print_name(k);
    if (rc < 0)
        (void)fprintf(stderr, "%.*s is missing\n", (int)missing.n, missing.p);
    else
        (void)fprintf(stderr, "\"%s\" is one argument too many\n", c->word[c->words - 1]);
    ctl_help_usage(stderr, k);
    return -1;
}

int
ctl_arguments_read(int argc, char *const argv[], struct ctl *c, struct ctl_arguments *a)
{
    struct reading r = {.c = c, .a = a};
    const struct ctl_entry *k;
    size_t own;

    if (!read_all(argc, argv, &r)) {
        (void)fprintf(stderr, "mesherctl: more than %d words\n", CTL_WORDS);
        return -1;
    }
    if (a->version || (c->words == 0 && a->help))
        return 0;
    if (c->words == 0) {
        ctl_help_all(stderr);
        return -1;
    }
    k = ctl_find(c->word, c->words);
    if (k == NULL && a->help && c->words == 1 && ctl_is_group(c->word[0]))
        return 0;
    if (k == NULL) {
        ctl_help_unknown(stderr, c->word, c->words);
        return -1;
    }
    own = ctl_entry_words(k);
    c->words -= own;
    (void)memmove(c->word, c->word + own, c->words * sizeof c->word[0]);
    a->entry = k;
    if (a->help)
        return 0;
    return check_options(&r, k) == 0 ? check_words(c, k) : -1;
}
