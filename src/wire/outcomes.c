#include "wire/outcomes.h"

#define MINUTE_US 60000000LL

static bool
is_same(const struct outcomes_row *a, const struct outcomes_row *b)
{
    return a->project == b->project && a->outcome == b->outcome;
}

static void
add(struct outcomes *o, const struct outcomes_row *row)
{
    size_t same = OUTCOMES_MAX;

    if (o->last < o->count && is_same(&o->row[o->last], row) &&
        o->row[o->last].minute == row->minute) {
        o->row[o->last].quantity += row->quantity;
        return;
    }
    for (size_t i = 0; i < o->count; i++) {
        if (!is_same(&o->row[i], row))
            continue;
        same = i;
        if (o->row[i].minute == row->minute)
            break;
    }
    if (same == OUTCOMES_MAX ||
        (o->row[same].minute != row->minute && o->count < OUTCOMES_MAX)) {
        if (o->count == OUTCOMES_MAX)
            return;
        same = o->count++;
        o->row[same] = *row;
    } else {
        o->row[same].quantity += row->quantity;
    }
    o->last = same;
}

void
outcomes_add(struct outcomes *o, int64_t project, int64_t now_us, enum outcome outcome,
             int64_t quantity)
{
    const struct outcomes_row row = {project, now_us / MINUTE_US, outcome, quantity};

    add(o, &row);
}

void
outcomes_add_all(struct outcomes *o, const struct outcomes *from)
{
    for (size_t i = 0; i < from->count; i++)
        add(o, &from->row[i]);
}

enum outcome
outcomes_of_error(enum error_kind kind)
{
    switch (kind) {
    case ERROR_MALFORMED:
    case ERROR_COSTLY:
        return OUTCOME_MALFORMED;
    case ERROR_UNAUTHORIZED:
        return OUTCOME_UNAUTHORIZED;
    case ERROR_TOO_LARGE:
        return OUTCOME_TOO_LARGE;
    case ERROR_ENCODING:
        return OUTCOME_ENCODING;
    case ERROR_LIMITED:
        return OUTCOME_RATE_LIMITED;
    case ERROR_POISON:
        return OUTCOME_POISON;
    case ERROR_NONE:
    case ERROR_FORBIDDEN:
    case ERROR_FILTERED:
    case ERROR_NOT_FOUND:
    case ERROR_METHOD:
    case ERROR_TIMEOUT:
    case ERROR_LENGTH:
    case ERROR_UNAVAILABLE:
    case ERROR_CONFIG:
    case ERROR_SYSTEM:
    case ERROR_USAGE:
        break;
    }
    return OUTCOME_NONE;
}

enum outcome
outcomes_of_filter(int filter)
{
    return (enum outcome)(OUTCOME_FILTERED_EXTENSIONS + filter - 1);
}

const char *
outcomes_name(enum outcome outcome)
{
    static const char *const names[OUTCOME_KINDS] = {
        [OUTCOME_DUPLICATE] = "duplicate",
        [OUTCOME_RATE_LIMITED] = "rate_limited",
        [OUTCOME_MALFORMED] = "malformed",
        [OUTCOME_TOO_LARGE] = "too_large",
        [OUTCOME_ENCODING] = "encoding",
        [OUTCOME_POISON] = "poison",
        [OUTCOME_UNAUTHORIZED] = "unauthorized",
        [OUTCOME_ATTACHMENT_LIMITED] = "attachment_rate_limited",
        [OUTCOME_FILTERED_EXTENSIONS] = "filtered:browser-extensions",
        [OUTCOME_FILTERED_LOCALHOST] = "filtered:localhost",
        [OUTCOME_FILTERED_BROWSERS] = "filtered:legacy-browsers",
        [OUTCOME_FILTERED_CRAWLERS] = "filtered:web-crawlers",
        [OUTCOME_FILTERED_MESSAGE] = "filtered:message",
        [OUTCOME_FILTERED_RELEASE] = "filtered:release",
        [OUTCOME_SESSION_OLD] = "session_out_of_range",
        [OUTCOME_CHECK_IN_LIMITED] = "check_in_rate_limited",
        [OUTCOME_CHECK_IN_INVALID] = "check_in_invalid"};

    return names[outcome];
}
