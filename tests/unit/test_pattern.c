/* Real messages of databases, clients, clouds and runtimes: what is a code or the name of
 * a thing stays, what came from outside goes. */
#include "patterns.h"
#include "unit.h"

/* clang-format off */

static void
codes(void)
{
    static const struct row taken[] = {
        STAYS("SQLSTATE[23505]: Unique violation"),
        GOES("ERROR 1062 (23000): Duplicate entry 'amina' for key 'users.uq_name'",
             "ERROR 1062 (23000): Duplicate entry <quoted_str> for key 'users.uq_name'"),
        STAYS("ERROR: 23505: duplicate key value violates unique constraint \"users_email_key\""),
        STAYS("ORA-00001: unique constraint (SHOP.UQ_EMAIL) violated"),
        GOES("ORA-06512: at line 17", "ORA-06512: at line <int>"),
        STAYS("PLS-00201: identifier must be declared"),
        GOES("Msg 2627, Level 14, State 1, Line 19", "Msg 2627, Level 14, State <int>, Line <int>"),
        GOES("Error Number:1205,State:52,Class:13", "Error Number:1205,State:<int>,Class:<int>"),
        STAYS("sslv3 alert handshake failure: SSL alert number 40"),
        GOES("DB2 SQL Error: SQLCODE=-803, SQLSTATE=23505, SQLERRMC=2;S.T",
             "DB2 SQL Error: SQLCODE=-803, SQLSTATE=23505, SQLERRMC=<int>;S.T"),
        STAYS("(psycopg.OperationalError) [Errno 111] Connection refused"),
        GOES("[WinError 32] Der Prozess kann nicht zugreifen: 'C:\\\\a.txt'",
             "[WinError 32] Der Prozess kann nicht zugreifen: '<path>'"),
        STAYS("No such file or directory (os error 2)"),
        STAYS("HRESULT: 0x80004005"),
        STAYS("Access is denied, error code 0x80070005"),
        STAYS("Request failed with status code 500"),
        GOES("404 Client Error: NOT FOUND for url: https://api.example.com/v1/x?y=2",
             "404 Client Error: NOT FOUND for url: <url>"),
        STAYS("HTTP/1.1 502 Bad Gateway"),
        STAYS("HTTP/2 503"),
        STAYS("The remote server returned an error: (404) Not Found."),
        GOES("cURL error 28: Operation timed out after 30001 milliseconds",
             "cURL error 28: Operation timed out after <int> milliseconds"),
        GOES("host mx.example.com said: 550 5.1.1 <ann@example.org>: Recipient rejected",
             "host <hostname> said: 550 5.1.1 <<email>>: Recipient rejected"),
        GOES("rpc error: code = 14 desc = dial 10.0.0.5:443", "rpc error: code = 14 desc = dial <ip>:<int>"),
        STAYS("Command failed with exit status 137"),
        GOES("Minified React error #418; visit https://react.dev/errors/418?args[]=HTML for it",
             "Minified React error #418; visit <url> for it"),
        STAYS("'utf-8' codec can't decode"),
        STAYS("tls: client offered only TLS 1.0"),
        STAYS("unsupported charset ISO-8859-1"),
        STAYS("Systemfehler, Fehler 1053"),
        STAYS("le serveur a r\xc3\xa9pondu : erreur 503"),
    };
    static const struct row left[] = {
        GOES("error: 17 rows were rejected", "error: <int> rows were rejected"),
        GOES("order 1001 not found", "order <int> not found"),
        GOES("3 of 7 shards failed", "<int> of <int> shards failed"),
        GOES("code 123456 was not accepted", "code <int> was not accepted"),
        GOES("barcode 4006 is unknown", "barcode <int> is unknown"),
        GOES("postal code 10115 is unknown", "postal code <int> is unknown"),
        GOES("ZIP code: 90210", "ZIP code: <int>"),
        GOES("Bestellung Nr. 4711 fehlt", "Bestellung Nr. <int> fehlt"),
        GOES("order number 4711", "order number <int>"),
        GOES("\xe6\xb3\xa8\xe6\x96\x87 4711 \xe3\x81\xae\xe3\x82\xa8\xe3\x83\xa9\xe3\x83\xbc",
             "\xe6\xb3\xa8\xe6\x96\x87 <int> \xe3\x81\xae\xe3\x82\xa8\xe3\x83\xa9\xe3\x83\xbc"),
        GOES("MOVED 3999 127.0.0.1:6381", "MOVED <int> <ip>:<int>"),
        GOES("error 0x1f", "error <hex>"),
        GOES("status 500 300 400", "status 500 <int> <int>"),
    };

    BOTH(NULL);
}

static void
addresses_of_errors(void)
{
    static const struct row taken[] = {
        STAYS("https://svelte.dev/e/effect_update_depth_exceeded"),
        STAYS("https://vuejs.org/error-reference/#runtime-3"),
        STAYS("https://vuejs.org/errors/#compiler-12"),
        STAYS("Find more at https://angular.dev/errors/NG0100"),
        STAYS("NG0201. https://angular.io/errors/NG0201"),
        GOES("https://angular.dev/errors/NG0100?x=17", "https://angular.dev/errors/NG0100?x=<int>"),
    };
    static const struct row left[] = {
        GOES("see https://svelte.dev/docs/e", "see <url>"),
        GOES("see https://angular.dev/guide/errors", "see <url>"),
        GOES("see https://vuejs.org/guide/x", "see <url>"),
        GOES("http://svelte.dev/e/effect", "<url>"),
        GOES("https://svelte.dev.example.com/e/effect", "<url>"),
        GOES("https://shop.example.com/errors/17", "<url>"),
    };

    BOTH(NULL);
}

static void
lists(void)
{
    static const struct row taken[] = {
        GOES("SELECT a FROM t WHERE id IN (1, 2, 3)", "SELECT a FROM t WHERE id IN (<list>)"),
        GOES("INSERT INTO t VALUES ('a', 1), ('b', 2)", "INSERT INTO t VALUES (<list>)"),
        GOES("delete from t where n in ('x')", "delete from t where n in (<list>)"),
        GOES("WHERE tenant_id IN ($1, $2, $3) AND a", "WHERE tenant_id IN (<list>) AND a"),
        GOES("insert into t values (?, ?)", "insert into t values (<list>)"),
        GOES("IN (%s, %s)", "IN (<list>)"),
        GOES("id IN (:a)", "id IN (<list>)"),
        GOES("VALUES (NULL, 5)", "VALUES (<list>)"),
        GOES("WHERE x IN (-1)", "WHERE x IN (<list>)"),
        GOES("WHERE name IN (N'M\xc3\xbcller')", "WHERE name IN (<list>)"),
    };
    static const struct row left[] = {
        STAYS("TypeError in (anonymous)"),
        STAYS("exception in (main thread)"),
        STAYS("margin (left) is missing"),
        STAYS("Fehler in ( )"),
        STAYS("VALUES (DEFAULT)"),
        GOES("WHERE id IN (1, 2", "WHERE id IN (<int>, <int>"),
        GOES("plugin (17)", "plugin (<int>)"),
        STAYS("VALUES()"),
    };

    BOTH("(<list>)");
}

static void
values_of_keys(void)
{
    static const struct row taken[] = {
        GOES("Key (email)=(ann@example.org) already exists.", "Key (email)=(<value>) already exists."),
        GOES("Key (tenant_id, email)=(7, ann) already exists.", "Key (tenant_id, email)=(<value>) already exists."),
        GOES("Key (id)=(42) is not present in table \"orders\".",
             "Key (id)=(<value>) is not present in table \"orders\"."),
        GOES("The duplicate key value is (30).", "The duplicate key value is (<value>)."),
        GOES("The duplicate key value is (7, M\xc3\xbcller).", "The duplicate key value is (<value>)."),
        GOES("Schl\xc3\xbcssel \xc2\xbb(email)=(ann)\xc2\xab existiert bereits.",
             "Schl\xc3\xbcssel \xc2\xbb(email)=(<value>)\xc2\xab existiert bereits."),
        GOES("La cl\xc3\xa9 \xc2\xab (email)=(ann) \xc2\xbb existe d\xc3\xa9j\xc3\xa0.",
             "La cl\xc3\xa9 \xc2\xab (email)=(<value>) \xc2\xbb existe d\xc3\xa9j\xc3\xa0."),
        GOES("\xd0\x9a\xd0\xbb\xd1\x8e\xd1\x87 \"(email)=(ann)\"", "\xd0\x9a\xd0\xbb\xd1\x8e\xd1\x87 \"(email)=(<value>)\""),
    };
    static const struct row left[] = {
        STAYS("Key (email) is missing"),
        STAYS("unique constraint (SHOP.UQ_EMAIL) violated"),
        STAYS("a = (b)"),
        STAYS("the value (see below) is wrong"),
        GOES("x=(17", "x=(<int>"),
        STAYS("(anonymous)"),
    };

    BOTH("(<value>)");
}

static void
dumps(void)
{
    static const struct row taken[] = {
        GOES("E11000 duplicate key error collection: db.users index: email_1 dup key: { email: \"ann\" }",
             "E11000 duplicate key error collection: db.users index: email_1 dup key: <dump>"),
        GOES("index: a_1 dup key: { : \"ann\" }", "index: a_1 dup key: <dump>"),
        GOES("dup key: { a: 1, b: 'x' } (1)", "dup key: <dump> (<int>)"),
        GOES("failed\n[SQL: SELECT a FROM t WHERE id = 7]", "failed\n<dump>"),
        GOES("failed\n[parameters: {'name': 'ann'}]", "failed\n<dump>"),
        GOES("failed [cached since 12.3s ago] x", "failed <dump>"),
    };
    static const struct row left[] = {
        STAYS("unexpected { in template"),
        STAYS("dup key: none"),
        STAYS("dup key: { email"),
        STAYS("[SQL Server] Login failed"),
        STAYS("[parameters] are missing"),
        STAYS("[sql: lower case is nobody's]"),
    };

    BOTH("<dump>");
}

static void
identities(void)
{
    static const struct row taken[] = {
        GOES("cannot cast [Ljava.lang.String;@1b2c3d4e", "cannot cast [Ljava.lang.String;@<hex>"),
        GOES("com.acme.Order@5f2a9c1 was not saved", "com.acme.Order@<hex> was not saved"),
        GOES("lock held by java.lang.Thread@7a81197d", "lock held by java.lang.Thread@<hex>"),
        GOES("[B@4b1210ee", "[B@<hex>"),
        GOES("Proxy$12@de4dbeef (closed)", "Proxy$<int>@<hex> (closed)"),
        GOES("a.B$C@1a2b, a.B$C@3c4d", "a.B$C@<hex>, a.B$C@<hex>"),
    };
    static const struct row left[] = {
        GOES("mail to ann@cafe.example", "mail to <email>"),
        GOES("mail to ann@localhost", "mail to <email>"),
        GOES("mail to ann@c0ffee-shop.example", "mail to <email>"),
        GOES("mail to ann@cafe", "mail to <email>"),
        GOES("mail to ann@1and1.example", "mail to <email>"),
        GOES("mail to ann@c0ffee.example", "mail to <email>"),
        STAYS("decorator @cached is missing"),
        STAYS("@deadbeef"),
        GOES("[B@12g4", "[<email>"),
        GOES("[B@123", "[<email>"),
        GOES("[B@12345678123456789", "[<email>"),
    };

    BOTH("@<hex>");
}

static void
pods(void)
{
    static const struct row taken[] = {
        GOES("web-7d9f8b6c5d-x2x4z is not ready", "web-<pod> is not ready"),
        GOES("dial checkout-api-5d4f8c7b9-abcd2: refused", "dial checkout-api-<pod>: refused"),
        GOES("OOMKilled: worker-66b6c48dd5-zt7jk", "OOMKilled: worker-<pod>"),
        GOES("pod \"db-78d5d8d7bc-6xq2f\" evicted", "pod \"db-<pod>\" evicted"),
        GOES("[web-7d9f8b6c5d-x2x4z]", "[web-<pod>]"),
    };
    static const struct row left[] = {
        STAYS("web-frontend-tests"),
        STAYS("utf-8 codec"),
        STAYS("check-out-now"),
        STAYS("read-only-transaction-error"),
        STAYS("x-forwarded-proto"),
        GOES("web-7d9f8b6c5d-x2x4zz", "web-<hex>-x2x4zz"),
        GOES("web-7d9f8b6c5dab-x2x4z", "web-<hex>-x2x4z"),
    };

    BOTH("<pod>");
}

static void
ids(void)
{
    static const struct row taken[] = {
        GOES("session k9Mtd2gDcgG expired", "session <id> expired"),
        GOES("01ARZ3NDEKTSV4RRFFQ69G5FAV was not found", "<id> was not found"),
        GOES("01arz3ndektsv4rrffq69g5fav", "<id>"),
        GOES("No such customer: cus_x; request 4g8hXn02sfzZywjG", "No such customer: cus_x; request <id>"),
        GOES("(5.7.1 message (4g8hXn02sfzZywjG)", "(<float>.<int> message (<id>)"),
        GOES("Kunde 7Hf8sK2mQ9x unbekannt", "Kunde <id> unbekannt"),
    };
    static const struct row left[] = {
        STAYS("IllegalArgumentException"),
        STAYS("OAuth2AuthenticationToken"),
        STAYS("Log4j2Configuration"),
        STAYS("Base64UrlDecoder"),
        STAYS("Http2StreamChannel"),
        STAYS("X509CertificateV3"),
        STAYS("NoSuchBucket"),
        STAYS("ER_DUP_ENTRY"),
        STAYS("SHA256withRSA is not available"),
        STAYS("AES256GCMNoPadding"),
        STAYS("k9Mtd2gDc"),
    };

    BOTH("<id>");
}

static void
values_behind_equals(void)
{
    static const struct row taken[] = {
        GOES("input_value='x', input_type=str", "input_value=<quoted_str>, input_type=str"),
        GOES("level=\"warn\" msg", "level=<quoted_str> msg"),
        GOES("User(name='ann')", "User(name=<quoted_str>)"),
        GOES("name=\"M\xc3\xbcller\"", "name=<quoted_str>"),
        GOES("a='it' b='is'", "a=<quoted_str> b=<quoted_str>"),
    };
    static const struct row left[] = {
        STAYS("a='"),
        STAYS("x=\"unclosed"),
        STAYS("'x' is not 'y'"),
        STAYS("a=b"),
        STAYS("name 'total' is not defined"),
        STAYS("==x"),
    };

    BOTH("=<quoted_str>");
}

static void
data_in_quotes(void)
{
    static const struct row taken[] = {
        GOES("invalid literal for int() with base 10: 'x1'", "invalid literal for int() with base 10: <quoted_str>"),
        GOES("could not convert string to float: 'abc'", "could not convert string to float: <quoted_str>"),
        GOES("invalid input syntax for type integer: \"abc\"", "invalid input syntax for type integer: <quoted_str>"),
        GOES("For input string: \"abc\"", "For input string: <quoted_str>"),
        GOES("Text '2024-13-01' could not be parsed", "Text <quoted_str> could not be parsed"),
        GOES("strconv.Atoi: parsing \"abc\": invalid syntax", "strconv.Atoi: parsing <quoted_str>: invalid syntax"),
        GOES("The input string 'abc' was not in a correct format.", "The input string <quoted_str> was not in a correct format."),
        GOES("Could not find file 'a.txt'.", "Could not find file <quoted_str>."),
        GOES("Unexpected token '<' in JSON", "Unexpected token <quoted_str> in JSON"),
        GOES("syntax error at or near \"sleect\"", "syntax error at or near <quoted_str>"),
        GOES("WHERE name = 'ann'", "WHERE name = <quoted_str>"),
        GOES("Access denied for user 'ann'@'10.0.0.5' (using password: YES)",
             "Access denied for user <quoted_str>@<quoted_str> (using password: YES)"),
        GOES("Unexpected token '<', \"<html>\" is not valid JSON", "Unexpected token <quoted_str>, <quoted_str> is not valid JSON"),
        GOES("Incorrect integer value: 'abc' for column 'age' at row 1",
             "Incorrect integer value: <quoted_str> for column 'age' at row <int>"),
        GOES("Duplicate entry 'M\xc3\xbcller' for key 'uq_name'", "Duplicate entry <quoted_str> for key 'uq_name'"),
        GOES("invalid value for Integer(): \"abc\"", "invalid value for Integer(): <quoted_str>"),
    };
    static const struct row left[] = {
        STAYS("'Order' object has no attribute 'total'"),
        STAYS("No module named 'shop'"),
        STAYS("name 'total' is not defined"),
        STAYS("Cannot read properties of undefined (reading 'amount')"),
        STAYS("No bean with name 'orderService' is defined"),
        STAYS("because the return value of \"com.acme.Order.total()\" is null"),
        STAYS("because the value of field 'total' is null"),
        STAYS("relation \"orders\" does not exist"),
        STAYS("Unknown column 'total' in 'field list'"),
        STAYS("violates unique constraint \"users_email_key\""),
        STAYS("null value in column \"email\" of relation \"users\" violates not-null constraint"),
        STAYS("undefined method 'total' for nil"),
        STAYS("json: unknown field \"total\""),
        STAYS("called `Option::unwrap()` on a `None` value"),
        STAYS("Value cannot be null. (Parameter 'name')"),
        STAYS("Undefined property: Foo::$total"),
        STAYS("Table 'shop.orders' doesn't exist"),
        STAYS("Spalte \xc2\xbb" "total\xc2\xab existiert nicht"),
        STAYS("can't parse 'x"),
        STAYS("user 'ann"),
    };

    BOTH("<quoted_str>");
}

static void
truth(void)
{
    static const struct row taken[] = {
        GOES("retry=true", "retry=<bool>"),
        GOES("Config(debug=False, strict=True)", "Config(debug=<bool>, strict=<bool>)"),
        GOES("active=false;", "active=<bool>;"),
        GOES("a=True", "a=<bool>"),
        GOES("aktiv=true f\xc3\xbcr Kunde", "aktiv=<bool> f\xc3\xbcr Kunde"),
    };
    static const struct row left[] = {
        STAYS("is true"),
        STAYS("retry=truely"),
        STAYS("retry=TRUE"),
        STAYS("expected true, found false"),
        STAYS("a: true"),
        STAYS("a= true"),
    };

    BOTH("=<bool>");
}

/* clang-format on */

static const struct unit_test tests[] = {
    {"codes", codes},
    {"addresses_of_errors", addresses_of_errors},
    {"lists", lists},
    {"values_of_keys", values_of_keys},
    {"dumps", dumps},
    {"identities", identities},
    {"pods", pods},
    {"ids", ids},
    {"values_behind_equals", values_behind_equals},
    {"data_in_quotes", data_in_quotes},
    {"truth", truth},
};

const struct unit_suite suite_pattern = {"pattern", tests, COUNT_OF(tests)};
