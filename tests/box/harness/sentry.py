"""Requests in the form that Sentry's SDKs send."""

import base64
import json
import uuid
import zlib

from .stack import KEY

EXPOSED = {"x-sentry-error", "x-sentry-rate-limits", "retry-after"}


def auth(key=KEY, extra="sentry_version=7"):
    return {"X-Sentry-Auth": f"Sentry sentry_key={key}, {extra}"}


def new_id():
    return uuid.uuid4().hex


def event(**members):
    return {"event_id": new_id(), "message": "hi", **members}


def item(kind, payload, length=True, **header):
    """Returns an item of an envelope, without the newline after it."""
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    head = {"type": kind, **header}
    if length is True:
        head["length"] = len(data)
    elif length is not None and length is not False:
        head["length"] = length
    return json.dumps(head).encode() + b"\n" + data


def envelope(*items, **header):
    """Returns an envelope: the items, each built by item(), after a header."""
    return b"\n".join([json.dumps(header).encode(), *items])


def raven_body(ev):
    return base64.b64encode(zlib.compress(json.dumps(ev).encode()))


class Sdk:
    """Posts to the endpoints of one project and checks the common properties of each answer."""

    def __init__(self, stack, project=42):
        self.stack, self.project = stack, project

    def request(self, method, path, headers=None, body=b"", **kwargs):
        answer = self.stack.request(method, path, headers, body, **kwargs)
        assert answer.header("Access-Control-Allow-Origin") == "*", answer.headers
        exposed = {h.strip() for h in answer.header("Access-Control-Expose-Headers").split(",")}
        assert EXPOSED <= exposed
        if answer.status >= 400:
            assert answer.header("X-Sentry-Error"), answer.headers
            assert answer.json()["detail"]
        return answer

    def post(self, name, body, headers=None, query="", **kwargs):
        return self.request("POST", f"/api/{self.project}/{name}/{query}",
                            auth() if headers is None else headers, body, **kwargs)

    def store(self, ev, headers=None, **kwargs):
        return self.post("store", ev, headers, **kwargs)

    def envelope(self, *items, headers=None, query="", raw=None, **header):
        return self.post("envelope", envelope(*items, **header) if raw is None else raw, headers, query)

    def kept(self, ev, columns="title", **kwargs):
        """Stores an event and returns the columns of its row."""
        answer = self.store(ev, **kwargs)
        assert answer.status == 200, answer
        return self.stack.row(answer.json()["id"], columns)
