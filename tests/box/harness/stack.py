"""Mesher as it is deployed: writer, pool of responders, lighttpd, in a separate directory."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

from . import client
from .drainer import await_drainer
from .fastcgi import environment, fastcgi
from .ports import free_port
from .process import Process, takes_signal
from .wait import wait_until

SOURCE = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("MESHER_BUILD", SOURCE / "build")).resolve()
WRITER, FCGI, CTL = BUILD / "mesher-writer", BUILD / "mesher.fcgi", BUILD / "mesherctl"
LIGHTTPD = shutil.which("lighttpd") or "/usr/sbin/lighttpd"
EVENTS = pathlib.Path(os.environ.get("MESHER_EVENTS", SOURCE.parent / "shared/corpus/events"))  # from other sources
DRIVERS = pathlib.Path(os.environ.get("MESHER_DRIVERS", EVENTS.parent / "drivers"))  # programs that use SDKs
KEY = "0123456789abcdef0123456789abcdef"  # the corpus uses it
RICH = 1000000000  # a limit that no test reaches
RICH_TOO = "byte_limit=1099511627776", "issue_limit=1000000"


def sanitized():
    config = BUILD / "config.h"
    return config.exists() and "#define MESHER_SANITIZE 1" in config.read_text()


def has_crash_points():
    config = BUILD / "config.h"
    return config.exists() and "#define MESHER_CRASH_POINTS 1" in config.read_text()


def clean_environment():
    """Returns the caller's environment without variables that would change a program's behaviour."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MESHER_", "PG"))}
    env.setdefault("ASAN_OPTIONS", "exitcode=99:detect_leaks=1")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    return env


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def run_ctl(conninfo, *arguments, conf=None, env=None):
    """Runs mesherctl on a database, without a configuration file unless one is given."""
    base = clean_environment()
    if conninfo:
        base["MESHER_DATABASE"] = conninfo
    base["MESHER_SQL_DIR"] = str(SOURCE / "sql")
    base.update(env or {})
    head = ["--conf", str(conf)] if conf else []
    return subprocess.run([CTL, *head, *map(str, arguments)], env=base, capture_output=True,
                          timeout=60, check=False, text=True, errors="surrogateescape")


class Front:
    """A pool of responders (or a CGI directory) behind a lighttpd."""

    def __init__(self, stack, name, responders, conf, cgi=False):
        self.stack, self.name, self.cgi, self.count = stack, name, cgi, responders
        self.top = stack.top / name
        for d in ("cache/uploads", "cache/empty"):
            (self.top / d).mkdir(parents=True)
        self.conf = stack.write_conf(self.top / "mesher.conf", conf)
        self.socket_path = self.top / "fcgi.sock"
        self.listening = None
        self.responders, self.lighttpd, self.port = [], None, None

    def env(self):
        return {**clean_environment(), "MESHER_CONF": str(self.conf), **self.stack.env}

    def start(self):
        if self.cgi:
            (self.top / "cgi-bin").mkdir(exist_ok=True)
            shutil.copy(FCGI, self.top / "cgi-bin/mesher.cgi")
        else:
            self.start_pool()
        self.start_lighttpd()

    def start_pool(self):
        """The listening socket belongs to the test and stays open, as with a supervisor."""
        if self.listening is None:
            self.listening = socket.socket(socket.AF_UNIX)
            self.listening.bind(str(self.socket_path))
            self.listening.listen(4096)
        for _ in range(self.count):
            self.start_responder()

    def start_responder(self):
        self.responders.append(Process("mesher.fcgi", [FCGI], self.top / "responders.log",
                                       env=self.env(), stdin=self.listening))
        return self.responders[-1]

    def start_lighttpd(self):
        sample = "lighttpd-cgi.conf" if self.cgi else "lighttpd.conf"
        text = (SOURCE / "conf" / sample).read_text()
        for _ in range(20):
            self.port = free_port()
            self.ws_port, self.websocketd_port = free_port(), free_port()
            values = {"port": self.port, "ws_listen": f'"127.0.0.1:{self.ws_port}"',
                      "websocketd_port": self.websocketd_port, "run_dir": f'"{self.top}"', "log_dir": f'"{self.top}"',
                      "cache_dir": f'"{self.top}/cache"', "cgi_dir": f'"{self.top}/cgi-bin"',
                      "conf_file": f'"{self.conf}"'}
            mine = re.sub(r"^var\.(\w+)( *)=.*$", lambda m: f"var.{m[1]}{m[2]}= {values[m[1]]}",
                          text, flags=re.M)
            (self.top / "lighttpd.conf").write_text(mine)
            # Without an environment: plain CGI must find everything through MESHER_CONF.
            self.lighttpd = Process("lighttpd", [LIGHTTPD, "-D", "-f", self.top / "lighttpd.conf"],
                                    self.top / "lighttpd-stderr.log", env=clean_environment())
            wait_until(lambda: not self.lighttpd.alive() or listens(self.port), 10, "lighttpd")
            if self.lighttpd.alive():
                self.lighttpd.any_end = True  # its exit status does not matter
                return
        raise AssertionError(f"lighttpd does not start\n{self.lighttpd.tail()}")

    def stop(self):
        errors = []
        for p in self.responders:  # a process that has only just started would be ended by it
            wait_until(lambda p=p: not p.alive() or takes_signal(p.pid, signal.SIGTERM), 20, "a responder has begun")
        for p in [self.lighttpd, *self.responders]:
            try:
                if p is not None:
                    p.stop()
            except AssertionError as e:
                errors.append(str(e))
        self.responders, self.lighttpd = [], None
        if self.listening:
            self.listening.close()
            self.listening = None
            self.socket_path.unlink(missing_ok=True)
        assert not errors, "\n".join(errors)

    # ---- requests

    def path(self, path):
        return "/cgi-bin/mesher.cgi" + path if self.cgi else path

    def request(self, method, path, headers=None, body=b"", **kwargs):
        return client.request(self.port, method, self.path(path), headers, body, **kwargs)

    def post(self, event, path="/api/v1/events", key=None, headers=None, **kwargs):
        """Sends an event (or bytes) with the stack's key."""
        all_headers = {"X-Sentry-Auth": key or self.stack.key,
                       "Content-Type": "application/json", **(headers or {})}
        return self.request("POST", path, all_headers, event, **kwargs)

    def bulk(self, events, **kwargs):
        return self.post(events, "/api/v1/events/bulk", **kwargs)

    def post_bytes(self, event, key=None, path="/api/v1/events"):
        """Returns the request as bytes, for client.at_once()."""
        return client.request_bytes("POST", self.path(path), {
            "X-Sentry-Auth": key or self.stack.key, "Content-Type": "application/json"},
            client.encode(event))

    def fastcgi(self, body=b"", end="clean", **env):
        """Sends a request directly, bypassing lighttpd."""
        env.setdefault("key", self.stack.key)
        return fastcgi(self.socket_path, environment(**env), body, end)

    def logs(self):
        return self.top / "responders.log", self.top / "lighttpd.log", self.top / "mesher.log"


class Stack:
    """mode: "writer", "direct" or "cgi" (direct, one process for each request)."""

    def __init__(self, postgres, top, mode="writer", responders=4, conf=None, migrated=True, env=None):
        self.postgres, self.top, self.mode, self.count = postgres, pathlib.Path(top), mode, responders
        self.settings, self.env = conf or {}, env or {}
        self.top.mkdir(parents=True)
        self.database = postgres.make_database("mesher_template" if migrated else "template0")
        self.conninfo = postgres.conninfo(self.database)
        self.writer_socket = self.top / "writer.sock"
        self.poison_dir = self.top / "poison"
        self.poison_dir.mkdir()
        self.spool_dir = self.top / "spool"
        self.writer, self.fronts, self.key, self.project = None, [], None, None
        self.conf = self.write_conf(self.top / "mesher.conf", {})

    def write_conf(self, path, conf):
        values = {
            "database": self.conninfo, "public_url": "http://127.0.0.1:8080",
            "log_target": "stderr", "poison_dir": str(self.poison_dir), "spool_dir": str(self.spool_dir),
            "sql_dir": str(SOURCE / "sql"),
            "writer_socket": str(self.writer_socket) if self.mode == "writer" else "",
            **self.settings, **conf}
        with open(path, "w", encoding="utf-8") as f:
            for k, v in values.items():
                f.write(f'{k} = {v}\n' if isinstance(v, int) else f'{k} = "{v}"\n')
        return path

    def start(self, rate_limit=RICH):
        made = self.ctl_json("project", "add", "web", "--id", 42)
        self.project, self.key = 42, made["key"]
        self.ctl("key", "add", 42, "--key", KEY)
        if rate_limit is not None:
            self.ctl("project", "set", 42, f"rate_limit={rate_limit}", *(RICH_TOO if rate_limit == RICH else ()))
        if self.mode == "writer":
            self.start_writer()
        self.add_front()
        return self

    def start_writer(self):
        """It reports readiness with a newline on a descriptor."""
        ours, theirs = os.pipe()
        self.writer = Process("mesher-writer",
                              [WRITER, "--conf", self.conf, "--ready-fd", str(theirs)],
                              self.top / "writer.log", env={**clean_environment(), **self.env},
                              pass_fds=(theirs,))
        os.close(theirs)
        with open(ours, "rb") as f:
            assert f.readline() == b"\n", f"the writer did not get ready\n{self.writer.tail()}"
        return self.writer

    def add_front(self, conf=None, responders=None, cgi=None):
        cgi = self.mode == "cgi" if cgi is None else cgi
        front = Front(self, f"front{len(self.fronts)}", responders or self.count, conf or {}, cgi)
        self.fronts.append(front)
        front.start()
        return front

    @property
    def front(self):
        return self.fronts[0]

    @property
    def port(self):
        return self.front.port

    def stop(self):
        errors = []
        for part in [*self.fronts, *([self.writer] if self.writer else [])]:
            try:
                part.stop()
            except AssertionError as e:
                errors.append(str(e))
        await_drainer(self.spool_dir)
        self.postgres.drop_database(self.database)
        assert not errors, "\n".join(errors)

    # ---- shorthands

    def post(self, *args, **kwargs):
        return self.front.post(*args, **kwargs)

    def bulk(self, *args, **kwargs):
        return self.front.bulk(*args, **kwargs)

    def request(self, *args, **kwargs):
        return self.front.request(*args, **kwargs)

    def ctl_run(self, *arguments, env=None):
        return run_ctl(None, *arguments, conf=self.conf, env=env)

    def ctl(self, *arguments):
        done = self.ctl_run(*arguments)
        assert done.returncode == 0, (arguments, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def ctl_json(self, *arguments):
        return json.loads(self.ctl("--json", *arguments))

    def payload(self, event_id):
        """Returns the stored payload, as bytes."""
        out = subprocess.run([CTL, "--conf", self.conf, "event", "show", event_id, "--payload"],
                             env=clean_environment(), capture_output=True, timeout=60, check=False)
        assert out.returncode == 0, out.stderr
        return out.stdout

    def spooled(self, part="new"):
        """Returns the files in a part of the spool."""
        folder = self.spool_dir / part
        return sorted(folder.iterdir()) if folder.exists() else []

    def drain(self, seconds=30):
        """Waits until all spooled events are in the database: the writer stores them, or this function does."""
        if not (self.writer and self.writer.alive()):
            if self.spool_dir.exists():
                self.ctl("spool", "flush")
            return
        wait_until(lambda: not self.spooled(), seconds, "the spool is drained")

    def sql(self, query, *args):
        await_drainer(self.spool_dir)
        return self.postgres.sql(self.database, query, *args)

    def rows(self):
        return self.sql("SELECT count(*) FROM events")[0][0]

    def row(self, event_id, columns):
        rows = self.sql(f"SELECT {columns} FROM events WHERE id = %s", event_id)
        assert len(rows) == 1, f"{event_id} stands in {len(rows)} rows"
        return rows[0]

    def ids(self):
        return {str(r[0]) for r in self.sql("SELECT id FROM events")}

    def good(self, front=None, key=None):
        """Checks that a good event is stored now: every bad one must leave this possible."""
        self.row(self.accepted(front, key), "id")

    def accepted(self, front=None, key=None):
        """Sends a good event, which must be accepted; returns its id."""
        answer = (front or self.front).post({"message": "good", "level": "info"}, key=key)
        assert answer.status == 202, answer
        return answer.json()["id"]

    def good_again(self, front=None, seconds=15):
        """After an outage, every process that noticed it needs a moment until it stores directly again."""
        def stored():
            answer = (front or self.front).post({"message": "good again", "level": "info"})
            assert answer.status in (202, 503), answer
            return answer.status == 202 and self.sql("SELECT 1 FROM events WHERE id = %s", answer.json()["id"])
        wait_until(stored, seconds, "an event is stored at once")

    def used(self, project=None):
        """Returns the units that the project has used in its current window."""
        rows = self.sql("SELECT used FROM rate_windows WHERE project_id = %s", project or self.project)
        return rows[0][0] if rows else 0

    def processes(self):
        found = [self.writer] if self.writer else []
        for f in self.fronts:
            found += [*f.responders, *([f.lighttpd] if f.lighttpd else [])]
        return found

    def log(self):
        """Returns everything that Mesher's processes logged."""
        files = [self.top / "writer.log"]
        for f in self.fronts:
            files += f.logs()
        return "".join(p.read_text(errors="replace") for p in files if p.exists())

    def tails(self, lines=40):
        files = [self.top / "writer.log", self.postgres.top / "postgres.log"]
        for f in self.fronts:
            files += f.logs()
        return "\n".join(f"--- {p}\n" + "\n".join(p.read_text(errors="replace").splitlines()[-lines:])
                         for p in files if p.exists())
