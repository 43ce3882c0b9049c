#include "monitor/watch.h"
#include "unit.h"

#define MINUTE INT64_C(60)
#define HOUR (60 * MINUTE)
#define START (INT64_C(1700000000) / HOUR * HOUR) /* a full hour */

static struct watch_settings
hourly(int64_t margin_s)
{
    struct watch_settings s = {.has_schedule = true,
                               .margin_s = margin_s,
                               .failure_threshold = 1,
                               .recovery_threshold = 1};
    struct error e;

    UNIT_EQ(schedule_parse(STR("crontab"), STR("0 * * * *"), STR_NONE, &s.schedule, &e),
            0);
    return s;
}

static void
a_check_in_moves_the_next_one(void)
{
    struct watch_settings s = hourly(MINUTE);
    struct watch w = {0};
    int64_t missed;

    watch_started(&w, &s, START + 5);
    UNIT_EQ(w.expected_s, START + HOUR);
    UNIT(!watch_missed(&w, &s, START + HOUR + MINUTE - 1, &missed));
    watch_started(&w, &s, START + HOUR + 2);
    UNIT_EQ(w.expected_s, START + 2 * HOUR);
    watch_started(&w, &s, START + 5); /* an old one, from the spool */
    UNIT_EQ(w.expected_s, START + 2 * HOUR);
}

/* A clock that is 30 s fast must not turn a job into one that is missed. */
static void
an_early_one_is_the_expected_one(void)
{
    struct watch_settings s = hourly(MINUTE);

    for (int64_t early = WATCH_EARLY_S - 1; early <= WATCH_EARLY_S + 1; early++) {
        struct watch w = {0};

        watch_started(&w, &s, START);
        watch_started(&w, &s, START + HOUR - early);
        UNIT_EQ(w.expected_s, START + (early <= WATCH_EARLY_S ? 2 : 1) * HOUR);
    }
}

static void
each_missed_one_is_told_once(void)
{
    struct watch_settings s = hourly(10 * MINUTE);
    struct watch w = {0};
    int64_t missed = 0;

    watch_started(&w, &s, START);
    UNIT(!watch_missed(&w, &s, START + HOUR + 10 * MINUTE - 1, &missed));
    UNIT(watch_missed(&w, &s, START + HOUR + 10 * MINUTE, &missed));
    UNIT_EQ(missed, START + HOUR);
    UNIT(!watch_missed(&w, &s, START + HOUR + 10 * MINUTE, &missed));
    UNIT_EQ(w.expected_s, START + 2 * HOUR);
    UNIT(watch_missed(&w, &s, START + 2 * HOUR + 11 * MINUTE, &missed));
    UNIT_EQ(missed, START + 2 * HOUR);
}

/* Its margin is longer than its interval: each has its own. */
static void
a_long_margin_skips_none(void)
{
    struct watch_settings s = hourly(150 * MINUTE);
    struct watch w = {0};
    int64_t missed = 0;

    watch_started(&w, &s, START);
    for (int64_t i = 1; i < 5; i++) {
        UNIT(watch_missed(&w, &s, START + i * HOUR + 150 * MINUTE, &missed));
        UNIT_EQ(missed, START + i * HOUR);
        UNIT(!watch_missed(&w, &s, START + i * HOUR + 151 * MINUTE, &missed));
    }
}

static void
an_outage_is_one_missed_check_in(void)
{
    struct watch_settings s = hourly(MINUTE);
    struct watch w = {0};
    int64_t missed = 0, now = START + 1000 * HOUR + 30 * MINUTE;

    watch_started(&w, &s, START);
    UNIT(watch_missed(&w, &s, now, &missed));
    UNIT_EQ(missed, START + HOUR);
    UNIT(!watch_missed(&w, &s, now, &missed));
    UNIT_EQ(w.expected_s, START + 1001 * HOUR);
}

static void
a_change_begins_anew(void)
{
    struct watch_settings s = hourly(MINUTE);
    struct watch w = {0};

    watch_started(&w, &s, START);
    s.has_schedule = false;
    watch_changed(&w, START + 5 * HOUR);
    watch_started(&w, &s, START);
    UNIT_EQ(w.expected_s, 0);
    s.has_schedule = true;
    watch_changed(&w, START + 5 * HOUR + 1);
    watch_started(&w, &s, START); /* of before the change */
    UNIT_EQ(w.expected_s, START + 6 * HOUR);
}

static void
thresholds(void)
{
    struct watch_settings s = {.failure_threshold = 3, .recovery_threshold = 2};
    struct watch w = {0};

    UNIT(!watch_failed(&w, &s));
    UNIT(!watch_failed(&w, &s));
    watch_succeeded(&w, &s);
    UNIT(!watch_failed(&w, &s));
    UNIT(!watch_failed(&w, &s));
    UNIT(watch_failed(&w, &s));
    UNIT(watch_failed(&w, &s));
    watch_succeeded(&w, &s);
    UNIT(watch_failed(&w, &s)); /* it has not recovered */
    watch_succeeded(&w, &s);
    watch_succeeded(&w, &s);
    UNIT(!w.failing);
    UNIT(!watch_failed(&w, &s));
}

static const struct unit_test tests[] = {
    {"a_check_in_moves_the_next_one", a_check_in_moves_the_next_one},
    {"an_early_one_is_the_expected_one", an_early_one_is_the_expected_one},
    {"each_missed_one_is_told_once", each_missed_one_is_told_once},
    {"a_long_margin_skips_none", a_long_margin_skips_none},
    {"an_outage_is_one_missed_check_in", an_outage_is_one_missed_check_in},
    {"a_change_begins_anew", a_change_begins_anew},
    {"thresholds", thresholds},
};

const struct unit_suite suite_watch = {"watch", tests, COUNT_OF(tests)};
