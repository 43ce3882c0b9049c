"""Every web server that Mesher has a configuration for, configured as in conf/; only ports and directories differ."""

import os
import re
import shutil
import socket
import subprocess

from . import client
from .ports import free_port
from .process import Process
from .stack import BUILD, FCGI, LIGHTTPD, SOURCE, clean_environment, listens
from .wait import wait_until

CONF = SOURCE / "conf"
APACHE, NGINX = "/usr/sbin/apache2", "/usr/sbin/nginx"

# name: mounts, and whether it has a pool of ours, HTTP/2, a WebSocket, CGI
KINDS = {
    "lighttpd": (["", "/mesher", "/a/b"], {"pool", "ws", "tls"}),
    "lighttpd-spawned": (["", "/mesher"], set()),
    "lighttpd-cgi": (["/cgi-bin/mesher.cgi"], {"cgi"}),
    "apache-proxy-fcgi": (["", "/mesher", "/a/b"], {"pool", "ws", "h2", "tls"}),
    "apache-fcgid": (["", "/mesher"], set()),
    "apache-cgid": (["/errors", "/errors/mesher.cgi"], {"cgi"}),
    "nginx": (["", "/mesher", "/a/b"], {"pool", "ws", "tls"}),
}


class Server:
    """A web server of one kind in front of a stack's database (and its writer, if it has one)."""

    def __init__(self, stack, kind, responders=4, tls=False, name=None, conf=None):
        """name: the name of its directory, if there are several of a kind; conf: options of mesher.conf."""
        self.stack, self.kind, self.tls = stack, kind, tls
        self.mounts, self.can = KINDS[kind]
        self.top = stack.top / (name or f"{kind}{'-tls' if tls else ''}")
        for d in ("run", "log", "cache/body", "cache/fastcgi", "cache/proxy", "cache/uwsgi", "cache/scgi", "cache/uploads",
                  "cache/empty", "www/errors", "cgi-bin", "etc", "run/fcgid"):
            (self.top / d).mkdir(parents=True)
        self.open_to_all()
        self.responders, self.processes, self.listening = responders, [], None
        self.port, self.ws_port, self.websocketd_port, self.auth_port, self.tls_port = (free_port() for _ in range(5))
        self.conf = stack.write_conf(self.top / "mesher.conf", conf or {})
        self.conf.chmod(0o644)

    def open_to_all(self):
        """Servers started by root drop its privileges."""
        for path in [self.top, *self.top.rglob("*"), self.stack.top]:
            path.chmod(0o777)

    # ---- the configuration

    def text(self, name):
        text = (CONF / name).read_text()
        if name.startswith("lighttpd"):
            values = {"port": self.port, "ws_listen": f'"127.0.0.1:{self.ws_port}"', "websocketd_port": self.websocketd_port,
                      "run_dir": f'"{self.top}/run"', "log_dir": f'"{self.top}/log"', "cache_dir": f'"{self.top}/cache"',
                      "cgi_dir": f'"{self.top}/cgi-bin"', "conf_file": f'"{self.conf}"', "program": f'"{FCGI}"',
                      "responders": self.responders}
            text = re.sub(r"^var\.(\w+)( *)=.*$", lambda m: f"var.{m[1]}{m[2]}= {values[m[1]]}", text, flags=re.M)
        for old, new in [("/run/mesher", f"{self.top}/run"), ("/var/cache/nginx", f"{self.top}/cache"),
                         ("/var/log/nginx", f"{self.top}/log"), ("/var/log/apache2", f"{self.top}/log"),
                         ("/var/www/html", f"{self.top}/www"), ("/etc/mesher.conf", str(self.conf)),
                         ("/usr/lib/cgi-bin", f"{self.top}/cgi-bin"), ("/etc/ssl/mesher", f"{self.top}/etc"),
                         ("127.0.0.1:8080", f"127.0.0.1:{self.port}"), ("127.0.0.1:8081", f"127.0.0.1:{self.ws_port}"),
                         ("127.0.0.1:8082", f"127.0.0.1:{self.websocketd_port}"),
                         ("127.0.0.1:8083", f"127.0.0.1:{self.auth_port}"),
                         ("127.0.0.1:8443", f"127.0.0.1:{self.tls_port}")]:
            text = text.replace(old, new)
        if os.geteuid() == 0:
            text = re.sub(r"^#root ", "", text, flags=re.M)
        if self.tls:
            text = re.sub(r"^( *)#tls ", r"\1", text, flags=re.M)
        path = self.top / "etc" / name
        path.write_text(text)
        return path

    def certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", self.top / "etc/key.pem", "-out", self.top / "etc/cert.pem"],
                       check=True, capture_output=True)
        (self.top / "etc/lighttpd.pem").write_text((self.top / "etc/key.pem").read_text()
                                                   + (self.top / "etc/cert.pem").read_text())
        for p in (self.top / "etc").iterdir():
            p.chmod(0o644)

    # ---- processes

    def begin(self, name, argv, env=None, **kwargs):
        p = Process(name, argv, self.top / f"log/{name}.out", env=env or clean_environment(), **kwargs)
        self.processes.append(p)
        return p

    def start(self):
        if self.tls:
            self.certificate()
        if "pool" in self.can:
            self.pool()
        for place in ("cgi-bin/mesher.cgi", "cgi-bin/mesher.fcgi", "www/errors/mesher.cgi"):
            shutil.copy(FCGI, self.top / place)
            (self.top / place).chmod(0o755)
        if self.kind == "apache-cgid":
            shutil.copy(self.text("htaccess"), self.top / "www/errors/.htaccess")
            (self.top / "www/errors/secret.conf").write_text("database = secret\n")
        conf = self.text(self.kind + ".conf")
        if self.kind.startswith("lighttpd"):
            server = self.begin(self.kind, [LIGHTTPD, "-D", "-f", conf])
        elif self.kind == "nginx":
            server = self.begin(self.kind, [NGINX, "-p", self.top, "-e", self.top / "log/early.log", "-c", conf, "-g",
                                            "daemon off;"])
        else:
            server = self.begin(self.kind, [APACHE, "-DFOREGROUND", "-d", self.top / "etc", "-f", conf])
        server.any_end = True
        wait_until(lambda: not server.alive() or listens(self.port), 20, self.kind)
        assert server.alive(), server.tail() + "".join(p.read_text() for p in (self.top / "log").glob("*.log"))
        if "ws" in self.can:
            self.websocket()
        wait_until(lambda: self.request("GET", "/api/v1/health", self.mounts[0]).status == 200, 20, f"{self.kind} serves")
        return self

    def pool(self):
        """Responders on sockets that stay open, as under a supervisor; one is for Apache's authorizer."""
        env = {**clean_environment(), "MESHER_CONF": str(self.conf)}
        self.listening = [socket.socket(socket.AF_UNIX), socket.socket()]
        self.listening[0].bind(str(self.top / "run/fcgi.sock"))
        (self.top / "run/fcgi.sock").chmod(0o777)
        self.listening[1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listening[1].bind(("127.0.0.1", self.auth_port))
        for s in self.listening:
            s.listen(4096)
        for _ in range(self.responders):
            self.begin("responder", [FCGI], env=env, stdin=self.listening[0])
        self.begin("responder", [FCGI], env=env, stdin=self.listening[1])

    def pool_pids(self):
        return [p for p in self.processes if p.name == "responder"][:-1]

    def replace(self, old):
        """Stops a responder as a supervisor does, and starts another."""
        env = {**clean_environment(), "MESHER_CONF": str(self.conf)}
        assert old.terminate() == 0
        self.processes.remove(old)
        self.processes.insert(0, Process("responder", [FCGI], self.top / "log/responder.out", env=env,
                                         stdin=self.listening[0]))

    def websocket(self):
        env = {**clean_environment(), "MESHER_CONF": str(self.conf)}
        p = self.begin("websocketd", [
            shutil.which("websocketd") or "/usr/bin/websocketd", "--address=127.0.0.1", f"--port={self.websocketd_port}",
            "--closems=5000", "--loglevel=fatal", "--passenv=PATH,MESHER_CONF,ASAN_OPTIONS,UBSAN_OPTIONS",
            BUILD / "mesher-ws"], env=env)
        p.any_end = True
        wait_until(lambda: not p.alive() or listens(self.websocketd_port), 10, "websocketd")

    def stop(self):
        errors = []
        for p in reversed(self.processes):
            try:
                p.stop(30)
            except AssertionError as e:
                errors.append(str(e))
        self.processes = []
        for s in self.listening or []:
            s.close()
        assert not errors, "\n".join(errors)

    # ---- requests

    def request(self, method, path, mount, headers=None, body=b"", **kwargs):
        return client.request(self.port, method, mount + path, headers, body, **kwargs)

    def post(self, mount, event, headers=None, path="/api/v1/events", **kwargs):
        return self.request("POST", path, mount, {"X-Sentry-Auth": self.stack.key, "Content-Type": "application/json",
                                                  **(headers or {})}, client.encode(event), **kwargs)

    def log(self):
        return "".join(f"--- {p.name}\n" + p.read_text(errors="replace") for p in (self.top / "log").iterdir())


def curl(*arguments):
    """Returns status and body."""
    done = subprocess.run(["curl", "-sS", "-w", "\n%{http_code}", *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done
    body, status = done.stdout.rsplit("\n", 1)
    return int(status), body
