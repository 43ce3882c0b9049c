"""A FastCGI client that sends exactly what the test asks for, and a way to run plain CGI."""

import socket
import struct
import subprocess

from .client import Answer

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR = 1, 2, 3, 4, 5, 6, 7


def record(kind, content=b"", request_id=1):
    return struct.pack("!BBHHBx", 1, kind, request_id, len(content), 0) + content


def stream(kind, content, end=True):
    out = b"".join(record(kind, content[i:i + 65535]) for i in range(0, len(content), 65535))
    return out + (record(kind) if end else b"")


def length(n):
    return struct.pack("!B", n) if n < 128 else struct.pack("!I", n | 0x80000000)


def params(values):
    out = b""
    for k, v in values.items():
        k, v = k.encode(), v if isinstance(v, bytes) else v.encode("latin-1")
        out += length(len(k)) + length(len(v)) + k + v
    return out


def environment(method="POST", path="/api/v1/events", key=None, query="", **more):
    """The variables that a web server would set; a value of None removes a variable."""
    values = {
        "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": method,
        "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query, "REMOTE_ADDR": "127.0.0.1",
        "REQUEST_URI": path + ("?" + query if query else ""), "SERVER_NAME": "localhost",
        "CONTENT_TYPE": "application/json"}
    if key is not None:
        values["HTTP_X_SENTRY_AUTH"] = key
    values.update(more)
    return {k: v for k, v in values.items() if v is not None}


def cgi_answer(data):
    """Parses the output of a CGI program into an Answer."""
    head, sep, body = data.partition(b"\r\n\r\n")
    if not sep:
        return None
    headers = [tuple(p.strip() for p in line.split(":", 1))
               for line in head.decode("latin-1").split("\r\n")]
    answer = Answer(200, headers, body)
    status = answer.header("Status")
    if status:
        answer.status = int(status.split()[0])
    return answer


def fastcgi(path, env, body=b"", end="clean", timeout=60):
    """Sends one request to the responder that listens at path.  end: "clean"; "close" (half-closed in the
    middle of the body); "abort" (FCGI_ABORT_REQUEST).  Returns an Answer, or None if there is none."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(timeout)
        s.connect(str(path))
        s.sendall(record(BEGIN, struct.pack("!HB5x", 1, 0)) + stream(PARAMS, params(env)))
        s.sendall(stream(STDIN, body, end == "clean"))
        if end == "abort":
            s.sendall(record(ABORT))
        if end == "close":
            s.shutdown(socket.SHUT_WR)
        return cgi_answer(read_records(s))


def read_records(s):
    """Returns everything on STDOUT up to END_REQUEST or the end of the connection."""
    data, out = b"", b""
    while True:
        while len(data) >= 8:
            _, kind, _, n, pad = struct.unpack("!BBHHBx", data[:8])
            if len(data) < 8 + n + pad:
                break
            content, data = data[8:8 + n], data[8 + n + pad:]
            if kind == STDOUT:
                out += content
            if kind == END:
                return out
        try:
            got = s.recv(65536)
        except ConnectionResetError:
            got = b""
        if not got:
            return out
        data += got


def cgi(program, env, body=b"", base_env=None, timeout=60):
    """Runs program as a plain CGI program; returns (exit status, Answer or None, stderr)."""
    done = subprocess.run([program], input=body, env={**(base_env or {}), **env},
                          capture_output=True, timeout=timeout, check=False)
    return done.returncode, cgi_answer(done.stdout), done.stderr.decode(errors="replace")
