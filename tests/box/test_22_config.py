"""Goal: a wrong configuration stops every program with file, line and reason; the environment wins over
the file; what is in force can be seen, without secrets."""

import subprocess

import pytest
from harness.fastcgi import cgi, environment
from harness.stack import CTL, FCGI, SOURCE, WRITER, clean_environment

BAD = {
    "unknown": ('database = "x"\nnothing = 1\n', 2, "nothing"),
    "range": ('rate_limit = -1\n', 1, "rate_limit"),
    "too-large": ('\n\nrate_window = 86401\n', 3, "86400"),
    "type": ('rate_limit = "many"\n', 1, "rate_limit"),
    "syntax": ('database "x"\n', 1, ""),
    "unterminated": ('database = "x\n', None, ""),
    "level": ('log_level = "loud"\n', 1, "log_level"),
    "target": ('log_target = "nowhere"\n', 1, "log_target"),
    "long-socket": (f'writer_socket = "/{"x" * 200}"\n', 1, "107"),
}


def run(program, conf, env=None):
    argv = {"writer": [WRITER, "--conf", conf], "ctl": [CTL, "--conf", conf, "config"]}.get(program)
    if argv:
        return subprocess.run(argv, env={**clean_environment(), **(env or {})}, capture_output=True,
                              text=True, timeout=20, check=False)
    values = {**clean_environment(), **(env or {}), "MESHER_CONF": str(conf)}
    status, answer, err = cgi(FCGI, environment(CONTENT_LENGTH="0"), b"", values)
    return subprocess.CompletedProcess([], status, "" if answer is None else answer.body.decode(), err)


@pytest.mark.parametrize("program", ["writer", "ctl", "fcgi"])
@pytest.mark.parametrize("name", BAD)
def test_bad_file(tmp_path, program, name):
    text, line, reason = BAD[name]
    conf = tmp_path / "bad.conf"
    conf.write_text(text)
    done = run(program, conf)
    # CGI has to answer; the others stop.
    assert done.returncode == {"writer": 100, "ctl": 1}.get(program, done.returncode), done
    if program == "fcgi":
        assert done.returncode != 0 or "error" in done.stdout
    where = f"{conf}:{line}:" if line else str(conf)
    assert where in done.stderr and reason in done.stderr, done.stderr


def test_all_mistakes_are_named_at_once(tmp_path):
    conf = tmp_path / "bad.conf"
    conf.write_text("rate_limit = -1\nrate_window = 0\n")
    err = run("writer", conf).stderr
    assert f"{conf}:1:" in err and f"{conf}:2:" in err


@pytest.mark.parametrize("program", ["writer", "ctl"])
def test_file_is_not_there(tmp_path, program):
    done = run(program, tmp_path / "none.conf")
    assert done.returncode == (100 if program == "writer" else 1)
    assert "none.conf" in done.stderr


@pytest.mark.parametrize("variable, value", [("MESHER_RATE_LIMIT", "-1"), ("MESHER_RATE_LIMIT", "x"),
                                             ("MESHER_LOG_LEVEL", "loud")])
def test_bad_environment(tmp_path, variable, value):
    conf = tmp_path / "good.conf"
    conf.write_text("")
    done = run("writer", conf, {variable: value})
    assert done.returncode == 100
    assert variable in done.stderr or variable[7:].lower() in done.stderr


def config(conf, env=None):
    done = run("ctl", conf, env)
    assert done.returncode == 0, done.stderr
    return dict(line.split(" = ", 1) for line in done.stdout.splitlines() if " = " in line)


def test_environment_wins(tmp_path):
    conf = tmp_path / "a.conf"
    conf.write_text('rate_limit = 7\npublic_url = "http://file.example"\n')
    assert config(conf)["rate_limit"] == "7"
    shown = config(conf, {"MESHER_RATE_LIMIT": "9"})
    assert shown["rate_limit"] == "9"
    assert shown["public_url"] == '"http://file.example"'


def test_secrets_are_masked(tmp_path):
    conf = tmp_path / "a.conf"
    conf.write_text('database = "host=db password=hunter2 dbname=m"\n')
    done = run("ctl", conf)
    assert "hunter2" not in done.stdout + done.stderr
    conf.write_text('database = "postgresql://u:hunter2@db/m"\n')
    done = run("ctl", conf)
    assert "hunter2" not in done.stdout + done.stderr


def test_the_sample_is_the_default(tmp_path):
    """conf/mesher.conf, as it is installed, changes nothing."""
    empty = tmp_path / "empty.conf"
    empty.write_text("")
    shown, plain = config(SOURCE / "conf/mesher.conf"), config(empty)
    assert shown.keys() == plain.keys()
    assert shown["rate_limit"] == plain["rate_limit"] == "1000"


def test_what_config_prints_can_be_read_again(tmp_path):
    conf = tmp_path / "a.conf"
    conf.write_text('public_url = "http://a\\"b"\nrate_limit = 5\n')
    again = tmp_path / "again.conf"
    again.write_text(run("ctl", conf).stdout)
    assert config(again) == config(conf)


@pytest.mark.parametrize("program", [WRITER, CTL])
def test_help_and_version(program):
    for option in ("--help", "--version"):
        done = subprocess.run([program, option], capture_output=True, text=True, timeout=20, check=False,
                              env=clean_environment())
        assert done.returncode == 0 and done.stdout and not done.stderr, done
    done = subprocess.run([program, "--nothing"], capture_output=True, text=True, timeout=20, check=False,
                          env=clean_environment())
    assert done.returncode == (100 if program == WRITER else 2)
    assert not done.stdout and done.stderr


@pytest.mark.parametrize("name, value", [
    ("PGHOST", "/nowhere"), ("PGHOSTADDR", "192.0.2.1"), ("PGPORT", "1"), ("PGDATABASE", "nowhere"), ("PGSERVICE", "nowhere"),
    ("PGSERVICEFILE", "/nowhere"), ("PGOPTIONS", "-c search_path=nowhere"), ("PGSSLMODE", "verify-full"),
    ("PGTARGETSESSIONATTRS", "standby"), ("PGREQUIREPEER", "nobody-else"), ("PGCLIENTENCODING", "LATIN1"),
    ("PGTZ", "Asia/Kathmandu"), ("PGDATESTYLE", "SQL"), ("PGUSER", "nowhere"), ("PGGSSENCMODE", "require"),
    ("PGCHANNELBINDING", "require")])
def test_variables_of_libpq_in_a_shell(stack, name, value):
    """The connection string decides; it has a host, a database and a user here."""
    done = stack.ctl_run("project", "list", env={name: value})
    assert done.returncode == 0 and "web" in done.stdout, done


def test_variables_of_libpq_in_a_unit(fresh):
    stack = fresh(env={"PGPORT": "1", "PGOPTIONS": "-c search_path=nowhere", "PGSERVICE": "nowhere", "PGHOSTADDR": "192.0.2.1"})
    stack.good()
    assert not stack.spooled()


def test_only_an_empty_string_leaves_all_to_the_environment(stack):
    where = {"MESHER_DATABASE": "", "PGHOST": str(stack.postgres.run), "PGDATABASE": stack.database, "PGUSER": "mesher"}
    assert "web" in stack.ctl_run("project", "list", env=where).stdout
    nobody = {"MESHER_DATABASE": f"host={stack.postgres.run} dbname={stack.database}", "PGUSER": "nosuchrole"}
    assert "nosuchrole" in stack.ctl_run("project", "list", env=nobody).stderr
