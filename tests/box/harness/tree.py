"""A stack under mesherd."""

import re
import shutil

from . import client
from .mesherd import Mesherd, UnderMesherd, child
from .ports import free_port
from .stack import BUILD, LIGHTTPD, RICH_TOO, SOURCE, Stack

POOL = 16


class Tree(UnderMesherd, Stack):
    """A stack whose processes are mesherd's children.  The programs are copies, so that tests can replace them."""

    def __init__(self, postgres, top, responders=POOL, before=(), **options):
        """before: sections of children that start before Mesher's."""
        super().__init__(postgres, top, "writer")
        self.before = before
        self.bin = self.top / "bin"
        self.bin.mkdir()
        self.install()
        self.port_, self.ws_port, self.websocketd_port = free_port(), free_port(), free_port()
        self.fcgi_socket = self.top / "fcgi.sock"
        self.lighttpd_conf()
        self.responders = responders
        (self.top / "m").mkdir()
        self.mesherd = Mesherd(self.top / "m")
        self.options = {"restart_max": 1000, **options}
        self.write()

    def install(self):
        """Replaces the programs as `make install` does: with new files."""
        for name in ("mesher-writer", "mesher.fcgi", "mesherctl", "mesher-ws"):
            shutil.copy(BUILD / name, self.bin / (name + ".new"))
            (self.bin / (name + ".new")).rename(self.bin / name)

    def lighttpd_conf(self):
        for d in ("cache/uploads", "cache/empty"):
            (self.top / d).mkdir(parents=True)
        values = {"port": self.port_, "ws_listen": f'"127.0.0.1:{self.ws_port}"',
                  "websocketd_port": self.websocketd_port, "run_dir": f'"{self.top}"', "log_dir": f'"{self.top}"',
                  "cache_dir": f'"{self.top}/cache"'}
        text = (SOURCE / "conf/lighttpd.conf").read_text()
        mine = re.sub(r"^var\.(\w+)( *)=.*$", lambda m: f"var.{m[1]}{m[2]}= {values[m[1]]}", text, flags=re.M)
        (self.top / "lighttpd.conf").write_text(mine)

    def write(self, responders=None, **more):
        conf = {"database": self.conninfo, "poison_dir": str(self.poison_dir), "sql_dir": str(SOURCE / "sql"),
                "spool_dir": str(self.spool_dir), "writer_socket": str(self.writer_socket), **self.options, **more}
        self.mesherd.write(
            *self.before,
            child("mesher-writer", [self.bin / "mesher-writer", "--ready-fd", 4], ready="fd:4",
                  listen=self.writer_socket, listen_as="systemd", log_file=self.top / "writer.log"),
            child("mesher.fcgi", [self.bin / "mesher.fcgi", "--ready-fd", 4], ready="fd:4",
                  instances=responders or self.responders, listen=self.fcgi_socket,
                  log_file=self.top / "responders.log"),
            child("websocketd", ["websocketd", "--address=127.0.0.1", f"--port={self.websocketd_port}",
                                 "--closems=5000", "--loglevel=fatal", "--passenv=PATH,MESHER_CONF",
                                 self.bin / "mesher-ws"], ready=f"127.0.0.1:{self.websocketd_port}", rolling=False),
            child("ticker", [self.bin / "mesherctl", "maintenance", "--loop"], log_file=self.top / "ticker.log"),
            child("lighttpd", [LIGHTTPD, "-D", "-f", self.top / "lighttpd.conf"], ready=f"127.0.0.1:{self.port_}",
                  stop_signal="INT", rolling=False, log_file=self.top / "lighttpd-output.log"),
            **conf)

    def begin(self):
        made = self.ctl_json("project", "add", "web", "--id", 42)
        self.project, self.key = 42, made["key"]
        self.ctl("project", "set", 42, "rate_limit=1000000000", *RICH_TOO)
        self.mesherd.start()
        return self

    @property
    def port(self):
        return self.port_

    def post(self, event, **kwargs):
        return client.request(self.port, "POST", "/api/v1/events",
                              {"X-Sentry-Auth": self.key, "Content-Type": "application/json"}, event, **kwargs)

    def pids(self):
        return {n: c["pid"] for n, c in self.mesherd.children().items()}

    def log(self):
        return "".join(p.read_text(errors="replace") for p in self.top.glob("*.log"))

    def tails(self, lines=40):
        return "\n".join(f"--- {p}\n" + "\n".join(p.read_text(errors="replace").splitlines()[-lines:])
                         for p in [*self.top.glob("*.log"), self.mesherd.log] if p.exists())
