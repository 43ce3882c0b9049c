"""Goal: `mesherctl doctor` finds nothing in a healthy installation, and each of many faults, planted for real, with what to
type; `mesherctl send-test` brings an event all the way, or says where it is stuck."""

import fcntl
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import uuid

import pytest
from harness.mesherd import replace_text
from harness.pooler import Pooler
from harness.ports import free_port
from harness.postgres import Postgres
from harness.process import Process
from harness.site import PROGRAMS, SERVICE, Site, wrong
from harness.stack import BUILD
from harness.wait import wait_until

pytestmark = pytest.mark.repeats

FAKETIME = next((str(p) for p in pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
KINDS = ["lighttpd", "nginx", "apache-proxy-fcgi"]


@pytest.fixture(scope="module")
def durable(own_postgres):
    """The harness's server, with the settings that a real one has."""
    own_postgres.sql("postgres", "ALTER SYSTEM SET fsync = on")
    own_postgres.sql("postgres", "SELECT pg_reload_conf()")
    wait_until(lambda: own_postgres.sql("postgres", "SHOW fsync") == [("on",)], 10, "fsync is on")
    return own_postgres


@pytest.fixture
def make_site(top, durable, stack_numbers):
    """Makes installations for one test; the configuration is changed before begin()."""
    made = []

    def make(kind="lighttpd", **kwargs):
        made.append(Site(durable, top / f"s{next(stack_numbers)}", kind, **kwargs))
        return made[-1]
    yield make
    for site in made:
        site.stop()


@pytest.fixture(scope="module")
def site(top, durable, stack_numbers):
    """A healthy one, to be left so."""
    made = Site(durable, top / f"s{next(stack_numbers)}").begin()
    yield made
    made.stop()


def finds(site, check, *texts, mend=(), state="FAIL", only=True, **kwargs):
    """doctor finds it: the line, and what to type.  only: and nothing else."""
    found = site.doctor(**kwargs)
    assert check in found and found[check]["state"] == state, wrong(found)
    for text in texts:
        assert text in found[check]["what"], found[check]
    for text in [mend] if isinstance(mend, str) else mend:
        assert text in found[check]["mend"], found[check]
    if only:
        assert set(wrong(found)) == {check}, wrong(found)
    return found


def rewrite(site, pattern, to):
    """Changes the configuration that doctor reads; what runs goes on with the old one."""
    conf = site.mesherd.conf
    text, n = re.subn(pattern, to, conf.read_text(), flags=re.M)
    assert n, pattern
    replace_text(conf, text)


# ---- idle connections

IDLE = {
    "lighttpd": (r"(?m)^(server.max-keep-alive-idle *= ).*", r"\g<1>30", "30 idle", "lighttpd.conf:", "max-keep-alive-idle = 150"),
    "nginx": (r"keepalive_timeout  150s 150s", "keepalive_timeout 75s", "75 idle", "nginx.conf:", "keepalive_timeout 150s 150s;"),
    "apache-proxy-fcgi": (r"(?m)^KeepAliveTimeout 150", "KeepAliveTimeout 119", "119 idle", "", "KeepAliveTimeout 150"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_idle_connections_are_closed_early(make_site, kind):
    site = make_site(kind)
    pattern, to, text, at, mend = IDLE[kind]
    site.edit = lambda conf: re.sub(pattern, to, conf)
    site.begin()
    found = finds(site, "web-idle", text, mend=mend, state="warn")
    assert at in found["web-idle"]["what"]


# ---- healthy

@pytest.mark.parametrize("kind", [*KINDS, "apache-fcgid"])
def test_healthy(make_site, kind):
    site = make_site(kind).begin()
    before = {t: site.sql(f"SELECT count(*) FROM {t}") for t in (
        "projects", "api_keys", "events", "issues", "event_ids", "item_counts", "rate_windows")}
    found = site.doctor()
    others = {f["check"]: f["state"] for f in found.values() if f["state"] != "ok"}
    assert others == ({"websocket": "skip"} if kind == "apache-fcgid" else {}), [found[n] for n in others]
    assert len(found) >= 34, sorted(found)
    for table, rows in before.items():
        assert site.sql(f"SELECT count(*) FROM {table}") == rows, table

    # What responders count in memory comes a second later: requests without a key, and nothing else.
    refused = 1 if kind == "apache-fcgid" else 2
    wait_until(lambda: site.sql("SELECT sum(quantity)::int FROM outcomes WHERE project_id = 0") == [(refused,)], 10, "counted")
    assert site.sql("SELECT DISTINCT project_id FROM outcomes") == [(0,)]
    assert site.sql("SELECT nextval('projects_id_seq')") == [(1,)], "no number is used up"


def test_lines_for_people(site):
    done = site.run_ctl("doctor")
    assert done.returncode == 0 and done.stderr == "", done
    for line in done.stdout.splitlines():
        assert re.match(r"(ok|warn|FAIL|skip)  +[a-z_-]+ +\S", line), line


def test_what_the_environment_decides(site):
    found = site.doctor(env={"PGPASSWORD": "unneeded", "PGPORT": "1", "PGUSER": "nobody"})
    assert found["environment"]["what"] == "used, since `database` does not say it: PGPASSWORD" and wrong(found) == {}


def test_no_key_is_shown(site):
    done = site.run_ctl("doctor")
    assert "mshr_" not in done.stdout + done.stderr


def test_without_libcurl(site):
    """Only what needs it is left out."""
    folder = site.top / "no-libcurl"
    folder.mkdir()
    (folder / "libcurl.so.4").write_text("no library\n")
    found = site.doctor(env={"LD_LIBRARY_PATH": str(folder)})
    assert wrong(found) == {}
    for check in ("web", "web-bearer", "web-envelope"):
        assert found[check]["state"] == "skip", found[check]
    assert "apt-get install libcurl4" in found["web"]["mend"] and found["schema"]["state"] == "ok"


def test_tls(make_site):
    """A certificate that clients trust is needed; with it all is well over https, too."""
    site = make_site("nginx")
    site.tls = True
    site.options["public_url"] = f"https://127.0.0.1:{site.tls_port}"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", site.top / "etc/key.pem", "-out", site.top / "etc/cert.pem"], check=True, capture_output=True)
    site.begin()
    finds(site, "web", "SSL", mend="certificate")
    trusts = {"CURL_CA_BUNDLE": str(site.top / "etc/cert.pem")}
    assert wrong(site.doctor(env=trusts)) == {}
    done = site.run_ctl("send-test", env=trusts)
    assert done.returncode == 0 and "WEB-1" in done.stdout, done


# ---- the configuration and files

@pytest.mark.parametrize("line, text", [("rate_limt = 5", "no such option 'rate_limt'"),
                                        ("rate_window = 0", "rate_window must be 1 to 86400")])
def test_bad_configuration(make_site, line, text):
    site = make_site().begin()
    conf = site.mesherd.conf
    replace_text(conf, line + "\n" + conf.read_text())
    found = finds(site, "config", f"{conf}:1:", text, mend=str(conf))
    assert found["all else"]["state"] == "skip"


def test_configuration_with_a_password_is_readable_by_others(make_site):
    site = make_site()
    site.options["database"] = site.conninfo + " password=secret"
    site.begin()
    assert wrong(site.doctor()) == {}
    site.mesherd.conf.chmod(0o644)
    finds(site, "config-mode", "mode 0644", "password", mend=f"chmod o-rwx {site.mesherd.conf}")
    site.mesherd.conf.chmod(0o642)
    finds(site, "config-mode", "mode 0642", mend=f"chmod o-rwx {site.mesherd.conf}")


def test_a_file_of_passwords(make_site):
    """It may stand beside a configuration that everybody reads; libpq does not say when it passes over it."""
    site = make_site()
    passfile = site.top / "pgpass"
    site.options["database"] = f"{site.conninfo} passfile={passfile}"
    site.begin()
    site.mesherd.conf.chmod(0o644)
    finds(site, "passfile", "may not read", "No such file", mend=f"chmod 0600 {passfile}")
    passfile.write_text("*:*:*:*:secret\n")
    if os.geteuid() == 0:
        os.chown(passfile, pwd.getpwnam(SERVICE).pw_uid, -1)
    passfile.chmod(0o640)
    finds(site, "passfile", "mode 0640", mend=f"chmod 0600 {passfile}")
    passfile.chmod(0o600)
    assert wrong(site.doctor()) == {}


def test_spool_is_not_the_service_s(make_site):
    site = make_site().begin()
    if os.geteuid() == 0:
        os.chown(site.spool_dir, 0, 0)
    site.spool_dir.chmod(0o700 if os.geteuid() == 0 else 0o500)
    finds(site, "spool_dir", f"{SERVICE} may not write", "Permission denied", mend=f"chown -R {SERVICE} {site.spool_dir}",
          only=False)


def test_spool_where_nothing_can_be_made(make_site):
    site = make_site().begin()
    rewrite(site, r'^spool_dir = ".*"', 'spool_dir = "/sys/mesher/spool"')
    finds(site, "spool_dir", f"{SERVICE} may not write to /sys/mesher", mend="install -d", only=False)


def test_spool_is_open_to_others(make_site):
    site = make_site().begin()
    site.spool_dir.chmod(0o777)
    finds(site, "spool-mode", "mode 0777", mend=f"chmod 0700 {site.spool_dir}", state="warn")


def test_no_poison_directory(make_site):
    site = make_site().begin()
    shutil.rmtree(site.poison_dir)
    finds(site, "poison_dir", "No such file", mend=f"install -d -o {SERVICE} -m 0700 {site.poison_dir}")


def test_small_disk(make_site):
    site = make_site()
    site.options["spool_max_bytes"] = 1099511627776
    site.begin()
    finds(site, "disk", "MiB", mend="spool_max_bytes", state="warn")


def test_damaged_file_in_the_spool(make_site):
    site = make_site().begin()
    (site.spool_dir / "bad").mkdir(exist_ok=True)
    (site.spool_dir / "bad" / f"{int(time.time() * 1e6):016x}-{'0' * 16}").write_bytes(b"no spool file")
    finds(site, "spool-files", "1 damaged files were set aside", mend="mesherctl spool retry all", state="warn")


def test_the_spool_is_not_drained(make_site):
    """Below two minutes nobody need look, above them somebody should: the database answers."""
    site = make_site().begin()
    path = site.spool_dir / "new" / f"{int(time.time() * 1e6):016x}-{'0' * 16}"
    with (site.spool_dir / "replay.lock").open("a") as held:
        wait_until(lambda: held_by_us(site, held), 20, "nobody else drains")
        path.write_bytes(b"waits")
        for age in (100, 119):
            os.utime(path, (time.time() - age,) * 2)
            assert site.doctor()["spool-files"]["state"] == "ok", age
        os.utime(path, (time.time() - 121,) * 2)
        finds(site, "spool-files", "1 files wait, the oldest for 12", "the database answers and accepts changes",
              mend="mesherctl spool flush")
        path.unlink()


def held_by_us(site, held):
    """The writer keeps the lock for as long as it runs: it has to be started again beside ours."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        os.kill(site.mesherd.pid("mesher-writer"), signal.SIGKILL)
        return False


# ---- processes and sockets

def test_mesherd_is_not_running(make_site):
    site = make_site().begin()
    site.mesherd.stop()
    found = finds(site, "mesherd", "not running", mend=f"mesherd --conf {site.mesherd.conf}", only=False)
    assert found["children"]["state"] == "skip" and found["schema"]["state"] == "ok"
    assert found["writer"]["state"] == found["web"]["state"] == "FAIL"
    assert "systemctl start mesherd" in found["writer"]["mend"] and "start the web server" in found["web"]["mend"]


def test_writer_is_stopped(make_site):
    site = make_site().begin()
    pid = site.mesherd.pid("mesher-writer")
    os.kill(pid, signal.SIGSTOP)
    try:
        found = finds(site, "writer", "does not answer", str(site.writer_socket), mend="mesherctl restart mesher-writer",
                      only=False)
        assert found["schema"]["state"] == "ok"
    finally:
        os.kill(pid, signal.SIGCONT)


def test_writer_is_not_there(make_site):
    site = make_site()
    del site.sections["mesher-writer"]
    site.begin()
    finds(site, "writer", "does not answer", "No such file", mend='child "mesher-writer"', only=False)


def test_writer_of_systemd(make_site):
    """Without sections: the words are those of its own unit."""
    site = make_site().begin()
    conf = site.mesherd.conf
    replace_text(conf, conf.read_text().split("child ")[0])
    site.writer_socket.chmod(0o666)
    finds(site, "writer-socket", "mode 0666", mend="SocketMode=0660", state="warn")
    replace_text(conf, conf.read_text().replace(str(site.writer_socket), str(site.top / "none.sock")))
    finds(site, "writer", "No such file", mend=f"mesher-writer --conf {conf}")


def test_a_child_that_dies_all_the_time(make_site):
    site = make_site()
    site.sections["odd"] = {"command": ["/bin/sh", "-c", "sleep 0.1; exit 7"]}
    site.begin()
    wait_until(lambda: site.child("odd").get("restarts", 0) >= 3, 30, "restarts")
    finds(site, "children", "odd keeps dying", "exit 7",
          mend=(f"tail {site.top}/log/odd.log", "mesherctl restart odd"))


def test_a_child_that_gave_up(make_site):
    site = make_site()
    site.begin()
    site.sections["odd"] = {"command": ["/bin/sh", "-c", "exit 100"]}
    site.write()
    site.run_ctl("reload")
    wait_until(lambda: site.child("odd").get("state") == "failed", 20, "failed")
    finds(site, "children", "odd is failed", mend="mesherctl restart odd")


def test_writer_s_socket_is_open_to_all(make_site):
    site = make_site()
    site.sections["mesher-writer"]["listen_mode"] = 0o666
    site.begin()
    finds(site, "writer-socket", "mode 0666", mend="listen_mode = 0660", state="warn")


@pytest.mark.parametrize("kind", KINDS)
def test_the_web_server_may_not_open_the_socket(make_site, kind):
    """lighttpd, nginx and Apache say 503, 502 and 503."""
    site = make_site(kind)
    site.begin()
    (site.top / "run/fcgi.sock").chmod(0)
    if kind == "lighttpd":  # it remembers for a while that it could
        wait_until(lambda: site.doctor()["web"]["state"] == "FAIL", 20, "noticed")
    name = {"lighttpd": "lighttpd", "nginx": "nginx", "apache-proxy-fcgi": "Apache"}[kind]
    found = finds(site, "web", f"{name} answers 50", "cannot reach the responders",
                  f"it runs as {SERVICE}, who may not connect", mend=("listen_mode = 0660", "mesherctl status",
                                                                       "`listen` of child"), only=False)
    assert found["web-gzip"]["state"] == "skip" and found["schema"]["state"] == "ok"


def test_everybody_may_open_the_responders_socket(make_site):
    site = make_site()
    site.sections["mesher.fcgi"]["listen_mode"] = 0o666
    site.begin()
    finds(site, "fcgi-socket", "mode 0666", mend="listen_mode = 0660", state="warn")


def test_websocketd_is_not_running(make_site):
    site = make_site()
    del site.sections["websocketd"]
    site.begin()
    finds(site, "websocket", "lighttpd answers 503", "cannot reach websocketd", mend="must be where websocketd listens")


def test_websocketd_hangs_about_elsewhere(make_site):
    site = make_site().begin()
    rewrite(site, f'ready = "127.0.0.1:{site.websocketd_port}"', f'ready = "127.0.0.1:{free_port()}"')
    finds(site, "websocketd", "nothing accepts connections", mend="mesherctl restart websocketd")


# ---- the database

def test_database_is_away(make_site):
    """All that does not need it is still looked at."""
    site = make_site().begin()
    rewrite(site, r'^database = "host=\S+', 'database = "host=/nowhere')
    found = finds(site, "database", "/nowhere", mend="systemctl start postgresql", only=False)
    for check in ("schema", "fsync", "partitions", "clock", "web-bearer", "web-envelope", "websocket"):
        assert found[check]["state"] == "skip", found[check]
    for check in ("config", "children", "spool_dir", "writer", "web", "web-no-key", "web-options", "websocket-key"):
        assert found[check]["state"] == "ok", found[check]


@pytest.mark.parametrize("more, says, text, mend", [
    ("sslmode=verify-ca sslrootcert=/nowhere/root.crt", b"S", "root certificate file", "sslrootcert"),
    ("sslmode=require", b"N", "does not support SSL", "ssl = on"),
], ids=["no root certificate", "no TLS"])
def test_tls_of_the_database(make_site, more, says, text, mend):
    site = make_site().begin()
    port = free_port()
    with socket.socket() as silent:  # says whether it has TLS, and no more
        silent.bind(("127.0.0.1", port))
        silent.listen(16)

        def serve():
            while True:
                try:
                    c, _ = silent.accept()
                except OSError:
                    return
                c.recv(8)
                c.sendall(says)
                c.close()
        thread = threading.Thread(target=serve)
        thread.start()
        rewrite(site, r"^database = .*", f'database = "{more} host=127.0.0.1 port={port} dbname={site.database} user=mesher"')
        found = finds(site, "database", text, mend=mend, only=False)
        silent.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert "createuser" not in found["database"]["mend"]


@pytest.mark.parametrize("limit, mend", [("ROLE mesher", "ALTER ROLE mesher CONNECTION LIMIT -1;"),
                                         ("DATABASE", "ALTER DATABASE {} CONNECTION LIMIT -1;")])
def test_a_limit_of_connections(make_site, durable, limit, mend):
    """The role's or the database's, not the server's."""
    site = make_site().begin()
    on = f"{limit} {site.database}" if limit == "DATABASE" else limit
    durable.sql("postgres", f"ALTER {on} CONNECTION LIMIT 0")
    try:
        mend = mend.format(site.database)
        found = finds(site, "database", "too many connections for", mend=mend, only=False)
        assert "max_connections" not in found["database"]["mend"]
        durable.sql("postgres", found["database"]["mend"])
        assert wrong(site.doctor()) == {}
    finally:
        durable.sql("postgres", f"ALTER {on} CONNECTION LIMIT -1")


def test_the_tables_are_in_another_schema(make_site, durable):
    site = make_site().begin()
    durable.sql("postgres", f"ALTER ROLE mesher IN DATABASE {site.database} SET search_path = elsewhere")
    durable.sql(site.database, "CREATE SCHEMA elsewhere AUTHORIZATION mesher")
    mend = f"ALTER ROLE mesher IN DATABASE {site.database} SET search_path = public;"
    found = finds(site, "schema", "the tables are in schema public", "search_path (elsewhere)", mend=mend, only=False)
    assert "mesherctl migrate" not in found["schema"]["mend"]
    done = site.run_ctl("migrate")
    assert done.returncode != 0 and "the tables are in schema public" in done.stderr, done
    assert durable.sql(site.database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'elsewhere'") == [(0,)]
    durable.sql("postgres", found["schema"]["mend"])
    wait_until(lambda: wrong(site.doctor()) == {}, 20, "all is well")


def test_the_tables_belong_to_another_role(make_site, durable):
    """After a restore by the superuser."""
    site = make_site().begin()
    durable.sql(site.database, """DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO postgres', t); END LOOP; END $$""")
    found = finds(site, "schema", "permission denied", "the tables belong to postgres", mend="OWNER TO mesher", only=False)
    assert "sql_dir" not in found["schema"]["mend"]
    command = found["schema"]["mend"].partition(": ")[2].replace("psql ", f"psql -X -h {durable.run} -U postgres ")
    done = subprocess.run(["/bin/sh", "-ec", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "ALTER TABLE" in done.stdout, done
    assert wrong(site.doctor()) == {}


def test_no_right_to_create_partitions(make_site, durable):
    """Noticed while there are some."""
    site = make_site().begin()
    durable.sql("postgres", f"ALTER DATABASE {site.database} OWNER TO postgres")
    durable.sql(site.database, "REVOKE CREATE ON SCHEMA public FROM mesher, PUBLIC")
    found = finds(site, "rights", "mesher may not create partitions", mend="GRANT USAGE, CREATE ON SCHEMA public TO mesher;",
                  state="warn")
    assert found["partitions"]["state"] == "ok"
    durable.sql(site.database, found["rights"]["mend"].splitlines()[0])
    assert wrong(site.doctor()) == {}


@pytest.mark.parametrize("part, value, mend", [("user", "nosuchrole", "createuser"), ("dbname", "nosuchdatabase", "createdb")])
def test_no_such_role_or_database(make_site, part, value, mend):
    site = make_site().begin()
    rewrite(site, rf"{part}=\w+", f"{part}={value}")
    finds(site, "database", value, "does not exist", mend=mend, only=False)


def test_the_database_is_a_standby(make_site, durable, top):
    standby = Postgres(top / "doctor-standby", standby_of=durable)
    standby.start()
    try:
        site = make_site().begin()
        wait_until(lambda: standby.sql("postgres", "SELECT 1 FROM pg_database WHERE datname = %s", site.database), 30)
        rewrite(site, r'^database = "host=\S+', f'database = "host={standby.run}')
        finds(site, "database-version", "this is a standby", mend="target_session_attrs=read-write", only=False)
    finally:
        standby.stop(signal.SIGQUIT)


def test_database_hangs(make_site, durable):
    """It takes connections and says nothing: a few seconds, and on to all else."""
    site = make_site().begin()
    os.kill(durable.process.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        found = finds(site, "database", "no answer in time", mend="systemctl start postgresql", only=False)
        assert time.monotonic() - began < 60 and found["web"]["state"] in ("ok", "warn"), found["web"]
    finally:
        os.kill(durable.process.pid, signal.SIGCONT)


def test_fsync_is_off(make_site, durable):
    site = make_site().begin()
    durable.sql("postgres", "ALTER SYSTEM RESET fsync")  # the file of the harness says off
    durable.sql("postgres", "SELECT pg_reload_conf()")
    try:
        wait_until(lambda: durable.sql("postgres", "SHOW fsync") == [("off",)], 10)
        found = finds(site, "fsync", "is off", "202", mend="ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf();")
        for command in found["fsync"]["mend"].split(";")[:2]:
            durable.sql("postgres", command)
        wait_until(lambda: durable.sql("postgres", "SHOW fsync") == [("on",)], 10)
        assert wrong(site.doctor()) == {}
    finally:
        durable.sql("postgres", "ALTER SYSTEM SET fsync = on")
        durable.sql("postgres", "SELECT pg_reload_conf()")


def test_full_page_writes_are_off(make_site, durable):
    site = make_site().begin()
    durable.sql("postgres", "ALTER SYSTEM SET full_page_writes = off")
    durable.sql("postgres", "SELECT pg_reload_conf()")
    try:
        wait_until(lambda: durable.sql("postgres", "SHOW full_page_writes") == [("off",)], 10)
        finds(site, "full_page_writes", "is off", mend="ALTER SYSTEM SET full_page_writes = on;")
    finally:
        durable.sql("postgres", "ALTER SYSTEM RESET full_page_writes")
        durable.sql("postgres", "SELECT pg_reload_conf()")


@pytest.mark.parametrize("where", ["DATABASE", "ROLE", "ROLE IN"])
def test_synchronous_commit_is_off(make_site, durable, where):
    """Mesher sets it for itself: no finding."""
    site = make_site().begin()
    on = {"DATABASE": f"DATABASE {site.database}", "ROLE": "ROLE mesher",
          "ROLE IN": f"ROLE mesher IN DATABASE {site.database}"}[where]
    durable.sql("postgres", f"ALTER {on} SET synchronous_commit = off")
    try:
        source = {"DATABASE": "database", "ROLE": "user", "ROLE IN": "database user"}[where]
        finds(site, "synchronous_commit", f"on for Mesher, which sets it (off: set in: {source})", state="ok", only=False)
        assert wrong(site.doctor()) == {}
    finally:
        durable.sql("postgres", f"ALTER {on} RESET synchronous_commit")


def test_synchronous_commit_is_off_in_the_connection_string(make_site):
    site = make_site()
    site.options["database"] = site.conninfo + " options='-c synchronous_commit=off'"
    site.begin()
    finds(site, "synchronous_commit", "on for Mesher", "client", state="ok", only=False)
    assert wrong(site.doctor()) == {}


@pytest.mark.parametrize("where", ["DATABASE", "ROLE", "SYSTEM"])
def test_no_changes_are_accepted(make_site, durable, where):
    """A provider sets it when the disk is full: what waits in the spool has this reason."""
    site = make_site().begin()
    on = {"DATABASE": f"DATABASE {site.database}", "ROLE": "ROLE mesher", "SYSTEM": "SYSTEM"}[where]
    source = {"DATABASE": "database", "ROLE": "user", "SYSTEM": "configuration file"}[where]
    path = site.spool_dir / "new" / f"{int(time.time() * 1e6):016x}-{'0' * 16}"

    def as_superuser(*commands):
        with durable.connect("postgres") as c, c.cursor() as cursor:
            for command in ("SET default_transaction_read_only = off", *commands, "SELECT pg_reload_conf()"):
                cursor.execute(command)
    with (site.spool_dir / "replay.lock").open("a") as held:
        wait_until(lambda: held_by_us(site, held), 20, "nobody else drains")
        path.write_bytes(b"waits")
        os.utime(path, (time.time() - 121,) * 2)
        as_superuser(f"ALTER {on} SET default_transaction_read_only = on", "GRANT pg_read_all_settings TO mesher")
        try:
            wait_until(lambda: site.doctor()["read_only"]["state"] == "FAIL", 10, "noticed")
            mend = ("ALTER SYSTEM SET default_transaction_read_only = off" if where == "SYSTEM" else
                    f"ALTER {on} RESET default_transaction_read_only;")
            found = finds(site, "read_only", f"default_transaction_read_only is on (set in: {source}", "events wait in the spool",
                          "postgresql.auto.conf" if where == "SYSTEM" else "", mend=mend, only=False)
            assert found["spool-files"]["state"] == "FAIL" and "accepts no changes" in found["spool-files"]["what"], found
            assert found["web-bearer"]["state"] == "skip", found["web-bearer"]
        finally:
            as_superuser(f"ALTER {on} RESET default_transaction_read_only", "REVOKE pg_read_all_settings FROM mesher")
            path.unlink()


def test_foreign_keys_are_off(make_site, durable):
    site = make_site().begin()
    durable.sql("postgres", f"ALTER DATABASE {site.database} SET session_replication_role = replica")
    found = finds(site, "replication_role", "session_replication_role is replica (set in: database)", "foreign keys",
                  mend=f"ALTER DATABASE {site.database} RESET session_replication_role;")
    durable.sql("postgres", found["replication_role"]["mend"])
    assert wrong(site.doctor()) == {}


@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_behind_a_pooler(make_site, durable, top, stack_numbers, mode):
    """All is well, and doctor says what is in between."""
    pooler = Pooler(top / f"p{next(stack_numbers)}", durable, mode).start()
    try:
        site = make_site()
        site.options["database"] = pooler.conninfo(site.database)
        site.begin()
        finds(site, "pooler", f"one in {mode} mode", state="ok", only=False)
        assert wrong(site.doctor()) == {}
    finally:
        pooler.stop()


def test_too_few_connections(make_site, durable):
    site = make_site()
    site.begin()
    rewrite(site, r'^writer_socket = ".*"', 'writer_socket = ""\nws_max = 1')
    rewrite(site, "instances = 2", "instances = 16")
    durable.sql("postgres", f"ALTER DATABASE {site.database} CONNECTION LIMIT 6")
    finds(site, "connections", "6 are allowed for role mesher", "may open 21",
          mend=("CONNECTION LIMIT -1", "max_connections = 31", "writer_socket"))


def test_shared_buffers_are_tiny(make_site, durable):
    site = make_site().begin()
    durable.sql("postgres", "ALTER SYSTEM SET shared_buffers = '16MB'")
    durable.stop()
    durable.start()
    try:
        wait_until(lambda: site.doctor()["web"]["state"] == "ok", 30, "it is back")
        finds(site, "shared_buffers", "16384 kB", mend="ALTER SYSTEM SET shared_buffers", state="warn")
    finally:
        durable.sql("postgres", "ALTER SYSTEM RESET shared_buffers")
        durable.stop()
        durable.start()


def test_encoding(make_site, durable):
    site = make_site().begin()
    durable.sql("postgres", f"CREATE DATABASE {site.database}_ascii OWNER mesher TEMPLATE template0 ENCODING 'SQL_ASCII'"
                            " LOCALE 'C'")
    rewrite(site, f"dbname={site.database}", f"dbname={site.database}_ascii")
    finds(site, "encoding", "SQL_ASCII", mend="createdb -O mesher -E UTF8", only=False)


def test_schema_is_one_migration_behind(make_site):
    """The programs have one more."""
    site = make_site().begin()
    sql = site.top / "sql"  # its own
    last = len(list(sql.glob("*.sql")))
    (sql / f"{last + 1:04}-later.sql").write_text("CREATE TABLE later (n int);\n")
    found = finds(site, "schema", f"version {last}, these programs require {last + 1}", mend="mesherctl migrate", only=False)
    assert found["partitions"]["state"] == "skip"
    assert site.run_ctl("migrate").returncode == 0
    assert wrong(site.doctor()) == {}
    (sql / f"{last + 1:04}-later.sql").unlink()
    finds(site, "schema", f"version {last + 1} is newer", mend="install the Mesher that migrated it", only=False)


def test_a_migration_was_edited(make_site):
    site = make_site().begin()
    sql = site.top / "sql"  # its own
    (sql / "0002-sentry.sql").write_text((sql / "0002-sentry.sql").read_text() + "-- edited\n")
    finds(site, "schema", "0002-sentry.sql was changed", mend=f"reinstall the migrations in {sql}", only=False)


def test_no_schema(make_site, durable):
    site = make_site().begin()
    empty = durable.make_database("template0")
    rewrite(site, f"dbname={site.database}", f"dbname={empty}")
    finds(site, "schema", "has none", mend="mesherctl migrate", only=False)


def test_partitions_are_missing(make_site):
    site = make_site().begin()
    wait_until(lambda: site.doctor()["partitions"]["state"] == "ok", 20)
    for (name,) in site.sql("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass"
                            " ORDER BY 1 DESC LIMIT 7"):
        site.sql(f"DROP TABLE {name}")
    finds(site, "partitions", "7 of the next 8 days have none", "1 days from now",
          mend=("mesherctl maintenance", "ticker", "cron"))
    assert site.run_ctl("maintenance").returncode == 0
    assert wrong(site.doctor()) == {}


@pytest.mark.skipif(FAKETIME is None, reason="no faketime")
@pytest.mark.plain
@pytest.mark.parametrize("shift, word", [("+1h", "behind"), ("-1h", "ahead of")])
def test_clock_is_off(site, shift, word):
    env = {"LD_PRELOAD": FAKETIME, "FAKETIME": shift, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    found = finds(site, "clock", f"s {word} ours", mend="timedatectl set-ntp true", env=env, only=False)
    assert found["web-clock"]["state"] == "FAIL" and f"s {word} ours" in found["web-clock"]["what"]
    assert "timedatectl" in found["web-clock"]["mend"] and set(wrong(found)) == {"clock", "web-clock"}


# ---- the web server

ROOT = "        location / {\n            include"  # in conf/nginx.conf
ABORT = "fastcgi_ignore_client_abort on;"

LIMITS = {
    "lighttpd": (lambda t: re.sub(r"server.max-request-size = (2048|6143|21504)", "server.max-request-size = 128", t),
                 "413", "server.max-request-size = 21504"),
    "nginx": (lambda t: t.replace("client_max_body_size 21m;", ""), "413", "client_max_body_size 21m;"),
    "apache-fcgid": (lambda t: t.replace("FcgidMaxRequestLen 22020096", ""), "500", "FcgidMaxRequestLen 22020096"),
}


@pytest.mark.parametrize("kind", sorted(LIMITS))
def test_body_limit_of_the_server(make_site, kind):
    """128 KiB, which is mod_fcgid's default; nginx has 1 MiB, which one event fits into."""
    site = make_site(kind)
    site.edit, status, mend = LIMITS[kind]
    site.begin()
    found = site.doctor()
    bad = {"web-bulk", "web-envelope"} | (set() if kind == "nginx" else {"web-event", "web-chunked"})
    assert set(wrong(found)) == bad, wrong(found)
    for check in bad:
        assert f"refuses a body that Mesher accepts ({status})" in found[check]["what"], found[check]
        assert mend in found[check]["mend"], found[check]


def test_one_path_has_another_limit(make_site):
    site = make_site()
    site.edit = lambda t: t.replace("(envelope|store|minidump|", "(store|minidump|")
    site.begin()
    finds(site, "web-envelope", "(413)", mend="also in its $HTTP[\"url\"] parts")


@pytest.mark.parametrize("kind, edit, mend", [
    ("apache-proxy-fcgi", lambda t: t.replace("        CGIPassAuth On\n", "", 1), "CGIPassAuth On"),
    ("nginx", lambda t: t.replace(ABORT, ABORT + ' fastcgi_param HTTP_AUTHORIZATION "";'), "HTTP_AUTHORIZATION"),
    ("lighttpd", lambda t: t.replace('"mod_fastcgi", "mod_proxy"', '"mod_setenv", "mod_fastcgi", "mod_proxy"')
     + 'setenv.set-request-header = ( "Authorization" => "" )\n', "setenv.set-request-header"),
], ids=["apache", "nginx", "lighttpd"])
def test_authorization_is_stripped(make_site, kind, edit, mend):
    site = make_site(kind)
    site.edit = edit
    site.begin()
    found = site.doctor()
    bad = {"web-bearer", "web-auth-sentry", "web-auth-bare"}
    assert set(wrong(found)) == bad, wrong(found)
    for check in bad:
        assert "401" in found[check]["what"] and mend in found[check]["mend"], found[check]


def test_x_sentry_auth_is_stripped(make_site):
    site = make_site("nginx")
    site.edit = lambda t: t.replace(ABORT, ABORT + ' fastcgi_param HTTP_X_SENTRY_AUTH "";')
    site.begin()
    found = site.doctor()
    assert "401" in found["web-x-sentry-auth"]["what"] and "fastcgi_param" in found["web-x-sentry-auth"]["mend"]
    assert found["web-bearer"]["state"] == found["web-query"]["state"] == "ok"


def test_the_query_is_lost(make_site):
    site = make_site("nginx")
    site.edit = lambda t: t.replace("include /etc/nginx/fastcgi_params;",
                                    'set $args ""; include /etc/nginx/fastcgi_params;', 1)
    site.begin()
    finds(site, "web-query", "401", mend="rewrite")


def test_chunked_is_refused(make_site):
    """lighttpd, streaming: 411, for what had not arrived at once."""
    site = make_site()
    site.edit = lambda t: re.sub(r"server.stream-request-body  = 0", "server.stream-request-body  = 1", t)
    site.begin()
    finds(site, "web-chunked", "without a length (411)", mend="server.stream-request-body = 0")


def test_content_encoding_is_stripped(make_site):
    site = make_site("nginx")
    site.edit = lambda t: t.replace(ABORT, ABORT + ' fastcgi_param HTTP_CONTENT_ENCODING "";')
    site.begin()
    finds(site, "web-gzip", "does not arrive unchanged", mend="HTTP_CONTENT_ENCODING")


def test_options_are_answered_by_the_server(make_site):
    site = make_site("nginx")
    site.edit = lambda t: t.replace(ABORT, ABORT + " if ($request_method = OPTIONS) { return 405; }")
    site.begin()
    finds(site, "web-options", "405", mend="if ($request_method = OPTIONS)")


def test_wrong_prefix(make_site):
    """Mesher is at the root, and clients are told otherwise."""
    site = make_site("nginx")
    site.edit = lambda t: t.replace(ROOT, ROOT.replace("location /", "location /api/"), 1)
    site.options["public_url"] = f"http://127.0.0.1:{site.port_}/errors"
    site.begin()
    finds(site, "web", "404", "the prefix is wrong", mend=f'public_url = "http://127.0.0.1:{site.port_}"')


def test_mesher_is_not_there_at_all(make_site):
    site = make_site("nginx")
    site.edit = lambda t: t.replace(ROOT, ROOT.replace("location /", "location /elsewhere/"), 1)
    site.begin()
    finds(site, "web", "404", "nginx has no Mesher", mend=("public_url", "fastcgi_pass"))


def test_a_redirect(make_site):
    site = make_site("nginx")
    old = "        location /old/ { rewrite ^/old(.*)$ http://127.0.0.1:%d$1 permanent; }\n" % site.port_
    site.edit = lambda t: t.replace(ROOT, old + ROOT, 1)
    site.options["public_url"] = f"http://127.0.0.1:{site.port_}/old"
    site.begin()
    finds(site, "web", "301", "SDKs do not follow redirects", mend=f'public_url = "http://127.0.0.1:{site.port_}"')


@pytest.mark.parametrize("url, text, mend", [("http://nosuchhost.invalid", "resolve", "DNS"),
                                             ("http://127.0.0.1:{port}", "connect", "start the web server")])
def test_nobody_at_the_public_url(make_site, url, text, mend):
    site = make_site()
    site.options["public_url"] = url.format(port=free_port())
    site.begin()
    finds(site, "web", text, mend=mend)


def test_a_server_that_says_nothing_has_a_deadline(make_site):
    """It is asked once, and all else is still looked at."""
    site = make_site()
    with socket.create_server(("127.0.0.1", 0)) as s:
        site.options["public_url"] = f"http://127.0.0.1:{s.getsockname()[1]}"
        site.begin()
        began = time.monotonic()
        finds(site, "web", "imeout", mend="public_url")
        assert time.monotonic() - began < 60


def test_no_key_is_asked_for_before_the_upgrade(make_site):
    """mod_proxy before mod_fastcgi: no warning, and no check."""
    site = make_site()
    site.edit = lambda t: t.replace('"mod_fastcgi", "mod_proxy"', '"mod_proxy", "mod_fastcgi"')
    site.begin()
    finds(site, "websocket-key", "without a key are accepted", mend='server.modules = ( "mod_fastcgi", "mod_proxy" )')


def test_the_upgrade_is_not_passed_on(make_site):
    site = make_site("nginx")
    site.edit = lambda t: t.replace("proxy_set_header Upgrade $http_upgrade;", "")
    site.begin()
    finds(site, "websocket", "instead of 101", mend="proxy_set_header Upgrade", only=False)


def test_a_websocket_that_nobody_told_of(make_site):
    site = make_site()
    site.options["public_ws_url"] = ""
    site.begin()
    found = site.doctor()
    assert wrong(found) == {} and found["websocket"]["state"] == "skip" and "public_ws_url" in found["websocket"]["mend"]


# ---- what it leaves behind

def test_killed_in_the_middle(make_site):
    """A project that is left is removed by the next run that finds it old."""
    site = make_site().begin()
    with Stalling() as port:
        conf = site.mesherd.conf.read_text()
        rewrite(site, r'^public_url = ".*"', f'public_url = "http://127.0.0.1:{port}"')
        p = Process("doctor", [BUILD / "mesherctl", "--conf", site.mesherd.conf, "doctor"], site.top / "log/doctor.log")
        wait_until(lambda: site.sql("SELECT 1 FROM projects WHERE name LIKE 'mesherctl doctor %%'"), 30, "its project")
        p.kill()
        replace_text(site.mesherd.conf, conf)
    assert wrong(site.doctor()) == {}
    assert len(site.sql("SELECT 1 FROM projects WHERE name LIKE 'mesherctl doctor %%'")) == 1, "it may be somebody's"
    site.sql("UPDATE projects SET created_at = now() - interval '1 hour' WHERE id <> 42")
    assert wrong(site.doctor()) == {}
    assert site.sql("SELECT id FROM projects") == [(42,)]


class Stalling:
    """A server that answers health, and has nothing to say to a key."""

    def __enter__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()
        return self.server.getsockname()[1]

    def serve(self):
        kept = []
        try:
            while True:
                c, _ = self.server.accept()
                head = c.recv(65536)
                if b"/health" in head:
                    c.sendall(b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 15\r\n\r\n{"status":"ok"}')
                elif b"auth" not in head.lower():
                    c.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
                else:
                    kept.append(c)
                    continue
                c.close()
        except OSError:
            pass

    def __exit__(self, *_):
        self.server.close()


def test_two_at_once(site):
    results = []
    threads = [threading.Thread(target=lambda: results.append(wrong(site.doctor()))) for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == [{}, {}, {}]


# ---- send-test

def test_send_test(site):
    done = site.run_ctl("send-test")
    assert done.returncode == 0, done
    got = re.fullmatch(r"event ([0-9a-f]{32}) of project 42: answered in \d+ ms, stored in \d+ ms, issue (WEB-\d+)\n",
                       done.stdout)
    row = site.row(str(uuid.UUID(got[1])), "message, level")
    assert row == ("mesherctl send-test", "info")
    again = site.ctl_json("send-test", "web")
    assert set(again) == {"id", "project", "issue", "answered_ms", "stored_ms"}
    assert again["project"] == 42 and again["issue"] == got[2] and again["id"] != got[1], "one issue for all of them"


def test_send_test_needs_a_project(make_site):
    site = make_site().begin()
    assert site.run_ctl("send-test", "nobody").returncode == 3
    site.ctl_json("project", "add", "second")
    done = site.run_ctl("send-test")
    assert done.returncode == 2 and "name one" in done.stderr, done
    assert site.ctl_json("send-test", "second")["project"] != 42
    site.ctl_json("key", "revoke", site.key)
    done = site.run_ctl("send-test", "web")
    assert done.returncode == 3 and "no key" in done.stderr, done


def test_send_test_tells_the_answer(make_site):
    site = make_site("nginx")
    site.edit = lambda t: t.replace(ABORT, ABORT + " deny all;")
    site.begin()
    done = site.run_ctl("send-test")
    assert done.returncode == 1 and done.stdout == "" and "403" in done.stderr and "mesherctl doctor" in done.stderr, done


def test_send_test_nobody_answers(make_site):
    site = make_site()
    site.options["public_url"] = f"http://127.0.0.1:{free_port()}"
    site.begin()
    done = site.run_ctl("send-test")
    assert done.returncode == 1 and "connect" in done.stderr, done


def test_send_test_stays_in_the_spool(make_site, durable):
    """The writer cannot reach the database, and we can."""
    site = make_site()
    durable.sql("postgres", "DROP ROLE IF EXISTS other")
    durable.sql("postgres", "CREATE ROLE other LOGIN IN ROLE mesher")
    site.begin()
    assert site.run_ctl("send-test").returncode == 0, "so that the key is known during an outage"
    rewrite(site, "user=mesher", "user=other")
    durable.sql("postgres", "ALTER ROLE mesher NOLOGIN")
    try:
        durable.sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'mesher'")
        done = site.run_ctl("send-test")
        assert done.returncode == 1 and "accepted" in done.stderr and "1 files wait in the spool" in done.stderr, done
    finally:
        durable.sql("postgres", "ALTER ROLE mesher LOGIN")


def test_programs_are_not_linked_with_libcurl():
    for name in PROGRAMS:
        done = subprocess.run(["objdump", "-p", BUILD / name], capture_output=True, text=True, check=True)
        assert "NEEDED" in done.stdout and "libcurl" not in done.stdout, name
