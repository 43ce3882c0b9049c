"""Goal: without a writer, and as a plain CGI program, the same things happen; and the modes do not differ
in what they store."""

import collections
import os
import subprocess

import pytest
from harness import client
from harness.fastcgi import cgi, environment
from harness.stack import BUILD, FCGI, KEY, clean_environment

BODY = b'{"message":"cgi","level":"info","tags":{"a":"b"}}'


@pytest.fixture(scope="module")
def cgi_stack(stacks):
    return stacks("cgi")


def test_cgi_behind_lighttpd(cgi_stack):
    answer = cgi_stack.post(BODY)
    assert answer.status == 202
    assert cgi_stack.row(answer.json()["id"], "message, level") == ("cgi", "info")
    assert cgi_stack.payload(answer.json()["id"]) == BODY


def test_cgi_bulk_health_and_errors(cgi_stack):
    assert cgi_stack.bulk([{"message": str(n)} for n in range(100)]).json()["accepted"] == 100
    assert cgi_stack.request("GET", "/api/v1/health").json()["status"] == "ok"
    assert cgi_stack.post(b"{").status == 400
    assert cgi_stack.post(BODY, key="nobody_s_key_0000").status == 401
    assert cgi_stack.request("GET", "/api/v1/events").status == 405
    assert cgi_stack.request("POST", "/api/v1/x").status == 404
    assert cgi_stack.post(b'{"message":"%s"}' % (b"x" * 1048576)).status == 413
    cgi_stack.good()


def test_cgi_keys_and_limit(fresh):
    stack = fresh("cgi", rate_limit=10)
    answers = client.at_once(stack.port, [stack.front.post_bytes({"message": str(n)}) for n in range(20)])
    assert collections.Counter(a.status for a in answers) == {202: 10, 429: 10}
    assert stack.rows() == 10


def test_cgi_with_a_writer(fresh):
    """A CGI process hands its event to a writer that is there."""
    stack = fresh("writer")
    front = stack.add_front(cgi=True)
    for _ in range(5):
        stack.good(front)


def run(stack, body, **env):
    values = environment(key=KEY, CONTENT_LENGTH=str(len(body)), **env)
    return cgi(FCGI, values, body, {**clean_environment(), "MESHER_CONF": str(stack.front.conf)})


@pytest.mark.parametrize("env", [{"GATEWAY_INTERFACE": "CGI/1.1"}, {"QUERY_STRING": "ctl+config"},
                                 {"REQUEST_METHOD": "GET"}, {"SERVER_PROTOCOL": "HTTP/1.0"}, {"REMOTE_ADDR": "::1"}],
                         ids=lambda env: next(iter(env)))
def test_words_of_a_query_are_no_command(cgi_stack, env):
    """GET /mesher.cgi?ctl+config: a CGI program gets them as arguments, whatever else its server tells it."""
    done = subprocess.run([BUILD / "mesher.cgi", "ctl", "config"], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=30, check=False,
                          env={**clean_environment(), **env, "MESHER_CONF": str(cgi_stack.conf)})
    assert "database =" not in done.stdout and done.stdout.startswith("Status: "), done.stdout


def test_the_program_itself(cgi_stack):
    status, answer, _ = run(cgi_stack, BODY)
    assert (status, answer.status) == (0, 202)
    status, answer, _ = run(cgi_stack, b"{")
    assert (status, answer.status) == (0, 400)


def test_without_length_it_reads_to_the_end(cgi_stack):
    """Apache's mod_cgid gives a chunked body that way."""
    env = environment(key=KEY, CONTENT_LENGTH=None)
    _, answer, _ = cgi(FCGI, env, BODY, {**clean_environment(), "MESHER_CONF": str(cgi_stack.front.conf)})
    assert answer.status == 202


def test_stdin_closed_or_a_file(cgi_stack, tmp_path):
    env = {**clean_environment(), "MESHER_CONF": str(cgi_stack.front.conf),
           **environment(key=KEY, CONTENT_LENGTH=str(len(BODY)))}
    path = tmp_path / "body"
    path.write_bytes(BODY)
    with open(path, "rb") as f:
        out = subprocess.run([FCGI], stdin=f, env=env, capture_output=True, timeout=20, check=False)
    assert out.stdout.startswith(b"Status: 202"), out
    out = subprocess.run([FCGI], stdin=subprocess.DEVNULL, env=env, capture_output=True, timeout=20, check=False)
    assert out.stdout.startswith((b"Status: 400", b"Status: 411")), out


def test_environment_wins_over_the_file(cgi_stack):
    """A host that lets one set variables only."""
    env = {**clean_environment(), "MESHER_DATABASE": cgi_stack.conninfo,
           "MESHER_POISON_DIR": str(cgi_stack.poison_dir)}
    _, answer, err = cgi(FCGI, environment(key=KEY, CONTENT_LENGTH=str(len(BODY))), BODY, env)
    assert answer.status == 202, err


def test_no_configuration_to_be_read_is_a_500_that_tells_nothing(cgi_stack, tmp_path):
    env = {**clean_environment(), "MESHER_CONF": str(tmp_path / "none.conf")}
    _, answer, err = cgi(FCGI, environment(key=KEY, CONTENT_LENGTH=str(len(BODY))), BODY, env)
    assert answer is None or answer.status in (500, 503)
    assert "none.conf" in err
    assert answer is None or "none.conf" not in answer.body.decode()


@pytest.mark.plain
def test_refusal_that_needs_no_database_loads_no_libpq(cgi_stack):
    trace = subprocess.run(
        [FCGI], input=b"", capture_output=True, timeout=20, check=False,
        env={**clean_environment(), "MESHER_CONF": str(cgi_stack.front.conf), "LD_DEBUG": "files",
             **environment("GET", "/api/v1/events", key=KEY, CONTENT_LENGTH="0")})
    assert trace.stdout.startswith(b"Status: 405")
    assert b"libpq.so.5" not in trace.stderr


def test_all_modes_store_the_same(stacks):
    event = {"message": "same", "level": "warning", "fingerprint": "same", "tags": {"a": "ä"},
             "user": {"id": 5}, "exception": {"values": [{"type": "T", "value": "v"}]},
             "timestamp": "2024-01-02T03:04:05Z", "release": "r", "extra": {"n": [1, 2.5, None]}}
    rows = []
    for mode in ("writer", "direct", "cgi"):
        stack = stacks(mode)
        made = stack.post(event).json()["id"]
        rows.append(stack.row(made, 'project_id, "timestamp", level, title, message, culprit, environment, '
                              'release, platform, "transaction", server_name, user_id, tags, payload')[:-1])
        shown = stack.ctl_json("event", "show", made)
        assert shown["title"] == rows[0][3]
    assert rows[0] == rows[1] == rows[2]


@pytest.mark.parametrize("mode", ["direct"])
def test_poison_in_direct_mode(fresh, mode):
    stack = fresh(mode)
    stack.good()
    stack.sql("ALTER TABLE events ADD CONSTRAINT no_poison CHECK (title NOT LIKE 'poison%') NOT VALID")
    assert stack.post({"message": "poison"}).status == 500
    assert len([p for p in stack.poison_dir.rglob("*") if p.is_file()]) == 1
    results = stack.bulk([{"message": "a"}, {"message": "poison"}, {"message": "b"}]).json()["results"]
    assert [r.get("status") for r in results] == [None, 500, None]
    stack.good()


def test_direct_leaves_the_database_when_the_writer_is_back(fresh):
    """Responders do not keep a connection each for ever once a writer does it for them."""
    from harness.wait import wait_until
    stack = fresh("writer", responders=3)
    stack.writer.kill()
    for _ in range(10):
        stack.good()
    stack.start_writer()

    def connections():
        stack.good()
        return stack.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = 'mesher'",
                         stack.database)[0][0]
    wait_until(lambda: connections() == 1, 20, "only the writer is connected")
    assert os.path.exists(stack.writer_socket)
