#include "monitor/watch.h"

static void
expect_after(struct watch *w, const struct watch_settings *s, int64_t after_s)
{
    w->from_s = after_s;
    if (!s->has_schedule || !schedule_next(&s->schedule, after_s, &w->expected_s))
        w->expected_s = 0;
}

void
watch_started(struct watch *w, const struct watch_settings *s, int64_t started_s)
{
    if (w->expected_s != 0 && started_s <= w->from_s)
        return;
    if (w->expected_s != 0 && s->schedule.is_crontab && started_s < w->expected_s &&
        started_s >= w->expected_s - WATCH_EARLY_S)
        started_s = w->expected_s;
    expect_after(w, s, started_s > w->from_s ? started_s : w->from_s);
}

void
watch_changed(struct watch *w, int64_t changed_s)
{
    w->expected_s = 0;
    if (changed_s > w->from_s)
        w->from_s = changed_s;
}

bool
watch_missed(struct watch *w, const struct watch_settings *s, int64_t now_s,
             int64_t *missed_s)
{
    if (w->expected_s == 0 || now_s < w->expected_s + s->margin_s)
        return false;
    *missed_s = w->expected_s;
    expect_after(w, s, w->expected_s);
    if (w->expected_s != 0 && now_s >= w->expected_s + s->margin_s)
        expect_after(w, s, now_s);
    return true;
}

bool
watch_failed(struct watch *w, const struct watch_settings *s)
{
    w->successes = 0;
    w->failures++;
    if (w->failures >= s->failure_threshold)
        w->failing = true;
    return w->failing;
}

void
watch_succeeded(struct watch *w, const struct watch_settings *s)
{
    w->failures = 0;
    w->successes++;
    if (w->successes >= s->recovery_threshold)
        w->failing = false;
}
