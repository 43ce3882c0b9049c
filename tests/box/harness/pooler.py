"""Debian's PgBouncer in front of a private PostgreSQL: Unix socket only, run as an unprivileged user."""

import pathlib
import shutil

import psycopg2

from .postgres import USER
from .process import Process
from .wait import wait_until

PGBOUNCER = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"

CONF = """[databases]
* = host={server}
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {run}
auth_type = trust
auth_file = {top}/users
admin_users = postgres
pool_mode = {mode}
default_pool_size = {size}
server_login_retry = 1
{more}
"""


class Pooler:
    def __init__(self, top, postgres, mode="transaction", size=20, more=""):
        """mode: "transaction" or "session".  size: the number of connections to each database, for each role."""
        self.top, self.postgres = pathlib.Path(top), postgres
        self.run = self.top / "run"
        self.process = None
        self.top.mkdir(mode=0o755)
        self.run.mkdir(mode=0o755)
        postgres.own(self.run)
        (self.top / "users").write_text("".join(f'"{u}" ""\n' for u in ("mesher", "postgres", "stranger", "hostile")))
        (self.top / "pgbouncer.ini").write_text(CONF.format(
            server=postgres.run, run=self.run, top=self.top, mode=mode, size=size, more=more))

    def start(self):
        self.process = Process("pgbouncer", [PGBOUNCER, self.top / "pgbouncer.ini"], self.top / "pgbouncer.log",
                               user=USER, cwd="/")
        wait_until(self.answers, 30, "PgBouncer answers")
        return self

    def answers(self):
        assert self.process.alive(), self.process.tail()
        try:
            psycopg2.connect(self.conninfo("postgres", "postgres")).close()
            return True
        except psycopg2.OperationalError:
            return False

    def stop(self):
        if self.process:
            self.process.any_end = True
            self.process.stop()
            self.process = None

    def conninfo(self, database, user="mesher"):
        return f"host={self.run} port=6432 dbname={database} user={user}"
