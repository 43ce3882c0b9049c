"""A private PostgreSQL: Unix socket only, run as an unprivileged user, no fsync."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import threading

import psycopg2
import psycopg2.extensions
import psycopg2.extras

from .process import Process
from .wait import wait_until

# libpq's own waits continue after a signal, so a test that took too long could not be ended.
psycopg2.extensions.set_wait_callback(psycopg2.extras.wait_select)

KEPT = 4  # connections that a thread keeps
USER = "nobody"  # the user that root switches to for PostgreSQL

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

# What an administrator, or another program's installer, may have set for a role.  MESHER_HOSTILE=1 sets all of it for
# Mesher's, and every suite should pass as without; MESHER_POOLER=1 puts PgBouncer in front of it.
HOSTILE = {
    "array_nulls": "off", "backslash_quote": "off", "bytea_output": "escape", "check_function_bodies": "off",
    "client_encoding": "LATIN1", "client_min_messages": "debug1", "constraint_exclusion": "off",
    "datestyle": "'SQL, DMY'", "default_transaction_deferrable": "on", "default_transaction_isolation": "serializable",
    "enable_bitmapscan": "off", "enable_hashagg": "off", "enable_hashjoin": "off", "enable_indexonlyscan": "off",
    "enable_indexscan": "off", "enable_mergejoin": "off", "enable_nestloop": "off", "enable_partition_pruning": "off",
    "enable_seqscan": "off", "enable_sort": "off", "escape_string_warning": "on", "exit_on_error": "on",
    "extra_float_digits": "-15", "gin_fuzzy_search_limit": "1", "idle_in_transaction_session_timeout": "1",
    "idle_session_timeout": "1000", "intervalstyle": "sql_standard", "jit": "on", "jit_above_cost": "0",
    "lock_timeout": "1", "plan_cache_mode": "force_custom_plan", "quote_all_identifiers": "on", "row_security": "off",
    "standard_conforming_strings": "off", "statement_timeout": "1000", "synchronous_commit": "off",
    "timezone": "'Asia/Kathmandu'", "transform_null_equals": "on", "work_mem": "64", "xmlbinary": "hex",
}


def bin_dir():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"),
                   key=lambda p: int(p.parts[-3]))
    assert found, "no PostgreSQL server is installed"
    return found[-1].parent


class Postgres:
    def __init__(self, top, standby_of=None):
        """top: a directory with a short path, created here.  standby_of: the server that it follows."""
        self.top = pathlib.Path(top)
        self.data, self.run = self.top / "data", self.top / "run"
        self.process = self.pooler = None
        self.count = 0
        self.kept = threading.local()  # this thread's connections, by database
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
        if os.environ.get("MESHER_POOLER") and not self.pooler:
            from .pooler import Pooler
            self.pooler = Pooler(self.top / "pooler", self, size=50).start()

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
        self.close_kept()
        if self.process:
            self.process.any_end = True
            self.process.stop(number=number)
            self.process = None

    def stop_all(self):
        """At the end: its pooler, too."""
        if self.pooler:
            self.pooler.stop()
        self.stop()

    def tell_all(self, number):
        """Sends a signal to each process of the server, first to the main process, which does not reap the others
        while it is stopped."""
        self.process.send(number)
        for pid in map(int, run(["pgrep", "-P", str(self.process.pid)]).stdout.split()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def freeze(self):
        """Makes the server hang: stops all of its processes."""
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
        if self.pooler and user == "mesher":
            return self.pooler.conninfo(database)
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
        """Returns the rows of a query, or nothing for a statement without rows."""
        if user == "postgres":
            return self.sql_kept(database, query, args)
        with self.connect(database, user) as connection:
            return rows_of(connection, query, args)

    def sql_kept(self, database, query, args):
        """On a connection of this thread that is kept for the next query: a new one costs more than most queries do."""
        kept = vars(self.kept).setdefault("connections", {})
        old = kept.pop(database, None)
        if old:
            try:
                rows = rows_of(old, query, args)
                kept[database] = old
                return rows
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                if not old.closed:  # it is the query that failed
                    old.close()
                    raise
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept))).close()
        connection = psycopg2.connect(self.conninfo(database, "postgres"))
        connection.autocommit = True
        try:
            return rows_of(connection, query, args)
        finally:
            if not connection.closed:
                kept[database] = connection

    def close_kept(self):
        for connection in vars(self.kept).pop("connections", {}).values():
            connection.close()

    def make_template(self, ctl):
        """Creates the database `mesher_template`, migrated: ctl(conninfo, *arguments) runs mesherctl."""
        self.sql("postgres", "CREATE ROLE mesher LOGIN")
        if os.environ.get("MESHER_HOSTILE"):
            for name, value in HOSTILE.items():
                self.sql("postgres", f"ALTER ROLE mesher SET {name} = {value}")
        self.sql("postgres", "CREATE DATABASE mesher_template OWNER mesher")
        done = ctl(self.conninfo("mesher_template"), "migrate")
        assert done.returncode == 0, done.stderr
        self.leave("mesher_template")

    def leave(self, database):
        """Ends all connections to it, such as a pooler's: nobody may use a template."""
        def nobody():
            return not self.sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", database)
        wait_until(nobody, 10, f"nobody uses {database}")

    def make_database(self, template="mesher_template"):
        """Creates a fresh database; returns its name."""
        self.count += 1
        name = f"mesher_{os.getpid()}_{self.count}"
        self.sql("postgres", f"CREATE DATABASE {name} OWNER mesher TEMPLATE {template}")
        return name

    def drop_database(self, name):
        self.sql("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def rows_of(connection, query, args):
    with connection.cursor() as cursor:
        cursor.execute(query, args or None)
        return cursor.fetchall() if cursor.description else None


def run(argv, **kwargs):
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, **kwargs)
