"""Clients that keep the contract: what got no answer, or a 5xx, is sent again with the same event_id."""

import asyncio
import json
import threading
import time

import websockets
from harness import client, wsclient


class Client(threading.Thread):
    """One at a time; sub-classes say how."""

    def __init__(self, tree, ledger, key, limited=False):
        super().__init__(daemon=True)
        self.tree, self.ledger, self.key, self.limited = tree, ledger, key, limited
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set():
            try:
                self.round()
            except Exception as e:  # nothing may end a client silently
                self.ledger.complain(f"{type(self).__name__}: {e!r}")
                return

    def request(self, path, body, headers=None):
        """The answer, or None when there was none."""
        try:
            return client.request(self.tree.port, "POST", path, {
                "X-Sentry-Auth": self.key, "Content-Type": "application/json", **(headers or {})}, body, timeout=30)
        except (client.Closed, OSError, ValueError, IndexError):
            return None

    def until_settled(self, send):
        """Sends again until there is an answer that is no 5xx; None when the run ends first."""
        pause = 0.02
        while True:
            answer = send()
            if answer is not None and answer.status < 500:
                return answer
            if self.stopping.wait(pause) and pause > 1:
                return None
            pause = min(pause * 1.5, 1.5)


class Single(Client):
    def round(self):
        event, began = self.ledger.event("limited" if self.limited else "single"), time.monotonic()
        answer = self.until_settled(lambda: self.request("/api/v1/events", event))
        if answer is None:
            return
        if answer.status == 202:
            if answer.json()["id"] != event["event_id"]:
                self.ledger.complain(f"another id: {answer}")
            self.ledger.accept(event["event_id"])
            if self.limited:
                self.ledger.limit_took(began)
        elif answer.status == 429 and self.limited:
            self.ledger.answered()
            self.stopping.wait(0.01)
        else:
            self.ledger.complain(f"{answer}")


class Bulk(Client):
    def round(self):
        events = [self.ledger.event("bulk") for _ in range(20)]
        while events and not self.stopping.is_set():
            answer = self.until_settled(lambda: self.request("/api/v1/events/bulk", events))
            if answer is None:
                return
            if answer.status != 202:
                self.ledger.complain(f"{answer}")
                return
            again = []
            for event, result in zip(events, answer.json()["results"]):
                if "id" in result:
                    self.ledger.accept(result["id"])
                elif result["status"] >= 500:
                    again.append(event)
                else:
                    self.ledger.complain(f"{result}")
            events = again


class Envelope(Client):
    """As an SDK with an offline cache: the same envelope again, until there is a 200."""

    def round(self):
        event = self.ledger.event("envelope")
        payload = json.dumps(event).encode()
        body = (json.dumps({"event_id": event["event_id"]}).encode() + b'\n{"type":"event","length":%d}\n' % len(payload)
                + payload + b"\n")
        answer = self.until_settled(lambda: self.request("/api/42/envelope/", body, {
            "X-Sentry-Auth": f"Sentry sentry_key={self.key}, sentry_version=7, sentry_client=faults/1",
            "Content-Type": "application/x-sentry-envelope"}))
        if answer is None:
            return
        if answer.status == 200 and answer.json()["id"] == event["event_id"].replace("-", ""):
            self.ledger.accept(event["event_id"])
        else:
            self.ledger.complain(f"{answer}")


class WebSocket(Client):
    """Many under way at once; what has no answer when the connection ends goes again."""

    def round(self):
        asyncio.run(self.session())

    async def session(self):
        waiting = []
        while not self.stopping.is_set():
            try:
                async with wsclient.connect(f"ws://127.0.0.1:{self.tree.ws_port}/", {"X-Sentry-Auth": self.key},
                                            max_size=None, open_timeout=5) as ws:
                    waiting = await self.talk(ws, waiting)
            except (OSError, websockets.WebSocketException, asyncio.TimeoutError, EOFError):
                await asyncio.sleep(0.05)
        # What is left never had an answer: nobody promised anything.

    async def talk(self, ws, waiting):
        waiting = list(waiting)
        try:
            for event in waiting:
                await ws.send(json.dumps(event))
            while waiting or not self.stopping.is_set():
                while len(waiting) < 10 and not self.stopping.is_set():
                    waiting.append(self.ledger.event("ws"))
                    await ws.send(json.dumps(waiting[-1]))
                answer = json.loads(await asyncio.wait_for(ws.recv(), 30))
                event = waiting[0]
                if answer.get("status") == "accepted":
                    if answer["id"] != event["event_id"]:
                        self.ledger.complain(f"out of order: {answer} for {event}")
                    self.ledger.accept(event["event_id"])
                    waiting.pop(0)
                elif answer.get("status", 0) >= 500 or "event_id" not in answer:
                    if "event_id" in answer:
                        waiting.append(waiting.pop(0))  # later, on this connection
                        await ws.send(json.dumps(waiting[-1]))
                    else:
                        return waiting  # no session: the connection is closed
                else:
                    self.ledger.complain(f"{answer}")
                    waiting.pop(0)
        except (OSError, websockets.WebSocketException, asyncio.TimeoutError):
            pass
        return waiting
