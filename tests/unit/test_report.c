#include "doctor/report.h"
#include "unit.h"

static void
findings_are_lines_with_what_to_type_below(void)
{
    struct buf out = buf_init(4096);
    struct report r;

    report_begin(&r, &out, false);
    report_add(&r, REPORT_OK, "first", "%d files", 3);
    report_add(&r, REPORT_FAIL, "second", "is off");
    report_why(&r, "it costs events");
    report_mend(&r, "type this");
    report_mend(&r, "then %s", "that");
    report_add(&r, REPORT_SKIP, "third", "not tried");
    report_end(&r);
    UNIT_STR(buf_str(&out), "ok    first                 3 files\n"
                            "FAIL  second                is off\n"
                            "      it costs events\n"
                            "      > type this\n"
                            "      > then that\n"
                            "skip  third                 not tried\n");
    UNIT(r.count[REPORT_OK] == 1 && r.count[REPORT_FAIL] == 1 &&
         r.count[REPORT_SKIP] == 1 && r.count[REPORT_WARN] == 0);
    buf_release(&out);
}

static void
json_is_an_array_of_objects(void)
{
    struct buf out = buf_init(4096);
    struct report r;

    report_begin(&r, &out, true);
    report_end(&r);
    UNIT_STR(buf_str(&out), "[]\n");
    buf_clear(&out, 0);
    report_begin(&r, &out, true);
    report_add(&r, REPORT_OK, "first", "fine");
    report_add(&r, REPORT_WARN, "second", "\"low\"");
    report_why(&r, "why");
    report_mend(&r, "do");
    report_end(&r);
    UNIT_STR(buf_str(&out),
             "[{\"check\":\"first\",\"state\":\"ok\",\"what\":\"fine\",\"mend\":null},\n"
             " {\"check\":\"second\",\"state\":\"warn\",\"what\":\"\\\"low\\\"\\nwhy\","
             "\"mend\":\"do\"}]\n")

        ;
    buf_release(&out);
}

static void
what_others_wrote_steers_nothing(void)
{
    struct buf out = buf_init(4096);
    struct report r;

    report_begin(&r, &out, false);
    report_add(&r, REPORT_FAIL, "x", "a\033[2Jb\nok    forged");
    report_end(&r);
    UNIT_STR(buf_str(&out), "FAIL  x                     a [2Jb ok    forged\n");
    buf_release(&out);
}

static const struct unit_test tests[] = {
    {"findings_are_lines_with_what_to_type_below",
     findings_are_lines_with_what_to_type_below},
    {"json_is_an_array_of_objects", json_is_an_array_of_objects},
    {"what_others_wrote_steers_nothing", what_others_wrote_steers_nothing},
};

const struct unit_suite suite_report = {"report", tests, COUNT_OF(tests)};
