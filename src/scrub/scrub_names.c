/* Each state has a row of successors, so each byte costs one look-up.  Nodes are numbered
 * in the order in which their words were added; `link` is the longest other word that
 * ends at the same position. */
#include "scrub/scrub_names.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/num.h"

/* Symbols: letters, digits, and non-ASCII bytes by their lower six bits. */
#define SYMBOLS (26U + 10U + 64U)
#define NO_SYMBOL SYMBOLS
#define ESCAPE (SYMBOLS + 1)

#define SECRET SCRUB_NAME_SECRET
#define PROSE (SCRUB_NAME_SECRET | SCRUB_NAME_PROSE)
#define WORD (SCRUB_NAME_SECRET | SCRUB_NAME_PROSE | SCRUB_NAME_WORD)
#define HEADER (SCRUB_NAME_SECRET | SCRUB_NAME_PROSE | SCRUB_NAME_HEADER)
#define PROSE_BITS (SCRUB_NAME_PROSE | SCRUB_NAME_WORD | SCRUB_NAME_HEADER)

enum where {
    ANYWHERE,
    AT_END,    /* of the name */
    LAST_WORD, /* of the name: "db_pass" and "dbPass", but not "bypass" */
    ALONE
};

struct word {
    const char *text;
    enum where where;
    unsigned bits;
    const char *not_before; /* "author" is not "auth" … */
    const char *but_before; /* … but "authorization" is; NULL: none */
};

static const struct word words[] = {
    {"password", ANYWHERE, WORD, NULL, NULL},
    {"passwd", ANYWHERE, WORD, NULL, NULL},
    {"passphrase", ANYWHERE, WORD, NULL, NULL},
    {"passcode", ANYWHERE, WORD, NULL, NULL},
    {"pass", LAST_WORD, SECRET, NULL, NULL},
    {"pwd", LAST_WORD, WORD, NULL, NULL},
    {"secret", ANYWHERE, WORD, "ar", NULL},
    {"apikey", ANYWHERE, PROSE, NULL, NULL},
    {"accesskey", ANYWHERE, PROSE, NULL, NULL},
    {"accountkey", ANYWHERE, PROSE, NULL, NULL},
    {"privatekey", ANYWHERE, PROSE, NULL, NULL},
    {"encryptionkey", ANYWHERE, PROSE, NULL, NULL},
    {"signingkey", ANYWHERE, PROSE, NULL, NULL},
    {"auth", ANYWHERE, SECRET, "or", "oriz"},
    {"authoris", ANYWHERE, SECRET, NULL, NULL},
    {"authorization", AT_END, HEADER, NULL, NULL},
    {"authorisation", AT_END, HEADER, NULL, NULL},
    {"credential", ANYWHERE, PROSE, NULL, NULL},
    {"credentials", AT_END, PROSE, NULL, NULL},
    {"token", ANYWHERE, PROSE, "iz", NULL},
    {"tokens", AT_END, SCRUB_NAME_COUNTS, NULL, NULL},
    {"tokencount", AT_END, SCRUB_NAME_COUNTS, NULL, NULL},
    {"tokenlimit", AT_END, SCRUB_NAME_COUNTS, NULL, NULL},
    {"publickeytoken", AT_END, SCRUB_NAME_PUBLIC, NULL, NULL}, /* .NET's assemblies */
    {"bearer", ANYWHERE, SECRET, NULL, NULL},
    {"otp", ALONE, SECRET, NULL, NULL},
    {"twofactor", ALONE, SECRET, NULL, NULL},
    {"jwt", LAST_WORD, PROSE, NULL, NULL},
    {"csrf", ANYWHERE, SECRET, NULL, NULL},
    {"xsrf", ANYWHERE, SECRET, NULL, NULL},
    {"sessionid", ANYWHERE, PROSE, NULL, NULL},
    {"sessionkey", ANYWHERE, PROSE, NULL, NULL},
    {"sessid", ANYWHERE, PROSE, NULL, NULL},
    {"sentrysid", ALONE, SECRET, NULL, NULL},
    {"sid", LAST_WORD, SECRET, NULL, NULL},
    {"cardnumber", ANYWHERE, PROSE, NULL, NULL},
    {"creditcard", ANYWHERE, SECRET, NULL, NULL},
    {"cvv", LAST_WORD, SECRET, NULL, NULL},
    {"cvc", LAST_WORD, SECRET, NULL, NULL},
    {"ssn", LAST_WORD, SECRET, NULL, NULL},
    {"xamzsignature", ANYWHERE, SECRET, NULL, NULL},
    {"sig", ALONE, SECRET, NULL, NULL},
    {"cookie", AT_END, SCRUB_NAME_COOKIES | HEADER, NULL, NULL},
    {"cookie2", AT_END, SCRUB_NAME_COOKIES | HEADER, NULL, NULL},
    {"cookies", AT_END, SCRUB_NAME_COOKIES | HEADER, NULL, NULL},
    {"remoteaddr", AT_END, SCRUB_NAME_ADDRESS, NULL, NULL},
    {"remotehost", ALONE, SCRUB_NAME_ADDRESS, NULL, NULL},
    {"forwardedfor", AT_END, SCRUB_NAME_ADDRESS, NULL, NULL},
    {"forwarded", ALONE, SCRUB_NAME_ADDRESS, NULL, NULL},
    {"realip", AT_END, SCRUB_NAME_ADDRESS, NULL, NULL},
    {"clientip", AT_END, SCRUB_NAME_ADDRESS, NULL, NULL},
    {"connectingip", AT_END, SCRUB_NAME_ADDRESS, NULL, NULL},
    {"clientaddress", AT_END, SCRUB_NAME_ADDRESS, NULL, NULL},
    {"ipaddress", AT_END, SCRUB_NAME_ADDRESS, NULL, NULL},
    {"ip", LAST_WORD, SCRUB_NAME_ADDRESS, NULL, NULL},
};

struct node {
    uint16_t next[SYMBOLS];
    uint16_t fail;
    uint16_t word; /* the first one that ends here, plus one; 0: none */
    uint16_t link;
    bool found; /* here, or along links, ends a word that counts anywhere */
};

/* A word that ends in a node; several words may have the same spelling. */
struct ending {
    uint16_t length, also; /* the node's next one, plus one */
    const struct word *word;
};

struct scrub_names {
    struct node *node;
    struct ending *ending;
    size_t nodes, endings;
    unsigned char symbol[256]; /* of each byte; ESCAPE: it may encode another one */
};

/* The bits of all names that a project adds. */
static const struct word own_word = {"", ANYWHERE, WORD, NULL, NULL};

/* A walk over the symbols of a name. */
struct spelling {
    const char *p, *end;
    size_t count;
    size_t word_began; /* number of the symbol with which the last word began */
    bool apart;        /* there was punctuation since the last symbol */
    char before;       /* the last letter, in its original case */
};

static unsigned
symbol_of(unsigned char u)
{
    if (u >= 'A' && u <= 'Z')
        u |= 0x20U;
    if (u >= 'a' && u <= 'z')
        return u - (unsigned)'a';
    if (u >= '0' && u <= '9')
        return 26U + u - (unsigned)'0';
    return u >= 0x80U ? 36U + (u & 0x3fU) : NO_SYMBOL;
}

/* Returns the character at p: an ASCII byte if it is an escape, of which *n is the
 * length; else the byte itself, with *n 0. */
static char
decoded(const char *p, const char *end, size_t *n)
{
    size_t skip = p[0] == '%' ? 1 : 4;
    int high, low;

    *n = 0;
    if (p[0] == '\\' && (end - p < 6 || p[1] != 'u' || p[2] != '0' || p[3] != '0'))
        return p[0];
    if ((p[0] != '%' && p[0] != '\\') || (size_t)(end - p) < skip + 2)
        return p[0];
    high = num_hex_digit(p[skip]);
    low = num_hex_digit(p[skip + 1]);
    if (high < 0 || high > 7 || low < 0)
        return p[0];
    *n = skip + 2;
    return (char)(high * 16 + low);
}

/* Returns whether a word begins with c, as in "dbPass" and "DBPass". */
static bool
begins_word(const struct spelling *s, char c)
{
    bool lower_next = s->end - s->p > 1 && ascii_is_lower(s->p[1]);

    return s->apart || s->count == 0 ||
           (ascii_is_upper(c) && (!ascii_is_upper(s->before) || lower_next));
}

/* Returns the next symbol of a name; NO_SYMBOL at its end. */
static unsigned
next_symbol(struct spelling *s)
{
    while (s->p < s->end) {
        size_t n = 0;
        char c = decoded(s->p, s->end, &n);
        unsigned symbol = symbol_of((unsigned char)c);

        if (symbol == NO_SYMBOL) {
            s->apart = true;
            s->p += n > 0 ? n : 1;
            continue;
        }
        if (begins_word(s, c))
            s->word_began = s->count;
        s->apart = false;
        s->before = c;
        s->count++;
        s->p += n > 0 ? n : 1;
        return symbol;
    }
    return NO_SYMBOL;
}

static void
add_word(struct scrub_names *n, struct str text, const struct word *word)
{
    struct spelling s = {.p = text.p, .end = text.p + text.n};
    size_t at = 0;
    unsigned symbol;

    while ((symbol = next_symbol(&s)) != NO_SYMBOL) {
        if (n->node[at].next[symbol] == 0)
            n->node[at].next[symbol] = (uint16_t)n->nodes++;
        at = n->node[at].next[symbol];
    }
    if (at == 0)
        return;
    n->ending[n->endings++] = (struct ending){(uint16_t)s.count, n->node[at].word, word};
    n->node[at].word = (uint16_t)n->endings;
    if (word->where == ANYWHERE)
        n->node[at].found = true;
}

/* Sets links and the successors that belong to no word, breadth first. */
static void
connect(struct scrub_names *n, uint16_t *queue)
{
    size_t head = 0, tail = 0;

    for (size_t i = 0; i < SYMBOLS; i++)
        if (n->node[0].next[i] != 0)
            queue[tail++] = n->node[0].next[i];
    while (head < tail) {
        struct node *node = &n->node[queue[head++]];
        const struct node *fail = &n->node[node->fail];

        node->link = fail->word != 0 ? node->fail : fail->link;
        node->found = node->found || fail->found;
        for (size_t i = 0; i < SYMBOLS; i++) {
            if (node->next[i] == 0) {
                node->next[i] = fail->next[i];
            } else {
                n->node[node->next[i]].fail = fail->next[i];
                queue[tail++] = node->next[i];
            }
        }
    }
}

struct scrub_names *
scrub_names_new(struct str own)
{
    struct scrub_names *n = calloc(1, sizeof *n);
    size_t letters = own.n + 1, count = COUNT_OF(words) + own.n;
    uint16_t *queue;

    for (size_t i = 0; i < COUNT_OF(words); i++)
        letters += str_of(words[i].text).n;
    CHECK(letters < UINT16_MAX);
    queue = calloc(letters, sizeof *queue);
    if (n != NULL) {
        n->node = calloc(letters, sizeof *n->node);
        n->ending = calloc(count, sizeof *n->ending);
    }
    if (n == NULL || queue == NULL || n->node == NULL || n->ending == NULL) {
        free(queue);
        scrub_names_free(n);
        return NULL;
    }
    for (unsigned i = 0; i < 256; i++)
        n->symbol[i] = (unsigned char)symbol_of((unsigned char)i);
    n->symbol['%'] = n->symbol['\\'] = ESCAPE;
    n->nodes = 1;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        add_word(n, str_of(words[i].text), &words[i]);
    while (own.p != NULL)
        add_word(n, str_cut(&own, ','), &own_word);
    connect(n, queue);
    free(queue);
    return n;
}

void
scrub_names_free(struct scrub_names *n)
{
    if (n == NULL)
        return;
    free(n->node);
    free(n->ending);
    free(n);
}

static bool
goes_on(const struct spelling *s, const char *with)
{
    struct str rest = {s->p, (size_t)(s->end - s->p)}, head = str_of(with);

    return rest.n >= head.n && str_eq_nocase((struct str){rest.p, head.n}, head);
}

/* Returns whether this ending counts at the position of s. */
static bool
counts(const struct ending *x, const struct spelling *s, bool at_end)
{
    const struct word *w = x->word;

    switch (w->where) {
    case ANYWHERE:
        return w->not_before == NULL || !goes_on(s, w->not_before) ||
               (w->but_before != NULL && goes_on(s, w->but_before));
    case AT_END:
        return at_end;
    case LAST_WORD:
        return at_end && s->word_began == s->count - x->length;
    case ALONE:
        return at_end && s->count == x->length;
    }
    return false;
}

/* Returns the bits of all words that end in a node.  In prose, only the name right before
 * the colon counts. */
static unsigned
bits_at(const struct scrub_names *n, size_t at, const struct spelling *s, bool at_end)
{
    unsigned bits = 0;

    for (; at != 0; at = n->node[at].link)
        for (size_t i = n->node[at].word; i != 0; i = n->ending[i - 1].also)
            if (counts(&n->ending[i - 1], s, at_end))
                bits |= n->ending[i - 1].word->bits & ~(at_end ? 0 : PROSE_BITS);
    return bits;
}

/* Returns whether the name may contain a word, or must be decoded first. */
static bool
may_hold(const struct scrub_names *n, struct str name)
{
    size_t at = 0;
    bool found = false;

    for (size_t i = 0; i < name.n; i++) {
        unsigned char symbol = n->symbol[(unsigned char)name.p[i]];

        if (symbol < SYMBOLS) {
            at = n->node[at].next[symbol];
            found = found || n->node[at].found;
        } else if (symbol == ESCAPE) {
            return true;
        }
    }
    return found || n->node[at].word != 0 || n->node[at].link != 0;
}

unsigned
scrub_names_find(const struct scrub_names *n, struct str name)
{
    struct spelling s = {.p = name.p, .end = name.p + name.n};
    unsigned bits = 0, symbol;
    size_t at = 0;

    if (!may_hold(n, name))
        return 0;
    while ((symbol = next_symbol(&s)) != NO_SYMBOL) {
        at = n->node[at].next[symbol];
        if (n->node[at].found)
            bits |= bits_at(n, at, &s, false);
    }
    bits |= bits_at(n, at, &s, true);
    return (bits & SCRUB_NAME_PUBLIC) != 0 ? 0 : bits;
}
