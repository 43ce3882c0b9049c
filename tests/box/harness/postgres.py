"""A private PostgreSQL: Unix socket only, run as an unprivileged user, no fsync."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess

import psycopg2
import psycopg2.extensions
import psycopg2.extras

from .process import Process
from .wait import wait_until

# libpq's own waiting goes on after a signal: a test that took too long could not be ended.
psycopg2.extensions.set_wait_callback(psycopg2.extras.wait_select)

USER = "nobody"  # whom root becomes for PostgreSQL

SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{run}'
max_connections = 300
shared_buffers = 64MB
fsync = off
max_wal_size = 1GB
timezone = 'UTC'
log_line_prefix = '%m [%p] '
"""


def bin_dir():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"),
                   key=lambda p: int(p.parts[-3]))
    assert found, "no PostgreSQL server is installed"
    return found[-1].parent


class Postgres:
    def __init__(self, top, standby_of=None):
        """top: a directory that is made here, with a short path.  standby_of: the server that it follows."""
        self.top = pathlib.Path(top)
        self.data, self.run = self.top / "data", self.top / "run"
        self.process = None
        self.count = 0
        self.top.mkdir(mode=0o755)
        self.run.mkdir(mode=0o755)
        self.own(self.run)
        work = self.top / "initdb"
        work.mkdir()
        self.own(work)
        argv = [bin_dir() / "initdb", "-D", work / "data", "-U", "postgres", "--auth=trust",
                "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        if standby_of:
            argv = [bin_dir() / "pg_basebackup", "-D", work / "data", "-R", "--checkpoint=fast", "--no-sync",
                    "-d", f"host={standby_of.run} user=postgres application_name=standby"]
        made = Process("initdb", argv, self.top / "initdb.log", user=USER, cwd="/")
        assert made.wait(120) == 0, made.text()
        (work / "data").rename(self.data)
        with open(self.data / "postgresql.conf", "a", encoding="ascii") as f:
            f.write(SETTINGS.format(run=self.run))

    def own(self, path):
        if os.geteuid() == 0:
            shutil.chown(path, USER)

    def start(self):
        self.process = Process("postgres", [bin_dir() / "postgres", "-D", self.data],
                               self.top / "postgres.log", user=USER, cwd="/")
        self.ready()

    def ready(self):
        def up():
            assert self.process.alive(), self.process.tail()
            try:
                psycopg2.connect(self.conninfo("postgres", "postgres")).close()
                return True
            except psycopg2.OperationalError:
                return False
        wait_until(up, 30, "PostgreSQL answers")

    def stop(self, number=signal.SIGINT):
        """SIGINT: fast; SIGQUIT: like a crash; SIGTERM: waits for the clients."""
        if self.process:
            self.process.any_end = True
            self.process.stop(number=number)
            self.process = None

    def tell_all(self, number):
        """A signal to each process of the server; to the first of them first, which reaps nobody while it is
        stopped."""
        self.process.send(number)
        for pid in map(int, run(["pgrep", "-P", str(self.process.pid)]).stdout.split()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def freeze(self):
        """It hangs: every process of it is stopped."""
        self.tell_all(signal.SIGSTOP)

    def thaw(self):
        self.tell_all(signal.SIGCONT)

    @contextlib.contextmanager
    def frozen(self):
        try:
            self.freeze()
            yield
        finally:
            self.thaw()

    def conninfo(self, database, user="mesher"):
        return f"host={self.run} dbname={database} user={user}"

    @contextlib.contextmanager
    def connect(self, database, user="postgres"):
        connection = psycopg2.connect(self.conninfo(database, user))
        connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()

    def sql(self, database, query, *args, user="postgres"):
        """Rows of a query, or nothing for a statement without any."""
        with self.connect(database, user) as connection, connection.cursor() as cursor:
            cursor.execute(query, args or None)
            return cursor.fetchall() if cursor.description else None

    def make_template(self, ctl):
        """The database `mesher_template`, migrated: ctl(conninfo, *arguments) runs mesherctl."""
        self.sql("postgres", "CREATE ROLE mesher LOGIN")
        self.sql("postgres", "CREATE DATABASE mesher_template OWNER mesher")
        done = ctl(self.conninfo("mesher_template"), "migrate")
        assert done.returncode == 0, done.stderr

    def make_database(self, template="mesher_template"):
        """A fresh database; its name."""
        self.count += 1
        name = f"mesher_{os.getpid()}_{self.count}"
        self.sql("postgres", f"CREATE DATABASE {name} OWNER mesher TEMPLATE {template}")
        return name

    def drop_database(self, name):
        self.sql("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def run(argv, **kwargs):
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, **kwargs)
