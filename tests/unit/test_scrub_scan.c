#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "scrub/scrub_scan.h"
#include "unit.h"

struct row {
    int line;
    const char *text, *wanted; /* NULL: as it is */
};

/* The text with all that is found in it replaced, in a buf of the arena's. */
static struct str
scrubbed(const struct scrub_names *n, struct str text, enum scrub_mode mode,
         bool addresses)
{
    struct buf b = buf_init(LIMIT_MIB);
    const char *copied = text.p;
    struct scrub_scan x;
    struct str cut, out;

    scrub_scan_begin(&x, n, text, mode, addresses);
    while (scrub_scan_next(&x, &cut)) {
        UNIT(cut.p >= copied && cut.p + cut.n <= text.p + text.n && cut.n > 0);
        buf_add(&b, copied, (size_t)(cut.p - copied));
        buf_add_text(&b, SCRUB_FILTERED);
        copied = cut.p + cut.n;
    }
    buf_add(&b, copied, (size_t)(text.p + text.n - copied));
    UNIT_EQ(arena_copy(unit_arena(), buf_str(&b), &out), 0);
    buf_release(&b);
    return out;
}

static void
check(const struct row *rows, size_t count, enum scrub_mode mode, bool addresses)
{
    struct scrub_names *n = scrub_names_new(STR_NONE);

    UNIT(n != NULL);
    for (size_t i = 0; i < count; i++) {
        struct str text = unit_exact(str_of(rows[i].text));
        const char *wanted = rows[i].wanted == NULL ? rows[i].text : rows[i].wanted;
        struct str out = scrubbed(n, text, mode, addresses);

        if (!str_eq(out, str_of(wanted)))
            (void)printf("line %d: \"%s\" became \"%.*s\"\n", rows[i].line, rows[i].text,
                         (int)out.n, out.p);
        UNIT(str_eq(out, str_of(wanted)));
        UNIT(str_eq(scrubbed(n, unit_exact(out), mode, addresses), out));
        if (rows[i].wanted != NULL && mode != SCRUB_COOKIE)
            UNIT(scrub_scan_pass(text.p, text.p + text.n) < text.p + text.n);
    }
    scrub_names_free(n);
}

#define F "[Filtered]"
#define HEX8 "0a1b2c3d"
#define HEX32 HEX8 HEX8 HEX8 HEX8
#define MIXED40 "aB3dEfGh1jKlMn0pQrStUvWxYz0123456789aBcD"
#define KEY    \
    "PRIVATE " \
    "KEY-----"

static void
cards_go(void)
{
    static const struct row rows[] = {
        {__LINE__, "4111111111111111", F},
        {__LINE__, "card 4111 1111 1111 1111 ok", "card " F " ok"},
        {__LINE__, "4111-1111-1111-1111.", F "."},
        {__LINE__, "378282246310005", F},
        {__LINE__, "3782 822463 10005, x", F ", x"},
        {__LINE__, "30569309025904", F},
        {__LINE__, "5555555555554444", F},
        {__LINE__, "2223003122003222", F},
        {__LINE__, "6011111111111117", F},
        {__LINE__, "3530111333300000", F},
        {__LINE__, "6212345678901232", F},
        {__LINE__, "n:4111111111111111;", "n:" F ";"},
        {__LINE__, "12 4111 1111 1111 1111 123", "12 " F " 123"},
        {__LINE__, "visa,4111111111111111,x", "visa," F ",x"},
        {__LINE__, "visa-4111111111111111", "visa-" F},
        /* not Luhn's */
        {__LINE__, "4111111111111112", NULL},
        {__LINE__, "4111 1111 1111 1112", NULL},
        /* nobody's */
        {__LINE__, "1111111111111117", NULL},
        {__LINE__, "7992739871390002", NULL},
        {__LINE__, "0000000000000000", NULL},
        /* times in milli-, micro- and nanoseconds */
        {__LINE__, "1700000000000 1700000000000000 1700000000000000000", NULL},
        /* too short, too long */
        {__LINE__, "4111111111111", NULL},
        {__LINE__, "41111111111111111111111", NULL},
        {__LINE__, "4111111111111111 1", F " 1"},
        /* within something else */
        {__LINE__, "a4111111111111111 4111111111111111a 4111111111111111_", NULL},
        {__LINE__, "0.4111111111111111 4111111111111111.5 1,4111111111111111x", NULL},
        {__LINE__, "4111111111111111,5,4111111111111111", F ",5,4111111111111111"},
        {__LINE__, "0a1b2c3d-1111-4111-1111-111111111111", NULL},
        {__LINE__, "00000000-aaad-4111-4111-111111111111", NULL},
        {__LINE__, "4111111111111111-aaaa", NULL},
        {__LINE__, "5be3a4e6b1c94a7d4111111111111111", NULL},
        {__LINE__, "0x4111111111111111", NULL},
        {__LINE__, "1.2.4111111111111111", NULL},
    };

    check(rows, COUNT_OF(rows), SCRUB_TEXT, false);
    check(rows, COUNT_OF(rows), SCRUB_CODE, false);
}

static void
a_number_can_be_a_card(void)
{
    UNIT(scrub_is_card(STR("4111111111111111")));
    UNIT(scrub_is_card(STR("378282246310005")));
    UNIT(!scrub_is_card(STR("4111111111111112")));
    UNIT(!scrub_is_card(STR("-4111111111111111")));
    UNIT(!scrub_is_card(STR("411111111111111.1")));
    UNIT(!scrub_is_card(STR("1700000000000000000")));
    UNIT(!scrub_is_card(STR("5")));
}

static void
numbers_of_people_and_accounts_go(void)
{
    static const struct row rows[] = {
        {__LINE__, "ssn 123-45-6789.", "ssn " F "."},
        {__LINE__, "123-45-67890 0123-45-6789 1-123-45-6789", NULL},
        {__LINE__, "000-45-6789 666-45-6789 912-45-6789 123-00-6789 123-45-0000", NULL},
        {__LINE__, "2024-01-1234 555-123-4567", NULL},
        {__LINE__, "IBAN DE89370400440532013000!", "IBAN " F "!"},
        {__LINE__, "DE89 3704 0044 0532 0130 00", F},
        {__LINE__, "GB82WEST12345698765432", F},
        {__LINE__, "DE89370400440532013001", NULL},
        {__LINE__, "XDE89370400440532013000", NULL},
        {__LINE__, "SQ12 AB34", NULL},
    };

    check(rows, COUNT_OF(rows), SCRUB_TEXT, false);
}

static void
tokens_of_known_shapes_go(void)
{
    static const struct row rows[] = {
        {__LINE__, "x ghp_" MIXED40 " y", "x " F " y"},
        {__LINE__, "gho_" MIXED40, F},
        {__LINE__, "(ghs_" MIXED40 ")", "(" F ")"},
        {__LINE__, "github_pat_" MIXED40 "_" MIXED40, F},
        {__LINE__, "glpat-" MIXED40, F},
        {__LINE__, "xoxb-1234567890-abcdef", F},
        {__LINE__, "xapp-1-A1B2C3-4", F},
        {__LINE__, "sk_live_" MIXED40, F},
        {__LINE__, "rk_live_" MIXED40, F},
        {__LINE__, "sk-" MIXED40, F},
        {__LINE__, "sk-proj-" MIXED40 "_x", F},
        {__LINE__,
         "AKIA"
         "IOSFODNN7EXAMPLE",
         F},
        {__LINE__,
         "ASIA"
         "IOSFODNN7EXAMPLE",
         F},
        {__LINE__,
         "AIza"
         "SyA1234567890abcdefghijklmnopqrstu",
         F},
        {__LINE__, "SG." MIXED40 "." MIXED40, F},
        {__LINE__, "npm_" MIXED40, F},
        {__LINE__, "pypi-" MIXED40, F},
        {__LINE__, "hf_" MIXED40, F},
        {__LINE__, "shpat_" HEX32, F},
        {__LINE__, "dop_v1_" HEX32 HEX32, F},
        {__LINE__, "GOCSPX-" MIXED40, F},
        {__LINE__, "ya29." MIXED40, F},
        {__LINE__, "whsec_" MIXED40, F},
        {__LINE__, "hvs." MIXED40, F},
        {__LINE__,
         "eyJ"
         "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-_1",
         F},
        {__LINE__,
         "see eyJ"
         "hbGciOiJub25lIn0.eyJzdWIiOiIxMjM0In0.",
         "see " F "."},
        /* what only looks a little like that */
        {__LINE__, "ghp_short sk_live_x sk- xoxb- SG.x npm_install_everything", NULL},
        {__LINE__, "task-runner-with-many-words-in-it disk-usage-of-all-volumes-1", NULL},
        {__LINE__, "sk-loading-spinner-container-element", NULL},
        {__LINE__, "AKIAIOSFODNN7 XAKIAIOSFODNN7EXAMPLE AKIAIOSFODNN7EXAMPLEX", NULL},
        {__LINE__, "eyJ.eyJ eyJabc.def xeyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.a",
         NULL},
        {__LINE__, "hf_transformers_are_all_you_need_today", NULL},
    };

    check(rows, COUNT_OF(rows), SCRUB_TEXT, false);
    check(rows, COUNT_OF(rows), SCRUB_CODE, false);
    check(rows, COUNT_OF(rows), SCRUB_SOURCE, false);
}

static void
credentials_behind_their_scheme_go(void)
{
    static const struct row rows[] = {
        {__LINE__, "sent Bearer abc123def to it", "sent Bearer " F " to it"},
        {__LINE__, "BEARER x.y.z-1", "BEARER " F},
        {__LINE__, "bearer%20abc123def", "bearer%20" F},
        {__LINE__, "Basic dXNlcjpwYXNzd29yZA==", "Basic " F},
        {__LINE__, "basic dXNlcjpwYXNzd29yZA", "basic " F},
        {__LINE__, "Bearer token missing, bearer of news, Bearer", NULL},
        {__LINE__, "Basic authentication, Basic JavaScript, Visual Basic program", NULL},
        {__LINE__, "xBearer abc123def", NULL},
    };

    check(rows, COUNT_OF(rows), SCRUB_TEXT, false);
}

static void
passwords_in_urls_go(void)
{
    static const struct row rows[] = {
        {__LINE__, "postgres://bob:s3cret@db/x", "postgres://bob:" F "@db/x"},
        {__LINE__, "redis://:s3cret@h:1", "redis://:" F "@h:1"},
        {__LINE__, "at https://u:p@ss@h/ now", "at https://u:" F "@h/ now"},
        {__LINE__, "https://u:pw@h/?q=1&token=abc", "https://u:" F "@h/?q=1&token=" F},
        {__LINE__, "https://ghp_" MIXED40 ":x@h/", "https://" F ":" F "@h/"},
        {__LINE__, "https://host:8080/a@b http://h/x:y@z ssh://git@h", NULL},
        {__LINE__, "https://u:@h/ ://@ :// ://: http://user:name", NULL},
    };

    check(rows, COUNT_OF(rows), SCRUB_TEXT, false);
    check(rows, COUNT_OF(rows), SCRUB_CODE, false);
}

static void
private_keys_go(void)
{
    static const struct row rows[] = {
        {__LINE__, "-----BEGIN " KEY "\nMIIE\n-----END " KEY " x",
         "-----BEGIN " KEY F "-----END " KEY " x"},
        {__LINE__, "a\n-----BEGIN RSA " KEY "MIIE-----END RSA " KEY,
         "a\n-----BEGIN RSA " KEY F "-----END RSA " KEY},
        {__LINE__, "-----BEGIN ENCRYPTED " KEY "\\nMII", "-----BEGIN ENCRYPTED " KEY F},
        {__LINE__, "-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQ\n-----END PGP",
         "-----BEGIN PGP PRIVATE KEY BLOCK-----" F "-----END PGP"},
        {__LINE__, "-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----", NULL},
        {__LINE__, "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----", NULL},
        {__LINE__, "-------- --- -----BEGIN", NULL},
    };

    check(rows, COUNT_OF(rows), SCRUB_TEXT, false);
}

static void
values_behind_names_go(void)
{
    static const struct row rows[] = {
        {__LINE__, "password=hunter2", "password=" F},
        {__LINE__, "a=1&password=x&b=2", "a=1&password=" F "&b=2"},
        {__LINE__, "?p%61ssword=x#y", "?p%61ssword=" F},
        {__LINE__, "user[password]=x;y", "user[password]=" F ";y"},
        {__LINE__, "Server=db;Password=hun=ter2;Port=1",
         "Server=db;Password=" F ";Port=1"},
        {__LINE__, "login(user='bob', password='hun\\'ter2')",
         "login(user='bob', password='" F "')"},
        {__LINE__, "{'password': 'hunter2', 'a': 1}", "{'password': '" F "', 'a': 1}"},
        {__LINE__, "{\"password\":\"hunter2\"}", "{\"password\":\"" F "\"}"},
        {__LINE__, "{\\\"password\\\":\\\"hunter2\\\",\\\"a\\\":1}",
         "{\\\"password\\\":\\\"" F "\\\",\\\"a\\\":1}"},
        {__LINE__, "{'api_key': b'abc', 'token': 123}",
         "{'api_key': b'" F "', 'token': " F "}"},
        {__LINE__, "{'auth': {'u': 'x', 'p': '}'}, 'b': 2}", "{'auth': " F ", 'b': 2}"},
        {__LINE__, "{'auth': ['x', ('y', \"]\")], 'b': 2}", "{'auth': " F ", 'b': 2}"},
        {__LINE__, "{'password': 'hunter2", "{'password': '" F},
        {__LINE__, "{:password=>\"hunter2\"}", "{:password=>\"" F "\"}"},
        {__LINE__, "[password] => hunter2", "[password] => " F},
        {__LINE__, "password: hunter2", "password: " F},
        {__LINE__, "password:swordfish now", "password:" F " now"},
        {__LINE__, "secret = 'x'", "secret = '" F "'"},
        {__LINE__, "Authorization: Bearer abc def", "Authorization: " F " def"},
        {__LINE__, "Authorization: Digest username=\"x\"", "Authorization: " F "\"x\""},
        {__LINE__, "X-Api-Key: abc123def", "X-Api-Key: " F},
        {__LINE__, "Cookie: a=b; c=d\nHost: x", "Cookie: " F "\nHost: x"},
        {__LINE__, "token := \"abc\"", "token := \"" F "\""},
        {__LINE__, "run --password hunter2 -v", "run --password " F " -v"},
        {__LINE__, "run --password=hunter2 -v", "run --password=" F " -v"},
        {__LINE__, "run --xoxb-0123456789-token hunter2 -v", "run --" F " -v"},
        {__LINE__, "(password=hunter2)", "(password=" F ")"},
        {__LINE__, "<a><ns:Password type=\"x\">hun ter2</ns:Password></a>",
         "<a><ns:Password type=\"x\">" F "</ns:Password></a>"},
        /* what is not secret */
        {__LINE__,
         "List<Token> a; <password></password> <secret>" F "</secret> a->token > 1",
         NULL},
        {__LINE__, "<secret>a \"token\":\"" F "\"</secret>", NULL},
        {__LINE__, "Authorization: redis://:" F "@h", NULL},
        {__LINE__, "password='' password=None, password=null", NULL},
        {__LINE__, "password=%s token={} secret=${X} pwd=? auth={name}", NULL},
        {__LINE__, "password=" F " {'password': '" F "'} token: " F, NULL},
        {__LINE__, "password=******** auth=true is_authenticated=False", NULL},
        {__LINE__, "password == other, password != x, a <= b", NULL},
        {__LINE__, "Auth::Token::parse auth::login", NULL},
        {__LINE__, "invalid token: expired at line 5", NULL},
        {__LINE__, "Unexpected token: punc (,)", NULL},
        {__LINE__, "Password: must have 8 characters", NULL},
        {__LINE__, "oauth2: cannot fetch token: 401 Unauthorized", NULL},
        {__LINE__, "AuthenticationError: login failed", NULL},
        {__LINE__, "TokenExpiredError: jwt expired", NULL},
        {__LINE__, "author=jane tokenizer=fast", NULL},
        {__LINE__, "12:30 = : => == :: ' : \" = = =", NULL},
        {__LINE__, "C:\\secret\\x http://auth.example.org:80/x", NULL},
    };

    check(rows, COUNT_OF(rows), SCRUB_TEXT, false);
}

static void
source_code_keeps_its_expressions(void)
{
    static const struct row rows[] = {
        {__LINE__, "password = \"hunter2\"", "password = \"" F "\""},
        {__LINE__, "{ password: 'hunter2' }", "{ password: '" F "' }"},
        {__LINE__, "  password: 'hunter2'", "  password: '" F "'"},
        {__LINE__, "f(password='hunter2')", "f(password='" F "')"},
        {__LINE__, "  password = get_password(user)", NULL},
        {__LINE__, "  auth=(user, password)", NULL},
        {__LINE__, "raise ValueError(\"Invalid token: \" + token)", NULL},
        {__LINE__, "print(\"password:\", password)", NULL},
        {__LINE__, "def login(password: str, token=None):", NULL},
        {__LINE__, "url = \"https://u:pw1@h/\"", "url = \"https://u:" F "@h/\""},
    };

    check(rows, COUNT_OF(rows), SCRUB_SOURCE, false);
}

static void
names_of_code_keep_their_colons(void)
{
    static const struct row rows[] = {
        {__LINE__, "https://h/app.js?token=abc", "https://h/app.js?token=" F},
        {__LINE__, "-[Foo setPassword:confirm:]", NULL},
        {__LINE__, "std::password::secret: x", NULL},
        {__LINE__, "Auth: a::b 10.0.0.1 fa::ce 123-45-6789", NULL},
    };

    check(rows, COUNT_OF(rows), SCRUB_CODE, true);
}

static void
addresses_go_when_they_are_asked_for(void)
{
    static const struct row rows[] = {
        {__LINE__, "from 10.1.2.3.", "from " F "."},
        {__LINE__, "10.1.2.3:80 (192.168.0.255)", F ":80 (" F ")"},
        {__LINE__, "2001:db8::1, ::1 fe80::1:2", F ", " F " " F},
        {__LINE__, "[2001:db8:0:0:0:0:0:1]:80", "[" F "]:80"},
        {__LINE__, "::ffff:10.0.0.1", F},
        {__LINE__, "1.2.3 1.2.3.4.5 256.1.1.1 a1.2.3.4 1.2.3.4a .1.2.3.4", NULL},
        {__LINE__, "12:34:56 12:34 std::vector a:b", NULL},
    };
    struct row off[COUNT_OF(rows)];

    check(rows, COUNT_OF(rows), SCRUB_TEXT, true);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        off[i] = (struct row){rows[i].line, rows[i].text, NULL};
    check(off, COUNT_OF(off), SCRUB_TEXT, false);
}

static void
cookies_keep_their_names(void)
{
    static const struct row rows[] = {
        {__LINE__, "a=b; c=d=e;f=", "a=" F "; c=" F ";f="},
        {__LINE__, "abc", F},
        {__LINE__, "", NULL},
        {__LINE__, "sid=1; HttpOnly; Secure", "sid=" F "; HttpOnly; Secure"},
        {__LINE__, "a=true", NULL},
    };

    check(rows, COUNT_OF(rows), SCRUB_COOKIE, false);
}

static const struct unit_test tests[] = {
    {"cards_go", cards_go},
    {"a_number_can_be_a_card", a_number_can_be_a_card},
    {"numbers_of_people_and_accounts_go", numbers_of_people_and_accounts_go},
    {"tokens_of_known_shapes_go", tokens_of_known_shapes_go},
    {"credentials_behind_their_scheme_go", credentials_behind_their_scheme_go},
    {"passwords_in_urls_go", passwords_in_urls_go},
    {"private_keys_go", private_keys_go},
    {"values_behind_names_go", values_behind_names_go},
    {"source_code_keeps_its_expressions", source_code_keeps_its_expressions},
    {"names_of_code_keep_their_colons", names_of_code_keep_their_colons},
    {"addresses_go_when_they_are_asked_for", addresses_go_when_they_are_asked_for},
    {"cookies_keep_their_names", cookies_keep_their_names},
};

const struct unit_suite suite_scrub_scan = {"scrub_scan", tests, COUNT_OF(tests)};
