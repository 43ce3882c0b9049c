#include "event/item_type.h"

#include "base/limits.h"

static const struct item_type types[] = {
    {"event", ITEM_EVENT, 0},
    {"security", ITEM_EVENT, 0},
    {"raw_security", ITEM_SECURITY, 0},
    {"attachment", ITEM_ATTACHMENT, 0},
    {"user_report", ITEM_USER_REPORT, 64 * LIMIT_KIB},
    {"feedback", ITEM_FEEDBACK, 0},
    {"session", ITEM_SESSION, 64 * LIMIT_KIB},
    {"sessions", ITEM_SESSIONS, 64 * LIMIT_KIB},
    {"client_report", ITEM_CLIENT_REPORT, 4 * LIMIT_KIB},
    {"transaction", ITEM_COUNTED, 0},
    {"check_in", ITEM_CHECK_IN, 100 * LIMIT_KIB},
    {"profile", ITEM_COUNTED, 50 * LIMIT_MIB},
    {"profile_chunk", ITEM_COUNTED, 50 * LIMIT_MIB},
    {"profile_chunk_ui", ITEM_COUNTED, 50 * LIMIT_MIB},
    {"replay_event", ITEM_COUNTED, 0},
    {"replay_recording", ITEM_COUNTED, 10 * LIMIT_MIB},
    {"replay_video", ITEM_COUNTED, SIZE_MAX},
    {"statsd", ITEM_COUNTED, 1 * LIMIT_MIB},
    {"metric_buckets", ITEM_COUNTED, 1 * LIMIT_MIB},
    {"metric_meta", ITEM_COUNTED, 1 * LIMIT_MIB},
    {"span", ITEM_COUNTED, SIZE_MAX},
    {"otel_span", ITEM_COUNTED, SIZE_MAX},
    {"otel_traces_data", ITEM_COUNTED, SIZE_MAX},
    {"log", ITEM_COUNTED, SIZE_MAX},
    {"otel_log", ITEM_COUNTED, 1 * LIMIT_MIB},
    {"trace_metric", ITEM_COUNTED, SIZE_MAX},
    {"nel", ITEM_COUNTED, SIZE_MAX},
    {"form_data", ITEM_COUNTED, 0},
    {"unreal_report", ITEM_COUNTED, SIZE_MAX},
    {"integration", ITEM_COUNTED, SIZE_MAX},
};

static const struct item_type unknown = {"unknown", ITEM_COUNTED, SIZE_MAX};

const struct item_type *
item_type_find(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (str_eq(name, str_of(types[i].name)))
            return &types[i];
    return &unknown;
}
