"""Goal: a directory copied to a shared host is set up in a browser and takes events, and nothing secret of it can be
read through the web.  With MESHER_BUNDLE it is one that contrib/make-bundle has made; else this build's program."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import uuid

import psycopg2
import pytest
from harness import client, process
from harness.chromium import Chromium
from harness.drainer import await_drainer
from harness.machine import blocks
from harness.ports import free_port
from harness.postgres import Postgres
from harness.sharedhost import BUNDLE, OWNER, SharedHost, as_owner, wrong
from harness.stack import SOURCE
from harness.wait import wait_until

pytestmark = pytest.mark.repeats

PASSWORD = "p'a\\ss \"$HOME\" & <b>"  # libpq's, libconfuse's and HTML's special characters
HBA = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


class Provider(Postgres):
    """The provider's database server: by TCP, with passwords; few connections for each customer."""

    def __init__(self, top):
        self.port = free_port()
        super().__init__(top)
        with open(self.data / "postgresql.conf", "a", encoding="ascii") as f:
            f.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\n")
        (self.data / "pg_hba.conf").write_text(HBA)

    def conninfo(self, database, user="postgres"):
        return super().conninfo(database, user) + f" port={self.port}"


@pytest.fixture(scope="module")
def provider(top, stack_numbers):
    server = Provider(top / f"pg-{next(stack_numbers)}")
    server.start()
    with server.connect("postgres") as c, c.cursor() as cursor:
        for role in ("shop LOGIN CONNECTION LIMIT 5", "poor LOGIN", "nobody_in NOLOGIN"):
            cursor.execute(f"CREATE ROLE {role} PASSWORD %s", (PASSWORD,))
    yield server
    server.stop()


@pytest.fixture
def database(provider):
    provider.count += 1
    name = f"shop_{provider.count}"
    provider.sql("postgres", f"CREATE DATABASE {name} OWNER shop")
    yield name
    provider.drop_database(name)


@pytest.fixture
def hosts(top, stack_numbers):
    made = []

    def make(**kwargs):
        made.append(SharedHost(top / f"host{next(stack_numbers)}", **kwargs).start())
        return made[-1]
    yield make
    for host in made:
        host.stop()


def filled_in(site, provider, name, **other):
    return {"token": site.token(), "host": "127.0.0.1", "port": provider.port, "database": name, "user": "shop",
            "password": PASSWORD, "sslmode": "prefer", "project": "web", "url": site.url, **other}


def shown(page, name):
    import html
    import re
    found = re.search(rf'<pre id="{name}">(.*?)</pre>', page, re.S)
    assert found, page
    return html.unescape(found[1])


def set_up(site, provider, name, **other):
    """Through the page, as a person does it; the DSN and the key."""
    first = site.get(site.program)
    assert first.status == 200, (first, site.log()[-3000:])
    done = site.send(filled_in(site, provider, name, **other))
    assert done.status == 200, (wrong(done.body.decode()), site.log()[-3000:])
    dsn = shown(done.body.decode(), "dsn")
    return dsn, dsn.split("://")[1].split("@")[0]


def stored(provider, database, *hosts):
    for host in hosts:
        await_drainer(host.data / "spool")
    return {str(r[0]) for r in provider.sql(database, "SELECT id FROM events")}


# ---- the page


def test_the_page(hosts, provider, database):
    host = hosts()
    page = host.get(host.program)
    text = page.body.decode()
    assert page.status == 200 and page.header("Content-Type").startswith("text/html")
    assert page.header("Access-Control-Allow-Origin") is None and page.header("X-Frame-Options") == "DENY"
    assert "<script" not in text and f'value="http://localhost{host.program}"' in text
    assert "mesher-data/setup-token, 2 directories above" in text and str(host.home) not in text
    assert host.data == host.home / "mesher-data" and host.token() not in text
    health = host.get(f"{host.program}/api/v1/health")
    assert health.status == 503 and health.header("Retry-After") and health.json()["error"] == "the server is not set up"
    dsn, key = set_up(host, provider, database)
    assert dsn == f"http://{key}@127.0.0.1:{host.port}{host.program}/1"
    # It is gone, for good.
    assert not (host.data / "setup-token").exists() and (host.data / "mesher.conf").stat().st_mode & 0o777 == 0o600
    for answer in (host.get(host.program), host.get(f"{host.path}/"), host.send({"token": "x"})):
        assert answer.status == 404 and answer.json() == {"error": "not found"}
    answer = host.post(key, {"message": "first"})
    assert answer.status == 202 and answer.json()["id"] in stored(provider, database, host)


@pytest.mark.parametrize("change, field, says", [
    ({"token": ""}, "token", "this is not the token"),
    ({"token": "0" * 32}, "token", "this is not the token"),
    ({"database": ""}, "database", "must not be empty"),
    ({"database": "d" * 64}, "database", "at most 63 bytes"),
    ({"user": ""}, "user", "must not be empty"),
    ({"user": "a\nb"}, "user", "control characters"),
    ({"user": "a\0b"}, "user", "control characters"),
    ({"port": "0"}, "port", "1 to 65535"),
    ({"port": "65536"}, "port", "1 to 65535"),
    ({"port": "x"}, "port", "1 to 65535"),
    ({"sslmode": "maybe"}, "sslmode", "prefer, require or disable"),
    ({"url": "ftp://x"}, "url", "http://"),
    ({"url": "http://"}, "url", "http://"),
    ({"url": "http://a/'x"}, "url", "http://"),
    ({"project": ""}, "project", "must not be empty"),
    ({"project": "42"}, "project", "not be a number"),
    ({"host": "no-such-host.invalid"}, "host", "no such host"),
    ({"port": "1"}, "host", "wrong host or port"),
    ({"host": "/nonexistent"}, "host", "wrong host or port"),
    ({"password": "wrong"}, "password", "wrong user or password"),
    ({"password": ""}, "password", "the server requires one"),
    ({"user": "nobody_at_all"}, "password", "wrong user or password"),
    ({"user": "nobody_in"}, "user", "does not allow this user to connect"),
    ({"database": "nothing"}, "database", "no such database"),
    ({"user": "poor"}, "user", "may not create tables"),
    ({"sslmode": "require"}, "sslmode", "does not speak TLS"),
])
def test_what_is_wrong_stands_beside_its_field(one_host, provider, change, field, says):
    host, database = one_host
    answer = host.send(filled_in(host, provider, database, **change))
    text = answer.body.decode()
    found = wrong(text)
    assert answer.status == (403 if field == "token" else 400) and list(found) == [field], (answer.status, found)
    assert says in found[field]
    assert 'name="database"' in text and "p&#39;a" not in text and host.token() not in text
    assert not (host.data / "mesher.conf").exists() and not provider.sql(database, "SELECT to_regclass('projects')")[0][0]


@pytest.fixture(scope="module")
def one_host(top, provider, stack_numbers):
    host = SharedHost(top / f"host{next(stack_numbers)}").start()
    assert host.get(host.program).status == 200
    provider.sql("postgres", "CREATE DATABASE shop_one OWNER shop")
    yield host, "shop_one"
    host.stop()


def test_all_that_is_wrong_is_said_at_once(one_host, provider):
    host, database = one_host
    answer = host.send(filled_in(host, provider, database, port="x", url="", project=""))
    assert set(wrong(answer.body.decode())) == {"port", "url", "project"}


def test_what_is_filled_in_is_given_back_as_text(one_host, provider):
    host, database = one_host
    nasty = '"><script>alert(1)</script>&amp;\''
    answer = host.send(filled_in(host, provider, database, user=nasty, host=nasty, project=nasty, port="x"))
    text = answer.body.decode()
    assert "<script" not in text and "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&#39;" in text


@pytest.mark.parametrize("body", [b"", b"&&&==%zz", b"\xff\xfe\x00", b"token=" + b"a" * 60_000, b"token=%" * 100,
                                  b"x" * 70_000, b"token=a&token=b"])
def test_no_input_gives_a_500(one_host, body):
    host, _ = one_host
    answer = host.send(body)
    assert answer.status in (400, 403, 413), answer
    assert host.get(f"{host.program}?" + "a+b+c").status == 200
    assert host.get(f"{host.program}?ctl+config").status == 200


# ---- secrets


def everything(host):
    """All paths that somebody could ask for: of each file below the web root, and what one would guess."""
    roots = {host.home / "public_html": "", host.home / "cgi-bin": "/cgi-bin"}
    found = {p: f"{at}/{p.relative_to(root)}" for root, at in roots.items() for p in root.rglob("*")}
    paths = {path + slash for p, path in found.items() for slash in ([""] + ["/"] * p.is_dir())}
    for base in ("", host.path, f"{host.path}/mesher-data", "/mesher-data", f"{host.program}/mesher-data",
                 f"{host.path}/..", f"{host.path}/../..", f"{host.path}/%2e%2e/%2e%2e/mesher-data"):
        paths |= {f"{base}/{name}" for name in ("", "mesher.conf", "setup-token", "spool/", "spool/new/", "spool/keys",
                                                "mesher.conf~", ".mesher.conf.swp", "mesher.conf.bak", ".htaccess")}
    hidden = host.data.name
    return [p for p in sorted(paths) if hidden == "mesher-data" or hidden not in p]  # nobody can know that name


@pytest.mark.parametrize("closed", [False, pytest.param(True, marks=pytest.mark.as_root)], ids=["above", "hidden"])
@pytest.mark.parametrize("htaccess", ["honoured", "none", "static", "cgi-bin"])
def test_no_secret_can_be_read(hosts, provider, database, htaccess, closed):
    host = hosts(htaccess=htaccess, closed=closed, where="cgi-bin/errors" if htaccess == "cgi-bin" else "public_html/errors")
    if htaccess == "static":  # nothing runs there: in a shell
        data = host.bundle / f"mesher-data-{uuid.uuid4().hex}" if closed else host.home / "mesher-data"
        data.mkdir(mode=0o700)
        (data / "mesher.conf").write_text(f"database = \"host=127.0.0.1 password='{PASSWORD}'\"\n".replace("$", "\\$"))
        (data / "setup-token").write_text("a-token-that-is-secret")
        host.own(data)
        secrets = [b"p'a", b"a-token-that-is-secret"]
    else:
        host.get(host.program)
        token = host.token()
        for path in everything(host):
            assert token.encode() not in host.get(path).body, path
        _, key = set_up(host, provider, database)
        provider.sql("postgres", f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        assert host.post(key, {"message": "what a secret this is"}).status == 202
        assert list((host.data / "spool/new").iterdir())
        assert (host.data.parent == host.bundle) == closed
        secrets = [b"p'a", token.encode(), key.encode(), b"what a secret", b"mshspool"]
    names = {host.data.name.encode()} if closed else set()
    hidden = host.data.name
    for path in everything(host):
        answer = host.get(path)
        assert not any(s in answer.body for s in secrets), (path, answer)
        assert not any(n in answer.body for n in names), (path, answer)
    if htaccess == "honoured":  # and even who knows it
        for name in ("mesher.conf", "spool/keys"):
            assert not any(s in host.get(f"{host.path}/{hidden}/{name}").body for s in secrets)


def test_a_configuration_that_can_be_guessed_is_not_used(hosts, provider, database):
    """Somebody moved it below the web root."""
    host = hosts()
    _, key = set_up(host, provider, database)
    host.data.rename(host.home / "public_html/mesher-data")
    answer = host.post(key, {"message": "x"})
    assert answer.status == 503 and "below the web root" in host.log()
    (host.home / "public_html/mesher-data").rename(host.home / "mesher-data")
    assert host.post(key, {"message": "x"}).status == 202


@pytest.mark.as_root
def test_somebody_else_s_program_is_not_set_up(hosts):
    """Without suexec the programs of all customers run as one user."""
    host = hosts()
    os.chown(host.bundle / "mesher.cgi", 65534, 65534)
    answer = host.get(host.program)
    assert answer.status == 503 and b"a user other than their owner" in answer.body
    assert not list(host.home.rglob("mesher-data*"))


@pytest.mark.as_root
def test_somebody_else_s_configuration_is_not_used(hosts, provider, database):
    """Another customer has put one where this one's program looks: what is sent would be his."""
    host = hosts()
    theirs = host.top / "mesher-data"
    theirs.mkdir()
    (theirs / "mesher.conf").write_text("database = \"dbname=theirs\"\n")
    for p in (theirs, theirs / "mesher.conf"):
        os.chown(p, 65534, 65534)
    _, key = set_up(host, provider, database)
    assert host.post(key, {"message": "x"}).status == 202


def test_modes_of_an_upload_are_put_right(hosts, provider, database):
    host = hosts()
    _, key = set_up(host, provider, database)
    (host.data / "mesher.conf").chmod(0o644)
    assert host.post(key, {"message": "x"}).status == 202
    assert (host.data / "mesher.conf").stat().st_mode & 0o777 == 0o600


# ---- serving


def test_it_can_be_moved(hosts, provider, database):
    """Paths in the configuration begin at the configuration."""
    host = hosts()
    _, key = set_up(host, provider, database)
    host.bundle.rename(host.home / "public_html/moved")
    moved = client.request(host.port, "POST", "/moved/mesher.cgi/api/v1/events", {"X-Sentry-Auth": key}, b'{"message":"m"}')
    assert moved.status == 202
    assert as_owner([host.home / "public_html/moved/mesherctl", "config"]).stdout.count(str(host.data)) == 3


@pytest.mark.parametrize("htaccess", ["honoured", "options"])
def test_a_short_address(hosts, provider, database, htaccess):
    """.htaccess sends all that is asked for in the directory to the program, where it may have FileInfo alone; where it may
    have Options, and needs them, one line changes."""
    host = hosts(htaccess=htaccess)
    _, key = set_up(host, provider, database)
    for head in ({"X-Sentry-Auth": key}, {"Authorization": f"Bearer {key}"}):
        answer = client.request(host.port, "POST", f"{host.path}/api/v1/events", head, b'{"message":"short"}')
        assert answer.status == 202, answer


def in_proc(program):
    for p in pathlib.Path("/proc").iterdir():
        try:
            if p.name.isdigit() and os.readlink(p / "exe").endswith(str(program)):
                yield int(p.name)
        except OSError:
            pass


def children(host):
    """Processes of the program."""
    return list(in_proc(host.bundle / "mesher.cgi"))


def test_it_stays_where_the_host_has_mod_fcgid(hosts, provider, database):
    host = hosts(fcgid=True)
    dsn, key = set_up(host, provider, database)
    assert host.get(host.program).status == 404 and len(children(host)) >= 1
    before = set(children(host))
    for n in range(20):
        assert host.post(key, {"message": f"event {n}"}).status == 202
    assert before <= set(children(host)) and len(stored(provider, database)) == 20
    assert dsn.endswith("/mesher.cgi/1")
    # Connections are few: who has nothing to do gives his back.
    wait_until(lambda: provider.sql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE usename = 'shop'")[0][0] == 0, 20)


def test_without_it_each_request_is_a_process(hosts, provider, database):
    host = hosts()
    _, key = set_up(host, provider, database)
    assert host.post(key, {"message": "event"}).status == 202
    wait_until(lambda: not children(host), 10)


def test_in_a_shell(hosts, provider, database):
    """Without the page: a directory, a file, two commands."""
    host = hosts()
    data = host.home / "mesher-data"
    data.mkdir(mode=0o700)
    for d in ("spool", "poison"):
        (data / d).mkdir(mode=0o700)
    (data / "mesher.conf").write_text(
        f'database = "host={provider.run} port={provider.port} dbname={database} user=shop"\npublic_url = "{host.url}"\n'
        'spool_dir = "spool"\npoison_dir = "poison"\n')
    host.own(data)
    assert host.get(host.program).status == 404  # there is no page then
    for command in (["migrate"], ["project", "add", "web"], ["maintenance"]):
        done = host.ctl(*command)
        assert done.returncode == 0, done.stderr
    key = provider.sql(database, "SELECT key_value FROM api_keys")[0][0]
    assert host.post(key, {"message": "x"}).status == 202


def test_in_a_cgi_bin(hosts, provider, database):
    """Where all programs are, outside of what is served."""
    host = hosts(htaccess="cgi-bin", where="cgi-bin/errors")
    dsn, key = set_up(host, provider, database)
    assert dsn.endswith("/cgi-bin/errors/mesher.cgi/1") and host.post(key, {"message": "x"}).status == 202
    assert host.data == host.home / "mesher-data"


def test_an_sdk(hosts, provider, database):
    host = hosts()
    dsn, _ = set_up(host, provider, database)
    done = process.run(["/usr/bin/python3", SOURCE / "tests/sdk/app.py", dsn, "main"], 120)
    assert done.returncode == 0, done.stderr
    await_drainer(host.data / "spool")
    rows = provider.sql(database, "SELECT title FROM events ORDER BY 1")
    assert [r[0] for r in rows] == ["Disk is 91% full", "TypeError: cannot read the cart"]


def test_in_a_browser(hosts, provider, database, top, stack_numbers):
    in_a_browser(hosts(), provider, database, top / f"chromium{next(stack_numbers)}")


def in_a_browser(site, provider, database, place, **other):
    if not shutil.which("chromium"):
        pytest.skip("left out: no chromium")
    browser = Chromium("chromium", place)

    async def person(page):
        await page.open(site.url)
        await page.until("document.forms.length == 1")
        values = filled_in(site, provider, database, **other)
        assert await page.value("document.getElementById('url').value") == site.url
        await page.fill({**values, "port": str(provider.port), "password": "wrong"})
        await page.value("document.querySelector('button').click()")
        await page.until("document.getElementById('password-wrong')")
        assert await page.value("document.getElementById('database').value") == database
        assert await page.value("document.getElementById('password').value + document.getElementById('token').value") == ""
        await page.fill({"password": PASSWORD, "token": values["token"]})
        await page.value("document.querySelector('button').click()")
        await page.until("document.getElementById('dsn')")
        return await page.value("document.getElementById('curl').innerText")
    try:
        line = browser.run(person)
    finally:
        browser.stop()
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert '"status":"accepted"' in done.stdout, (line, done)
    assert len(stored(provider, database, site)) == 1


# ---- few connections, no cron


def test_five_connections_and_twenty_requests_at_once(hosts, provider, database):
    host = hosts()
    _, key = set_up(host, provider, database)
    accepted = []
    for _ in range(3):
        answers = client.at_once(host.port, [host.post_bytes(key, {"message": f"at once {n}"}) for n in range(20)])
        assert {a.status for a in answers} == {202}, (answers, host.log()[-3000:])
        accepted += [a.json()["id"] for a in answers]
    done = host.ctl("maintenance")
    assert done.returncode == 0, done.stderr
    assert set(accepted) == stored(provider, database) and not list((host.data / "spool/new").iterdir())


def test_no_connection_at_all(hosts, provider, database):
    """Others hold them all: a bounded wait, then the spool."""
    host = hosts()
    _, key = set_up(host, provider, database)
    held = [psycopg2.connect(f"host=127.0.0.1 port={provider.port} dbname={database} user=shop", password=PASSWORD)
            for _ in range(5)]
    if (host.data / "spool/keys").exists():  # so that the database is asked for the key
        long_ago(host.data / "spool/keys", 10)
    began = time.monotonic()
    answer = host.post(key, {"message": "while it is full"})
    took = time.monotonic() - began
    for c in held:
        c.close()
    assert answer.status == 202 and 1 < took < 5, (answer, took)
    assert len(list((host.data / "spool/new").iterdir())) == 1


def long_ago(path, seconds):
    t = time.time() - seconds
    os.utime(path, (t, t))


def test_later_requests_drain_the_spool(hosts, provider, database):
    host = hosts()
    _, key = set_up(host, provider, database)
    provider.sql("postgres", f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
    accepted = [host.post(key, {"message": f"away {n}"}).json()["id"] for n in range(5)]
    assert len(list((host.data / "spool/new").iterdir())) == 5
    provider.sql("postgres", f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")

    def drained():
        accepted.append(host.post(key, {"message": "back"}).json()["id"])
        return set(accepted) == stored(provider, database, host)
    wait_until(drained, 15, "one of them asks the database again, and drains")
    wait_until(lambda: not list((host.data / "spool/new").iterdir()), 10)


def partitions(provider, database):
    return provider.sql(database, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass")[0][0]


def test_requests_make_partitions_ahead_where_nobody_else_does(hosts, provider, database):
    host = hosts()
    _, key = set_up(host, provider, database)
    assert host.post(key, {"message": "first"}).status == 202
    stamp = host.data / "spool/maintained"

    def made_ahead():
        """A request has 200 ms for it: what a busy machine does not reach in these waits for the next that is due."""
        if partitions(provider, database) == 8:
            return True
        if not children(host):
            long_ago(stamp, 370)
            assert host.post(key, {"message": "one more"}).status == 202
        return False
    wait_until(made_ahead, 60, "today's and seven more")
    for age, due in ((350, False), (370, True)):
        last = provider.sql(database, "SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE"
                            " inhparent = 'events'::regclass")[0][0]
        provider.sql(database, f"DROP TABLE {last}")
        long_ago(stamp, age)
        assert host.post(key, {"message": "next"}).status == 202
        if due:
            wait_until(made_ahead, 60, "the one that is missing")
        else:
            wait_until(lambda: not children(host), 10)
            assert partitions(provider, database) == 7
            assert host.ctl("maintenance").returncode == 0
            assert time.time() - stamp.stat().st_mtime < 60  # as long as cron runs, requests have nothing to do


# ---- as it is made, and where nothing else is


@pytest.fixture(scope="module")
def made(top):
    """The directory that make-bundle makes."""
    if BUNDLE:
        return pathlib.Path(BUNDLE)
    where = pathlib.Path(os.environ.get("MESHER_BUNDLE_DIR", top / "bundle"))  # what was made there before saves time
    done = process.run([SOURCE / "contrib/make-bundle", "--dir", where], 900)
    if done.returncode == 3:
        pytest.skip("left out: no source of libpq")
    assert done.returncode == 0, done.stderr
    return where / "mesher"


@pytest.mark.plain
@pytest.mark.timeout(900)  # it is made
def test_it_is_small_and_whole(made):
    """One program, and less than 8 MiB."""
    files = {str(p.relative_to(made)) for p in made.rglob("*") if p.is_file()}
    assert files == {"mesher.cgi", "mesherctl", ".htaccess", "index.html", "mesher.conf.sample", "README.md", "LICENSE",
                     "COPYRIGHT", *(f"sql/{p.name}" for p in (SOURCE / "sql").iterdir())}
    tarball, = made.parent.glob("mesher-*.tar.xz")
    for size in (sum((made / f).stat().st_size for f in files), tarball.stat().st_size):
        assert size < 8 * 1024 * 1024
    listed = subprocess.run(["tar", "-tvf", tarball], capture_output=True, text=True, check=True).stdout
    assert len(listed.splitlines()) == len(files) + 2 and "-rwxr-xr-x 0/0" in listed


@pytest.mark.plain
@pytest.mark.as_root
def test_it_needs_nothing_of_the_host(made, tmp_path):
    """It runs in a root file system in which nothing else is."""
    shutil.copytree(made, tmp_path / "m")
    (tmp_path / "proc").mkdir()
    done = subprocess.run(["unshare", "--mount", "sh", "-c", 'mount -t proc proc "$0/proc" && exec chroot "$0" /m/mesher.cgi '
                           'ctl config', tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and 'sql_dir = "/m/sql"' in done.stdout, done


@pytest.mark.plain
def test_what_is_made_works(made, hosts, provider, database):
    host = hosts(lay_out=lambda to: shutil.copytree(made, to))
    assert wrong(host.send(filled_in_wrongly(host, provider, database)).body.decode()) == {"host": "no such host"}
    dsn, key = set_up(host, provider, database, host="localhost")
    done = process.run(["/usr/bin/python3", SOURCE / "tests/sdk/app.py", dsn, "main"], 120)
    assert done.returncode == 0, done.stderr
    assert host.post(key, {"message": "by hand"}).status == 202 and len(stored(provider, database, host)) == 3


@pytest.mark.plain
def test_the_commands_of_the_page(made, hosts, provider):
    """doc/shared-host.md, by somebody who has other names for host, home and database."""
    make, curl, cron, shell = blocks(SOURCE / "doc/shared-host.md")
    assert make.text == "contrib/make-bundle\n", "which made what is copied here"
    provider.sql("postgres", "CREATE ROLE jane_errors LOGIN PASSWORD 'secret'")
    provider.sql("postgres", "CREATE DATABASE jane_errors OWNER jane_errors")
    host = hosts(lay_out=lambda to: shutil.copytree(made, to))

    def type_in(text, **names):
        for old, new in {"https://your-host": f"http://127.0.0.1:{host.port}", "/home/jane": str(host.home),
                         "host=localhost": f"host=127.0.0.1 port={provider.port}", **names}.items():
            text = text.replace(old, new)
        done = as_owner(["env", f"HOME={host.home}", "bash", "-euo", "pipefail", "-c", text])
        assert done.returncode == 0, (text, done)
        return done.stdout
    key = re.search(r"mshr_\w+", type_in(shell.text))[0]
    answer = json.loads(type_in(curl.text, KEY=key))
    assert answer["status"] == "accepted" and answer["id"] in stored(provider, "jane_errors", host)
    minutes, command = re.fullmatch(r"(\S+ \S+ \S+ \S+ \S+) (.*)\n", cron.text).groups()
    assert minutes == "*/15 * * * *"
    type_in(command)


def filled_in_wrongly(host, provider, database):
    assert host.get(host.program).status == 200
    return filled_in(host, provider, database, host="no-such-host.invalid")


@pytest.mark.plain
def test_a_database_that_wants_tls(made, hosts, provider, database):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "2", "-subj", "/CN=localhost", "-keyout", provider.data / "server.key", "-out",
                    provider.data / "server.crt"], check=True, capture_output=True)
    for name in ("server.key", "server.crt"):
        (provider.data / name).chmod(0o600)
        provider.own(provider.data / name)

    def say(ssl, hba):
        (provider.data / "pg_hba.conf").write_text(hba)
        provider.sql("postgres", f"ALTER SYSTEM SET ssl = {ssl}")
        provider.sql("postgres", "SELECT pg_reload_conf()")
        wait_until(lambda: provider.sql("postgres", "SHOW ssl")[0][0] == ssl, 10)
    say("on", HBA.replace("host ", "hostssl "))
    try:
        host = hosts(lay_out=lambda to: shutil.copytree(made, to))
        assert host.get(host.program).status == 200
        answer = host.send(filled_in(host, provider, database, sslmode="disable"))
        assert list(wrong(answer.body.decode())) == ["user"]
        _, key = set_up(host, provider, database, sslmode="require")
        assert host.post(key, {"message": "x"}).status == 202 and len(stored(provider, database, host)) == 1
    finally:
        say("off", HBA)


SUITES = {"bullseye": "2.31", "bookworm": "2.36", "trixie": "2.41"}  # with their C libraries


@pytest.mark.bare
@pytest.mark.plain
@pytest.mark.as_root
@pytest.mark.parametrize("fcgid", [False, True], ids=["cgi", "fcgid"])
@pytest.mark.parametrize("suite", SUITES)
def test_in_a_bare_root_file_system(made, provider, database, suite, fcgid, top, stack_numbers):
    """Debian as debootstrap makes it, with an Apache and nothing of ours; unpacked and run by a user who is not root."""
    root = bare_root(suite)
    tarball, = made.parent.glob("mesher-*.tar.xz")
    name = f"host{next(stack_numbers)}"
    inside = pathlib.Path("/srv") / name
    shutil.rmtree(root / "srv", ignore_errors=True)

    def unpack(to):
        shutil.chown(to.parent, OWNER, OWNER)
        done = as_owner(["tar", "-C", to.parent, "-xf", tarball])
        assert done.returncode == 0, done.stderr
        (to.parent / "mesher").rename(to)
    host = SharedHost(root / "srv" / name, fcgid=fcgid, inside=inside, lay_out=unpack)
    (root / "etc/hosts").write_text("127.0.0.1 localhost database.provider.example\n")
    # Services that only the host's own C library could load.
    (root / "etc/nsswitch.conf").write_text("passwd: files systemd\nhosts: mymachines mdns4_minimal files dns\n")
    try:
        host.start(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c",
                    'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot --userspec=33:33 "$0" "$@"', root])
        where = {"host": "database.provider.example"}
        if suite == "bookworm" and not fcgid:
            in_a_browser(host, provider, database, top / f"chromium{next(stack_numbers)}", **where)
            key = provider.sql(database, "SELECT key_value FROM api_keys")[0][0]
            dsn = f"http://{key}@127.0.0.1:{host.port}{host.program}/1"
        else:
            dsn, key = set_up(host, provider, database, **where)
        done = process.run(["/usr/bin/python3", SOURCE / "tests/sdk/app.py", dsn, "main"], 120)
        assert done.returncode == 0, (done.stderr, host.log()[-3000:])
        assert host.post(key, {"message": "and one by hand"}).status == 202
        wait_until(lambda: {"Disk is 91% full", "TypeError: cannot read the cart", "and one by hand"} <= {
            r[0] for r in provider.sql(database, "SELECT title FROM events")}, 10, "all is stored")
        program = host.inside / "home" / host.where / "mesher.cgi"
        wait_until(lambda: bool(list(in_proc(program))) == fcgid, 10, "with CGI nothing stays, with FastCGI it does")
    finally:
        host.stop()
        shutil.rmtree(host.top)


def bare_root(suite):
    root = pathlib.Path(os.environ["MESHER_BARE"]) / suite
    if not (root / ".whole").exists():
        shutil.rmtree(root, ignore_errors=True)
        done = subprocess.run(["debootstrap", "--variant=minbase", "--include=apache2,libapache2-mod-fcgid", suite, root,
                               os.environ.get("MIRROR", "http://deb.debian.org/debian")], capture_output=True, text=True,
                              timeout=1200, check=False)
        if done.returncode != 0:
            pytest.skip(f"left out: debootstrap {suite}: {done.stdout[-300:]}")
        (root / ".whole").touch()
    version = subprocess.run(["chroot", root, "ldd", "--version"], capture_output=True, text=True, check=True).stdout
    assert SUITES[suite] in version.splitlines()[0]
    return root
