#include "event/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/budget.h"
#include "base/glob.h"
#include "base/limits.h"
#include "json/json.h"
#include "json/scan.h"

#define LOOK_BYTES ((size_t)2048)

static const struct str words[N_FILTERS] = {
    [FILTER_NONE] = STR_INIT(""),
    [FILTER_EXTENSIONS] = STR_INIT("browser-extensions"),
    [FILTER_LOCALHOST] = STR_INIT("localhost"),
    [FILTER_BROWSERS] = STR_INIT("legacy-browsers"),
    [FILTER_CRAWLERS] = STR_INIT("web-crawlers"),
    [FILTER_MESSAGE] = STR_INIT("message:"),
    [FILTER_RELEASE] = STR_INIT("release:")};

/* The addresses under which browsers run code of extensions. */
static const struct str extensions[] = {STR_INIT("chrome-extension:"),
                                        STR_INIT("moz-extension:"),
                                        STR_INIT("safari-extension:"),
                                        STR_INIT("safari-web-extension:"),
                                        STR_INIT("ms-browser-extension:"),
                                        STR_INIT("webkit-masked-url:"),
                                        STR_INIT("chrome://")};

/* Beginnings of messages that only extensions and injected scripts cause. */
static const struct str injected[] = {
    STR_INIT("top.GLOBALS"),
    STR_INIT("originalCreateNotification"),
    STR_INIT("canvas.contentDocument"),
    STR_INIT("MyApp_RemoveAllHighlights"),
    STR_INIT("http://tt.epicplay.com"),
    STR_INIT("Can't find variable: ZiteReader"),
    STR_INIT("jigsaw is not defined"),
    STR_INIT("ComboSearch is not defined"),
    STR_INIT("http://loading.retry.widdit.com/"),
    STR_INIT("atomicFindClose"),
    STR_INIT("fb_xd_fragment"),
    STR_INIT("bmi_SafeAddOnload"),
    STR_INIT("EBCallBackMessageReceived"),
    STR_INIT("_gCrWeb"),
    STR_INIT("conduitPage"),
    STR_INIT("Can't find variable: gCrWeb"),
    STR_INIT("Extension context invalidated"),
    STR_INIT("webkitExitFullScreen"),
};

/* Parts of the names of crawlers, in lower case. */
static const struct str crawlers[] = {
    STR_INIT("googlebot"),  STR_INIT("adsbot"),      STR_INIT("mediapartners"),
    STR_INIT("bingbot"),    STR_INIT("bingpreview"), STR_INIT("msnbot"),
    STR_INIT("slurp"),      STR_INIT("duckduckbot"), STR_INIT("baiduspider"),
    STR_INIT("yandexbot"),  STR_INIT("sogou"),       STR_INIT("exabot"),
    STR_INIT("facebot"),    STR_INIT("ia_archiver"), STR_INIT("facebookexternalhit"),
    STR_INIT("twitterbot"), STR_INIT("linkedinbot"), STR_INIT("slackbot"),
    STR_INIT("discordbot"), STR_INIT("telegrambot"), STR_INIT("applebot"),
    STR_INIT("ahrefsbot"),  STR_INIT("semrushbot"),  STR_INIT("mj12bot"),
    STR_INIT("dotbot"),     STR_INIT("petalbot"),    STR_INIT("bytespider"),
    STR_INIT("gptbot"),     STR_INIT("claudebot"),   STR_INIT("ccbot"),
    STR_INIT("crawler"),    STR_INIT("spider")};

/* The parts of an event that filters look at; absent if they are missing. */
struct facts {
    struct str url, agent, address;      /* of the request and its user */
    struct str source;                   /* of the frame that raised the error */
    struct str value;                    /* of the exception, or the message */
    struct str blocked, reported_source; /* of a browser's report about a page */
};

const char *
filter_name(enum filter f)
{
    return f == FILTER_MESSAGE ? "message" : f == FILTER_RELEASE ? "release" : words[f].p;
}

static enum filter
word_of(struct str word, struct str *pattern)
{
    for (int f = 1; f < N_FILTERS; f++) {
        bool has_pattern = f >= FILTER_MESSAGE;

        if (has_pattern ? str_starts(word, words[f]) : str_eq(word, words[f])) {
            *pattern = (struct str){word.p + words[f].n, word.n - words[f].n};
            return has_pattern && pattern->n == 0 ? FILTER_NONE : (enum filter)f;
        }
    }
    return FILTER_NONE;
}

int
filter_check(struct str list, struct error *e)
{
    struct str rest = list, pattern;

    if (list.n == 0 || str_eq(list, STR("none")))
        return 0;
    if (list.n > LIMIT_FILTER_LIST_BYTES)
        return error_set(e, ERROR_MALFORMED, "filters must have at most %u bytes",
                         LIMIT_FILTER_LIST_BYTES);
    for (size_t i = 0; i < list.n; i++)
        if ((unsigned char)list.p[i] < 0x20U)
            return error_set(e, ERROR_MALFORMED,
                             "filters must have no control characters");
    while (rest.p != NULL) {
        struct str word = str_trim(str_cut(&rest, ','));

        if (word_of(word, &pattern) == FILTER_NONE)
            return error_set(e, ERROR_MALFORMED,
                             "no such filter: %.*s; there are browser-extensions, "
                             "localhost, legacy-browsers, web-crawlers, message:PATTERN, "
                             "release:PATTERN and none",
                             (int)(word.n < 60 ? word.n : 60), word.p);
    }
    return 0;
}

static bool
starts_nocase(struct str text, struct str with)
{
    return text.n >= with.n && str_eq_nocase((struct str){text.p, with.n}, with);
}

/* Returns where `part` (in lower case) is in the text, in any letter case; NULL: not. */
static const char *
find_nocase(struct str text, struct str part)
{
    for (size_t i = 0; i + part.n <= text.n; i++)
        if (starts_nocase((struct str){text.p + i, text.n - i}, part))
            return text.p + i;
    return NULL;
}

/* Returns the number behind a mark such as "Firefox/", or -1 without the mark. */
static long
version(struct str agent, struct str mark)
{
    const char *at = find_nocase(agent, mark);
    char digits[8];
    size_t n = 0;

    if (at == NULL)
        return -1;
    for (at += mark.n; at + n < agent.p + agent.n && n + 1 < sizeof digits; n++)
        digits[n] = at[n];
    digits[n] = '\0';
    return strtol(digits, NULL, 10);
}

static bool
is_below(struct str agent, struct str mark, long least)
{
    long v = version(agent, mark);

    return v >= 0 && v < least;
}

/* Browsers that are some years old: the first versions that count as current. */
static bool
is_legacy(struct str agent)
{
    if (find_nocase(agent, STR("msie ")) != NULL ||
        find_nocase(agent, STR("trident/")) != NULL ||
        find_nocase(agent, STR(" edge/")) != NULL ||
        find_nocase(agent, STR("presto/")) != NULL ||
        find_nocase(agent, STR("opera mini/")) != NULL)
        return true;
    if (find_nocase(agent, STR("chrome/")) != NULL)
        return is_below(agent, STR("chrome/"), 63);
    if (find_nocase(agent, STR("firefox/")) != NULL)
        return is_below(agent, STR("firefox/"), 67);
    return find_nocase(agent, STR("safari/")) != NULL &&
           is_below(agent, STR("version/"), 12);
}

static bool
is_crawler(struct str agent)
{
    for (size_t i = 0; i < COUNT_OF(crawlers); i++)
        if (find_nocase(agent, crawlers[i]) != NULL)
            return true;
    return false;
}

/* Returns the host of a URL, without user, port and brackets. */
static struct str
host_of(struct str url)
{
    struct str rest = url;
    size_t n = 0;

    for (size_t i = 0; i + 2 < url.n; i++)
        if (memcmp(url.p + i, "://", 3) == 0) {
            rest = (struct str){url.p + i + 3, url.n - i - 3};
            break;
        }
    while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?' && rest.p[n] != '#')
        n++;
    rest.n = n;
    for (size_t i = 0; i < n; i++)
        if (rest.p[i] == '@')
            rest = (struct str){rest.p + i + 1, n - i - 1};
    if (rest.n > 0 && rest.p[0] == '[') {
        rest = (struct str){rest.p + 1, rest.n - 1};
        return str_cut(&rest, ']');
    }
    return str_cut(&rest, ':');
}

static bool
is_local_address(struct str host)
{
    for (size_t i = 0; str_starts(host, STR("127.")) && i < host.n; i++)
        if (host.p[i] != '.' && !ascii_is_digit(host.p[i]))
            return false;
    return str_starts(host, STR("127.")) || str_eq(host, STR("::1")) ||
           str_eq(host, STR("0.0.0.0"));
}

static bool
is_local(const struct facts *f)
{
    static const struct str name = STR_INIT("localhost"), below = STR_INIT(".localhost");
    struct str host = host_of(f->url);

    return is_local_address(f->address) || is_local_address(host) ||
           str_eq_nocase(host, name) ||
           (host.n > below.n &&
            str_eq_nocase((struct str){host.p + host.n - below.n, below.n}, below));
}

static bool
is_extension_url(struct str url)
{
    for (size_t i = 0; i < COUNT_OF(extensions); i++)
        if (starts_nocase(url, extensions[i]))
            return true;
    return false;
}

static bool
is_extension(const struct facts *f)
{
    if (is_extension_url(f->source) || is_extension_url(f->blocked) ||
        is_extension_url(f->reported_source))
        return true;
    for (size_t i = 0; i < COUNT_OF(injected); i++)
        if (starts_nocase(f->value, injected[i]))
            return true;
    return false;
}

static bool
applies(enum filter f, struct str pattern, const struct facts *facts,
        const struct event *ev)
{
    switch (f) {
    case FILTER_EXTENSIONS:
        return is_extension(facts);
    case FILTER_LOCALHOST:
        return is_local(facts);
    case FILTER_BROWSERS:
        return facts->agent.n > 0 && is_legacy(facts->agent);
    case FILTER_CRAWLERS:
        return is_crawler(facts->agent);
    case FILTER_MESSAGE:
        budget_spend(pattern.n);
        return glob_matches(pattern, facts->value) || glob_matches(pattern, ev->title);
    case FILTER_RELEASE:
        return ev->release.n > 0 && glob_matches(pattern, ev->release);
    case FILTER_NONE:
    case N_FILTERS:
        break;
    }
    return false;
}

/* Sets the last element of an array, or the value itself if it is an object. */
static struct str
last_of(struct str value)
{
    struct str last = STR_NONE, element;

    if (value.p == NULL || scan_type(value) == SCAN_OBJECT)
        return value;
    if (scan_type(value) == SCAN_ARRAY)
        for (struct scan_iter it = scan_open(value); scan_array_next(&it, &element);)
            last = element;
    return last;
}

/* Looks up members of an object; anything else has none. */
static int
pick(struct arena *a, struct str object, const struct str *names, size_t count,
     struct str *values, struct error *e)
{
    for (size_t i = 0; i < count; i++)
        values[i] = STR_NONE;
    if (object.p == NULL || scan_type(object) != SCAN_OBJECT)
        return 0;
    return json_pick(a, object, names, count, values, e);
}

/* The value of the header User-Agent, in an object or in a list of pairs. */
static int
read_agent(struct arena *a, struct str headers, struct str *out, struct error *e)
{
    struct str name, value;

    if (headers.p == NULL)
        return 0;
    if (scan_type(headers) == SCAN_OBJECT) {
        for (struct scan_iter it = scan_open(headers);
             scan_object_next(&it, &name, &value);)
            if (str_eq_nocase(name, STR("user-agent")))
                return json_scalar(a, last_of(value).p == NULL ? value : last_of(value),
                                   out, e);
        return 0;
    }
    if (scan_type(headers) != SCAN_ARRAY)
        return 0;
    for (struct scan_iter it = scan_open(headers); scan_array_next(&it, &value);) {
        struct scan_iter pair;
        struct str text = STR_NONE;

        if (scan_type(value) != SCAN_ARRAY)
            continue;
        pair = scan_open(value);
        if (!scan_array_next(&pair, &name) || scan_type(name) != SCAN_STRING ||
            !scan_array_next(&pair, &value))
            continue;
        if (json_scalar(a, name, &text, e) != 0)
            return -1;
        if (str_eq_nocase(text, STR("user-agent")))
            return json_scalar(a, value, out, e);
    }
    return 0;
}

static int
read_request(struct arena *a, struct str request, struct facts *f, struct error *e)
{
    static const struct str names[] = {STR_INIT("url"), STR_INIT("headers")};
    struct str values[COUNT_OF(names)];

    if (pick(a, request, names, COUNT_OF(names), values, e) != 0 ||
        json_scalar(a, values[0], &f->url, e) != 0)
        return -1;
    return read_agent(a, values[1], &f->agent, e);
}

/* The frame that raised: the last one of the last exception, or of the event. */
static int
read_source(struct arena *a, struct str exception, struct str stack, struct facts *f,
            struct error *e)
{
    static const struct str lists[] = {STR_INIT("values")};
    static const struct str parts[] = {STR_INIT("value"), STR_INIT("stacktrace")};
    static const struct str frames[] = {STR_INIT("frames")};
    static const struct str places[] = {STR_INIT("abs_path"), STR_INIT("filename")};
    struct str values[2], one;

    if (pick(a, exception, lists, 1, values, e) != 0)
        return -1;
    one = last_of(values[0].p != NULL ? values[0] : exception);
    if (pick(a, one, parts, 2, values, e) != 0 ||
        json_scalar(a, values[0], &f->value, e) != 0)
        return -1;
    if (values[1].p != NULL)
        stack = values[1];
    if (pick(a, stack, frames, 1, values, e) != 0 ||
        pick(a, last_of(values[0]), places, 2, values, e) != 0)
        return -1;
    return json_scalar(a, values[0].p != NULL ? values[0] : values[1], &f->source, e);
}

static int
read_report(struct arena *a, struct str report, struct facts *f, struct error *e)
{
    static const struct str names[] = {STR_INIT("blocked_uri"), STR_INIT("blocked-uri"),
                                       STR_INIT("blockedURL"),  STR_INIT("source_file"),
                                       STR_INIT("source-file"), STR_INIT("sourceFile")};
    struct str values[COUNT_OF(names)];

    if (pick(a, report, names, COUNT_OF(names), values, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct str *to = i < 3 ? &f->blocked : &f->reported_source;

        if (values[i].p != NULL && json_scalar(a, values[i], to, e) != 0)
            return -1;
    }
    return 0;
}

/* Filters look at the beginning of a text only, however long it is. */
static struct str
begin_of(struct str text)
{
    return (struct str){text.p, text.n < LOOK_BYTES ? text.n : LOOK_BYTES};
}

static int
read_facts(struct arena *a, const struct event *ev, struct str json, struct facts *f,
           struct error *e)
{
    static const struct str names[] = {
        STR_INIT("request"), STR_INIT("exception"), STR_INIT("stacktrace"),
        STR_INIT("csp"),     STR_INIT("user"),      STR_INIT("sentry.interfaces.Http")};
    static const struct str address[] = {STR_INIT("ip_address")};
    struct str values[COUNT_OF(names)], ip;

    *f = (struct facts){.url = STR_NONE};
    if (pick(a, json, names, COUNT_OF(names), values, e) != 0 ||
        read_request(a, values[0].p != NULL ? values[0] : values[5], f, e) != 0 ||
        read_source(a, values[1], values[2], f, e) != 0 ||
        read_report(a, values[3], f, e) != 0 ||
        pick(a, values[4], address, 1, &ip, e) != 0)
        return -1;
    if (f->value.n == 0)
        f->value = ev->message;
    f->value = begin_of(f->value);
    f->agent = begin_of(f->agent);
    return json_scalar(a, ip, &f->address, e);
}

int
filter_find(struct arena *a, const struct filter_settings *s, const struct event *ev,
            struct str json, enum filter *out, struct error *e)
{
    struct facts facts;
    struct str rest = s->list;

    *out = FILTER_NONE;
    if ((s->list.n == 0 && !s->report) || str_eq(s->list, STR("none")))
        return 0;
    if (read_facts(a, ev, json, &facts, e) != 0)
        return -1;
    if (s->list.n == 0) {
        if (is_extension(&facts))
            *out = FILTER_EXTENSIONS;
        return 0;
    }
    while (rest.p != NULL && *out == FILTER_NONE) {
        struct str word = str_trim(str_cut(&rest, ',')), pattern = STR_NONE;
        enum filter f = word_of(word, &pattern);

        if (applies(f, pattern, &facts, ev))
            *out = f;
    }
    return 0;
}
