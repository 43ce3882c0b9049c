#include <string.h>

#include "base/num.h"
#include "unit.h"
#include "wire/frame.h"

static const struct uuid an_id = {
    {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

static void
add_item(struct buf *b)
{
    size_t at = frame_item_begin(b);

    row_add_uuid(b, &an_id);
    row_add_time(b, 1767225600000000);
    row_add_time(b, 1767225600000000);
    row_add_bytes(b, STR("0123456789abcdef"));
    row_add_bytes(b, STR("error"));
    row_add_bytes(b, STR("title"));
    for (unsigned f = ROW_MESSAGE; f < ROW_PAYLOAD; f++)
        row_add_bytes(b, STR_NONE);
    row_add_bytes(b, STR("payload"));
    frame_end(b, at);
}

/* Two rows with a charge between them. */
static struct buf
make_submission(unsigned flags)
{
    struct buf b = buf_init(10000);
    size_t at = frame_begin(&b, FRAME_SUBMIT, 77);

    frame_submission_head(&b, 42, flags, 3);
    add_item(&b);
    frame_charge(&b);
    add_item(&b);
    frame_end(&b, at);
    return b;
}

/* The one frame in b; an empty body if it is none. */
static struct frame
only_frame(const struct buf *b, enum frame_type type, uint32_t tag)
{
    struct frame f = {.body = {"", 0}};
    struct error e;

    UNIT_EQ(frame_parse(unit_exact(buf_str(b)), &f, &e), (ptrdiff_t)b->n);
    UNIT(f.type == type && f.tag == tag);
    return f;
}

static void
small_frames_come_back(void)
{
    const struct verdict sent[] = {{VERDICT_STORED, 0}, {VERDICT_LIMITED, 60000}};
    struct buf b = buf_init(10000);
    enum key_state state = KEY_STATE_UNKNOWN;
    struct verdict got[2];
    struct key key, k = {"mshr_x"};
    int64_t project = 0;
    enum frame_attached attached = FRAME_ATTACHED_OK;
    unsigned flags = 0;
    struct str text = STR_NONE;
    bool known = false;
    struct error e;
    int ok = 0;

    frame_lookup(&b, 1, &k);
    UNIT_EQ(frame_parse_lookup(only_frame(&b, FRAME_LOOKUP, 1).body, &key, &e), 0);
    UNIT(key_eq(&key, &k));
    buf_clear(&b, 0);
    frame_key(&b, UINT32_MAX, KEY_STATE_GOOD, INT64_MAX);
    UNIT_EQ(
        frame_parse_key(only_frame(&b, FRAME_KEY, UINT32_MAX).body, &state, &project, &e),
        0);
    UNIT(state == KEY_STATE_GOOD && project == INT64_MAX);
    buf_clear(&b, 0);
    frame_status(&b, 3);
    UNIT_EQ(only_frame(&b, FRAME_STATUS, 3).body.n, 0);
    buf_clear(&b, 0);
    frame_state(&b, 4, 17);
    UNIT(frame_parse_state(only_frame(&b, FRAME_STATE, 4).body, &ok, &e) == 0 && ok == 1);
    buf_clear(&b, 0);
    frame_attach(&b, 6, INT64_MAX, FRAME_AGAIN);
    UNIT_EQ(
        frame_parse_attach(only_frame(&b, FRAME_ATTACH, 6).body, &project, &flags, &e),
        0);
    UNIT(project == INT64_MAX && flags == FRAME_AGAIN);
    buf_clear(&b, 0);
    frame_attached(&b, 7, FRAME_ATTACHED_ALL_FULL);
    UNIT_EQ(frame_parse_attached(only_frame(&b, FRAME_ATTACHED, 7).body, &attached, &e),
            0);
    UNIT_EQ(attached, FRAME_ATTACHED_ALL_FULL);
    buf_clear(&b, 0);
    frame_scrub(&b, 8, 43);
    UNIT_EQ(frame_parse_scrub(only_frame(&b, FRAME_SCRUB, 8).body, &project, &e), 0);
    UNIT_EQ(project, 43);
    buf_clear(&b, 0);
    frame_scrubbing(&b, 9, true, STR("on\noff\n\n"));
    UNIT_EQ(
        frame_parse_scrubbing(only_frame(&b, FRAME_SCRUBBING, 9).body, &known, &text, &e),
        0);
    UNIT(known && unit_is(text, "on\noff\n\n"));
    UNIT_EQ(frame_parse_scrub(STR("1234567"), &project, &e), -1);
    UNIT_EQ(frame_parse_scrubbing(STR(""), &known, &text, &e), -1);
    UNIT_EQ(frame_parse_scrubbing(STR("\2"), &known, &text, &e), -1);
    buf_clear(&b, 0);
    frame_verdicts(&b, 5, sent, 2);
    UNIT_EQ(frame_parse_verdicts(only_frame(&b, FRAME_VERDICTS, 5).body, got, 2, &e), 0);
    UNIT(got[0].status == VERDICT_STORED && got[0].retry_ms == 0);
    UNIT(got[1].status == VERDICT_LIMITED && got[1].retry_ms == 60000);
    buf_release(&b);
}

static void
a_submission_comes_back(void)
{
    static const enum frame_item_kind kinds[] = {FRAME_ITEM_ROW, FRAME_ITEM_CHARGE,
                                                 FRAME_ITEM_ROW};
    struct frame_item none;
    struct buf b = make_submission(FRAME_AGAIN);
    struct frame_submission s = {.count = 0};
    struct error e;

    UNIT_EQ(frame_parse_submission(only_frame(&b, FRAME_SUBMIT, 77).body, &s, &e), 0);
    UNIT(s.project == 42 && s.flags == FRAME_AGAIN && s.count == 3);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct frame_item item;

        UNIT(frame_next_item(&s, &item, &e) == 0 && item.kind == kinds[i]);
        UNIT(kinds[i] == FRAME_ITEM_CHARGE ||
             unit_is(row_value(&item.row, ROW_PAYLOAD), "payload"));
    }
    UNIT_EQ(s.items.n, 0);
    UNIT_EQ(frame_next_item(&s, &none, &e), -1);
    buf_release(&b);
}

static void
a_frame_that_is_sent_again_is_marked(void)
{
    struct buf b = make_submission(0), marked = make_submission(FRAME_AGAIN);

    frame_mark_again(&b);
    UNIT(str_eq(buf_str(&b), buf_str(&marked)));
    frame_set_tag(&b, 0x01020304);
    UNIT_EQ(only_frame(&b, FRAME_SUBMIT, 0x01020304).body.n, b.n - FRAME_HEAD_BYTES);
    buf_release(&b);
    buf_release(&marked);
}

static void
a_frame_cut_anywhere_needs_more(void)
{
    struct buf b = make_submission(0);
    struct error e;
    struct frame f;

    for (size_t n = 0; n < b.n; n++)
        UNIT_EQ(frame_parse(unit_exact((struct str){b.data, n}), &f, &e), 0);
    frame_status(&b, 9); /* the next one does not matter */
    UNIT_EQ(frame_parse(unit_exact(buf_str(&b)), &f, &e),
            (ptrdiff_t)(b.n - FRAME_HEAD_BYTES));
    buf_release(&b);
}

static void
another_version_is_refused_at_its_byte(void)
{
    struct buf b = make_submission(0);
    struct error e;
    struct frame f;

    for (unsigned v = 0; v < 256; v++) {
        b.data[4] = (char)v;
        for (size_t n = 4; n < 12; n++)
            UNIT_EQ(
                frame_parse(unit_exact((struct str){b.data, n}), &f, &e),
                (n == 4 || (v >= FRAME_VERSION_FIRST && v <= FRAME_VERSION) ? 0 : -1));
    }
    UNIT_EQ(e.kind, ERROR_MALFORMED);
    buf_release(&b);
}

static void
lengths_of_frames_are_limited(void)
{
    static const struct {
        int line;
        size_t length;
        ptrdiff_t result;
    } rows[] = {
        {__LINE__, 0, -1},
        {__LINE__, FRAME_HEAD_BYTES - 5, -1},
        {__LINE__, FRAME_HEAD_BYTES - 4, FRAME_HEAD_BYTES},
        {__LINE__, FRAME_HEAD_BYTES - 3, 0},
        {__LINE__, FRAME_MAX_BYTES - 1, 0},
        {__LINE__, FRAME_MAX_BYTES, 0},
        {__LINE__, FRAME_MAX_BYTES + 1, -1},
        {__LINE__, UINT32_MAX, -1},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf b = buf_init(100);
        struct error e;
        struct frame f;

        frame_status(&b, 1);
        buf_set_be32(&b, 0, (uint32_t)rows[i].length);
        UNIT_EQ_AT(rows[i].line, frame_parse(unit_exact(buf_str(&b)), &f, &e),
                   rows[i].result);
        buf_release(&b);
    }
}

static void
a_whole_frame_of_the_largest_size_is_taken(void)
{
    struct buf b = buf_init(FRAME_MAX_BYTES + 4);
    size_t at = frame_begin(&b, FRAME_SUBMIT, 1);
    struct error e;
    struct frame f;
    char *rest = buf_reserve(&b, FRAME_MAX_BYTES + 4 - FRAME_HEAD_BYTES);

    UNIT(rest != NULL);
    b.n = FRAME_MAX_BYTES + 4;
    frame_end(&b, at);
    UNIT_EQ(frame_parse(buf_str(&b), &f, &e), (ptrdiff_t)b.n);
    UNIT_EQ(f.body.n, FRAME_MAX_BYTES + 4 - FRAME_HEAD_BYTES);
    buf_release(&b);
}

static void
the_number_of_items_is_limited(void)
{
    struct buf b = buf_init(100000);
    struct frame_submission s;
    struct error e;

    for (size_t count = 0; count <= FRAME_MAX_ITEMS + 1; count += FRAME_MAX_ITEMS / 2) {
        for (size_t n = count == 0 ? 0 : count - 1; n <= count + 1; n++) {
            bool fine = n >= 1 && n <= FRAME_MAX_ITEMS;

            buf_clear(&b, SIZE_MAX);
            frame_submission_head(&b, 1, 0, n);
            for (size_t i = 0; i < n; i++)
                frame_charge(&b);
            UNIT_EQ(frame_parse_submission(buf_str(&b), &s, &e), (fine ? 0 : -1));
            /* More items than there is room for. */
            UNIT(n == 0 ||
                 frame_parse_submission((struct str){b.data, b.n - 1}, &s, &e) == -1);
        }
    }
    buf_release(&b);
}

static void
bodies_cut_anywhere_are_bad(void)
{
    struct buf b = make_submission(0);
    struct str body = {b.data + FRAME_HEAD_BYTES, b.n - FRAME_HEAD_BYTES};
    struct error e;

    for (size_t n = 0; n < body.n; n++) {
        struct frame_submission s;
        struct frame_item item;
        int rc = frame_parse_submission(unit_exact((struct str){body.p, n}), &s, &e);

        for (size_t i = 0; rc >= 0 && i < 3; i++)
            rc = frame_next_item(&s, &item, &e);
        UNIT(rc == -1 && e.kind == ERROR_MALFORMED);
    }
    buf_release(&b);
}

static void
small_bodies_have_one_size(void)
{
    char ones[2 * KEY_BYTES], zeros[2 * KEY_BYTES] = {0};
    enum key_state state;
    struct verdict v[3];
    enum frame_attached attached;
    struct key k;
    struct error e;
    int64_t project;
    unsigned flags;
    int ok;

    (void)memset(ones, '1', sizeof ones);
    for (size_t n = 0; n <= sizeof zeros; n++) {
        struct str body = unit_exact((struct str){ones, n});

        UNIT_EQ(frame_parse_lookup(body, &k, &e), (n == KEY_BYTES ? 0 : -1));
        UNIT_EQ(frame_parse_attach(body, &project, &flags, &e), (n == 9 ? 0 : -1));
        UNIT_EQ(frame_parse_origins(body, &project, &e), (n == 8 ? 0 : -1));
        body = unit_exact((struct str){zeros, n});
        UNIT_EQ(frame_parse_key(body, &state, &project, &e), (n == 9 ? 0 : -1));
        UNIT_EQ(frame_parse_state(body, &ok, &e), (n == 1 ? 0 : -1));
        UNIT_EQ(frame_parse_attached(body, &attached, &e), (n == 1 ? 0 : -1));
        UNIT_EQ(frame_parse_verdicts(body, v, 0, &e), (n == 2 ? 0 : -1));
    }
}

static void
words_that_do_not_exist_are_bad(void)
{
    struct buf b = buf_init(100);
    enum frame_attached attached;
    enum key_state state;
    struct verdict v[1];
    struct error e;
    int64_t project;
    int ok;

    for (unsigned c = 0; c < 256; c++) {
        buf_clear(&b, 100);
        buf_add_u8(&b, (uint8_t)c);
        UNIT_EQ(frame_parse_state(buf_str(&b), &ok, &e), (c <= 1 ? 0 : -1));
        UNIT_EQ(frame_parse_attached(buf_str(&b), &attached, &e),
                (c <= FRAME_ATTACHED_ALL_FULL ? 0 : -1));
        buf_add_be64(&b, 1);
        UNIT_EQ(frame_parse_key(buf_str(&b), &state, &project, &e),
                (c <= KEY_STATE_GOOD ? 0 : -1));
        buf_clear(&b, 100);
        buf_add_be16(&b, 1);
        buf_add_u8(&b, (uint8_t)c);
        buf_add_be32(&b, 1);
        UNIT_EQ(frame_parse_verdicts(buf_str(&b), v, 1, &e),
                (c <= VERDICT_NO_PROJECT ? 0 : -1));
        UNIT_EQ(frame_parse_verdicts(buf_str(&b), v, 0, &e), -1);
        UNIT_EQ(frame_parse_verdicts((struct str){b.data, b.n - 1}, v, 1, &e), -1);
    }
    buf_release(&b);
}

static void
a_project_is_1_to_the_largest_number(void)
{
    static const struct {
        int line, result;
        int64_t project;
    } rows[] = {
        {__LINE__, -1, INT64_MIN}, {__LINE__, -1, -1},       {__LINE__, -1, 0},
        {__LINE__, 0, 1},          {__LINE__, 0, INT64_MAX},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf b = buf_init(1000);
        struct frame_submission s;
        enum key_state state;
        struct error e;
        int64_t project;
        unsigned flags;

        buf_add_be64(&b, (uint64_t)rows[i].project);
        UNIT_EQ_AT(rows[i].line, frame_parse_origins(buf_str(&b), &project, &e),
                   rows[i].result);
        buf_add_u8(&b, 0);
        UNIT_EQ_AT(rows[i].line, frame_parse_attach(buf_str(&b), &project, &flags, &e),
                   rows[i].result);
        buf_clear(&b, SIZE_MAX);
        frame_submission_head(&b, rows[i].project, 0, 1);
        frame_charge(&b);
        UNIT_EQ_AT(rows[i].line, frame_parse_submission(buf_str(&b), &s, &e),
                   rows[i].result);
        for (unsigned known = KEY_STATE_UNAVAILABLE; known <= KEY_STATE_GOOD; known++) {
            buf_clear(&b, SIZE_MAX);
            buf_add_u8(&b, (uint8_t)known);
            buf_add_be64(&b, (uint64_t)rows[i].project);
            UNIT_EQ_AT(
                rows[i].line, frame_parse_key(buf_str(&b), &state, &project, &e),
                (rows[i].project == 0 && known < KEY_STATE_REVOKED ? 0 : rows[i].result));
        }
        buf_release(&b);
    }
}

static void
a_key_that_is_none_is_not_looked_up(void)
{
    static const char *const texts[] = {"", "a b", "mshr_\xff", "mshr_\xc3\xbc"};
    struct key k;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct key sent = {{0}};

        (void)memcpy(sent.text, texts[i], strlen(texts[i]));
        UNIT_EQ(frame_parse_lookup((struct str){sent.text, KEY_BYTES}, &k, &e), -1);
        (void)memcpy(sent.text, "abc\0d", 5); /* something behind its end */
        UNIT_EQ(frame_parse_lookup((struct str){sent.text, KEY_BYTES}, &k, &e), -1);
    }
}

/* What is behind the last item, or no text, is found before the store sees any of it. */
static void
all_items_are_checked(void)
{
    struct buf b = make_submission(0);
    struct str body = {b.data + FRAME_HEAD_BYTES, b.n - FRAME_HEAD_BYTES};
    struct frame_submission s = {.count = 0};
    struct error e;
    char *level = memmem(b.data, b.n, "error", 5);

    UNIT(level != NULL);
    UNIT(frame_parse_submission(body, &s, &e) == 0 && frame_check_items(&s, &e) == 0);
    s.count--;
    UNIT(frame_check_items(&s, &e) == -1 && e.kind == ERROR_MALFORMED);
    s.count++;
    *level = '\0';
    UNIT(frame_check_items(&s, &e) == -1 && e.kind == ERROR_MALFORMED);
    *level = '\xff';
    UNIT_EQ(frame_check_items(&s, &e), -1);
    buf_release(&b);
}

static void
a_buf_that_is_full_gives_no_frame(void)
{
    for (size_t max = 0; max < FRAME_HEAD_BYTES + 9; max++) {
        struct buf b = buf_init(max);

        frame_key(&b, 1, KEY_STATE_GOOD, 1);
        UNIT(b.failed);
        buf_release(&b);
    }
}

static const struct unit_test tests[] = {
    {"small_frames_come_back", small_frames_come_back},
    {"a_submission_comes_back", a_submission_comes_back},
    {"a_frame_that_is_sent_again_is_marked", a_frame_that_is_sent_again_is_marked},
    {"a_frame_cut_anywhere_needs_more", a_frame_cut_anywhere_needs_more},
    {"another_version_is_refused_at_its_byte", another_version_is_refused_at_its_byte},
    {"lengths_of_frames_are_limited", lengths_of_frames_are_limited},
    {"a_whole_frame_of_the_largest_size_is_taken",
     a_whole_frame_of_the_largest_size_is_taken},
    {"the_number_of_items_is_limited", the_number_of_items_is_limited},
    {"bodies_cut_anywhere_are_bad", bodies_cut_anywhere_are_bad},
    {"small_bodies_have_one_size", small_bodies_have_one_size},
    {"words_that_do_not_exist_are_bad", words_that_do_not_exist_are_bad},
    {"a_project_is_1_to_the_largest_number", a_project_is_1_to_the_largest_number},
    {"a_key_that_is_none_is_not_looked_up", a_key_that_is_none_is_not_looked_up},
    {"all_items_are_checked", all_items_are_checked},
    {"a_buf_that_is_full_gives_no_frame", a_buf_that_is_full_gives_no_frame},
};

const struct unit_suite suite_frame = {"frame", tests, COUNT_OF(tests)};
