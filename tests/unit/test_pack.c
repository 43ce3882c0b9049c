#include <string.h>
#include <zstd.h>

#include "unit.h"
#include "wire/pack.h"

#define MAX_BYTES ((size_t)1 << 20)

static const size_t sizes[] = {0, 1, 2, 254, 255, 256, 257, 1000, 65536, MAX_BYTES};

/* n bytes: repeating ones, or ones that do not get smaller. */
static struct str
make_text(size_t n, bool random)
{
    static char bytes[MAX_BYTES];
    uint32_t seed = 1;

    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525U + 1013904223U;
        bytes[i] = (char)(random ? (int)(seed >> 25) : "a line of a trace\n"[i % 18]);
    }
    return unit_exact((struct str){bytes, n});
}

static void
zstd_gets_back_what_was_packed(void)
{
    static char got[MAX_BYTES + 1];

    for (int level = 1; level <= 19; level += 9) {
        struct pack *p = pack_new(level);

        UNIT(p != NULL);
        for (size_t i = 0; p != NULL && i < 2 * COUNT_OF(sizes); i++) {
            struct str text = make_text(sizes[i / 2], i % 2 != 0), frame;
            struct buf out = buf_init(2 * MAX_BYTES);

            UNIT_EQ(pack_add(p, text, &out), 0);
            frame = unit_exact(buf_str(&out));
            UNIT_EQ(ZSTD_getFrameContentSize(frame.p, frame.n), text.n);
            UNIT_EQ(ZSTD_findFrameCompressedSize(frame.p, frame.n), frame.n);
            UNIT_EQ(ZSTD_decompress(got, sizeof got, frame.p, frame.n), text.n);
            UNIT(memcmp(got, text.p, text.n) == 0);
            buf_release(&out);
        }
        pack_free(p);
    }
}

static void
only_long_texts_are_compressed(void)
{
    struct pack *p = pack_new(1);

    for (size_t n = PACK_RAW_BYTES - 1; n <= PACK_RAW_BYTES + 1; n++) {
        struct buf out = buf_init(MAX_BYTES);

        UNIT_EQ(pack_add(p, make_text(n, false), &out), 0);
        UNIT(n <= PACK_RAW_BYTES ? out.n == n + 9 : out.n < n);
        buf_release(&out);
    }
    pack_free(p);
}

static void
a_frame_is_appended(void)
{
    struct pack *p = pack_new(1);

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct buf out = buf_init(2 * MAX_BYTES), back = buf_init(2 * MAX_BYTES);
        struct str text = make_text(sizes[i], false);

        buf_add_text(&out, "abc");
        buf_add_text(&back, "def");
        UNIT_EQ(pack_add(p, text, &out), 0);
        UNIT(memcmp(out.data, "abc", 3) == 0);
        UNIT_EQ(pack_open((struct str){out.data + 3, out.n - 3}, text.n, &back), 0);
        UNIT(back.n == 3 + text.n && memcmp(back.data, "def", 3) == 0);
        UNIT(memcmp(back.data + 3, text.p, text.n) == 0);
        buf_release(&out);
        buf_release(&back);
    }
    pack_free(p);
}

static void
opening_holds_its_limit(void)
{
    struct pack *p = pack_new(1);

    for (size_t i = 1; i < COUNT_OF(sizes); i++) {
        struct buf out = buf_init(2 * MAX_BYTES), back = buf_init(2 * MAX_BYTES);
        size_t n = sizes[i];

        UNIT_EQ(pack_add(p, make_text(n, true), &out), 0);
        UNIT(pack_open(buf_str(&out), n - 1, &back) == -1 && back.n == 0);
        UNIT(pack_open(buf_str(&out), n, &back) == 0 && back.n == n);
        UNIT(pack_open(buf_str(&out), n + 1, &back) == 0 && back.n == 2 * n);
        buf_release(&out);
        buf_release(&back);
    }
    pack_free(p);
}

static void
a_frame_cut_anywhere_is_damaged(void)
{
    struct pack *p = pack_new(1);

    for (size_t size = 0; size <= 1000; size += 250) {
        struct buf out = buf_init(MAX_BYTES), back = buf_init(MAX_BYTES);

        UNIT_EQ(pack_add(p, make_text(size, false), &out), 0);
        for (size_t n = 0; n < out.n; n++)
            UNIT_EQ(pack_open(unit_exact((struct str){out.data, n}), 1000, &back), -1);
        UNIT_EQ(back.n, 0);
        buf_release(&out);
        buf_release(&back);
    }
    pack_free(p);
}

static void
what_is_no_frame_is_refused(void)
{
    static const char *const texts[] = {"{}", "\x28\xb5\x2f\xfd",
                                        "\x28\xb5\x2f\xfd\x20\x02\x11",
                                        "a text that is somewhat longer"};
    struct buf back = buf_init(MAX_BYTES);

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        UNIT_EQ(pack_open(unit_exact(str_of(texts[i])), 1000, &back), -1);
    UNIT_EQ(back.n, 0);
    buf_release(&back);
}

static void
a_buf_that_is_full_takes_no_frame(void)
{
    struct pack *p = pack_new(1);

    for (size_t max = 0; max < 10 + 9; max++) {
        struct buf out = buf_init(max);

        UNIT_EQ(pack_add(p, STR("0123456789"), &out), -1);
        buf_release(&out);
        out = buf_init(max);
        UNIT_EQ(pack_add(p, make_text(MAX_BYTES, true), &out), -1);
        buf_release(&out);
    }
    pack_free(p);
}

static const struct unit_test tests[] = {
    {"zstd_gets_back_what_was_packed", zstd_gets_back_what_was_packed},
    {"only_long_texts_are_compressed", only_long_texts_are_compressed},
    {"a_frame_is_appended", a_frame_is_appended},
    {"opening_holds_its_limit", opening_holds_its_limit},
    {"a_frame_cut_anywhere_is_damaged", a_frame_cut_anywhere_is_damaged},
    {"what_is_no_frame_is_refused", what_is_no_frame_is_refused},
    {"a_buf_that_is_full_takes_no_frame", a_buf_that_is_full_takes_no_frame},
};

const struct unit_suite suite_pack = {"pack", tests, COUNT_OF(tests)};
