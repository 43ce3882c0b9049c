/*
 * runner: unit [SUITE…] runs the named suites, or all of them.
 *
 * CUnit's own verdict is not used: it calls a test without asserts passed, and its basic
 * mode succeeds whatever failed.  Each test runs alone and is judged by its counters.
 * Prints "N passed, N failed" last; exits 1 when anything failed or a suite is unknown.
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

/* Runs one suite; adds to the counts. */
static void
run_suite(const struct unit_suite *suite, unsigned *passed, unsigned *failed)
{
    CU_pSuite s = must(CU_add_suite(suite->name, NULL, NULL));

    for (size_t i = 0; i < suite->count; i++) {
        CU_pTest t = must(CU_add_test(s, suite->tests[i].name, suite->tests[i].fn));

        if (CU_run_test(s, t) == CUE_SUCCESS && CU_get_number_of_failures() == 0 &&
            CU_get_number_of_asserts() > 0) {
            ++*passed;
        } else {
            ++*failed;
            print_failures(suite->name, suite->tests[i].name);
        }
        clean_up();
    }
}

static bool
is_named(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc == 1;
}

static bool
is_known(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(suites); i++)
        if (strcmp(suites[i]->name, name) == 0)
            return true;
    return false;
}

int
main(int argc, char **argv)
{
    unsigned passed = 0, failed = 0;

    if (CU_initialize_registry() != CUE_SUCCESS)
        return 1;
    for (int i = 1; i < argc; i++)
        if (!is_known(argv[i])) {
            (void)printf("FAILED %s: no such suite\n", argv[i]);
            failed++;
        }
    for (size_t i = 0; i < COUNT_OF(suites); i++)
        if (is_named(suites[i]->name, argc, argv))
            run_suite(suites[i], &passed, &failed);
    CU_cleanup_registry();
    free(blocks);
    (void)printf("%u passed, %u failed\n", passed, failed);
    return passed > 0 && failed == 0 ? 0 : 1;
}
