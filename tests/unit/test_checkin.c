#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "event/checkin.h"
#include "unit.h"

static struct arena *arena;

static int
read(const char *json, struct checkin *out, struct error *e)
{
    struct checkin_texts t = {.slug = STR("nightly")};

    arena_reset(arena);
    return checkin_texts(arena, unit_exact(str_of(json)), &t, e) != 0
               ? -1
               : checkin_read(arena, &t, out, e);
}

static void
all_members(void)
{
    struct checkin c = {.has_id = false};
    struct error e;

    arena = arena_new(4096, LIMIT_MIB);
    UNIT_EQ(read("{\"check_in_id\":\"00112233445566778899aabbccddeeff\",\"monitor_slug\":"
                 "\"My Job: Ä.x\",\"status\":\"ok\",\"duration\":1.5,\"environment\":"
                 "\"dev\",\"monitor_config\":{\"schedule\":{\"type\":\"interval\","
                 "\"value\":2,\"unit\":\"hour\"},\"checkin_margin\":5,\"max_runtime\":9,"
                 "\"timezone\":\"Europe/Berlin\",\"failure_issue_threshold\":2,"
                 "\"recovery_threshold\":3,\"owner\":\"user:1\"}}",
                 &c, &e),
            0);
    UNIT_STR(c.slug, "my-job-x");
    UNIT_STR(c.status, "ok");
    UNIT_STR(c.environment, "dev");
    UNIT(c.has_id);
    UNIT_EQ(c.duration_ms, 1500);
    UNIT_STR(c.config, "{\"type\":\"interval\",\"value\":\"2\",\"unit\":\"hour\","
                       "\"timezone\":\"Europe/Berlin\",\"checkin_margin\":5,"
                       "\"max_runtime\":9,\"failure_issue_threshold\":2,"
                       "\"recovery_threshold\":3}");
    arena_free(arena);
}

static void
what_is_not_given(void)
{
    struct checkin c = {.has_id = false};
    struct error e;

    arena = arena_new(4096, LIMIT_MIB);
    UNIT_EQ(
        read("\xef\xbb\xbf{\"status\":\"in_progress\",\"monitor_config\":{\"schedule\":"
             "{\"type\":\"crontab\",\"value\":\"@daily\"}},\"check_in_id\":"
             "\"00000000-0000-0000-0000-000000000000\"}",
             &c, &e),
        0);
    UNIT_STR(c.slug, "nightly");
    UNIT_STR(c.environment, "production");
    UNIT(!c.has_id);
    UNIT_EQ(c.duration_ms, -1);
    UNIT_STR(c.config, "{\"type\":\"crontab\",\"value\":\"@daily\",\"timezone\":\"UTC\","
                       "\"checkin_margin\":1,\"max_runtime\":30,"
                       "\"failure_issue_threshold\":1,\"recovery_threshold\":1}");
    UNIT_EQ(read("{\"status\":\"error\",\"monitor_config\":null}", &c, &e), 0);
    UNIT(c.config.p == NULL);
    arena_free(arena);
}

#define CONFIG(text)                                                             \
    "{\"status\":\"ok\",\"monitor_config\":{\"schedule\":{\"type\":\"crontab\"," \
    "\"value\":\"* * * * *\"}," text "}}"

static void
wrong_values_are_named(void)
{
    static const struct {
        const char *json, *error;
    } rows[] = {
        {"[]", "a check-in must be a JSON object"},
        {"{}", "status of a check-in must be ok, in_progress or error"},
        {"{\"status\":\"missed\"}",
         "status of a check-in must be ok, in_progress or error"},
        {"{\"status\":[]}", "status of a check-in must be a text"},
        {"{\"status\":\"ok\",\"monitor_slug\":\"\"}", "monitor_slug is missing"},
        {"{\"status\":\"ok\",\"monitor_slug\":\"../..\"}",
         "monitor_slug must have a letter from a to z or a digit"},
        {"{\"status\":\"ok\",\"check_in_id\":\"12\"}", "check_in_id must be a UUID"},
        {"{\"status\":\"ok\",\"environment\":\"a/b\"}",
         "environment must not have a slash or a line break, or be none"},
        {"{\"status\":\"ok\",\"duration\":-1}",
         "duration must be a number of seconds from 0 to 2419200"},
        {"{\"status\":\"ok\",\"duration\":\"0x10\"}",
         "duration must be a number of seconds from 0 to 2419200"},
        {"{\"status\":\"ok\",\"duration\":2419201}",
         "duration must be a number of seconds from 0 to 2419200"},
        {"{\"status\":\"ok\",\"monitor_config\":1}",
         "monitor_config must be a JSON object"},
        {"{\"status\":\"ok\",\"monitor_config\":{}}",
         "monitor_config.schedule must be a JSON object"},
        {CONFIG("\"timezone\":\"../etc\""),
         "monitor_config.timezone must be a name such as Europe/Berlin, of at most 64 "
         "bytes"},
        {CONFIG("\"checkin_margin\":-1"),
         "monitor_config.checkin_margin must be a number from 0 to 40320"},
        {CONFIG("\"checkin_margin\":40321"),
         "monitor_config.checkin_margin must be a number from 0 to 40320"},
        {CONFIG("\"max_runtime\":0"),
         "monitor_config.max_runtime must be a number from 1 to 40320"},
        {CONFIG("\"max_runtime\":40321"),
         "monitor_config.max_runtime must be a number from 1 to 40320"},
        {CONFIG("\"failure_issue_threshold\":721"),
         "monitor_config.failure_issue_threshold must be a number from 1 to 720"},
        {CONFIG("\"recovery_threshold\":\"x\""),
         "monitor_config.recovery_threshold must be a number from 1 to 720"},
    };

    arena = arena_new(4096, LIMIT_MIB);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct checkin c;
        struct error e = {.text = ""};

        UNIT_EQ(read(rows[i].json, &c, &e), -1);
        UNIT_EQ(e.kind, ERROR_MALFORMED);
        UNIT_STR(str_of(e.text), rows[i].error);
    }
    arena_free(arena);
}

static void
limits(void)
{
    static const struct {
        const char *json;
        int last; /* -1: refused */
    } rows[] = {
        {CONFIG("\"checkin_margin\":0"), 0},
        {CONFIG("\"checkin_margin\":40320"), 0},
        {CONFIG("\"max_runtime\":1"), 0},
        {CONFIG("\"max_runtime\":40320"), 0},
        {CONFIG("\"failure_issue_threshold\":720"), 0},
        {CONFIG("\"recovery_threshold\":719"), 0},
        {"{\"status\":\"ok\",\"duration\":2419200}", 0},
        {"{\"status\":\"ok\",\"duration\":2.4e6}", 0},
    };

    char text[LIMIT_SLUG_CHARS + 2];

    arena = arena_new(4096, LIMIT_MIB);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct checkin c;
        struct error e;

        UNIT_EQ(read(rows[i].json, &c, &e), rows[i].last);
    }
    (void)memset(text, 'a', sizeof text);
    for (size_t d = 0; d < 3; d++) {
        struct checkin_texts t = {.slug = {text, LIMIT_SLUG_CHARS - 1 + d},
                                  .status = STR("ok")};
        struct checkin c;
        struct error e;

        UNIT_EQ(checkin_read(arena, &t, &c, &e), d == 2 ? -1 : 0);
        t.slug = STR("a");
        t.environment = (struct str){text, LIMIT_ENVIRONMENT_CHARS - 1 + d};
        UNIT_EQ(checkin_read(arena, &t, &c, &e), d == 2 ? -1 : 0);
    }
    arena_free(arena);
}

static const struct unit_test tests[] = {
    {"all_members", all_members},
    {"what_is_not_given", what_is_not_given},
    {"wrong_values_are_named", wrong_values_are_named},
    {"limits", limits},
};

const struct unit_suite suite_checkin = {"checkin", tests, COUNT_OF(tests)};
