"""websocketd in front of mesher-ws, behind the lighttpd of a stack; and clients that speak the protocol
with python3-websockets."""

import asyncio
import json
import os
import pathlib
import shutil

import websockets

from . import wsclient
from .process import Process
from .stack import BUILD, clean_environment, listens
from .wait import wait_until

WS = BUILD / "mesher-ws"
WEBSOCKETD = shutil.which("websocketd") or "/usr/bin/websocketd"


class Websocketd:
    """Listens where the stack's lighttpd forwards WebSockets."""

    def __init__(self, front, program=WS, env=None):
        self.front = front
        env = {**clean_environment(), "MESHER_CONF": str(front.conf), **(env or {})}
        self.process = Process("websocketd", [
            WEBSOCKETD, "--address=127.0.0.1", f"--port={front.websocketd_port}", "--closems=5000",
            "--loglevel=fatal", "--passenv=PATH,MESHER_CONF,MESHER_CRASH,ASAN_OPTIONS,UBSAN_OPTIONS", str(program)],
            front.top / "websocketd.log", env=env)
        wait_until(lambda: not self.process.alive() or listens(front.websocketd_port), 10, "websocketd")
        assert self.process.alive(), self.process.tail()

    def stop(self):
        wait_until(lambda: not self.handlers(), 20, "handlers end")
        self.process.any_end = True  # SIGTERM kills it
        self.process.stop()

    def handlers(self):
        """Returns the pids of the live mesher-ws processes that it started."""
        found = []
        for p in pathlib.Path("/proc").iterdir():
            if p.name.isdigit():
                try:
                    stat = (p / "stat").read_text()
                except OSError:
                    continue
                state, parent = stat.rsplit(")", 1)[1].split()[:2]
                if int(parent) == self.process.pid and state != "Z":
                    found.append(int(p.name))
        return found

    def url(self, path="/", direct=False):
        port = self.front.websocketd_port if direct else self.front.ws_port
        return f"ws://127.0.0.1:{port}{path}"

    def connect(self, key=None, path="/", direct=False, headers=None, **kwargs):
        key = self.front.stack.key if key is None else key
        head = {**({"X-Sentry-Auth": key} if key else {}), **(headers or {})}
        return wsclient.connect(self.url(path, direct), head, max_size=None, **kwargs)


def run(coroutine, seconds=60):
    """Runs a client to its end, within a deadline."""
    async def limited():
        return await asyncio.wait_for(coroutine, seconds)
    return asyncio.run(limited())


async def ask(ws, *messages, seconds=20):
    """Sends messages and returns the same number of answers."""
    for m in messages:
        await ws.send(m if isinstance(m, (str, bytes, list)) else json.dumps(m))
    return [json.loads(await asyncio.wait_for(ws.recv(), seconds)) for _ in messages]


async def until_closed(ws, seconds=20):
    """Returns everything that arrives until the connection ends."""
    async def read():
        got = []
        try:
            while True:
                got.append(json.loads(await ws.recv()))
        except websockets.ConnectionClosed:
            return got
    return await asyncio.wait_for(read(), seconds)


def alive(pid):
    return os.path.exists(f"/proc/{pid}") and "State:\tZ" not in pathlib.Path(f"/proc/{pid}/status").read_text()
