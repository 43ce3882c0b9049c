#include "event/security.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "json/json.h"
#include "json/scan.h"

#define WORD_MAX_CHARS 120U

/* The member of an event that holds a report of each kind, and the logger's name. */
static const char *const members[] = {[SECURITY_CSP] = "csp",
                                      [SECURITY_EXPECT_CT] = "expectct",
                                      [SECURITY_EXPECT_STAPLE] = "expectstaple",
                                      [SECURITY_HPKP] = "hpkp"};

/* The report and its kind, of an object as a browser posts it; absent when it is none. */
static int
find_report(struct arena *a, struct str object, enum security_kind *kind,
            struct str *report, struct error *e)
{
    static const struct str names[] = {
        STR_INIT("csp-report"), STR_INIT("expect-ct-report"),
        STR_INIT("expect-staple-report"), STR_INIT("known-pins")};
    struct str values[COUNT_OF(names)];

    *report = STR_NONE;
    if (json_pick(a, object, names, COUNT_OF(names), values, e) != 0)
        return -1;
    for (unsigned i = 0; i < COUNT_OF(names); i++) {
        if (values[i].p == NULL)
            continue;
        *kind = (enum security_kind)i;
        *report = *kind == SECURITY_HPKP ? object : values[i];
        if (scan_type(*report) == SCAN_OBJECT)
            return 0;
        *report = STR_NONE;
    }
    return 0;
}

/* A report of the Reporting API; only what a policy says is ours. */
static int
find_listed(struct arena *a, struct str object, struct str *report, struct str *agent,
            struct error *e)
{
    static const struct str names[] = {STR_INIT("type"), STR_INIT("body"),
                                       STR_INIT("user_agent")};
    struct str values[COUNT_OF(names)], type;

    *report = STR_NONE;
    if (scan_type(object) != SCAN_OBJECT)
        return 0;
    if (json_pick(a, object, names, COUNT_OF(names), values, e) != 0 ||
        json_scalar(a, values[0], &type, e) != 0 ||
        json_scalar(a, values[2], agent, e) != 0)
        return -1;
    if (str_eq(type, STR("csp-violation")) && values[1].p != NULL &&
        scan_type(values[1]) == SCAN_OBJECT)
        *report = values[1];
    return 0;
}

static int
make_event(struct arena *a, enum security_kind kind, struct str report,
           const struct security_about *about, struct str *out, struct error *e)
{
    struct buf b = buf_init(4 * LIMIT_MIB);
    int rc = 0;

    buf_add_char(&b, '{');
    jsonout_text(&b, "type", str_of(members[kind]));
    jsonout_text(&b, "logger", str_of(members[kind]));
    if (about->release.p != NULL)
        jsonout_text(&b, "release", about->release);
    if (about->environment.p != NULL)
        jsonout_text(&b, "environment", about->environment);
    if (about->user_agent.p != NULL) {
        jsonout_raw(&b, "request", STR("{\"headers\":{"));
        jsonout_text(&b, "User-Agent", about->user_agent);
        buf_add_text(&b, "}}");
    }
    jsonout_raw(&b, members[kind], report);
    buf_add_char(&b, '}');
    if (b.failed || arena_copy(a, buf_str(&b), out) != 0)
        rc = error_no_memory(e);
    buf_release(&b);
    return rc;
}

static int
take_list(struct arena *a, struct str list, const struct security_about *about,
          struct str *out, size_t *count, struct error *e)
{
    struct scan_iter it = scan_open(list);
    struct str object, report;

    while (*count < SECURITY_MAX && scan_array_next(&it, &object)) {
        struct security_about own = *about;
        struct str agent = STR_NONE;

        if (find_listed(a, object, &report, &agent, e) != 0)
            return -1;
        if (report.p == NULL)
            continue;
        if (agent.n > 0)
            own.user_agent = agent;
        if (make_event(a, SECURITY_CSP, report, &own, &out[*count], e) != 0)
            return -1;
        ++*count;
    }
    return 0;
}

int
security_events(struct arena *a, struct str body, const struct security_about *about,
                struct str out[SECURITY_MAX], size_t *count, struct error *e)
{
    enum security_kind kind = SECURITY_CSP;
    struct str value, report = STR_NONE;

    *count = 0;
    if (scan_value(body, LIMIT_JSON_DEPTH, &value, e) != 0)
        return -1;
    if (scan_type(value) == SCAN_ARRAY) {
        if (take_list(a, value, about, out, count, e) != 0)
            return -1;
    } else if (scan_type(value) == SCAN_OBJECT) {
        if (find_report(a, value, &kind, &report, e) != 0)
            return -1;
        if (report.p != NULL &&
            make_event(a, kind, report, about, &out[(*count)++], e) != 0)
            return -1;
    }
    return *count > 0 ? 0
                      : error_set(e, ERROR_MALFORMED, "no security report in the body");
}

/* The first of two members that is there, as text. */
static int
either(struct arena *a, const struct str values[2], struct str *out, struct error *e)
{
    if (json_scalar(a, values[0], out, e) != 0)
        return -1;
    return out->n > 0 ? 0 : json_scalar(a, values[1], out, e);
}

/* The host of a URL; any other word as it is. */
static struct str
host_of(struct str url)
{
    for (size_t i = 0; i + 2 < url.n; i++) {
        struct str rest = {url.p + i + 3, url.n - i - 3};

        if (memcmp(url.p + i, "://", 3) != 0)
            continue;
        rest = str_cut(&rest, '/');
        return str_cut(&rest, '?');
    }
    return url;
}

/* "script-src-elem" is about scripts. */
static struct str
subject_of(struct str directive)
{
    struct str words = str_trim(directive);
    struct str word = str_cut(&words, ' ');

    for (size_t i = 0; i + 4 <= word.n; i++)
        if (memcmp(word.p + i, "-src", 4) == 0)
            word.n = i;
    if (str_eq(word, STR("img")))
        return STR("image");
    return utf8_head(str_eq(word, STR("form-action")) ? STR("form") : word,
                     WORD_MAX_CHARS);
}

static int
csp_title(struct arena *a, const struct str values[6], struct str *title,
          struct str *culprit, struct error *e)
{
    struct buf b = buf_init(4 * LIMIT_KIB);
    struct str directive, violated, uri;
    int rc;

    if (either(a, values, &directive, e) != 0 ||
        either(a, values + 2, &violated, e) != 0 || either(a, values + 4, &uri, e) != 0)
        return -1;
    *culprit = violated.n > 0 ? violated : directive;
    if (directive.n == 0)
        directive = violated;
    directive = directive.n == 0 ? STR("resource") : subject_of(directive);
    if (str_eq(uri, STR("inline")) || str_eq(uri, STR("eval"))) {
        buf_add_text(&b, uri.p[0] == 'i' ? "Blocked unsafe inline '"
                                         : "Blocked unsafe eval() '");
        buf_add_str(&b, directive);
        buf_add_char(&b, '\'');
    } else {
        buf_add_text(&b, "Blocked '");
        buf_add_str(&b, directive);
        buf_add_text(&b, "' from '");
        buf_add_str(&b,
                    uri.n == 0 ? STR("self") : utf8_head(host_of(uri), WORD_MAX_CHARS));
        buf_add_char(&b, '\'');
    }
    rc = arena_copy(a, buf_str(&b), title) != 0 ? error_no_memory(e) : 0;
    buf_release(&b);
    return rc;
}

static int
host_title(struct arena *a, enum security_kind kind, struct str host, struct str *title,
           struct error *e)
{
    static const char *const about[] = {
        [SECURITY_EXPECT_CT] = "Expect-CT failed for '",
        [SECURITY_EXPECT_STAPLE] = "Expect-Staple failed for '",
        [SECURITY_HPKP] = "Public key pinning validation failed for '"};
    struct buf b = buf_init(4 * LIMIT_KIB);
    int rc;

    buf_add_text(&b, about[kind]);
    buf_add_str(&b, host.n == 0 ? STR("?") : utf8_head(host, WORD_MAX_CHARS));
    buf_add_char(&b, '\'');
    rc = arena_copy(a, buf_str(&b), title) != 0 ? error_no_memory(e) : 0;
    buf_release(&b);
    return rc;
}

int
security_title(struct arena *a, enum security_kind kind, struct str report,
               struct str *title, struct str *culprit, struct error *e)
{
    static const struct str names[] = {STR_INIT("effective-directive"),
                                       STR_INIT("effectiveDirective"),
                                       STR_INIT("violated-directive"),
                                       STR_INIT("violatedDirective"),
                                       STR_INIT("blocked-uri"),
                                       STR_INIT("blockedURL"),
                                       STR_INIT("hostname")};
    struct str values[COUNT_OF(names)], snake[2];
    static const struct str snakes[] = {STR_INIT("effective_directive"),
                                        STR_INIT("blocked_uri")};

    *title = *culprit = STR_NONE;
    if (json_pick(a, report, names, COUNT_OF(names), values, e) != 0 ||
        json_pick(a, report, snakes, COUNT_OF(snakes), snake, e) != 0)
        return -1;
    if (values[0].p == NULL) /* as Sentry itself writes them */
        values[0] = snake[0];
    if (values[4].p == NULL)
        values[4] = snake[1];
    if (kind == SECURITY_CSP)
        return csp_title(a, values, title, culprit, e);
    if (json_scalar(a, values[6], culprit, e) != 0)
        return -1;
    return host_title(a, kind, *culprit, title, e);
}

struct str
security_name(enum security_kind kind)
{
    static const struct str kinds[] = {[SECURITY_CSP] = STR_INIT("csp"),
                                       [SECURITY_EXPECT_CT] = STR_INIT("expect-ct"),
                                       [SECURITY_EXPECT_STAPLE] =
                                           STR_INIT("expect-staple"),
                                       [SECURITY_HPKP] = STR_INIT("hpkp")};

    return kinds[kind];
}
