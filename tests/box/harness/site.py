"""A whole installation, as an administrator sets it up: mesherd runs Mesher and a web server, none of them as root."""

import json
import os
import pwd
import re
import shutil

from .mesherd import Mesherd, UnderMesherd, child
from .ports import free_port
from .postgres import USER
from .process import run
from .servers import APACHE, NGINX
from .stack import BUILD, LIGHTTPD, SOURCE, Stack, clean_environment, listens
from .wait import wait_until

SERVICE = USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name  # the user whom everything runs as
PROGRAMS = ("mesher-writer", "mesher.fcgi", "mesherctl", "mesher-ws", "mesherd")


class Site(UnderMesherd, Stack):
    """kind: lighttpd, nginx, apache-proxy-fcgi or apache-fcgid, with the configuration that conf/ has for it."""

    def __init__(self, postgres, top, kind="lighttpd", responders=2):
        super().__init__(postgres, top, "writer")
        self.kind, self.responders = kind, responders
        self.port_, self.ws_port, self.websocketd_port, self.auth_port, self.tls_port = (free_port() for _ in range(5))
        for d in ("bin", "cgi-bin", "run/fcgid", "log", "etc", "m", "tmp", "cache/body", "cache/fastcgi", "cache/proxy",
                  "cache/uwsgi", "cache/scgi", "cache/uploads", "cache/empty"):
            (self.top / d).mkdir(parents=True)
        for name in PROGRAMS:
            shutil.copy(BUILD / name, self.top / "bin" / name)
        # A user other than root may not be able to reach the checkout.
        shutil.copytree(SOURCE / "sql", self.top / "sql")
        self.mesherd = Mesherd(self.top / "m")
        self.mesherd.program = self.top / "bin/mesherd"
        self.options, self.tls = {}, False
        self.edit = lambda text: text  # a test's change to the web server's configuration
        self.sections = self.usual()
        if kind == "apache-fcgid":  # it runs the responders itself, and has no WebSocket
            for name in ("mesher.fcgi", "authorizer", "websocketd"):
                del self.sections[name]
            self.options["public_ws_url"] = ""
            shutil.copy(BUILD / "mesher.fcgi", self.top / "cgi-bin")

    # ---- configuration

    def usual(self):
        """Returns the child sections by name."""
        bin_, run_ = self.top / "bin", self.top / "run"
        return {
            "mesher-writer": {"command": [bin_ / "mesher-writer", "--ready-fd", 4], "ready": "fd:4",
                              "listen": self.writer_socket, "listen_as": "systemd"},
            "mesher.fcgi": {"command": [bin_ / "mesher.fcgi", "--ready-fd", 4], "ready": "fd:4",
                            "instances": self.responders, "listen": run_ / "fcgi.sock"},
            "authorizer": {"command": [bin_ / "mesher.fcgi", "--ready-fd", 4], "ready": "fd:4",
                           "listen": f"127.0.0.1:{self.auth_port}"},
            "websocketd": {"command": [shutil.which("websocketd") or "/usr/bin/websocketd", "--address=127.0.0.1",
                                       f"--port={self.websocketd_port}", "--closems=5000", "--loglevel=fatal",
                                       "--passenv=PATH,MESHER_CONF,ASAN_OPTIONS,UBSAN_OPTIONS", bin_ / "mesher-ws"],
                           "ready": f"127.0.0.1:{self.websocketd_port}", "rolling": False},
            "ticker": {"command": [bin_ / "mesherctl", "maintenance", "--loop"]},
            "web": {"command": self.server_command(), "ready": f"127.0.0.1:{self.port_}", "rolling": False},
        }

    def server_command(self):
        conf = self.top / "etc" / f"{self.kind}.conf"
        if self.kind == "lighttpd":
            return [LIGHTTPD, "-D", "-f", conf]
        if self.kind == "nginx":
            return [NGINX, "-p", self.top, "-e", self.top / "log/early.log", "-c", conf, "-g", "daemon off;"]
        return [APACHE, "-DFOREGROUND", "-d", self.top / "etc", "-f", conf]

    def server_text(self):
        text = (SOURCE / "conf" / f"{self.kind}.conf").read_text()
        values = {"port": self.port_, "ws_listen": f'"127.0.0.1:{self.ws_port}"', "websocketd_port": self.websocketd_port,
                  "run_dir": f'"{self.top}/run"', "log_dir": f'"{self.top}/log"', "cache_dir": f'"{self.top}/cache"'}
        if self.kind == "lighttpd":
            text = re.sub(r"^var\.(\w+)( *)=.*$", lambda m: f"var.{m[1]}{m[2]}= {values[m[1]]}", text, flags=re.M)
        for old, new in [("/run/mesher", f"{self.top}/run"), ("/var/cache/nginx", f"{self.top}/cache"),
                         ("/var/log/nginx", f"{self.top}/log"), ("/var/log/apache2", f"{self.top}/log"),
                         ("/etc/ssl/mesher", f"{self.top}/etc"), ("/etc/mesher.conf", str(self.mesherd.conf)),
                         ("/usr/lib/cgi-bin", f"{self.top}/cgi-bin"), ("127.0.0.1:8080", f"127.0.0.1:{self.port_}"),
                         ("127.0.0.1:8081", f"127.0.0.1:{self.ws_port}"),
                         ("127.0.0.1:8082", f"127.0.0.1:{self.websocketd_port}"),
                         ("127.0.0.1:8083", f"127.0.0.1:{self.auth_port}"),
                         ("127.0.0.1:8443", f"127.0.0.1:{self.tls_port}")]:
            text = text.replace(old, new)
        if self.tls:
            text = re.sub(r"^( *)#tls ", r"\1", text, flags=re.M)
        return text

    def write(self):
        text = self.edit(self.server_text())
        (self.top / "etc" / f"{self.kind}.conf").write_text(text)
        sections = [child(name, **{"log_file": self.top / f"log/{name}.log", **s}) for name, s in self.sections.items()]
        self.mesherd.write(*sections, **{
            "database": self.conninfo, "writer_socket": str(self.writer_socket), "sql_dir": str(self.top / "sql"),
            "poison_dir": str(self.poison_dir), "spool_dir": str(self.spool_dir),
            "temp_dir": str(self.top / "tmp"), "slot_dir": str(self.top / "tmp"),
            "public_url": f"http://127.0.0.1:{self.port_}", "public_ws_url": f"ws://127.0.0.1:{self.ws_port}/",
            "spool_max_bytes": 65536, "restart_max": 1000, **self.options})
        self.mesherd.conf.chmod(0o640)
        if os.geteuid() == 0:
            who = pwd.getpwnam(SERVICE)
            for path in [self.top, *self.top.rglob("*")]:
                os.chown(path, who.pw_uid, who.pw_gid, follow_symlinks=False)

    # ---- processes

    def begin(self):
        self.write()
        self.key = self.ctl_json("project", "add", "web", "--id", 42)["key"]
        self.mesherd.start(60, user=SERVICE, cwd="/")
        wait_until(lambda: "websocketd" not in self.sections or listens(self.ws_port), 20, "the WebSocket's port")
        return self

    def run_ctl(self, *arguments, env=None):
        """Runs doctor as the user who runs the tests, all other commands as the user that Mesher runs as."""
        who = pwd.getpwnam(SERVICE)
        extra = {} if "doctor" in arguments or os.geteuid() != 0 else {
            "user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        return run([self.top / "bin/mesherctl", "--conf", self.mesherd.conf, *map(str, arguments)], 200, cwd="/",
                   env={**clean_environment(), **(env or {})}, **extra)

    def child(self, name):
        """Returns mesherd's report on one of its children, or nothing if it has no such child."""
        return next((c for c in self.ctl_json("status")["children"] if c["name"] == name), {})

    def ctl_json(self, *arguments):
        done = self.run_ctl("--json", *arguments)
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    def doctor(self, **kwargs):
        """Returns the findings by name of their check (the worst, if a check has several), and the exit status."""
        done = self.run_ctl("--json", "doctor", **kwargs)
        found = {}
        for f in json.loads(done.stdout):
            assert set(f) == {"check", "state", "what", "mend"} and f["state"] in ("ok", "warn", "FAIL", "skip"), f
            assert f["state"] not in ("warn", "FAIL") or f["mend"], f
            order = ("skip", "ok", "warn", "FAIL")
            if f["check"] not in found or order.index(f["state"]) > order.index(found[f["check"]]["state"]):
                found[f["check"]] = f
        failed = [f for f in found.values() if f["state"] == "FAIL"]
        assert done.returncode == (1 if failed else 0), done
        return found

    def tails(self, lines=40):
        return "\n".join(f"--- {p}\n" + "\n".join(p.read_text(errors="replace").splitlines()[-lines:])
                         for p in [*(self.top / "log").iterdir(), self.mesherd.log] if p.exists())


def wrong(found):
    """Returns the findings that are not ok."""
    return {n: f for n, f in found.items() if f["state"] in ("warn", "FAIL")}
