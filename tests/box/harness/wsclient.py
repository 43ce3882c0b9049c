"""python3-websockets, whichever version: 14 renamed what a client needs."""

import inspect

import websockets

HEADERS = "additional_headers" if "additional_headers" in inspect.signature(websockets.connect).parameters else "extra_headers"


def connect(url, headers, **kwargs):
    return websockets.connect(url, **{HEADERS: headers}, **kwargs)


def refusal(e):
    """The status of the answer to a handshake, or None: of any exception of a connect()."""
    return getattr(e, "status_code", None) or getattr(getattr(e, "response", None), "status_code", None)
