#include "base/buf.h"
#include "base/limits.h"
#include "frames/images.h"
#include "unit.h"

static void
addresses_are_read_in_all_their_shapes(void)
{
    static const struct {
        const char *json;
        bool good;
        uint64_t value;
    } rows[] = {
        {"\"0x1f\"", true, 31},
        {"\"31\"", true, 31},
        {"31", true, 31},
        {"\"0xffffffffffffffff\"", true, UINT64_MAX},
        {"\"0x10000000000000000\"", false, 0},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"\"\"", false, 0},
        {"\"0x\"", false, 0},
        {"\"1f\"", false, 0},
        {"-1", false, 0},
        {"null", false, 0},
        {"[]", false, 0},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t value = 0;

        UNIT_EQ(images_address(unit_exact(str_of(rows[i].json)), &value), rows[i].good);
        UNIT(!rows[i].good || value == rows[i].value);
    }
    UNIT(!images_address(STR_NONE, &(uint64_t){0}));
}

static void
an_address_is_in_the_image_around_it(void)
{
    static const char meta[] =
        "{\"images\":[{\"image_addr\":\"0x2000\",\"image_size\":16,\"code_file\":\"/"
        "lib\\/b\"},"
        "{\"image_addr\":4096,\"debug_file\":\"a\"},{\"code_file\":\"no\"},5]}";
    struct images images;
    struct error e;

    UNIT(images_read(unit_arena(), STR(meta), &images, &e) == 0 && images.count == 2);
    UNIT(images_find(&images, 0xfff) == NULL);
    UNIT_STR(images_find(&images, 0x1000)->file, "a");
    UNIT_STR(images_find(&images, 0x1fff)->file, "a");
    UNIT_STR(images_find(&images, 0x200f)->file, "b");
    UNIT(images_find(&images, 0x2010) == NULL);
    UNIT(images_read(unit_arena(), STR_NONE, &images, &e) == 0 && images.count == 0);
    UNIT(images_find(&images, 1) == NULL);
}

static void
so_many_are_looked_at(void)
{
    for (size_t n = LIMIT_IMAGES - 1; n <= LIMIT_IMAGES + 1; n++) {
        struct buf b = buf_init(LIMIT_MIB);
        struct images images;
        struct error e;

        buf_add_text(&b, "{\"images\":[");
        for (size_t i = 0; i < n; i++)
            buf_add_f(&b, "%s{\"image_addr\":%zu}", i == 0 ? "" : ",", i);
        buf_add_text(&b, "]}");
        UNIT_EQ(images_read(unit_arena(), buf_str(&b), &images, &e), 0);
        UNIT_EQ(images.count, (n > LIMIT_IMAGES ? LIMIT_IMAGES : n));
        buf_release(&b);
    }
}

static const struct unit_test tests[] = {
    {"addresses_are_read_in_all_their_shapes", addresses_are_read_in_all_their_shapes},
    {"an_address_is_in_the_image_around_it", an_address_is_in_the_image_around_it},
    {"so_many_are_looked_at", so_many_are_looked_at},
};

const struct unit_suite suite_images = {"images", tests, COUNT_OF(tests)};
