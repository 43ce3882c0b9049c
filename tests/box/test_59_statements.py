"""Goal: each SQL file is a statement that PostgreSQL prepares against the migrated schema, as psql reads the file and as it
is embedded; and every file is embedded."""

import pathlib
import re
import subprocess

import pytest
from harness.stack import BUILD

TOP = pathlib.Path(__file__).parents[2]
FILES = sorted(TOP.glob("src/*/sql/*.sql"))


def name(path):
    return f"{path.parts[-3]}/{path.stem}"


@pytest.fixture(scope="module")
def conninfo(stack):
    return stack.conninfo


def psql(conninfo, text, *options):
    done = subprocess.run(["psql", "-X", "-v", "ON_ERROR_STOP=1", "-d", conninfo, *options, "-f", "-"], input=text, text=True,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def values(path):
    """What the program puts in place of variables, for example: lines "--   :NAME = VALUE" of the file."""
    return dict(re.findall(r"^--   :([a-z_]+) = (.*)$", path.read_text(), re.M))


def embedded(path):
    text = subprocess.run([TOP / "src/embed-sql", "-p", path], capture_output=True, text=True, check=True).stdout
    for key, value in values(path).items():
        text = re.sub(rf"(?<!:):{key}\b", lambda _, v=value: v, re.sub(rf":'{key}'", f"'{value}'", text))
    return text


def psql_can_run(path):
    """It knows all variables of the file, but for the columns of events, and none within $…$."""
    return not re.search(r":event_|^DO \$", re.sub(r"^--.*", "", path.read_text(), flags=re.M), re.M)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_it_is_prepared(conninfo, path):
    text = embedded(path)
    if "PREPARE" in path.read_text():
        assert "PREPARE" in psql(conninfo, f"PREPARE x AS {text}")
    else:  # several commands, which are run as they are
        psql(conninfo, f"BEGIN; {text} ROLLBACK;")


@pytest.mark.parametrize("path", [f for f in FILES if psql_can_run(f)], ids=name)
def test_psql_runs_the_file_itself(conninfo, path):
    options = [f"--set={k}={v}" for k, v in values(path).items()]
    done = subprocess.run(["psql", "-X", "--single-transaction", "-v", "ON_ERROR_STOP=1", "-d", conninfo, *options, "-f", path],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("folder", sorted({f.parts[-3] for f in FILES}))
def test_every_file_is_embedded_and_listed(folder):
    names = {f.stem for f in FILES if f.parts[-3] == folder}
    made = (BUILD / f"src/{folder}/sql.c").read_text()
    assert set(re.findall(rf"^const char {folder}_sql_(\w+)\[\]", made, re.M)) == names
    listed = (TOP / "Makefile.am").read_text()
    assert all(f"src/{folder}/sql/{n}.sql" in listed for n in names)


def test_a_statement_that_is_none_is_noticed(conninfo):
    with pytest.raises(AssertionError, match="does not exist"):
        psql(conninfo, "PREPARE x AS SELECT nothing FROM projects;")
