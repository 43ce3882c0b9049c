#include "event/security.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "event/normal.h"
#include "json/json.h"
#include "json/scan.h"

#define WORD_MAX_CHARS 120U

/* The member of an event that contains each kind of report, and the logger's name. */
static const char *const members[] = {[SECURITY_CSP] = "csp",
                                      [SECURITY_EXPECT_CT] = "expectct",
                                      [SECURITY_EXPECT_STAPLE] = "expectstaple",
                                      [SECURITY_HPKP] = "hpkp"};

/* Finds the report and its kind in an object posted by a browser; absent when it is
 * invalid. */
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

/* Finds a report in the Reporting API's form; only policy reports are used. */
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

/* Sets the first of two members that exists, as text. */
static int
either(struct arena *a, const struct str values[2], struct str *out, struct error *e)
{
    if (json_scalar(a, values[0], out, e) != 0)
        return -1;
    return out->n > 0 ? 0 : json_scalar(a, values[1], out, e);
}

/* Returns the host of a URL, without the user and the password before it; the scheme of
 * data and the like; any other word unchanged. */
static struct str
host_of(struct str url)
{
    struct str rest = url, scheme = str_cut(&rest, ':'), host;

    if (rest.n > 0 && rest.p[0] >= '0' && rest.p[0] <= '9')
        return url; /* a host and its port */
    if (!str_starts(rest, STR("//")))
        return scheme;
    rest = (struct str){rest.p + 2, rest.n - 2};
    host = normal_url(str_cut(&rest, '/'));
    for (size_t i = host.n; i > 0; i--)
        if (host.p[i - 1] == '@')
            return (struct str){host.p + i, host.n - i};
    return host;
}

/* "script-src-elem" concerns scripts. */
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

/* Sets *out to before, the subject in quotes, between, and from in quotes if there is
 * one. */
static int
blocked(struct arena *a, const char *before, struct str subject, struct str from,
        struct str *out, struct error *e)
{
    struct buf b = buf_init(4 * LIMIT_KIB);
    int rc;

    buf_add_f(&b, "Blocked %s'", before);
    buf_add_str(&b, subject);
    if (from.p != NULL)
        buf_add_text(&b, "' from '");
    buf_add_str(&b, from);
    buf_add_char(&b, '\'');
    rc = arena_copy(a, buf_str(&b), out) != 0 ? error_no_memory(e) : 0;
    buf_release(&b);
    return rc;
}

/* Returns what was blocked on the page itself, in Sentry's words; NULL when it came from
 * elsewhere.  Browsers write a word, or nothing; Firefox writes "self". */
static const char *
blocked_itself(struct str uri, struct str subject, struct str violated)
{
    bool script = str_eq(subject, STR("script"));

    if (str_eq(uri, STR("inline")))
        return "unsafe inline ";
    if (str_eq(uri, STR("eval")))
        return "unsafe (eval() or inline) ";
    if (uri.n > 0 && !str_eq(uri, STR("self")) && !str_eq(uri, STR("'self'")))
        return NULL;
    if (!script)
        return "inline ";
    if (memmem(violated.p, violated.n, "'unsafe-inline'", 15) != NULL)
        return "unsafe inline ";
    return memmem(violated.p, violated.n, "'unsafe-eval'", 13) != NULL
               ? "unsafe eval() "
               : "unsafe (eval() or inline) ";
}

static int
csp_title(struct arena *a, const struct str values[6], struct security_text *out,
          struct error *e)
{
    struct str subject, violated, uri;
    const char *itself;

    if (either(a, values, &subject, e) != 0 || either(a, values + 2, &violated, e) != 0 ||
        either(a, values + 4, &uri, e) != 0)
        return -1;
    out->culprit = violated.n > 0 ? violated : subject;
    if (subject.n == 0)
        subject = violated;
    subject = subject.n == 0 ? STR("resource") : subject_of(subject);
    itself = blocked_itself(uri, subject, violated.p == NULL ? STR("") : violated);
    /* The words by which such reports have been grouped from the start. */
    if (str_eq(uri, STR("inline")) || str_eq(uri, STR("eval"))) {
        if (blocked(a, uri.p[0] == 'i' ? "unsafe inline " : "unsafe eval() ", subject,
                    STR_NONE, &out->grouped, e) != 0)
            return -1;
    } else if (blocked(a, "", subject,
                       itself != NULL ? STR("self")
                                      : utf8_head(host_of(uri), WORD_MAX_CHARS),
                       &out->grouped, e) != 0) {
        return -1;
    }
    out->title = out->grouped;
    return itself == NULL ? 0 : blocked(a, itself, subject, STR_NONE, &out->title, e);
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
               struct security_text *out, struct error *e)
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

    *out = (struct security_text){STR_NONE, STR_NONE, STR_NONE};
    if (json_pick(a, report, names, COUNT_OF(names), values, e) != 0 ||
        json_pick(a, report, snakes, COUNT_OF(snakes), snake, e) != 0)
        return -1;
    if (values[0].p == NULL) /* as Sentry itself writes them */
        values[0] = snake[0];
    if (values[4].p == NULL)
        values[4] = snake[1];
    if (kind == SECURITY_CSP)
        return csp_title(a, values, out, e);
    if (json_scalar(a, values[6], &out->culprit, e) != 0 ||
        host_title(a, kind, out->culprit, &out->title, e) != 0)
        return -1;
    out->grouped = out->title;
    return 0;
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
