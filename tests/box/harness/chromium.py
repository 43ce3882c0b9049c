"""Controls headless Chromium over its own protocol: opens pages, fills in forms, reads the displayed text."""

import asyncio
import itertools
import json
import os

import websockets

from .process import Process
from .wait import wait_until


class Chromium:
    def __init__(self, program, top):
        self.top = top
        top.mkdir()
        self.process = Process("chromium", [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            f"--user-data-dir={top}", "--remote-debugging-port=0", "about:blank"],
            top.parent / f"{top.name}.log", env={**os.environ, "HOME": str(top)})
        self.process.any_end = True
        port = top / "DevToolsActivePort"
        wait_until(lambda: port.exists() and port.read_text().count("\n") >= 1, 60, "chromium")
        self.port = int(port.read_text().split()[0])

    def stop(self):
        self.process.stop()

    def run(self, script):
        """script(page): a coroutine that runs on the first page."""
        import urllib.request
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/json") as f:
            page = next(t for t in json.load(f) if t["type"] == "page")

        async def drive():
            async with websockets.connect(page["webSocketDebuggerUrl"], max_size=None) as socket:
                return await script(Page(socket))
        return asyncio.run(drive())


class Page:
    def __init__(self, socket):
        self.socket, self.numbers = socket, itertools.count(1)

    async def call(self, method, **params):
        number = next(self.numbers)
        await self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(await asyncio.wait_for(self.socket.recv(), 60))
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    async def value(self, expression):
        result = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    async def until(self, expression, seconds=60):
        for _ in range(seconds * 20):
            try:
                if await self.value(f"document.readyState == 'complete' && !!({expression})"):
                    return
            except AssertionError:
                pass  # between two pages
            await asyncio.sleep(0.05)
        raise AssertionError(f"{expression} did not come about: " + str(await self.value("document.body.innerText")))

    async def open(self, url):
        await self.call("Page.navigate", url=url)

    async def fill(self, fields):
        for name, value in fields.items():
            await self.value(f"document.getElementById({json.dumps(name)}).value = {json.dumps(value)}")
