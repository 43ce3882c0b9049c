#include "event/items.h"

#include "base/limits.h"

static const struct items_type types[] = {
    {"event", ITEMS_EVENT, 0},
    {"security", ITEMS_EVENT, 0},
    {"raw_security", ITEMS_SECURITY, 0},
    {"attachment", ITEMS_ATTACHMENT, 0},
    {"user_report", ITEMS_USER_REPORT, 64 * LIMIT_KIB},
    {"feedback", ITEMS_FEEDBACK, 0},
    {"session", ITEMS_SESSION, 64 * LIMIT_KIB},
    {"sessions", ITEMS_SESSIONS, 64 * LIMIT_KIB},
    {"client_report", ITEMS_CLIENT_REPORT, 4 * LIMIT_KIB},
    {"transaction", ITEMS_COUNT, 0},
    {"check_in", ITEMS_COUNT, 100 * LIMIT_KIB},
    {"profile", ITEMS_COUNT, 50 * LIMIT_MIB},
    {"profile_chunk", ITEMS_COUNT, 50 * LIMIT_MIB},
    {"profile_chunk_ui", ITEMS_COUNT, 50 * LIMIT_MIB},
    {"replay_event", ITEMS_COUNT, 0},
    {"replay_recording", ITEMS_COUNT, 10 * LIMIT_MIB},
    {"replay_video", ITEMS_COUNT, SIZE_MAX},
    {"statsd", ITEMS_COUNT, 1 * LIMIT_MIB},
    {"metric_buckets", ITEMS_COUNT, 1 * LIMIT_MIB},
    {"metric_meta", ITEMS_COUNT, 1 * LIMIT_MIB},
    {"span", ITEMS_COUNT, SIZE_MAX},
    {"otel_span", ITEMS_COUNT, SIZE_MAX},
    {"otel_traces_data", ITEMS_COUNT, SIZE_MAX},
    {"log", ITEMS_COUNT, SIZE_MAX},
    {"otel_log", ITEMS_COUNT, 1 * LIMIT_MIB},
    {"trace_metric", ITEMS_COUNT, SIZE_MAX},
    {"nel", ITEMS_COUNT, SIZE_MAX},
    {"form_data", ITEMS_COUNT, 0},
    {"unreal_report", ITEMS_COUNT, SIZE_MAX},
    {"integration", ITEMS_COUNT, SIZE_MAX},
};

static const struct items_type unknown = {"unknown", ITEMS_COUNT, SIZE_MAX};

const struct items_type *
items_find(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (str_eq(name, str_of(types[i].name)))
            return &types[i];
    return &unknown;
}
