/*
 * fuzz_crontab: any bytes as a crontab, and as the value and the unit of an interval.
 *
 * The next times of a schedule that is accepted follow one another, at whole minutes of a
 * crontab; a crontab accepted has one within nine years.
 */
#include "fuzz.h"
#include "monitor/schedule.h"
#include "monitor/zone.h"

/* Before the clocks of Berlin are set back. */
#define START INT64_C(1792880000)
#define STEPS 5
#define NINE_YEARS_S (INT64_C(9) * 366 * 86400)

static void
follow(const struct schedule *s, int64_t at_s)
{
    for (int i = 0; i < STEPS; i++) {
        int64_t next_s = 0;

        if (!schedule_next(s, at_s, &next_s)) {
            CHECK(!s->is_crontab);
            return;
        }
        CHECK(next_s > at_s);
        CHECK(!s->is_crontab || (next_s % 60 == 0 && next_s - at_s < NINE_YEARS_S));
        at_s = next_s;
    }
}

static int
fuzz_one(const uint8_t *data, size_t size)
{
    static const char *const zones[] = {"UTC", "Europe/Berlin", "America/New_York"};
    struct str text = {(const char *)data, size}, rest = text, value;
    struct schedule s;
    struct error e;

    value = str_cut(&rest, ' ');
    for (size_t i = 0; i < COUNT_OF(zones); i++) {
        (void)zone_use(zones[i]);
        if (schedule_parse(STR("crontab"), text, STR_NONE, &s, &e) == 0)
            follow(&s, START);
        if (schedule_parse(STR("interval"), value, rest, &s, &e) == 0)
            follow(&s, START);
    }
    return 0;
}

FUZZ_TARGET(10, LIMIT_MIB)
