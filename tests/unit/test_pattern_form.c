/* Real messages: data that is known by its form, and what only looks like it. */
#include "patterns.h"
#include "unit.h"

/* clang-format off */

static void
emails(void)
{
    static const struct row taken[] = {
        GOES("550 No such user: ann@example.org", "<int> No such user: <email>"),
        GOES("Benutzer j\xc3\xb6rg+test@example.de fehlt", "Benutzer j\xc3\xb6<email> fehlt"),
        GOES("<ann.b-c@mail.example.co.uk>", "<<email>>"),
        GOES("SMTPRecipientsRefused: o'brien@example.ie", "SMTPRecipientsRefused: <email>"),
        GOES("\xe3\x83\xa1\xe3\x83\xbc\xe3\x83\xab\xef\xbc\x9a" "a@b.jp", "\xe3\x83\xa1\xe3\x83\xbc\xe3\x83\xab\xef\xbc\x9a<email>"),
        GOES("utilisateur ann@example.fr inconnu", "utilisateur <email> inconnu"),
    };
    static const struct row left[] = {
        STAYS("@Autowired field is null"),
        STAYS("instance variable @total"),
        STAYS("@angular/core is missing"),
        STAYS("call @ now"),
        STAYS("user@ is not complete"),
        STAYS("a@@b"),
    };

    BOTH("<email>");
}

static void
urls(void)
{
    static const struct row taken[] = {
        GOES("Get \"https://api.example.com/v1/users/17\": context deadline exceeded",
             "Get \"<url> context deadline exceeded"),
        GOES("GET http://127.0.0.1:8080/health failed", "GET <url> failed"),
        GOES("ws://localhost:3000 closed", "<url> closed"),
        GOES("wss://push.example.com/x closed", "<url> closed"),
        GOES("ftp://files.example.com/a.csv: 550", "<url> <int>"),
        GOES("\xd0\xbe\xd1\x88\xd0\xb8\xd0\xb1\xd0\xba\xd0\xb0: https://example.ru/x", "\xd0\xbe\xd1\x88\xd0\xb8\xd0\xb1\xd0\xba\xd0\xb0: <url>"),
    };
    static const struct row left[] = {
        STAYS("unsupported scheme http:"),
        STAYS("https:// is not an address"),
        STAYS("xhttp://h"),
        STAYS("file:///a"),
        STAYS("redis://cache"),
        STAYS("s3://bucket/key"),
    };

    BOTH("<url>");
}

static void
paths(void)
{
    static const struct row taken[] = {
        GOES("open /etc/ssl/cert.pem: permission denied", "open <path>: permission denied"),
        GOES("ENOENT: no such file or directory, open '/srv/app/x.json'",
             "ENOENT: no such file or directory, open '<path>'"),
        GOES("fopen(/var/www/html/a.txt): failed to open stream", "fopen(<path>): failed to open stream"),
        GOES("Could not load C:\\Users\\ann\\a.dll.", "Could not load <path>."),
        GOES("/Users/ann/Library/x missing", "<path> missing"),
        GOES("Datei /home/j\xc3\xb6rg/a.txt fehlt", "Datei <path> fehlt"),
        GOES("cannot map /data/app/com.example-1/base.apk", "cannot map <path>"),
        GOES("unlink /tmp/php8Hs2: denied", "unlink <path>: denied"),
    };
    static const struct row left[] = {
        STAYS("GET /users/bob/orders"),
        STAYS("No route matches /api/var/x"),
        STAYS("and/or"),
        STAYS("read /var/"),
        STAYS("content-type text/html"),
        STAYS("~/home/a"),
        STAYS("C:/x"),
    };

    BOTH("<path>");
}

static void
hosts(void)
{
    static const struct row taken[] = {
        GOES("getaddrinfo ENOTFOUND db1.prod.example.com", "getaddrinfo ENOTFOUND <hostname>"),
        GOES("dial tcp: lookup cache.example.net: no such host", "dial tcp: lookup <hostname>: no such host"),
        GOES("UnknownHostException: api.example.de", "UnknownHostException: <hostname>"),
        GOES("sqs.amazonaws.com timed out", "<hostname> timed out"),
        GOES("\xd0\xbd\xd0\xb5\xd1\x82 example.ru", "\xd0\xbd\xd0\xb5\xd1\x82 <hostname>"),
        GOES("EXAMPLE.COM refused", "<hostname> refused"),
    };
    static const struct row left[] = {
        STAYS("java.lang.NullPointerException"),
        STAYS("os.path is missing"),
        STAYS("example.Com"),
        STAYS("user.name is null"),
        STAYS("module shop.orders.views"),
        STAYS("localhost refused"),
    };

    BOTH("<hostname>");
}

static void
addresses(void)
{
    static const struct row taken[] = {
        GOES("connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED <ip>:<int>"),
        GOES("dial tcp [2001:db8::1]:443: i/o timeout", "dial tcp [<ip>]:<int>: i/o timeout"),
        GOES("Host 10.0.0.7 is not allowed to connect", "Host <ip> is not allowed to connect"),
        GOES("Verbindung zu 192.168.1.20 verloren", "Verbindung zu <ip> verloren"),
        GOES("peer=::1 gone", "peer=<ip> gone"),
        GOES("no pg_hba.conf entry for host 10.1.2.3, user", "no pg_hba.conf entry for host <ip>, user"),
    };
    static const struct row left[] = {
        STAYS("Bee::buzz()"),
        STAYS("std::vector is empty"),
        STAYS("Fee::zap()"),
        GOES("version 256.1.1.1", "version <float>.<float>"),
        STAYS("Foo::$b is undefined"),
        STAYS("namespace ::"),
    };

    BOTH("<ip>");
}

static void
traces(void)
{
#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"
    static const struct row taken[] = {
        GOES("traceparent 00-" TRACE "-" SPAN "-01", "traceparent <traceparent>"),
        GOES("00-" TRACE "-" SPAN "-00: dropped", "<traceparent>: dropped"),
        GOES("X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678", "X-Amzn-Trace-Id: Root=<traceparent>"),
        GOES("(1-67891233-abcdef012345678912345678)", "(<traceparent>)"),
        GOES("\xe3\x83\x88\xe3\x83\xac\xe3\x83\xbc\xe3\x82\xb9 00-" TRACE "-" SPAN "-01",
             "\xe3\x83\x88\xe3\x83\xac\xe3\x83\xbc\xe3\x82\xb9 <traceparent>"),
    };
    static const struct row left[] = {
        GOES("00-" TRACE, "<int>-<hex>"),
        GOES("1-2-3", "<int>-<int>-<int>"),
        GOES("trace " TRACE, "trace <hex>"),
        STAYS("traceparent is missing"),
        STAYS("x00-" TRACE "y"),
    };

    BOTH("<traceparent>");
}

static void
uuids(void)
{
#define UUID "7c1811ed-e98f-4c9c-a9f9-58c757ff494f"
    static const struct row taken[] = {
        GOES("Entity " UUID " not found", "Entity <uuid> not found"),
        GOES("{" UUID "}", "{<uuid>}"),
        GOES("RequestId: " UUID " Version $LATEST", "RequestId: <uuid> Version $LATEST"),
        GOES("urn:uuid:" UUID, "urn:uuid:<uuid>"),
        GOES("ClientConnectionId:7C1811ED-E98F-4C9C-A9F9-58C757FF494F", "ClientConnectionId:<uuid>"),
        GOES("Auftrag " UUID " fehlt", "Auftrag <uuid> fehlt"),
    };
    static const struct row left[] = {
        STAYS("%s is not a uuid"),
        GOES(UUID "0", "<hex>-e98f-4c9c-a9f9-<hex>"),
        STAYS("face-to-face"),
        STAYS("dead-beef-cafe"),
        STAYS("g-uuid"),
    };

    BOTH("<uuid>");
}

static void
dates(void)
{
    static const struct row taken[] = {
        GOES("time data '2024-02-20 22:16' does not match format '%Y'",
             "time data <quoted_str> does not match format '%Y'"),
        GOES("expired at 2024-02-20T22:16:36Z", "expired at <date>"),
        GOES("token expired Tue, 20 Feb 2024 22:16:36 GMT", "token expired <date>"),
        GOES("since Feb 20, 2024", "since <date>"),
        GOES("datetime.datetime(2024, 2, 20, 22, 16) is naive", "<date> is naive"),
        GOES("am 2024/02/20 abgelaufen", "am <date> abgelaufen"),
        GOES("le 20/02/2024 22:16:36", "le <date>"),
        GOES("at 11:21 PM", "at <date>"),
    };
    static const struct row left[] = {
        STAYS("May not be null"),
        STAYS("Marshal failed"),
        STAYS("Sunset is deprecated"),
        STAYS("datetime.datetime is not callable"),
        STAYS("the date is missing"),
        GOES("version 2024.2", "version <float>"),
    };

    UNIT(taken[0].wanted != NULL);
    check("<date>", taken + 1, COUNT_OF(taken) - 1, left, COUNT_OF(left));
    becomes(&taken[0]);
}

static void
measures(void)
{
    static const struct row taken[] = {
        GOES("timeout of 5000ms exceeded", "timeout of <measure> exceeded"),
        GOES("took 1.5s", "took <measure>"),
        GOES("body exceeds 10MB", "body exceeds <measure>"),
        GOES("after 30\xc2\xb5s", "after <measure>"),
        GOES("Zeit\xc3\xbc" "berschreitung nach 30s", "Zeit\xc3\xbc" "berschreitung nach <measure>"),
        GOES("wait 3h, 20min", "wait <measure>, <measure>"),
        GOES("OOM command not allowed: 512MiB", "OOM command not allowed: <measure>"),
        GOES("tried to allocate 20480bytes", "tried to allocate <measure>"),
    };
    static const struct row left[] = {
        GOES("30 seconds", "<int> seconds"),
        STAYS("3rd attempt"),
        STAYS("2nd argument"),
        STAYS("5x"),
        STAYS("v10MB"),
        STAYS("1st"),
        STAYS("ms"),
    };

    BOTH("<measure>");
}

static void
hexes(void)
{
    static const struct row taken[] = {
        GOES("segfault at 0x7ffe1020", "segfault at <hex>"),
        GOES("<Order object at 0x7f1c2d>", "<Order object at <hex>>"),
        GOES("checkout of 1a2b3c4 failed", "checkout of <hex> failed"),
        GOES("blob d41d8cd98f00b204e9800998ecf8427e missing", "blob <hex> missing"),
        GOES("ObjectId(\"507f1f77bcf86cd799439011\")", "ObjectId(\"<hex>\")"),
        GOES("\xd0\xb0\xd0\xb4\xd1\x80\xd0\xb5\xd1\x81 0xDEADBEEF", "\xd0\xb0\xd0\xb4\xd1\x80\xd0\xb5\xd1\x81 <hex>"),
    };
    static const struct row left[] = {
        STAYS("deadbeef"),
        STAYS("facade is defaced"),
        GOES("12345678", "<int>"),
        STAYS("0x"),
        STAYS("0xyz"),
        STAYS("sha256sum differs"),
        STAYS("a1b2"),
    };

    BOTH("<hex>");
}

static void
floats(void)
{
    static const struct row taken[] = {
        GOES("load is 1.75", "load is <float>"),
        GOES("-0.5 is out of range", "<float> is out of range"),
        GOES("amount 19.99 EUR", "amount <float> EUR"),
        GOES("expected 3.0, got 2.5", "expected <float>, got <float>"),
        GOES("Wert 0.001 zu klein", "Wert <float> zu klein"),
        GOES("score=0.25", "score=<float>"),
    };
    static const struct row left[] = {
        STAYS("HTTP/1.1"),
        STAYS("TLS 1.3"),
        STAYS("v1.x"),
        STAYS("a.b"),
        GOES("5.", "<int>."),
        STAYS("python3.x"),
    };

    BOTH("<float>");
}

static void
ints(void)
{
    static const struct row taken[] = {
        GOES("index out of range [5] with length 3", "index out of range [<int>] with length <int>"),
        GOES("Undefined array key 5", "Undefined array key <int>"),
        GOES("4,150,908 rows", "<int> rows"),
        GOES("len is 2 but the index is -1", "len is <int> but the index is <int>"),
        GOES("Deadlock found; transaction 4711", "Deadlock found; transaction <int>"),
        GOES("\xe8\xa1\x8c 17 \xe3\x81\xa7\xe3\x82\xa8\xe3\x83\xa9\xe3\x83\xbc", "\xe8\xa1\x8c <int> \xe3\x81\xa7\xe3\x82\xa8\xe3\x83\xa9\xe3\x83\xbc"),
        GOES("\xd0\xb7\xd0\xb0\xd0\xba\xd0\xb0\xd0\xb7 42", "\xd0\xb7\xd0\xb0\xd0\xba\xd0\xb0\xd0\xb7 <int>"),
    };
    static const struct row left[] = {
        STAYS("int32 overflow"),
        STAYS("expected u8, found i64"),
        STAYS("<local4> is null"),
        STAYS("sha256 differs"),
        STAYS("base64 decode"),
        STAYS("ipv4 only"),
        STAYS("arg1 is required"),
        STAYS("%d is missing"),
    };

    BOTH("<int>");
}

/* clang-format on */

static const struct unit_test tests[] = {
    {"emails", emails},       {"urls", urls},     {"paths", paths},   {"hosts", hosts},
    {"addresses", addresses}, {"traces", traces}, {"uuids", uuids},   {"dates", dates},
    {"measures", measures},   {"hexes", hexes},   {"floats", floats}, {"ints", ints},
};

const struct unit_suite suite_pattern_form = {"pattern_form", tests, COUNT_OF(tests)};
