/*
 * runner: unit [SUITE | SUITE/TEST]… runs what is named, or everything.  unit --list
 * prints all names.
 *
 * CUnit's own verdict is not used: it calls a test without asserts passed, and its basic
 * mode succeeds whatever failed.  Each test runs alone and is judged by its counters.
 * Prints "N passed, N failed" last; exits 1 when anything failed or a name is unknown.
 */
#include <CUnit/CUnit.h>
#include <CUnit/TestRun.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#define ADDRESS(name) &suite_##name,

static const struct unit_suite *const suites[] = {UNIT_SUITES(ADDRESS)};

/* Blocks of the running test. */
static void **blocks;
static size_t block_count, block_room;
static struct arena *arena;
static char directory[200]; /* empty: none was asked for */

static void *
must(void *p)
{
    if (p == NULL) {
        (void)fputs("unit: out of memory\n", stderr);
        exit(1); /* NOLINT(concurrency-mt-unsafe): one thread */
    }
    return p;
}

struct str
unit_exact(struct str s)
{
    char *p = must(malloc(s.n == 0 ? 1 : s.n));

    if (block_count == block_room) {
        block_room = block_room == 0 ? 64 : block_room * 2;
        blocks = must(realloc(blocks, block_room * sizeof *blocks));
    }
    blocks[block_count++] = p;
    if (s.n > 0)
        (void)memcpy(p, s.p, s.n);
    return (struct str){s.n == 0 ? p + 1 : p, s.n};
}

struct arena *
unit_arena(void)
{
    if (arena == NULL)
        arena = must(arena_new(4096, (size_t)8 << 20));
    return arena;
}

bool
unit_is(struct str s, const char *text)
{
    return str_eq(s, str_of(text));
}

static void
verdict(const struct unit_place *at, bool good, const char *text)
{
    (void)CU_assertImplementation(good ? CU_TRUE : CU_FALSE, at->line, text, at->file, "",
                                  CU_FALSE);
}

struct unit_number
unit_signed(long long n)
{
    return (struct unit_number){n < 0, (unsigned long long)n};
}

struct unit_number
unit_unsigned(unsigned long long n)
{
    return (struct unit_number){false, n};
}

static const char *
number_text(struct unit_number n, char out[static 24])
{
    /* Its size: the smallest one's cannot be had by negating it. */
    (void)snprintf(out, 24, "%s%llu", n.negative ? "-" : "",
                   n.negative ? 0 - n.bits : n.bits);
    return out;
}

static struct unit_number number_got;

void
unit_got(struct unit_number got)
{
    number_got = got;
}

void
unit_eq(const struct unit_place *at, struct unit_number expected)
{
    const struct unit_number got = number_got;
    char text[600], left[24], right[24];

    if (got.negative == expected.negative && got.bits == expected.bits) {
        verdict(at, true, at->what);
        return;
    }
    (void)snprintf(text, sizeof text, "%.500s\n        got %s, expected %s", at->what,
                   number_text(got, left), number_text(expected, right));
    verdict(at, false, text);
}

/* s from byte `from` on, as a C string would be written, cut where it gets long. */
static const char *
quoted(struct str s, size_t from, char out[static 400])
{
    size_t n = 0;

    if (s.p == NULL)
        return "nothing";
    n += (size_t)snprintf(out, 8, from > 0 ? "…\"" : "\"");
    for (size_t i = from; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (n > 380) {
            (void)snprintf(out + n, 400 - n, "\"…");
            return out;
        }
        if (c == '"' || c == '\\')
            n += (size_t)snprintf(out + n, 8, "\\%c", c);
        else if (c == '\n')
            n += (size_t)snprintf(out + n, 8, "\\n");
        else if (c < ' ' || c >= 127)
            n += (size_t)snprintf(out + n, 8, "\\x%02x", c);
        else
            out[n++] = (char)c;
    }
    (void)snprintf(out + n, 8, "\"");
    return out;
}

void
unit_str(const struct unit_place *at, struct str got, const char *expected)
{
    struct str other = str_of(expected);
    char text[1600], left[400], right[400];
    size_t same = 0, from;

    if (str_eq(got, other)) {
        verdict(at, true, at->what);
        return;
    }
    while (same < got.n && same < other.n && got.p[same] == other.p[same])
        same++;
    from = same > 60 ? same - 40 : 0; /* some of what is the same leads to what is not */
    (void)snprintf(
        text, sizeof text,
        "%.500s\n        got      %s (%zu bytes)\n        expected %s (%zu bytes)",
        at->what, quoted(got, from, left), got.n, quoted(other, from, right), other.n);
    verdict(at, false, text);
}

const char *
unit_dir(void)
{
    const char *parent = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe): one thread */

    if (directory[0] != '\0')
        return directory;
    (void)snprintf(directory, sizeof directory, "%.100s/mesher-unit.XXXXXX",
                   parent == NULL ? P_tmpdir : parent);
    return must(mkdtemp(directory));
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static void
remove_directory(void)
{
    if (directory[0] != '\0')
        (void)nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    directory[0] = '\0';
}

static void
clean_up(void)
{
    while (block_count > 0)
        free(blocks[--block_count]);
    arena_free(arena);
    arena = NULL;
    if (directory[0] != '\0')
        remove_directory();
}

static void
print_failures(const char *suite, const char *test)
{
    (void)printf("FAILED %s: %s\n", suite, test);
    if (CU_get_number_of_asserts() == 0)
        (void)puts("    nothing was asserted");
    for (const CU_FailureRecord *f = CU_get_failure_list(); f != NULL; f = f->pNext)
        (void)printf("    %s:%u: %s\n", f->strFileName, f->uiLineNumber, f->strCondition);
}

/* How much of a wanted name this suite's is: all of it, what stands before '/' or ':', or
 * nothing of it.  Gives what is left: a test's name, "" for all of them, NULL. */
static const char *
within(const char *wanted, const char *suite)
{
    size_t n = strlen(suite);

    if (strncmp(wanted, suite, n) != 0)
        return NULL;
    if (wanted[n] == '\0')
        return "";
    return wanted[n] == '/' || wanted[n] == ':' ? wanted + n + 1 : NULL;
}

static bool
is_wanted(const char *wanted, const char *suite, const char *test)
{
    const char *rest = within(wanted, suite);

    return rest != NULL && (*rest == '\0' || strcmp(rest, test) == 0);
}

static bool
is_named(const char *suite, const char *test, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (is_wanted(argv[i], suite, test))
            return true;
    return argc == 1;
}

static bool
is_known(const char *wanted)
{
    for (size_t i = 0; i < COUNT_OF(suites); i++)
        for (size_t j = 0; j < suites[i]->count; j++)
            if (is_wanted(wanted, suites[i]->name, suites[i]->tests[j].name))
                return true;
    return false;
}

static void
list(void)
{
    for (size_t i = 0; i < COUNT_OF(suites); i++)
        for (size_t j = 0; j < suites[i]->count; j++)
            (void)printf("%s/%s\n", suites[i]->name, suites[i]->tests[j].name);
}

struct counts {
    unsigned passed, failed;
};

static void
run_test(CU_pSuite s, const struct unit_suite *suite, size_t i, struct counts *counts)
{
    CU_pTest t = must(CU_add_test(s, suite->tests[i].name, suite->tests[i].fn));

    if (CU_run_test(s, t) == CUE_SUCCESS && CU_get_number_of_failures() == 0 &&
        CU_get_number_of_asserts() > 0) {
        counts->passed++;
    } else {
        counts->failed++;
        print_failures(suite->name, suite->tests[i].name);
    }
    clean_up();
}

int
main(int argc, char **argv)
{
    struct counts counts = {0, 0};

    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        list();
        return 0;
    }
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 1;
    for (int i = 1; i < argc; i++)
        if (!is_known(argv[i])) {
            (void)printf("FAILED %s: no such suite or test\n", argv[i]);
            counts.failed++;
        }
    for (size_t i = 0; i < COUNT_OF(suites); i++) {
        CU_pSuite s = must(CU_add_suite(suites[i]->name, NULL, NULL));

        for (size_t j = 0; j < suites[i]->count; j++)
            if (is_named(suites[i]->name, suites[i]->tests[j].name, argc, argv))
                run_test(s, suites[i], j, &counts);
    }
    CU_cleanup_registry();
    free(blocks);
    (void)printf("%u passed, %u failed\n", counts.passed, counts.failed);
    return counts.passed > 0 && counts.failed == 0 ? 0 : 1;
}
