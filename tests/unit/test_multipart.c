#include <string.h>

#include "base/buf.h"
#include "unit.h"
#include "wire/multipart.h"

/* Everything that the sink is given, as one text. */
static int
on_part(void *context, const struct multipart_part *part, struct error *e)
{
    struct buf *b = context;

    (void)e;
    buf_add_char(b, '<');
    buf_add_str(b, part->name);
    buf_add_char(b, ',');
    if (part->filename.p != NULL)
        buf_add_str(b, part->filename);
    buf_add_char(b, ',');
    if (part->content_type.p != NULL)
        buf_add_str(b, part->content_type);
    buf_add_char(b, '>');
    return 0;
}

static int
on_bytes(void *context, const char *p, size_t n, struct error *e)
{
    (void)e;
    buf_add(context, p, n);
    return 0;
}

static int
on_end(void *context, struct error *e)
{
    (void)e;
    buf_add_char(context, '|');
    return 0;
}

/* Feeds body in pieces of `step` bytes.  True when it is whole. */
static bool
take(struct str body, size_t step, struct buf *out)
{
    const struct multipart_sink sink = {on_part, on_bytes, on_end, out};
    struct multipart m;
    struct error e;

    buf_clear(out, SIZE_MAX);
    if (multipart_init(&m, STR("multipart/form-data; boundary=AaB"), &sink) != 0)
        return false;
    for (size_t at = 0; at < body.n; at += step) {
        size_t n = body.n - at < step ? body.n - at : step;

        if (multipart_feed(&m, body.p + at, n, &e) != 0)
            return false;
    }
    return multipart_finish(&m, &e) == 0;
}

#define HEAD(x) "Content-Disposition: form-data; " x "\r\n\r\n"

static const struct {
    int line;
    const char *body, *parts; /* NULL: refused */
} rows[] = {
    {__LINE__, "--AaB\r\n" HEAD("name=\"a\"") "1\r\n--AaB--\r\n", "<a,,>1|"},
    {__LINE__, "--AaB\r\n" HEAD("name=\"a\"") "\r\n--AaB--", "<a,,>|"},
    {__LINE__, "--AaB\r\n" HEAD("name=a; filename=\"x;y.z\"") "\r\n\r\n--AaB--",
     "<a,x;y.z,>\r\n|"},
    {__LINE__,
     "preamble\r\n--AaB \r\ncontent-type: text/plain; x\r\n" HEAD(
         "filename=\"f\"; name=\"a\"") "1\r\n--Aa\r--AaB\r\n\r\r\n--AaB--tail\r\n--"
                                       "AaB\r\n",
     "<a,f,text/plain; x>1\r\n--Aa\r--AaB\r\n\r|"},
    {__LINE__,
     "--AaB\r\n" HEAD("name=\"a\"") "1\r\n--AaB\r\n" HEAD("name=\"b\"") "2\r\n--AaB--",
     "<a,,>1|<b,,>2|"},
    {__LINE__, "--AaB\r\n\r\nno head\r\n--AaB--", "<,,>no head|"},
    {__LINE__, "--AaB--", ""},
    {__LINE__, "", NULL},
    {__LINE__, "--AaB\r\n" HEAD("name=\"a\"") "1\r\n--AaC--", NULL},
    {__LINE__, "--AaB\r\n" HEAD("name=\"a\"") "1", NULL},
    {__LINE__, "--AaBx\r\n" HEAD("name=\"a\"") "1\r\n--AaB--", NULL},
};

static void
bodies_are_taken_apart_however_they_come(void)
{
    struct buf out = buf_init(10000);

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t step = 1; step < 80; step += step < 8 ? 1 : 23) {
            bool whole = take(unit_exact(str_of(rows[i].body)), step, &out);

            UNIT_EQ_AT(rows[i].line, whole, (rows[i].parts != NULL));
            UNIT_AT(rows[i].line, !whole || str_eq(buf_str(&out), str_of(rows[i].parts)));
        }
    buf_release(&out);
}

static void
a_body_cut_anywhere_is_not_whole(void)
{
    struct str body = str_of(rows[4].body);
    struct buf out = buf_init(10000);

    for (size_t n = 0; n < body.n; n++)
        UNIT(!take(unit_exact((struct str){body.p, n}), 7, &out));
    buf_release(&out);
}

static void
content_types_without_a_boundary_are_refused(void)
{
    static const struct {
        int line;
        int result;
        const char *type;
    } types[] = {
        {__LINE__, 0, "multipart/form-data; boundary=x"},
        {__LINE__, 0, "Multipart/Form-Data;charset=utf-8; Boundary=\"x y\""},
        {__LINE__, -1, "multipart/form-data; boundary="},
        {__LINE__, -1, "multipart/form-data"},
        {__LINE__, -1, "multipart/mixed; boundary=x"},
        {__LINE__, -1, ""},
    };

    char longest[] =
        "multipart/form-data; boundary="
        "0123456789012345678901234567890123456789012345678901234567890123456789";
    struct multipart m;

    for (size_t i = 0; i < COUNT_OF(types); i++)
        UNIT_EQ_AT(types[i].line,
                   multipart_init(&m, unit_exact(str_of(types[i].type)), NULL),
                   types[i].result);
    UNIT_EQ(multipart_init(&m, (struct str){longest, sizeof longest - 2}, NULL), 0);
    UNIT_EQ(multipart_init(&m, (struct str){longest, sizeof longest - 1}, NULL), 0);
    longest[sizeof longest - 1] = 'x';
    UNIT_EQ(multipart_init(&m, (struct str){longest, sizeof longest}, NULL), -1);
}

static void
a_head_that_is_too_long_is_refused(void)
{
    for (size_t more = 0; more < 3; more++) {
        struct buf b = buf_init(10000), out = buf_init(10000);

        buf_add_text(&b, "--AaB\r\n");
        for (size_t i = 0; i < MULTIPART_HEAD_BYTES - 5 + more; i++)
            buf_add_char(&b, 'x');
        buf_add_text(&b, "\r\n\r\n\r\n--AaB--");
        UNIT_EQ(take(buf_str(&b), 1000, &out), (more <= 1));
        buf_release(&b);
        buf_release(&out);
    }
}

static const struct unit_test tests[] = {
    {"bodies_are_taken_apart_however_they_come",
     bodies_are_taken_apart_however_they_come},
    {"a_body_cut_anywhere_is_not_whole", a_body_cut_anywhere_is_not_whole},
    {"content_types_without_a_boundary_are_refused",
     content_types_without_a_boundary_are_refused},
    {"a_head_that_is_too_long_is_refused", a_head_that_is_too_long_is_refused},
};

const struct unit_suite suite_multipart = {"multipart", tests, COUNT_OF(tests)};
