#include "event/reports.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "json/json.h"
#include "json/scan.h"

#define NAME_MAX_CHARS 128U
#define EMAIL_MAX_CHARS 254U
#define COMMENTS_MAX_CHARS 8192U
#define URL_MAX_CHARS 1024U
#define QUANTITY_MAX 1000000000

/* The texts of a report: their names in both forms. */
static const struct str report_names[] = {STR_INIT("event_id"), STR_INIT("name"),
                                          STR_INIT("email"), STR_INIT("comments"),
                                          STR_INIT("url")};
static const struct str feedback_names[] = {STR_INIT("associated_event_id"),
                                            STR_INIT("name"), STR_INIT("contact_email"),
                                            STR_INIT("message"), STR_INIT("url")};

static int
text_of(struct arena *a, struct str value, size_t max_chars, struct str *out,
        struct error *e)
{
    if (json_scalar(a, value, out, e) != 0)
        return -1;
    if (out->n == 0)
        *out = STR_NONE;
    if (utf8_cut(a, *out, max_chars, out) != 0)
        return error_no_memory(e);
    return 0;
}

/* Finds the object that contains a feedback's texts, and the feedback's own id. */
static int
find_feedback(struct arena *a, struct str *object, struct reports_user *out,
              struct error *e)
{
    static const struct str names[] = {STR_INIT("contexts"), STR_INIT("event_id")},
                            name = STR_INIT("feedback");
    struct str values[COUNT_OF(names)], inside = STR_NONE, id;

    if (json_pick(a, *object, names, COUNT_OF(names), values, e) != 0 ||
        json_scalar(a, values[1], &id, e) != 0)
        return -1;
    if (values[0].p != NULL && scan_type(values[0]) == SCAN_OBJECT &&
        json_pick(a, values[0], &name, 1, &inside, e) != 0)
        return -1;
    if (inside.p == NULL || scan_type(inside) != SCAN_OBJECT)
        return error_set(e, ERROR_MALFORMED, "feedback without contexts.feedback");
    out->has_id = id.p != NULL && ids_parse_event(id, &out->id) == 0;
    *object = inside;
    return 0;
}

int
reports_user(struct arena *a, struct str text, bool is_feedback, struct reports_user *out,
             struct error *e)
{
    const struct str *names = is_feedback ? feedback_names : report_names;
    struct str object, values[COUNT_OF(report_names)], id;

    *out = (struct reports_user){.has_id = false};
    if (scan_value(text, LIMIT_JSON_DEPTH, &object, e) != 0)
        return -1;
    if (scan_type(object) != SCAN_OBJECT)
        return error_set(e, ERROR_MALFORMED, "a report must be a JSON object");
    if (is_feedback && find_feedback(a, &object, out, e) != 0)
        return -1;
    if (json_pick(a, object, names, COUNT_OF(report_names), values, e) != 0 ||
        json_scalar(a, values[0], &id, e) != 0 ||
        text_of(a, values[1], NAME_MAX_CHARS, &out->name, e) != 0 ||
        text_of(a, values[2], EMAIL_MAX_CHARS, &out->email, e) != 0 ||
        text_of(a, values[3], COMMENTS_MAX_CHARS, &out->comments, e) != 0 ||
        text_of(a, values[4], URL_MAX_CHARS, &out->url, e) != 0)
        return -1;
    out->has_event = id.p != NULL && ids_parse_event(id, &out->event_id) == 0;
    if (out->name.p == NULL && out->email.p == NULL && out->comments.p == NULL)
        return error_set(e, ERROR_MALFORMED, "an empty report");
    return 0;
}

/* Returns a word from a list: a client must not be able to create rows without limit. */
static struct str
known_word(struct str word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(word, str_of(words[i])))
            return str_of(words[i]);
    return STR("other");
}

static struct str
known_reason(struct str word)
{
    static const char *const words[] = {"queue_overflow",    "cache_overflow",
                                        "buffer_overflow",   "ratelimit_backoff",
                                        "network_error",     "sample_rate",
                                        "before_send",       "event_processor",
                                        "send_error",        "internal_sdk_error",
                                        "insufficient_data", "backpressure",
                                        "ignored",           "invalid",
                                        "too_big",           "no_parent_span"};

    return known_word(word, words, COUNT_OF(words));
}

static struct str
known_category(struct str word)
{
    static const char *const words[] = {
        "default",  "error",         "transaction",      "span",
        "security", "attachment",    "attachment_item",  "session",
        "profile",  "profile_chunk", "profile_chunk_ui", "replay",
        "monitor",  "feedback",      "user_report_v2",   "metric_bucket",
        "log_item", "log_byte",      "trace_metric",     "internal"};

    return known_word(word, words, COUNT_OF(words));
}

/* One list of {"reason", "category", "quantity"}. */
static int
read_list(struct arena *a, struct str list, reports_take *take, void *context,
          struct error *e)
{
    static const struct str names[] = {STR_INIT("reason"), STR_INIT("category"),
                                       STR_INIT("quantity")};
    struct str values[COUNT_OF(names)], object, reason, category;
    struct scan_iter it;
    int64_t quantity;

    if (list.p == NULL || scan_type(list) != SCAN_ARRAY)
        return 0;
    it = scan_open(list);
    while (scan_array_next(&it, &object)) {
        if (scan_type(object) != SCAN_OBJECT)
            continue;
        if (json_pick(a, object, names, COUNT_OF(names), values, e) != 0 ||
            json_scalar(a, values[0], &reason, e) != 0 ||
            json_scalar(a, values[1], &category, e) != 0)
            return -1;
        if (values[2].p == NULL || num_parse(values[2], 1, QUANTITY_MAX, &quantity) != 0)
            continue;
        if (take(context, known_reason(reason), known_category(category), quantity, e) !=
            0)
            return -1;
    }
    return 0;
}

int
reports_client(struct arena *a, struct str text, reports_take *take, void *context,
               struct error *e)
{
    static const struct str names[] = {
        STR_INIT("discarded_events"), STR_INIT("rate_limited_events"),
        STR_INIT("filtered_events"), STR_INIT("filtered_sampling_events")};
    struct str object, lists[COUNT_OF(names)];
    struct error ignored;

    if (scan_value(text, LIMIT_JSON_DEPTH, &object, &ignored) != 0 ||
        scan_type(object) != SCAN_OBJECT)
        return 0;
    if (json_pick(a, object, names, COUNT_OF(names), lists, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        if (read_list(a, lists[i], take, context, e) != 0)
            return -1;
    return 0;
}
