"""A shared host: Apache as the provider configured it, and a customer's home with the files copied by FTP."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import urllib.parse

from . import client
from .ports import free_port
from .process import Process
from .servers import APACHE
from .stack import BUILD, SOURCE, clean_environment, listens
from .wait import wait_until

OWNER = "www-data"  # the owner of the home, and the user whom programs run as there, as with suexec
BUNDLE = os.environ.get("MESHER_BUNDLE")  # a directory created by contrib/make-bundle

CONF = """
ServerRoot {top}
DefaultRuntimeDir {top}/run
PidFile {top}/run/apache.pid
ErrorLog {top}/log/error.log
LogLevel info
Listen 127.0.0.1:{port}
ServerName localhost
{user}
LoadModule mpm_event_module  /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule autoindex_module  /usr/lib/apache2/modules/mod_autoindex.so
LoadModule cgid_module       /usr/lib/apache2/modules/mod_cgid.so
LoadModule dir_module        /usr/lib/apache2/modules/mod_dir.so
LoadModule env_module        /usr/lib/apache2/modules/mod_env.so
LoadModule mime_module       /usr/lib/apache2/modules/mod_mime.so
LoadModule rewrite_module    /usr/lib/apache2/modules/mod_rewrite.so
ScriptSock {top}/run/cgid.sock
TypesConfig /etc/mime.types
DocumentRoot {home}/public_html
<Directory {home}/public_html>
    AllowOverride {override}
    Options Indexes FollowSymLinks {exec}
    Require all granted
    {handler}
</Directory>
{more}
"""

CGI_BIN = """
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
ScriptAlias /cgi-bin/ {top}/home/cgi-bin/
<Directory {top}/home/cgi-bin>
    AllowOverride None
    Options None
    Require all granted
</Directory>
"""

FCGID = """
LoadModule fcgid_module /usr/lib/apache2/modules/mod_fcgid.so
FcgidIPCDir {top}/run/fcgid
FcgidProcessTableFile {top}/run/fcgid_shm
"""


def lay_out(to):
    """Creates the output of contrib/make-bundle, with this build's program in it unless there is a real bundle."""
    if BUNDLE:
        shutil.copytree(BUNDLE, to)
        return
    subprocess.run(["bash", "-c", '. "$0/contrib/lib/bundle.sh"; bundle_layout "$0" "$1" "$2"', SOURCE, BUILD / "mesher.cgi",
                    to], check=True)


class SharedHost:
    """htaccess: honoured, "none" (the provider has the handler for .cgi), "static" (no program runs), or "cgi-bin" (all
    files in there run, and only those; where must be inside it).
    fcgid: the provider has mod_fcgid.  closed: the customer may write only below the web root.
    inside: `top` as Apache sees it; start(prefix) then starts Apache as the customer."""

    def __init__(self, top, htaccess="honoured", fcgid=False, closed=False, where="public_html/errors", inside=None,
                 lay_out=lay_out):  # pylint: disable=W0621
        self.top, self.where = pathlib.Path(top), where
        self.inside, user = pathlib.Path(inside or top), f"User {OWNER}\nGroup {OWNER}" if os.geteuid() == 0 else ""
        self.home = self.top / "home"
        self.bundle = self.home / where
        for d in ("run/fcgid", "log"):
            (self.top / d).mkdir(parents=True)
        self.top.chmod(0o1777)  # the customer's files begin with the home
        (self.home / "public_html").mkdir(parents=True)
        lay_out(self.bundle)
        self.own(self.home, self.top / "run", self.top / "log")
        if closed:
            os.chown(self.home, 0, 0)
        self.port = free_port()
        self.server = None
        has_cgi = htaccess == "none"
        if htaccess == "options":  # as the page says
            name = self.bundle / ".htaccess"
            name.write_text(name.read_text().replace("#Options +ExecCGI", "Options +ExecCGI"))
        (self.top / "httpd.conf").write_text(CONF.format(
            top=self.inside, home=self.inside / "home", port=self.port, user=user if inside is None else "",
            override={"honoured": "FileInfo", "options": "All"}.get(htaccess, "None"),
            exec="ExecCGI" if has_cgi or htaccess == "honoured" else "",
            handler="AddHandler cgi-script .cgi" if has_cgi else "",
            more=(FCGID if fcgid else CGI_BIN if htaccess == "cgi-bin" else "").format(top=self.inside)))

    @staticmethod
    def own(*paths):
        if os.geteuid() == 0:
            for path in paths:
                for p in [path, *path.rglob("*")]:
                    shutil.chown(p, OWNER, OWNER)

    def start(self, prefix=()):
        self.server = Process("apache", [*prefix, APACHE, "-DFOREGROUND", "-d", self.inside, "-f", self.inside / "httpd.conf"],
                              self.top / "log/apache.out", env=clean_environment())
        self.server.any_end = True
        wait_until(lambda: not self.server.alive() or listens(self.port), 20, "apache")
        assert self.server.alive(), self.server.tail() + self.log()
        return self

    def stop(self):
        if self.server and self.inside != self.top:
            pid = self.server.pid  # the parent of the first process in there, with which all the others end
            for first in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                os.kill(int(first), signal.SIGKILL)
            self.server.kill()
        elif self.server:
            self.server.stop(30)

    def log(self):
        return "".join(p.read_text(errors="replace") for p in (self.top / "log").iterdir())

    # ---- requests

    @property
    def path(self):
        return "/" + self.where.removeprefix("public_html/")

    @property
    def program(self):
        return f"{self.path}/mesher.cgi"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.program}"

    def get(self, path):
        return client.request(self.port, "GET", path)

    def send(self, fields, path=None):
        body = urllib.parse.urlencode(fields).encode() if isinstance(fields, dict) else fields
        return client.request(self.port, "POST", path or self.program, {
            "Content-Type": "application/x-www-form-urlencoded"}, body)

    def post(self, key, event):
        return client.request(self.port, "POST", f"{self.program}/api/v1/events", {"X-Sentry-Auth": key},
                              client.encode(event))

    def post_bytes(self, key, event):
        return client.request_bytes("POST", f"{self.program}/api/v1/events", {"X-Sentry-Auth": key}, client.encode(event))

    # ---- the owner's view

    @property
    def data(self):
        """Returns the data directory, wherever it was created."""
        found = [p for p in self.home.rglob("mesher-data*") if p.is_dir()]
        assert len(found) == 1, found
        return found[0]

    def token(self):
        """Returns it as its owner reads it by FTP."""
        path = self.data / "setup-token"
        assert path.stat().st_mode & 0o777 == 0o600 and self.data.stat().st_mode & 0o777 == 0o700
        return path.read_text()

    def ctl(self, *arguments):
        """Runs mesherctl in a shell of the owner."""
        return as_owner([self.bundle / "mesherctl", *arguments])


def as_owner(argv, **kwargs):
    extra = {"user": OWNER, "group": OWNER, "extra_groups": []} if os.geteuid() == 0 else {}
    return subprocess.run([str(a) for a in argv], env=clean_environment(), capture_output=True, text=True, timeout=60,
                          check=False, cwd="/", **extra, **kwargs)


def wrong(page):
    """Returns the fields with a problem, and the problem."""
    return dict(re.findall(r'<div class="wrong" id="(\w+)-wrong">(.*?)</div>', page))
