#include <string.h>

#include "base/str.h"
#include "grouping_v2/pattern.h"

#define LABEL_MAX 63
#define TLD_MAX 7
#define IPV4_MAX 15
#define IPV6_MAX 45

/* The most frequent top-level domains, between blanks. */
static const char tlds[] =
    " com net org jp de uk fr br it ru es me gov pl ca au cn co in nl edu info eu ch id "
    "at"
    " kr cz mx be tv se tr tw al ua ir vn cl sk ly cc to no fi us pt dk ar hu tk gr il"
    " news ro my biz ie za nz sg ee th io xyz pe bg hk rs lt link ph club si site mobi by"
    " cat wiki la ga xxx cf hr ng jobs online kz ug gq ae is lv pro fm tips ms sa app ";

static bool
is_local(char c)
{
    return ascii_is_alnum(c) || (c != '\0' && strchr(".!#$%&'*+/=?^_`{|}~-", c) != NULL);
}

static bool
is_label(char c)
{
    return ascii_is_alnum(c) || c == '-';
}

/* One or more labels with dots between them; returns their end. */
static const char *
labels(const struct parameterize *s, const char *p)
{
    const char *end = v2_pattern_end(s);

    for (;;) {
        while (p < end && is_label(*p))
            p++;
        if (p == end || *p != '.' || p + 1 == end || !is_label(p[1]))
            return p;
        p++;
    }
}

size_t
v2_pattern_email(struct parameterize *s, const char *p)
{
    const char *end = v2_pattern_end(s), *at = p;

    if (p < s->no_email || !is_local(*p))
        return 0;
    while (at < end && is_local(*at))
        at++;
    s->looked_at += (size_t)(at - p);
    if (at == end || *at != '@' || at + 1 == end || !is_label(at[1])) {
        s->no_email = at;
        return 0;
    }
    return (size_t)(labels(s, at + 1) - p);
}

size_t
v2_pattern_url(struct parameterize *s, const char *p)
{
    static const char *const schemes[] = {"http://", "https://", "ws://", "wss://",
                                          "ftp://"};
    const char *end = v2_pattern_end(s), *q;

    if (*p != 'h' && *p != 'w' && *p != 'f')
        return 0;
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        size_t n = strlen(schemes[i]);

        if ((size_t)(end - p) <= n || memcmp(p, schemes[i], n) != 0 ||
            ascii_is_blank(p[n]))
            continue;
        q = p + n;
        while (q < end && !ascii_is_blank(*q))
            q++;
        s->looked_at += (size_t)(q - p);
        return (size_t)(q - p);
    }
    return 0;
}

/* Returns whether it is a top-level domain, all in lower or all in upper case. */
static bool
is_tld(const char *p, size_t n)
{
    char name[TLD_MAX + 3] = " ";
    bool upper = n > 0 && ascii_is_upper(p[0]);

    if (n < 2 || n > TLD_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!ascii_is_alpha(p[i]) || ascii_is_upper(p[i]) != upper)
            return false;
        name[i + 1] = ascii_lower(p[i]);
    }
    name[n + 1] = ' ';
    return strstr(tlds, name) != NULL;
}

/* Goes from one dot to the next: the label after it may be the last. */
size_t
v2_pattern_host(struct parameterize *s, const char *p)
{
    const char *end = v2_pattern_end(s), *q = p;

    if (p < s->no_host || !ascii_is_alnum(*p))
        return 0;
    for (;;) {
        const char *label = q, *word;

        while (q < end && is_label(*q))
            q++;
        if (q == end || *q != '.' || q == label || q - label > LABEL_MAX)
            break;
        word = ++q;
        while (word < end && ascii_is_alpha(*word) && word - q <= TLD_MAX)
            word++;
        if (is_tld(q, (size_t)(word - q)) && v2_pattern_edge(s, word))
            return (size_t)(word - p);
    }
    s->looked_at += (size_t)(q - p);
    s->no_host = q;
    return 0;
}

/* A number below 256 of at most three digits; returns its end, or NULL. */
static const char *
octet(const char *p, const char *end)
{
    const char *q = p;
    int value = 0;

    while (q < end && q - p < 3 && ascii_is_digit(*q))
        value = 10 * value + (*q++ - '0');
    return q == p || value > 255 ? NULL : q;
}

static const char *
ipv4(const char *p, const char *end)
{
    for (int i = 0; i < 4; i++) {
        if (i > 0 && (p == end || *p++ != '.'))
            return NULL;
        p = octet(p, end);
        if (p == NULL)
            return NULL;
    }
    return p;
}

/* Eight groups of at most four digits, or fewer where there is one "::"; the last two may
 * be an IPv4 address. */
static bool
is_ipv6(const char *p, const char *end)
{
    int groups = 0;
    bool gap = false;

    if (end - p >= 2 && p[0] == ':' && p[1] != ':')
        return false;
    while (p < end) {
        const char *q = p;

        if (*p == ':' && (p + 1 < end && p[1] == ':')) {
            if (gap)
                return false;
            gap = true;
            p += 2;
            continue;
        }
        if (*p == ':' && ++p == end)
            return false;
        if (ipv4(p, end) == end)
            return groups + 2 <= 8 && (gap || groups == 6);
        for (q = p; q < end && ascii_is_hex(*q);)
            q++;
        if (q == p || q - p > 4)
            return false;
        groups++;
        p = q;
        if (p < end && *p != ':')
            return false;
    }
    return groups > 0 && (gap ? groups < 8 : groups == 8);
}

static size_t
ipv6(const struct parameterize *s, const char *p)
{
    const char *end = v2_pattern_end(s), *q = p;
    int colons = 0;

    while (q < end && q - p <= IPV6_MAX && (ascii_is_hex(*q) || *q == ':' || *q == '.'))
        colons += *q++ == ':';
    /* Punctuation that ends a sentence or precedes a port is not part of it. */
    while (q > p && (q[-1] == '.' || (q[-1] == ':' && (q - p < 2 || q[-2] != ':'))))
        q--;
    if (colons < 2 || !v2_pattern_edge(s, q) || !is_ipv6(p, q))
        return 0;
    return (size_t)(q - p);
}

size_t
v2_pattern_ip(struct parameterize *s, const char *p)
{
    const char *q;

    if ((!ascii_is_hex(*p) && *p != ':') || !v2_pattern_start(s, p) ||
        (p > s->begin && p[-1] == ':'))
        return 0;
    s->looked_at += IPV6_MAX;
    q = ascii_is_digit(*p) ? ipv4(p, v2_pattern_end(s)) : NULL;
    if (q != NULL && q - p <= IPV4_MAX && v2_pattern_edge(s, q))
        return (size_t)(q - p);
    return ipv6(s, p);
}

static bool
ends_path(char c)
{
    return ascii_is_blank(c) || strchr("\"'`<>|,;:)]}", c) != NULL;
}

/* Directories where programs keep files; "/users/17" is more likely a route, which
 * distinguishes requests. */
size_t
v2_pattern_path(struct parameterize *s, const char *p)
{
    static const char *const roots[] = {
        "/home/",      "/var/",      "/usr/",      "/tmp/",     "/opt/",     "/srv/",
        "/etc/",       "/root/",     "/mnt/",      "/private/", "/proc/",    "/run/",
        "/Users/",     "/Library/",  "/System/",   "/lib/",     "/Volumes/", "/storage/",
        "/data/data/", "/data/app/", "/data/user/"};
    const char *end = v2_pattern_end(s), *q = NULL;

    if (p > s->begin && (ascii_is_word(p[-1]) || strchr("/.\\-~", p[-1]) != NULL))
        return 0;
    if (end - p > 3 && ascii_is_alpha(p[0]) && p[1] == ':' && p[2] == '\\')
        q = p + 3;
    for (size_t i = 0; *p == '/' && i < COUNT_OF(roots) && q == NULL; i++) {
        size_t n = strlen(roots[i]);

        if ((size_t)(end - p) > n && memcmp(p, roots[i], n) == 0)
            q = p + n;
    }
    if (q == NULL || ends_path(*q))
        return 0;
    while (q < end && !ends_path(*q))
        q++;
    while (q[-1] == '.')
        q--;
    s->looked_at += (size_t)(q - p);
    return (size_t)(q - p);
}
