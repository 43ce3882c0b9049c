#include <stdio.h>

#include "base/buf.h"
#include "scrub/scrub.h"
#include "unit.h"

/* A hundred looks at a byte at most, of 256 KiB. */
#define MOST (LIMIT_KIB * 256 * 100)

/* Bytes looked at in a text of so many bytes made of a piece: inside a string of JSON, or
 * with json as JSON itself. */
static size_t
work(struct scrub *s, const char *head, const char *piece, const char *tail, size_t bytes)
{
    struct arena *a = arena_new(LIMIT_KIB, 64 * LIMIT_MIB);
    struct buf b = buf_init(2 * bytes + LIMIT_KIB);
    struct scrub_result out = {.looked_at = 0};
    struct error e;

    UNIT(a != NULL);
    buf_add_text(&b, head);
    while (b.n < bytes)
        buf_add_text(&b, piece);
    buf_add_text(&b, tail);
    UNIT_EQ(scrub_json(s, a, buf_str(&b), &out, &e), 0);
    buf_release(&b);
    arena_free(a);
    return out.looked_at;
}

static const char *const inside[] = {"a",
                                     "1",
                                     "4",
                                     "4 ",
                                     "4-",
                                     "41",
                                     "@",
                                     "a@",
                                     "://",
                                     "a://",
                                     "a:b@",
                                     "://a:",
                                     ":",
                                     "=",
                                     "a=",
                                     "a:",
                                     "'",
                                     "''",
                                     "':",
                                     "'a':",
                                     "\\\"",
                                     "\\\":",
                                     "\\\\",
                                     "-",
                                     "--",
                                     "---",
                                     "-----BEGIN ",
                                     "-----BEGIN PRIVATE KEY-----",
                                     "-----END ",
                                     "eyJ",
                                     "eyJ.",
                                     "-eyJ",
                                     ".eyJ",
                                     "_",
                                     ".",
                                     "A",
                                     "AKIA",
                                     "sk-",
                                     "sk-a",
                                     "ghp_",
                                     "a_",
                                     "B",
                                     "Bearer ",
                                     "Basic ",
                                     "basic+",
                                     "bearer+",
                                     "password",
                                     "password=",
                                     "password={",
                                     "password=[",
                                     "password='",
                                     "password=\\\"",
                                     "password: ",
                                     "'password': ",
                                     "--password ",
                                     "pwd=%s ",
                                     "auth=a&",
                                     "::",
                                     "f:",
                                     "1:",
                                     "1.",
                                     "10.0.0.1 ",
                                     "DE89",
                                     "DE8 ",
                                     "123-45-",
                                     "[Filtered]",
                                     "password=[Filtered]",
                                     "%61",
                                     "\\u0061",
                                     "\\u005c",
                                     ";",
                                     "{",
                                     "(",
                                     "=>",
                                     " = ",
                                     "authorization: ",
                                     "authorization: bearer ",
                                     "<",
                                     ">",
                                     "<>",
                                     "<password>",
                                     "<password>a",
                                     "a>",
                                     "=\\n"};

static const struct {
    const char *head, *piece, *tail;
} whole[] = {
    {"[", "\"password\",", "1]"},
    {"[", "[\"password\",1,1],", "1]"},
    {"[", "[\"password\",{}],", "1]"},
    {"[", "{\"password\":{}},", "1]"},
    {"[", "{\"cookies\":[[\"a\",\"b\"]]},", "1]"},
    {"[", "\"--password\",", "1]"},
    {"[", "{\"name\":\"password\",\"value\":1},", "1]"},
    {"{", "\"a\\u0062password\":1,", "\"a\":1}"},
    {"{", "\"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq\":1,", "\"a\":1}"},
    {"{", "\"password=x\":1,", "\"a\":1}"},
    {"", "[\"password\",", ""},
    {"", "[\"password\",\"x\",", ""},
    {"", "{\"password\":", ""},
    {"", "{\"a\":", ""},
    {"{\"cookies\":\"", "a=b;", "\"}"},
    {"{\"cookies\":\"", "=", "\"}"},
    {"{\"cookies\":\"", ";", "\"}"},
    {"[\"-----BEGIN PRIVATE KEY-----\",", "\"a\",", "1]"},
    {"[", "4111111111111111,", "1]"},
    {"", "\"", ""},
    {"", "}", ""},
};

static void
twice_the_text_is_twice_the_work(void)
{
    const struct scrub_rules rules = {true, STR("sekret,password_of_mine"), STR("safe")};
    struct scrub *s = scrub_new(&rules);

    UNIT(s != NULL);
    for (size_t i = 0; i < COUNT_OF(inside) + COUNT_OF(whole); i++) {
        bool is_whole = i >= COUNT_OF(inside);
        size_t j = is_whole ? i - COUNT_OF(inside) : 0;
        const char *head = is_whole ? whole[j].head : "[\"",
                   *piece = is_whole ? whole[j].piece : inside[i],
                   *tail = is_whole ? whole[j].tail : "\"]";
        size_t less = work(s, head, piece, tail, 128 * LIMIT_KIB),
               more = work(s, head, piece, tail, 256 * LIMIT_KIB);

        if (more * 10 > 22 * less + 4096 || more > MOST)
            (void)printf("\"%s%s\": %zu, %zu\n", head, piece, less, more);
        UNIT(more * 10 <= 22 * less + 4096);
        UNIT(more <= MOST);
    }
    scrub_free(s);
}

static const struct unit_test tests[] = {
    {"twice_the_text_is_twice_the_work", twice_the_text_is_twice_the_work},
};

const struct unit_suite suite_scrub_work = {"scrub_work", tests, COUNT_OF(tests)};
